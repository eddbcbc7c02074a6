//! The names a template can see.
//!
//! A scope is a stack of frames, the innermost last: what the stage gives, the variables of a scenario or fixture,
//! loop variables. Frames are shared until somebody writes, so a parallel copy costs a few pointers.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Object, Serde, Value as MiniValue};
use serde_json::Value;

use super::Context;
use super::functions;

/// The names in play, layered. Clones are independent from there on.
#[derive(Clone, Debug)]
pub struct Scope {
    context: Context,
    frames: Vec<Arc<Frame>>,
}

#[derive(Clone, Debug, Default)]
struct Frame {
    kind: FrameKind,
    names: HashMap<String, Arc<Binding>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum FrameKind {
    /// Captures and `set` write here.
    #[default]
    Variables,
    /// Loop variables; writing goes past it.
    Loop,
}

#[derive(Debug)]
struct Binding {
    json: Value,
    /// The same value for the expression engine, converted when first asked for.
    mini: OnceLock<MiniValue>,
}

impl Scope {
    /// A scope with the names of the stage: `stage`, `run`, `env`.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            context,
            frames: vec![Arc::default()],
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.binding(name).map(|binding| &binding.json)
    }

    /// Binds a name in the innermost frame of variables.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        let innermost = self
            .frames
            .iter()
            .rposition(|frame| frame.kind == FrameKind::Variables)
            .unwrap_or_default();
        self.bind(innermost, name.into(), value);
    }

    /// Opens a frame of variables on top: what is set from now on is [`Scope::captured`].
    pub fn enter_variables(&mut self) {
        self.frames.push(Arc::default());
    }

    /// Opens a frame of loop variables. Close it with [`Scope::leave`].
    pub fn enter_loop(&mut self, names: impl IntoIterator<Item = (String, Value)>) {
        self.frames.push(Arc::new(Frame {
            kind: FrameKind::Loop,
            names: HashMap::new(),
        }));
        let top = self.frames.len() - 1;
        for (name, value) in names {
            self.bind(top, name, value);
        }
    }

    /// Closes the innermost frame.
    pub fn leave(&mut self) {
        if self.frames.len() > 1 {
            self.frames.pop();
        }
    }

    /// The names and values of the innermost frame, in no order.
    pub fn captured(&self) -> impl Iterator<Item = (&str, &Value)> {
        let names = self.frames.last().into_iter().flat_map(|top| &top.names);
        names.map(|(name, binding)| (name.as_str(), &binding.json))
    }

    /// A scope that sees only the outermost names (`stage`, `run`, `env`): where a fixture begins.
    #[must_use]
    pub fn outermost(&self) -> Self {
        Self {
            context: self.context.clone(),
            frames: self.frames.iter().take(1).cloned().collect(),
        }
    }

    /// The same names with another source of chance.
    #[must_use]
    pub fn with_context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }

    /// What its functions draw on.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// All visible names, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .frames
            .iter()
            .flat_map(|frame| frame.names.keys())
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The value the expression engine sees as its root.
    pub(super) fn as_root(&self) -> MiniValue {
        MiniValue::from_object(Root(self.clone()))
    }

    fn bind(&mut self, frame: usize, name: String, value: Value) {
        if let Some(frame) = self.frames.get_mut(frame) {
            let binding = Binding {
                json: value,
                mini: OnceLock::new(),
            };
            Arc::make_mut(frame).names.insert(name, Arc::new(binding));
        }
    }

    fn binding(&self, name: &str) -> Option<&Binding> {
        let mut innermost_first = self.frames.iter().rev();
        innermost_first
            .find_map(|frame| frame.names.get(name))
            .map(Arc::as_ref)
    }
}

#[derive(Debug)]
struct Root(Scope);

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &MiniValue) -> Option<MiniValue> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<MiniValue> {
        let scope = &self.0;
        let variable = scope.binding(name).map(|binding| {
            let convert = || MiniValue::from(Serde(&binding.json));
            binding.mini.get_or_init(convert).clone()
        });
        functions::named(name, &scope.context, variable.as_ref()).or(variable)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::context::tests_context;

    #[test]
    fn captures_inside_a_loop_outlive_it_and_loop_variables_do_not() {
        let mut scope = Scope::new(tests_context());
        scope.enter_loop([("item".to_owned(), json!(1))]);
        scope.set("order", json!(17));
        assert_eq!(scope.get("item"), Some(&json!(1)));
        scope.leave();
        assert_eq!(scope.get("item"), None);
        assert_eq!(scope.get("order"), Some(&json!(17)));
    }

    #[test]
    fn a_copy_writes_for_itself() {
        let mut scope = Scope::new(tests_context());
        scope.set("a", json!(1));
        let mut copy = scope.clone();
        copy.enter_variables();
        copy.set("a", json!(2));
        assert_eq!(scope.get("a"), Some(&json!(1)));
        assert_eq!(copy.captured().collect::<Vec<_>>(), [("a", &json!(2))]);
        assert_eq!(copy.outermost().get("a"), Some(&json!(1)));
    }
}
