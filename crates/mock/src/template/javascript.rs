//! JavaScript templates: the body of a function of `request` (and `response`) that returns the answer.
//!
//! Every rendering has an engine of its own, so that nothing of one request is left for the next. The engine has the
//! language alone: no files, no network, no modules, no timers, and nothing of the host but one function through which
//! the helper objects and dynamic values are asked for. Time, memory, stack and output are bounded.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rquickjs::context::EvalOptions;
use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, Exception, Function, Runtime, Value,
};

use crate::json::{Json, Object, parse_strict, pretty};

use super::{OUTPUT_BYTES_MAX, Scope, TemplateError, Tools, dynamic, helpers};

const RENDER_TIME_MAX: Duration = Duration::from_secs(5);
const COMPILE_TIME_MAX: Duration = Duration::from_secs(1);
const MEMORY_BYTES_MAX: usize = 32 << 20;
/// Below what the threads of a runtime have.
const STACK_BYTES_MAX: usize = 512 << 10;

/// Makes the helper objects and dynamic values of what the host offers.
const PRELUDE: &str = include_str!("javascript/prelude.js");
/// What stacks call the template.
const FILE: &str = "template";
const CLOSED_EARLY: &str = "the body of the function is closed before its end";

/// A checked JavaScript template.
#[derive(Debug)]
pub(crate) struct JavaScript {
    /// The function as an expression.
    source: String,
}

impl JavaScript {
    pub(super) fn compile(body: &str) -> Result<Self, TemplateError> {
        // On one line with the body, so that lines are counted as the author counts them.
        let function = format!("function (request, response) {{ {body}\n}}");
        let engine = Engine::start(COMPILE_TIME_MAX)?;
        engine
            .run(|ctx| {
                let value: Value<'_> = eval(ctx, FILE, &format!("({function})"))?;
                // A body that closes the function and opens another one is not the whole text of the last one.
                let text: String = value.get::<rquickjs::Coerced<String>>()?.0;
                if text == function {
                    Ok(())
                } else {
                    Err(Exception::throw_syntax(ctx, CLOSED_EARLY))
                }
            })?
            .map_err(TemplateError::Invalid)?;
        Ok(Self {
            source: format!("({function})"),
        })
    }

    pub(super) fn render(&self, scope: &Scope, tools: &Tools) -> Result<String, TemplateError> {
        let host = Host::new(scope, tools);
        let variable = |name: &str| scope.variables.get(name).map(pretty);
        let (request, response) = (variable("request"), variable("response"));
        let engine = Engine::start(RENDER_TIME_MAX)?;
        let result = engine.run(|ctx| {
            let prelude: Function<'_> = eval(ctx, "prelude", PRELUDE)?;
            let host = Function::new(
                ctx.clone(),
                move |ctx: Ctx<'_>, object, method, arguments| {
                    host.call(&ctx, object, method, arguments)
                },
            )?;
            let parse = |json: Option<String>| json.map(|json| ctx.json_parse(json)).transpose();
            let names: Vec<_> = helpers::names()
                .filter(|name| *name != "jsonPath")
                .collect();
            let run: Function<'_> = prelude.call((host, names, dynamic::NAMES.to_vec()))?;
            let template: Function<'_> = eval(ctx, FILE, &self.source)?;
            let text: Option<String> = run.call((template, parse(request)?, parse(response)?))?;
            text.ok_or_else(|| Exception::throw_type(ctx, "the template returned nothing"))
        })?;
        let text = result.map_err(TemplateError::Failed)?;
        if text.len() > OUTPUT_BYTES_MAX {
            let limit = format!("more than {OUTPUT_BYTES_MAX} bytes of output");
            return Err(TemplateError::Limit(limit));
        }
        Ok(text)
    }
}

fn eval<'js, V: rquickjs::FromJs<'js>>(
    ctx: &Ctx<'js>,
    file: &str,
    source: &str,
) -> rquickjs::Result<V> {
    let mut options = EvalOptions::default();
    // Templates may use names that they never declared.
    options.strict = false;
    options.filename = Some(file.to_owned());
    ctx.eval_with_options(source, options)
}

