//! What the security requirements of an operation ask of a request.
//!
//! MockServer does not tell "and" from "or": one of all the schemes that are named is enough. When they look at different
//! parts of a request, no single name can be asked for; only a client certificate always is.

use crate::json::{Json, Object};
use crate::openapi::document::Node;
use crate::openapi::operation::Operation;

/// Matcher fields that come from security.
#[derive(Debug, Default)]
pub(super) struct Demands {
    pub(super) headers: Object,
    pub(super) query: Object,
    pub(super) cookies: Object,
    pub(super) client_certificate: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Header,
    Query,
    Cookie,
    Certificate,
}

/// What one scheme looks at, and what it has to be.
struct Demand {
    part: Part,
    name: String,
    pattern: String,
}

impl Demands {
    pub(super) fn of(operation: &Operation<'_>) -> Self {
        let demands = demands(operation);
        let parts = [Part::Header, Part::Query, Part::Cookie].map(|part| {
            let own = demands.iter().filter(|demand| demand.part == part);
            by_name(own)
        });
        let alone = parts.iter().filter(|fields| !fields.is_empty()).count() == 1;
        let [headers, query, cookies] = parts;
        Self {
            headers: fields(headers, alone, many),
            query: fields(query, alone, many),
            cookies: fields(cookies, alone, Json::Text),
            client_certificate: demands.iter().any(|d| d.part == Part::Certificate),
        }
    }
}

fn many(value: String) -> Json {
    Json::Array(vec![Json::Text(value)])
}

/// Every scheme the requirements name, in their order.
fn demands(operation: &Operation<'_>) -> Vec<Demand> {
    let components = operation.node.root().get("components");
    let Some(schemes) = components.and_then(|components| components.get("securitySchemes")) else {
        return Vec::new();
    };
    let security = operation.security();
    let names = security
        .iter()
        .flat_map(|requirement| requirement.fields().map(|(name, _)| name));
    names
        .filter_map(|name| demand(schemes.get(name)?))
        .collect()
}

fn demand(scheme: Node<'_>) -> Option<Demand> {
    let authorization = |pattern: String| Demand {
        part: Part::Header,
        name: "authorization".to_owned(),
        pattern,
    };
    match scheme.text("type")? {
        "apiKey" => Some(Demand {
            part: match scheme.text("in")? {
                "query" => Part::Query,
                "cookie" => Part::Cookie,
                _ => Part::Header,
            },
            name: scheme.text("name")?.to_owned(),
            pattern: ".+".to_owned(),
        }),
        "http" => scheme
            .text("scheme")
            .map(|name| authorization(format!("{name}.+"))),
        "oauth2" | "openIdConnect" => Some(authorization(".+".to_owned())),
        "mutualTLS" => Some(Demand {
            part: Part::Certificate,
            name: String::new(),
            pattern: String::new(),
        }),
        _ => None,
    }
}

/// The patterns by the name they belong to; alternatives for one name become one pattern.
fn by_name<'a>(demands: impl Iterator<Item = &'a Demand>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for demand in demands {
        let known = fields
            .iter_mut()
            .find(|(name, _)| name.eq_ignore_ascii_case(&demand.name));
        match known {
            Some((_, patterns)) if patterns.split('|').any(|known| known == demand.pattern) => {}
            Some((_, patterns)) => {
                patterns.push('|');
                patterns.push_str(&demand.pattern);
            }
            None => fields.push((demand.name.clone(), demand.pattern.clone())),
        }
    }
    fields
}

/// The matcher fields for the names of one part: of several names one must be there; a single one must be there when no
/// other part is looked at.
fn fields(names: Vec<(String, String)>, alone: bool, value: impl Fn(String) -> Json) -> Object {
    let mut out = Object::new();
    let several = names.len() > 1;
    if several {
        let all: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        out.insert(all.join("|"), value(".*".to_owned()));
    }
    for (name, pattern) in names {
        let mark = if several || !alone { "?" } else { "" };
        out.insert(format!("{mark}{name}"), value(pattern));
    }
    out
}
