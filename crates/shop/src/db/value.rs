//! Parameters of statements. A missing value keeps its type, because PostgreSQL wants to know it.

use jiff::Timestamp;

use crate::money::Currency;

/// One parameter.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

/// The parameters of a statement, in the order of `$1`, `$2`, …
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::db::Value::from($value)),*]
    };
}
pub(crate) use args;

macro_rules! value_from {
    ($variant:ident: $($from:ty => |$name:ident| $into:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($name: $from) -> Self {
                Self::$variant(Some($into))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map(|$name| $into))
            }
        }
    )+};
}

value_from!(Int:
    i64 => |value| value,
    Timestamp => |value| value.as_microsecond(),
);
value_from!(Text:
    String => |value| value,
    &str => |value| value.to_owned(),
    &String => |value| value.clone(),
    Currency => |value| value.code().to_owned(),
);
value_from!(Bool: bool => |value| value);
value_from!(Bytes: Vec<u8> => |value| value);

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

/// JSON is kept as text.
impl From<&serde_json::Value> for Value {
    fn from(value: &serde_json::Value) -> Self {
        Self::Text(Some(value.to_string()))
    }
}
