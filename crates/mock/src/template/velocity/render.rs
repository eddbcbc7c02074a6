//! Runs a template: statements and what they write.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Block, Call, Compiled, Expression, Macros, Node, Reference, Step};
use super::parse::parse;
use super::tool::Tool;
use super::value::{Heap, TEXT_BYTES_MAX, Value};
use crate::json::Json;
use crate::template::{Scope, TemplateError};

/// Statements, expressions and repetitions of one rendering.
const STEPS_MAX: usize = 1_000_000;
/// How deep blocks, macros and expressions may nest while they run.
const DEPTH_MAX: usize = 150;
/// As in the original.
const MACRO_DEPTH_MAX: usize = 20;
/// How often the block of a `#define` may stand inside itself, as in the original.
const DEFINE_DEPTH_MAX: usize = 2;
/// Bytes of a text or a list that count as one step.
const STEP_BYTES: usize = 256;

/// How a method of a helper object is called: object, method, arguments.
pub(in super::super) type Helpers<'a> =
    &'a dyn Fn(&str, &str, &[Json]) -> Option<Result<Json, String>>;

/// One rendering.
pub(super) struct Interpreter<'a> {
    pub(super) scope: &'a Scope,
    pub(super) helpers: Helpers<'a>,
    pub(super) heap: Heap,
    pub(super) variables: HashMap<Box<str>, Value>,
    pub(super) loops: Vec<LoopState>,
    macros: Macros,
    /// The blocks of `#define` that are being written.
    defines: Vec<Block>,
    macro_depth: usize,
    depth: usize,
    steps: usize,
    /// A `#stop` was met.
    stopped: bool,
}

/// What `$foreach` tells.
#[derive(Clone, Debug)]
pub(super) struct LoopState {
    pub(super) index: usize,
    pub(super) count: usize,
    pub(super) parent: Option<usize>,
}

/// How a statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Stop,
}

type Rendered = Result<Flow, TemplateError>;

impl<'a> Interpreter<'a> {
    pub(super) fn new(scope: &'a Scope, helpers: Helpers<'a>, compiled: &Compiled) -> Self {
        Self {
            scope,
            helpers,
            heap: Heap::default(),
            variables: HashMap::new(),
            loops: Vec::new(),
            macros: compiled.macros.clone(),
            defines: Vec::new(),
            macro_depth: 0,
            depth: 0,
            steps: 0,
            stopped: false,
        }
    }

    pub(super) fn block(&mut self, out: &mut String, block: &[Node]) -> Rendered {
        self.enter()?;
        for node in block {
            self.work(0)?;
            let flow = self.node(out, node)?;
            let flow = if self.stopped { Flow::Stop } else { flow };
            if flow != Flow::Next {
                self.leave();
                return Ok(flow);
            }
        }
        self.leave();
        Ok(Flow::Next)
    }

    /// A block inside of a value. `#stop` in it ends the template.
    pub(super) fn nested(&mut self, out: &mut String, block: &[Node]) -> Result<(), TemplateError> {
        self.stopped |= self.block(out, block)? == Flow::Stop;
        Ok(())
    }

    fn node(&mut self, out: &mut String, node: &Node) -> Rendered {
        match node {
            Node::Text(text) => push(out, text)?,
            Node::Reference(reference) => self.write_reference(out, reference)?,
            Node::Set(target, value) => self.set(target, value)?,
            Node::If {
                branches,
                otherwise,
            } => return self.branches(out, branches, otherwise),
            Node::Foreach {
                variable,
                items,
                body,
                otherwise,
            } => return self.foreach(out, variable, items, [body, otherwise]),
            Node::IfNull(value, body) => {
                if self.evaluate(value)?.is_null() {
                    return self.block(out, body);
                }
            }
            Node::Define(name, body) => {
                self.variables
                    .insert(name.clone(), Value::Block(Arc::clone(body)));
            }
            Node::Evaluate(argument) => return self.evaluate_text(out, argument),
            Node::Call(call) => return self.call(out, call),
            Node::File(directive) => {
                return Err(TemplateError::Failed(format!(
                    "{directive} reads a file, which a template may not"
                )));
            }
            Node::Break => return Ok(Flow::Break),
            Node::Stop => return Ok(Flow::Stop),
        }
        Ok(Flow::Next)
    }

