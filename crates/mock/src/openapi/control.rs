//! The body of `PUT /mockserver/openapi`: which documents to load, and which operations and responses to take.

use crate::json::{Json, Object, parse_lenient, pretty};
use crate::schema::{Complaints, indented};

use super::{Loader, OpenApiError, Spec, yaml};

const FIELDS: [&str; 3] = [
    "specUrlOrPayload",
    "operationsAndResponses",
    "contextPathPrefix",
];

/// The expectations that a control body asks for; the body is JSON, or YAML when its content type says so.
///
/// # Errors
///
/// When the body is malformed, or one of its documents cannot be loaded; then nothing is to be registered.
pub(crate) fn read(
    control_body: &str,
    content_type: Option<&str>,
    loader: &dyn Loader,
) -> Result<Vec<Json>, OpenApiError> {
    let wanted = match parse(control_body, content_type)? {
        Json::Array(wanted) => wanted,
        one => vec![one],
    };
    if wanted.is_empty() {
        let message = "1 error:\n - an expectation or array of expectations is required";
        return Err(OpenApiError(message.to_owned()));
    }
    let complaints: Vec<String> = wanted.iter().filter_map(complaint).collect();
    match complaints.as_slice() {
        [] => {}
        [complaint] => return Err(OpenApiError(complaint.clone())),
        several => {
            let list = indented(&several.join(",\n\n"));
            return Err(OpenApiError(format!("[\n{list}\n]")));
        }
    }
    let mut expectations = Vec::new();
    for wanted in &wanted {
        expectations.extend(load(wanted, loader)?);
    }
    Ok(expectations)
}

fn parse(body: &str, content_type: Option<&str>) -> Result<Json, OpenApiError> {
    if body.trim().is_empty() {
        let value = if body.is_empty() { "null" } else { "" };
        return Err(OpenApiError(format!(
            "1 error:\n - an expectation or expectation array is required but value was \"{value}\""
        )));
    }
    let content_type = content_type.unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_yaml = ["application/yaml", "application/x-yaml", "text/yaml"]
        .iter()
        .any(|yaml| media_type.eq_ignore_ascii_case(yaml));
    if is_yaml {
        return yaml::parse(body)
            .map_err(|error| OpenApiError(format!("failed to convert YAML to JSON: {error}")));
    }
    parse_lenient(body).map_err(|error| OpenApiError(error.to_string()))
}

fn load(wanted: &Json, loader: &dyn Loader) -> Result<Vec<Json>, OpenApiError> {
    let Json::Object(fields) = wanted else {
        return Ok(Vec::new());
    };
    let Some(payload) = fields.get("specUrlOrPayload") else {
        return Ok(Vec::new());
    };
    let prefix = match fields.get("contextPathPrefix") {
        Some(Json::Text(prefix)) => Some(prefix.as_str()),
        _ => None,
    };
    let chosen = fields.get("operationsAndResponses");
    Spec::read(payload, loader)?.expectations(chosen, prefix)
}

/// Everything wrong with one member of the body, in the words of MockServer's schema check.
fn complaint(wanted: &Json) -> Option<String> {
    let mut complaints = Complaints::default();
    match wanted {
        Json::Object(fields) => check(fields, &mut complaints),
        other => wrong_kind("$", other, "object", &mut complaints),
    }
    (!complaints.is_empty()).then(|| {
        format!(
            "incorrect openapi expectation json format for:\n\n{}\n\n schema validation errors:\n\n{}",
            indented(&pretty(wanted)),
            complaints.report()
        )
    })
}

fn wrong_kind(path: &str, value: &Json, expected: &str, complaints: &mut Complaints) {
    let found = value.kind();
    complaints.error(path, format_args!("{found} found, {expected} expected"));
}

fn check(fields: &Object, complaints: &mut Complaints) {
    match fields.get("specUrlOrPayload") {
        Some(Json::Text(_) | Json::Object(_)) => {}
        Some(other) => wrong_kind("$.specUrlOrPayload", other, "string", complaints),
        None => complaints.error(
            "$.specUrlOrPayload",
            "is missing, but is required, if specifying OpenAPI request matcher",
        ),
    }
    match fields.get("operationsAndResponses") {
        Some(Json::Object(chosen)) => {
            for (operation, choice) in chosen {
                let path = format!("$.operationsAndResponses.{operation}");
                check_choice(&path, choice, complaints);
            }
        }
        Some(other) => wrong_kind("$.operationsAndResponses", other, "object", complaints),
        None => {}
    }
    match fields.get("contextPathPrefix") {
        Some(Json::Text(_)) | None => {}
        Some(other) => wrong_kind("$.contextPathPrefix", other, "string", complaints),
    }
    for name in fields
        .keys()
        .filter(|name| !FIELDS.contains(&name.as_str()))
    {
        complaints.error(
            &format!("$.{name}"),
            "is not defined in the schema and the schema does not allow additional properties",
        );
    }
}

/// A choice of a response is a status code, or an object with one.
fn check_choice(path: &str, choice: &Json, complaints: &mut Complaints) {
    let before = complaints.errors.len();
    match choice {
        Json::Text(_) => {}
        Json::Object(fields) => {
            if !fields.contains_key("statusCode") {
                let path = format!("{path}.statusCode");
                complaints.error(&path, "is missing but it is required");
            }
            for name in ["statusCode", "exampleName"] {
                match fields.get(name) {
                    None | Some(Json::Text(_)) => {}
                    Some(other) => {
                        wrong_kind(&format!("{path}.{name}"), other, "string", complaints);
                    }
                }
            }
        }
        _ => wrong_kind(path, choice, "string", complaints),
    }
    if complaints.errors.len() > before {
        if let Json::Object(_) = choice {
            wrong_kind(path, choice, "string", complaints);
        }
        complaints.error(
            path,
            "should be valid to one and only one schema, but 0 are valid",
        );
    }
}
