//! From a payload to documents: inline or by location, JSON or YAML, with the files it refers to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::json::{Json, parse_lenient};

use super::document::Documents;
use super::{Loader, OpenApiError, yaml};

/// The longest document that is read, in bytes.
const SIZE_MAX: usize = 8 << 20;

/// The most other documents that one may refer to.
const OTHERS_MAX: usize = 100;

/// The deepest nesting in which references to other documents are looked for; readers allow no more.
const DEPTH_MAX: usize = 256;

/// A loaded payload.
pub(super) struct Loaded {
    pub(super) documents: Documents,
    /// Whether the payload was the document itself, in JSON.
    pub(super) inline_json: bool,
}

/// Loads a document, or what is found where the payload points to.
pub(super) fn text(payload: &str, loader: &dyn Loader) -> Result<Loaded, OpenApiError> {
    if payload.trim().is_empty() {
        return Err(OpenApiError("Null or empty definition".to_owned()));
    }
    if !is_location(payload) {
        let root = checked(parse(payload)?)?;
        return Ok(Loaded {
            inline_json: is_json(payload),
            documents: Documents::new(root, HashMap::new()),
        });
    }
    let mut root = checked(parse(&fetch(payload, loader)?)?)?;
    let mut others = HashMap::new();
    let mut wanted = Vec::new();
    absolute_references(&mut root, payload, None, &mut wanted, 0);
    while let Some(location) = wanted.pop() {
        if others.contains_key(&location) {
            continue;
        }
        if others.len() == OTHERS_MAX {
            let message = format!("the document refers to more than {OTHERS_MAX} others");
            return Err(OpenApiError(message));
        }
        let mut other = parse(&fetch(&location, loader)?)?;
        absolute_references(&mut other, &location, Some(&location), &mut wanted, 0);
        others.insert(location, other);
    }
    Ok(Loaded {
        documents: Documents::new(root, others),
        inline_json: false,
    })
}

/// Takes a document that is already a tree.
pub(super) fn object(root: Json) -> Result<Documents, OpenApiError> {
    Ok(Documents::new(checked(root)?, HashMap::new()))
}

/// Whether a payload names a document instead of being one.
fn is_location(payload: &str) -> bool {
    let named = [".json", ".yaml", ".yml"]
        .iter()
        .any(|ending| payload.ends_with(ending));
    let is_line = !payload.contains(['\n', '{']);
    named && is_line
}

fn is_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with(['{', '['])
}

/// A document's tree.
fn parse(text: &str) -> Result<Json, OpenApiError> {
    if text.len() > SIZE_MAX {
        let mib = SIZE_MAX >> 20;
        return Err(OpenApiError(format!(
            "the document is larger than {mib} MiB"
        )));
    }
    if is_json(text) {
        parse_lenient(text).map_err(|error| OpenApiError(error.to_string()))
    } else {
        yaml::parse(text).map_err(|error| OpenApiError(error.to_string()))
    }
}

/// The document, when it is one of a version that can be read.
fn checked(root: Json) -> Result<Json, OpenApiError> {
    let Json::Object(fields) = &root else {
        let message = format!("the document is of type `{}`, not `object`", root.kind());
        return Err(OpenApiError(message));
    };
    let version = match fields.get("openapi") {
        Some(Json::Text(text)) => text.as_str(),
        Some(Json::Number(text)) => text,
        Some(_) => "",
        None => return Err(OpenApiError("attribute openapi is missing".to_owned())),
    };
    if version.starts_with("3.0") || version.starts_with("3.1") {
        return Ok(root);
    }
    let message = format!("attribute openapi is `{version}`, expected 3.0.x or 3.1.x");
    Err(OpenApiError(message))
}

fn is_url(location: &str) -> bool {
    let scheme = location.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}

fn fetch(location: &str, loader: &dyn Loader) -> Result<String, OpenApiError> {
    let text = if is_url(location) {
        loader.fetch(location)
    } else {
        loader.read_file(&file_path(location))
    };
    text.map_err(|reason| OpenApiError(format!("Unable to read location `{location}`: {reason}")))
}

/// The path of a file that is named by its path or by a `file:` URL.
fn file_path(location: &str) -> PathBuf {
    let Some(rest) = location.strip_prefix("file:") else {
        return PathBuf::from(location);
    };
    let path = rest
        .strip_prefix("//localhost")
        .or_else(|| rest.strip_prefix("//"))
        .unwrap_or(rest);
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    PathBuf::from(path.as_ref())
}

/// Rewrites references to other documents to `location#pointer`, and collects the locations. `own` is the location of
/// the document itself, unless it is the root.
fn absolute_references(
    json: &mut Json,
    base: &str,
    own: Option<&str>,
    wanted: &mut Vec<String>,
    depth: usize,
) {
    if depth > DEPTH_MAX {
        return;
    }
    match json {
        Json::Array(items) => {
            for item in items {
                absolute_references(item, base, own, wanted, depth + 1);
            }
        }
        Json::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Json::Text(reference) if name == "$ref" => {
                        *reference = absolute(reference, base, own, wanted);
                    }
                    value => absolute_references(value, base, own, wanted, depth + 1),
                }
            }
        }
        _ => {}
    }
}

fn absolute(reference: &str, base: &str, own: Option<&str>, wanted: &mut Vec<String>) -> String {
    let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    if file.is_empty() {
        return format!("{}#{pointer}", own.unwrap_or_default());
    }
    let location = resolve(file, base);
    wanted.push(location.clone());
    format!("{location}#{pointer}")
}

/// Where `file` leads from the document at `base`.
fn resolve(file: &str, base: &str) -> String {
    // A document from elsewhere has no business with the files of this machine.
    if is_url(file) || (file.starts_with("file:") && !is_url(base)) {
        return file.to_owned();
    }
    if is_url(base) {
        let authority = base.find("://").map_or(0, |at| at + 3);
        let path = base[authority..]
            .find('/')
            .map_or(base.len(), |at| authority + at);
        let folder = base[path..].rfind('/').map_or(path, |at| path + at);
        return if file.starts_with('/') {
            format!("{}{file}", &base[..path])
        } else {
            format!("{}/{}", &base[..folder], file.trim_start_matches("./"))
        };
    }
    let base = file_path(base);
    let folder = base.parent().unwrap_or_else(|| Path::new(""));
    folder.join(file).to_string_lossy().into_owned()
}
