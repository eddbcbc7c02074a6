//! The functions of expressions.
//!
//! Randomness comes from the scenario's seed and time from the stage's clock, so that a run can be repeated. What
//! `env()` reads becomes a secret at once.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use minijinja::value::{Object, Value as MiniValue, from_args};
use minijinja::{Error, ErrorKind, State};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

use super::Context;

/// The names of all functions, for messages and completion.
pub const FUNCTIONS: [&str; 11] = [
    "base64",
    "env",
    "file",
    "hmac",
    "money",
    "now",
    "random_int",
    "sha256",
    "today",
    "unique",
    "uuid",
];

/// The largest file that `file()` reads.
const FILE_BYTES_MAX: u64 = 10 << 20;

/// The function of a name, bound to where it draws from. `env` is also a mapping: the `env` of the
/// configuration. A variable of the same name hides any other function.
pub(super) fn named(
    name: &str,
    context: &Context,
    variable: Option<&MiniValue>,
) -> Option<MiniValue> {
    let function = *FUNCTIONS.iter().find(|known| **known == name)?;
    if variable.is_some() && function != "env" {
        return None;
    }
    Some(MiniValue::from_object(Function {
        name: function,
        context: context.clone(),
        members: variable.cloned(),
    }))
}

#[derive(Debug)]
struct Function {
    name: &'static str,
    context: Context,
    members: Option<MiniValue>,
}

impl Object for Function {
    fn get_value(self: &Arc<Self>, key: &MiniValue) -> Option<MiniValue> {
        let members = self.members.as_ref()?;
        let member = members.get_item(key).ok()?;
        (!member.is_undefined()).then_some(member)
    }

    fn call(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        args: &[MiniValue],
    ) -> Result<MiniValue, Error> {
        match self.name {
            "unique" => {
                let (prefix,): (Option<String>,) = from_args(args)?;
                Ok(unique(&self.context, prefix.as_deref()).into())
            }
            "uuid" => {
                let () = from_args(args)?;
                Ok(uuid(&self.context).into())
            }
            "random_int" => {
                let (low, high): (i64, i64) = from_args(args)?;
                random_int(&self.context, low, high)
            }
            "now" => {
                let () = from_args(args)?;
                Ok(self.context.clock().now().to_string().into())
            }
            "today" => {
                let () = from_args(args)?;
                Ok(today(&self.context).into())
            }
            "env" => {
                let (variable,): (String,) = from_args(args)?;
                environment(&self.context, &variable)
            }
            "file" => {
                let (path,): (String,) = from_args(args)?;
                file(&self.context, &path)
            }
            _ => pure(self.name, args),
        }
    }
}

/// The functions that need nothing but their arguments; they serve as filters, too.
fn pure(name: &str, args: &[MiniValue]) -> Result<MiniValue, Error> {
    match name {
        "base64" => {
            let (text,): (String,) = from_args(args)?;
            Ok(STANDARD.encode(text).into())
        }
        "sha256" => {
            let (text,): (String,) = from_args(args)?;
            Ok(hex::encode(Sha256::digest(text)).into())
        }
        "hmac" => {
            let (key, text): (String, String) = from_args(args)?;
            signature(&key, &text)
        }
        "money" => {
            let (minor,): (i64,) = from_args(args)?;
            Ok(money(minor).into())
        }
        _ => Err(Error::from(ErrorKind::UnknownFunction)),
    }
}

/// Adds the filters `base64`, `sha256` and `money`.
pub(super) fn add_filters(environment: &mut minijinja::Environment<'static>) {
    for name in ["base64", "sha256", "money"] {
        environment.add_filter(name, move |value: MiniValue| pure(name, &[value]));
    }
}

fn unique(context: &Context, prefix: Option<&str>) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    const LENGTH: usize = 10;
    let mut text = prefix.map_or(String::new(), |prefix| format!("{prefix}-"));
    let mut generator = context.generator();
    for _ in 0..LENGTH {
        let place = generator.random_range(0..ALPHABET.len());
        text.push(char::from(ALPHABET[place]));
    }
    text
}

fn uuid(context: &Context) -> String {
    let bytes: [u8; 16] = context.generator().random();
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

fn random_int(context: &Context, low: i64, high: i64) -> Result<MiniValue, Error> {
    if low > high {
        let detail = format!("random_int({low}, {high}): the first bound is above the second");
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    Ok(context.generator().random_range(low..=high).into())
}

fn today(context: &Context) -> String {
    let now = context.clock().now().to_zoned(jiff::tz::TimeZone::UTC);
    now.date().to_string()
}

fn environment(context: &Context, variable: &str) -> Result<MiniValue, Error> {
    let value = std::env::var(variable).map_err(|error| {
        let detail = format!("the environment variable {variable} cannot be used: {error}");
        Error::new(ErrorKind::InvalidOperation, detail)
    })?;
    context.secrets().add(&value);
    Ok(value.into())
}

fn file(context: &Context, path: &str) -> Result<MiniValue, Error> {
    let failed = |detail: String| Error::new(ErrorKind::InvalidOperation, detail);
    let path = context.folder().join(path);
    let size = std::fs::metadata(&path)
        .map_err(|error| failed(format!("cannot read {path}: {error}")))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(failed(format!(
            "{path} has {size} bytes; file() reads at most {FILE_BYTES_MAX}"
        )));
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|error| failed(format!("cannot read {path} as text: {error}")))?;
    Ok(text.into())
}

fn signature(key: &str, text: &str) -> Result<MiniValue, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))?;
    mac.update(text.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()).into())
}

/// `294000` as `2940.00`.
fn money(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "{sign}{}.{:02}", minor / 100, minor % 100);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::context::tests_context;

    #[test]
    fn the_same_seed_gives_the_same_values_and_each_call_another() {
        let (one, two) = (tests_context(), tests_context());
        let first = unique(&one, Some("buyer"));
        assert_eq!(first, unique(&two, Some("buyer")));
        assert_ne!(first, unique(&one, Some("buyer")));
        assert!(first.starts_with("buyer-"), "{first}");
        assert_ne!(uuid(&one.derive("copy 1")), uuid(&one.derive("copy 2")));
        assert_eq!(uuid(&one.derive("copy 1")), uuid(&two.derive("copy 1")));
    }

    #[test]
    fn money_has_two_decimals() {
        let texts = [0, 5, 294_000, -150].map(money);
        assert_eq!(texts, ["0.00", "0.05", "2940.00", "-1.50"]);
    }

    #[test]
    fn what_env_reads_is_a_secret() {
        let context = tests_context();
        let value = environment(&context, "CARGO_PKG_NAME").expect("cargo sets it for tests");
        assert_eq!(value.as_str(), Some("styk-scenario"));
        assert_eq!(context.secrets().mask("is styk-scenario"), "is ***");
        let error = environment(&context, "STYK_NO_SUCH_VARIABLE").expect_err("not set");
        assert!(error.to_string().contains("STYK_NO_SUCH_VARIABLE"));
    }

    #[test]
    fn a_signature_is_rfc_4231_hmac_sha256() {
        let value = signature("Jefe", "what do ya want for nothing?").expect("any key will do");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(value.as_str(), Some(expected));
    }
}