/// One engine with its limits.
struct Engine {
    context: Context,
    /// Set when the time was over.
    is_late: Rc<Cell<bool>>,
    time_max: Duration,
}

impl Engine {
    fn start(time_max: Duration) -> Result<Self, TemplateError> {
        let not_started = |error: rquickjs::Error| {
            TemplateError::Failed(format!("the JavaScript engine did not start: {error}"))
        };
        let runtime = Runtime::new().map_err(not_started)?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(STACK_BYTES_MAX);
        let is_late = Rc::new(Cell::new(false));
        let late = Rc::clone(&is_late);
        let start = Instant::now();
        runtime.set_interrupt_handler(Some(Box::new(move || {
            late.set(late.get() || start.elapsed() > time_max);
            late.get()
        })));
        let context = Context::full(&runtime).map_err(not_started)?;
        Ok(Self {
            context,
            is_late,
            time_max,
        })
    }

    /// Runs something; the inner error is what the script threw.
    fn run<T>(
        &self,
        job: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<T>,
    ) -> Result<Result<T, String>, TemplateError> {
        self.context.with(|ctx| match job(&ctx).catch(&ctx) {
            Ok(value) => Ok(Ok(value)),
            Err(_) if self.is_late.get() => {
                let limit = format!("more than {} s", self.time_max.as_secs());
                Err(TemplateError::Limit(limit))
            }
            Err(error) => {
                let text = described(&error);
                if text.starts_with("out of memory") || text.contains("stack size exceeded") {
                    Err(TemplateError::Limit(text))
                } else {
                    Ok(Err(text))
                }
            }
        })
    }
}

/// The message of an error, with the line of the template where it came up.
fn described(error: &CaughtError<'_>) -> String {
    match error {
        CaughtError::Exception(exception) => {
            let message = exception.message().unwrap_or_default();
            match exception.stack().as_deref().and_then(line) {
                Some(line) => format!("{message} (line {line})"),
                None => message,
            }
        }
        // Whatever else a script may throw.
        CaughtError::Value(value) => match value.as_string().map(rquickjs::String::to_string) {
            Some(Ok(text)) => text,
            _ => format!("threw a value of type {}", value.type_name()),
        },
        CaughtError::Error(rquickjs::Error::Allocation) => "out of memory".to_owned(),
        CaughtError::Error(error) => error.to_string(),
    }
}

/// The first line number in the template that a stack names.
fn line(stack: &str) -> Option<&str> {
    let (_, place) = stack.split_once(&format!("{FILE}:"))?;
    let digits = place
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(place.len());
    (digits > 0).then(|| &place[..digits])
}

/// What a script may ask the server for.
struct Host {
    scope: Scope,
    tools: Tools,
}

impl Host {
    fn new(scope: &Scope, tools: &Tools) -> Self {
        // Scripts own what they call, so they get a scope of their own.
        let random = StdRng::from_rng(&mut *scope.random.borrow_mut());
        let body = Json::object([("body", Json::text(scope.request_body()))]);
        Self {
            scope: Scope {
                variables: Object::from([("request".to_owned(), body)]),
                now: scope.now,
                random: RefCell::new(random),
            },
            tools: tools.clone(),
        }
    }

    /// Calls a method of an object with its arguments as JSON; the result is JSON too. A dynamic value has no method.
    fn call(
        &self,
        ctx: &Ctx<'_>,
        object: String,
        method: Option<String>,
        arguments: String,
    ) -> rquickjs::Result<String> {
        let throw = |message: String| Err(Exception::throw_type(ctx, &message));
        let Some(method) = method else {
            let value = self.scope.dynamic(&object).unwrap_or(Json::Null);
            return Ok(pretty(&value));
        };
        let arguments = match parse_strict(&arguments) {
            Ok(Json::Array(arguments)) => arguments,
            Ok(_) => return throw("arguments that are no list".to_owned()),
            Err(error) => return throw(error.to_string()),
        };
        match self.tools.call(&self.scope, &object, &method, &arguments) {
            Some(Ok(value)) => Ok(pretty(&value)),
            Some(Err(error)) => throw(format!("{object}.{method}: {error}")),
            None => throw(format!(
                "{object} has no method {method} for these arguments"
            )),
        }
    }
}

#[cfg(test)]
mod tests;