    fn write_reference(
        &mut self,
        out: &mut String,
        reference: &Reference,
    ) -> Result<(), TemplateError> {
        let value = self.reference(reference)?;
        let value = self.shown(value);
        let half = "\\".repeat(reference.escapes / 2);
        push(out, &half)?;
        if reference.escapes % 2 == 1 {
            if value.is_null() {
                push(out, "\\")?;
            }
            return push(out, &reference.literal);
        }
        if !value.is_null() {
            push(out, &reference.dollars)?;
            return self.write(out, &value);
        }
        push(out, &half)?;
        push(out, &reference.dollars)?;
        push(
            out,
            if reference.quiet {
                ""
            } else {
                &reference.literal
            },
        )
    }

    /// Null for what writes nothing of its own.
    fn shown(&self, value: Value) -> Value {
        match value {
            Value::Block(block) if self.is_too_deep(&block) => Value::Null,
            value => value,
        }
    }

    fn is_too_deep(&self, block: &Block) -> bool {
        let same = self.defines.iter().filter(|open| Arc::ptr_eq(open, block));
        same.count() >= DEFINE_DEPTH_MAX
    }

    /// Writes a value as text.
    pub(super) fn write(&mut self, out: &mut String, value: &Value) -> Result<(), TemplateError> {
        let before = out.len();
        match value {
            Value::Block(block) => {
                if !self.is_too_deep(block) {
                    self.defines.push(Arc::clone(block));
                    self.nested(out, block)?;
                    self.defines.pop();
                }
            }
            Value::Dynamic(name) => {
                if let Some(value) = self.scope.dynamic(name) {
                    let value = self.heap.value_of(&value)?;
                    self.heap.write(out, &value, 0)?;
                }
            }
            Value::Helper(object) => {
                if let Some(Ok(Json::Text(printed))) = (self.helpers)(object, "toString", &[]) {
                    out.push_str(&printed);
                }
            }
            Value::Tool(Tool::Date) => out.push_str(&self.now_text()?),
            value => self.heap.write(out, value, 0)?,
        }
        self.work(out.len() - before)?;
        push(out, "")
    }

    /// The value as text.
    pub(super) fn text_of(&mut self, value: &Value) -> Result<String, TemplateError> {
        let mut text = String::new();
        self.write(&mut text, value)?;
        self.heap.charge(text.len())?;
        Ok(text)
    }

    fn set(&mut self, target: &Reference, value: &Expression) -> Result<(), TemplateError> {
        let value = self.evaluate(value)?;
        let Some((last, before)) = target.steps.split_last() else {
            if value.is_null() {
                self.variables.remove(&target.name);
            } else {
                self.variables.insert(target.name.clone(), value);
            }
            return Ok(());
        };
        let container = self.follow(&target.name, before)?;
        let key = match last {
            Step::Property(name) => Value::plain_text(name),
            Step::Index(index) => self.evaluate(index)?,
            Step::Method(..) => {
                return Err(TemplateError::Failed(format!(
                    "{} is a call: it cannot be set",
                    target.literal
                )));
            }
        };
        self.store(&container, &key, value)
    }

    fn branches(
        &mut self,
        out: &mut String,
        branches: &[(Expression, Block)],
        otherwise: &Block,
    ) -> Rendered {
        for (condition, body) in branches {
            self.work(0)?;
            if self.holds(condition)? {
                return self.block(out, body);
            }
        }
        self.block(out, otherwise)
    }

