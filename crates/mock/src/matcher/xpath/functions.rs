//! The functions that this server adds to XPath, or has in place of the library's.

use std::cell::Cell;
use std::rc::Rc;

use sxd_xpath::nodeset::Node;
use sxd_xpath::{Value, context, function};

/// The function that counts. It stands around the expression of every predicate.
pub(super) const COUNT: &str = "styk-count";
/// Whether the name of the element at hand is written without a prefix.
pub(super) const PLAIN: &str = "styk-plain";

/// Hands its argument through, as long as there is work left.
pub(super) struct Count(pub(super) Rc<Cell<usize>>);

impl function::Function for Count {
    fn evaluate<'c, 'd>(
        &self,
        _: &context::Evaluation<'c, 'd>,
        mut args: Vec<Value<'d>>,
    ) -> Result<Value<'d>, function::Error> {
        let left = self.0.get();
        if left == 0 {
            return Err(function::Error::Other("too many steps".to_owned()));
        }
        self.0.set(left - 1);
        match (args.pop(), args.len()) {
            (Some(only), 0) => Ok(only),
            (_, more) => Err(function::Error::TooManyArguments {
                expected: 1,
                actual: more + 1,
            }),
        }
    }
}

/// The function behind [`PLAIN`].
pub(super) struct Plain;

impl function::Function for Plain {
    fn evaluate<'c, 'd>(
        &self,
        context: &context::Evaluation<'c, 'd>,
        _: Vec<Value<'d>>,
    ) -> Result<Value<'d>, function::Error> {
        let is_plain = match context.node {
            Node::Element(element) => element.preferred_prefix().is_none(),
            _ => true,
        };
        Ok(Value::Boolean(is_plain))
    }
}

/// `name()`: the name as it is written, with its prefix even where namespaces are not looked at.
pub(super) struct Name;

impl function::Function for Name {
    fn evaluate<'c, 'd>(
        &self,
        context: &context::Evaluation<'c, 'd>,
        mut args: Vec<Value<'d>>,
    ) -> Result<Value<'d>, function::Error> {
        let node = match (args.pop(), args.len()) {
            (None, _) => Some(context.node),
            (Some(Value::Nodeset(nodes)), 0) => nodes.document_order_first(),
            (Some(_), 0) => return Err(function::Error::Other("no nodes to name".to_owned())),
            (Some(_), more) => {
                return Err(function::Error::TooManyArguments {
                    expected: 1,
                    actual: more + 1,
                });
            }
        };
        let name = match node {
            Some(Node::Element(element)) => {
                let local = element.name().local_part();
                match element.preferred_prefix() {
                    Some(prefix) => format!("{prefix}:{local}"),
                    None => local.to_owned(),
                }
            }
            Some(other) => other.prefixed_name().unwrap_or_default(),
            None => String::new(),
        };
        Ok(Value::String(name))
    }
}
