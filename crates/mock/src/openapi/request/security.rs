//! What the security requirements of an operation ask of a request.
//!
//! MockServer does not tell "and" from "or": one of all the schemes that are named is enough. When they look at different
//! parts of a request, or at different headers, no part can be asked for alone.

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
        let mut out = Self::default();
        let Some(part) = demands.first().map(|demand| demand.part) else {
            return out;
        };
        let parts = if demands.iter().all(|demand| demand.part == part) {
            vec![(part, false)]
        } else {
            [Part::Header, Part::Query, Part::Cookie]
                .map(|part| (part, true))
                .to_vec()
        };
        for (part, optional) in parts {
            let own = demands.iter().filter(|demand| demand.part == part);
            let fields = by_name(own);
            match part {
                Part::Header => put(&mut out.headers, fields, optional, many),
                Part::Query => put(&mut out.query, fields, optional, many),
                Part::Cookie => put(&mut out.cookies, fields, optional, Json::Text),
                Part::Certificate => out.client_certificate = !optional,
            }
        }
        out
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

/// Puts the fields: one name must be there, of several names one.
fn put(
    out: &mut Object,
    fields: Vec<(String, String)>,
    optional: bool,
    value: impl Fn(String) -> Json,
) {
    let several = fields.len() > 1;
    if several && !optional {
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        out.insert(names.join("|"), value(".*".to_owned()));
    }
    for (name, pattern) in fields {
        let mark = if several || optional { "?" } else { "" };
        out.insert(format!("{mark}{name}"), value(pattern));
    }
}
