//! Reading the expectations of one registration: all of them, or none.

use crate::error::ExpectationError;
use crate::expectation::{ExpectationSpec, incorrect_format};
use crate::json::{Json, spread};
use crate::openapi::Sources;
use crate::schema::UNREADABLE;

/// One expectation or an array of them.
///
/// # Errors
///
/// The text MockServer answers: one report, or a bracketed list of reports.
pub(crate) fn read(
    json: &Json,
    sources: &Sources,
) -> Result<Vec<ExpectationSpec>, ExpectationError> {
    let items = match json {
        Json::Array(items) if items.is_empty() => {
            let text = "1 error:\n - an expectation or array of expectations is required";
            return Err(ExpectationError::Malformed(text.to_owned()));
        }
        Json::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut specs = Vec::with_capacity(items.len());
    let mut reports = Vec::new();
    let mut features = Vec::new();
    for item in items {
        match ExpectationSpec::read(item, sources) {
            Ok(spec) => specs.push(spec),
            Err(complaints) => {
                if !complaints.errors.is_empty() {
                    reports.push(incorrect_format("expectation", &spread(item), &complaints));
                }
                reports.extend(complaints.other.map(|other| match other.as_str() {
                    UNREADABLE => format!("{UNREADABLE} [{}] for Expectation", spread(item)),
                    _ => other,
                }));
                features.extend(complaints.not_built);
            }
        }
    }
    match reports.as_slice() {
        [] if features.is_empty() => Ok(specs),
        [] => {
            features.dedup();
            Err(ExpectationError::NotBuilt { features })
        }
        [one] => Err(ExpectationError::Invalid(one.clone())),
        many => {
            let list = format!("[\n{}", many.join(",\n\n")).replace('\n', "\n  ");
            Err(ExpectationError::Invalid(format!("{list}\n]")))
        }
    }
}
