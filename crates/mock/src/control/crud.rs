//! `crud`: makes a resource that is kept in memory.

use http::StatusCode;

use super::Reply;
use crate::crud::{IdStrategy, Resource, Resources};
use crate::json::{Json, Object, parse_lenient};

pub(super) fn add(resources: &Resources, text: &str) -> Result<Reply, Reply> {
    let failed =
        |why: String| Reply::bad_request(format!("failed to register CRUD resource: {why}"));
    if text.trim().is_empty() {
        return Err(failed("argument \"content\" is null".to_owned()));
    }
    let object = match parse_lenient(text) {
        Ok(Json::Object(object)) => object,
        Ok(other) => return Err(failed(format!("{} found, object expected", other.kind()))),
        Err(error) => return Err(failed(error.to_string())),
    };
    let word = |name: &str| match object.get(name) {
        Some(Json::Text(text)) => text.clone(),
        Some(Json::Number(text)) => text.to_string(),
        _ => String::new(),
    };
    let path = word("basePath");
    if path.trim().is_empty() {
        return Err(Reply::bad_request("basePath is required"));
    }
    if !path.starts_with('/') {
        return Err(failed("basePath must start with /".to_owned()));
    }
    if path == "/" {
        return Err(failed("basePath must not be empty".to_owned()));
    }
    let id_field = Some(word("idField")).filter(|name| !name.is_empty());
    let id_field = id_field.unwrap_or_else(|| "id".to_owned());
    let strategy = IdStrategy::named(&word("idStrategy"));
    let first = first_items(object.get("initialData")).map_err(failed)?;
    let resource = Resource::new(&path, id_field.clone(), strategy, first);
    let count = resource.len();
    resources
        .add(resource)
        .map_err(|full| failed(full.to_string()))?;
    let shown = [
        ("basePath", Json::Text(path)),
        ("idField", Json::Text(id_field)),
        ("idStrategy", Json::text(strategy.name())),
        ("itemCount", Json::number(count)),
    ];
    Ok(Reply::object(StatusCode::CREATED, shown))
}

/// The first items; one alone needs no list.
fn first_items(json: Option<&Json>) -> Result<Vec<Object>, String> {
    let item = |json: &Json| match json {
        Json::Object(object) => Ok(object.clone()),
        other => Err(format!(
            "{} found in initialData, object expected",
            other.kind()
        )),
    };
    match json {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(items)) => items.iter().map(item).collect(),
        Some(one) => Ok(vec![item(one)?]),
    }
}