    fn foreach(
        &mut self,
        out: &mut String,
        variable: &str,
        items: &Expression,
        [body, otherwise]: [&Block; 2],
    ) -> Rendered {
        let items = self.evaluate(items)?;
        let items = self.items(&items)?;
        if items.is_empty() {
            return self.block(out, otherwise);
        }
        let parent = match self.variables.get("foreach") {
            Some(Value::Loop(id)) => Some(*id),
            _ => None,
        };
        self.loops.push(LoopState {
            index: 0,
            count: items.len(),
            parent,
        });
        let id = self.loops.len() - 1;
        let outer_loop = self.variables.insert("foreach".into(), Value::Loop(id));
        let outer_item = self.variables.remove(variable);
        let mut flow = Flow::Next;
        for (index, item) in items.into_iter().enumerate() {
            self.work(0)?;
            self.loops[id].index = index;
            self.variables.insert(variable.into(), item);
            flow = self.block(out, body)?;
            if flow != Flow::Next {
                break;
            }
        }
        self.restore(variable, outer_item);
        self.restore("foreach", outer_loop);
        Ok(if flow == Flow::Break {
            Flow::Next
        } else {
            flow
        })
    }

    fn restore(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => self.variables.insert(name.into(), value),
            None => self.variables.remove(name),
        };
    }

    /// `#evaluate(…)`: the text is a template itself.
    fn evaluate_text(&mut self, out: &mut String, argument: &Expression) -> Rendered {
        let value = self.evaluate(argument)?;
        if value.is_null() {
            return Ok(Flow::Next);
        }
        let text = self.text_of(&value)?;
        let compiled = parse(&text, &self.macros)?;
        self.macros = compiled.macros;
        self.block(out, &compiled.body)
    }

    fn call(&mut self, out: &mut String, call: &Call) -> Rendered {
        let Some(called) = self.macros.get(&*call.name).map(Arc::clone) else {
            push(out, &call.literal)?;
            return Ok(Flow::Next);
        };
        if self.macro_depth == MACRO_DEPTH_MAX {
            return Err(TemplateError::Limit(format!(
                "the macro {} calls itself more than {MACRO_DEPTH_MAX} times",
                call.name
            )));
        }
        let mut arguments = Vec::new();
        for (place, (name, default)) in called.parameters.iter().enumerate() {
            let argument = call.arguments.get(place).or(default.as_ref());
            let value = match argument {
                Some(argument) => self.evaluate(argument)?,
                None => Value::Null,
            };
            arguments.push((name.as_str(), value));
        }
        if let Some(body) = &call.body {
            arguments.push(("bodyContent", Value::Block(Arc::clone(body))));
        }
        self.macro_depth += 1;
        let flow = self.with_arguments(out, arguments, &called.body)?;
        self.macro_depth -= 1;
        Ok(flow)
    }

    /// Parameters hide variables of their name; one that the macro sets anew stays after it.
    fn with_arguments(
        &mut self,
        out: &mut String,
        arguments: Vec<(&str, Value)>,
        body: &Block,
    ) -> Rendered {
        let mut hidden = Vec::new();
        for (name, value) in arguments {
            let outer = self.variables.remove(name);
            if !value.is_null() {
                self.variables.insert(name.into(), value.clone());
            }
            hidden.push((name, value, outer));
        }
        let flow = self.block(out, body)?;
        for (name, given, outer) in hidden.into_iter().rev() {
            let current = self.variables.get(name).cloned().unwrap_or(Value::Null);
            if given.is_same(&current) {
                self.restore(name, outer);
            }
        }
        Ok(flow)
    }

    /// Counts a step, and more of them for work on many bytes.
    pub(super) fn work(&mut self, bytes: usize) -> Result<(), TemplateError> {
        self.steps += 1 + bytes / STEP_BYTES;
        if self.steps > STEPS_MAX {
            return Err(TemplateError::Limit(format!(
                "it took more than {STEPS_MAX} steps"
            )));
        }
        Ok(())
    }

    pub(super) fn enter(&mut self) -> Result<(), TemplateError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(TemplateError::Limit(format!(
                "it nests more than {DEPTH_MAX} levels"
            )));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }
}

/// Appends to the output or to a text, which are bounded alike.
pub(super) fn push(out: &mut String, text: &str) -> Result<(), TemplateError> {
    if out.len() + text.len() > TEXT_BYTES_MAX {
        return Err(TemplateError::Limit(format!(
            "it wrote more than {} MiB",
            TEXT_BYTES_MAX >> 20
        )));
    }
    out.push_str(text);
    Ok(())
}
