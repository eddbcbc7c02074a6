//! The operations of a document.

use std::collections::HashSet;

use super::OpenApiError;
use super::document::Node;

/// The most operations of a document.
const OPERATIONS_MAX: usize = 5_000;

/// The most parameters, content types or response headers of one operation.
const PARTS_MAX: usize = 200;

/// The methods of a path, in the order in which MockServer makes their expectations.
const METHODS: &[&str] = &[
    "get", "put", "head", "post", "delete", "patch", "options", "trace",
];

/// The length from which on no more variables of a server's URL are filled in.
const URL_MAX: usize = 2048;

/// One method of one path.
#[derive(Debug)]
pub(super) struct Operation<'a> {
    /// The document's `operationId`, or method and path; repeated ones are numbered.
    pub(super) id: String,
    /// The method, in upper case.
    pub(super) method: String,
    /// The path as the document writes it, without that of a server.
    pub(super) path: &'a str,
    /// What stands under the path.
    pub(super) shared: Node<'a>,
    /// What stands under the method.
    pub(super) node: Node<'a>,
}

/// All operations, path by path.
///
/// # Errors
///
/// When there are too many, or one of them has too many parts.
pub(super) fn all(document: Node<'_>) -> Result<Vec<Operation<'_>>, OpenApiError> {
    let mut operations = Vec::new();
    let mut taken = HashSet::new();
    let Some(paths) = document.get("paths") else {
        return Ok(operations);
    };
    for (path, item) in paths.fields() {
        let Some(shared) = item.follow().filter(|_| !path.starts_with("x-")) else {
            continue;
        };
        for method in METHODS {
            let Some(node) = shared.get(method).filter(|node| node.is_object()) else {
                continue;
            };
            let method = method.to_ascii_uppercase();
            let given = node.text("operationId").filter(|id| !id.trim().is_empty());
            let name = given.map_or_else(|| format!("{method} {path}"), str::to_owned);
            let operation = Operation {
                id: unique(name, &mut taken),
                method,
                path,
                shared,
                node,
            };
            if operations.len() == OPERATIONS_MAX {
                let message = format!("the document has more than {OPERATIONS_MAX} operations");
                return Err(OpenApiError(message));
            }
            operation.check_size()?;
            operations.push(operation);
        }
    }
    Ok(operations)
}

/// The name, or the first of `name (2)`, `name (3)`, … that is free.
fn unique(name: String, taken: &mut HashSet<String>) -> String {
    let mut id = name.clone();
    let mut number = 2_usize;
    while !taken.insert(id.clone()) {
        id = format!("{name} ({number})");
        number += 1;
    }
    id
}

impl<'a> Operation<'a> {
    /// Bounds what one operation can make.
    fn check_size(&self) -> Result<(), OpenApiError> {
        let own = self.node.list("parameters").len();
        let parameters = self.shared.list("parameters").len() + own;
        let body = self.node.get("requestBody");
        let contents = body.and_then(|body| body.get("content"));
        let contents = contents.map_or(0, |content| content.fields().count());
        let responses = self.node.get("responses");
        let responses = responses.into_iter().flat_map(Node::fields);
        let headers = responses.filter_map(|(_, response)| response.follow()?.get("headers"));
        let headers = headers.map(|headers| headers.fields().count()).max();
        for (what, count) in [
            ("parameters", parameters),
            ("content types", contents),
            ("response headers", headers.unwrap_or_default()),
        ] {
            if count > PARTS_MAX {
                let id = &self.id;
                let message = format!("the operation `{id}` has more than {PARTS_MAX} {what}");
                return Err(OpenApiError(message));
            }
        }
        Ok(())
    }

    /// The path a request has: prefix, path of the first server, path.
    pub(super) fn full_path(&self, context_path_prefix: Option<&str>) -> String {
        let places = [self.node, self.shared, self.node.root()];
        let server = places
            .iter()
            .find_map(|place| place.list("servers").first().copied());
        let mut path = rooted(context_path_prefix.unwrap_or_default());
        path.push_str(&rooted(&server.map(server_path).unwrap_or_default()));
        path.push_str(self.path);
        path
    }

    /// The parameters; the operation's own replace those of the path with the same name and place.
    pub(super) fn parameters(&self) -> Vec<Parameter<'a>> {
        let mut parameters: Vec<Parameter<'a>> = Vec::new();
        let shared = self.shared.list("parameters");
        for node in shared.into_iter().chain(self.node.list("parameters")) {
            let Some(parameter) = node.follow().and_then(Parameter::of) else {
                continue;
            };
            parameters.retain(|p| (p.name, p.place) != (parameter.name, parameter.place));
            parameters.push(parameter);
        }
        parameters
    }

    /// The security requirements: the operation's own, else the document's.
    pub(super) fn security(&self) -> Vec<Node<'a>> {
        let own = self.node.get("security");
        let security = own.or_else(|| self.node.root().get("security"));
        security
            .map(|list| list.items().collect())
            .unwrap_or_default()
    }
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    /// `query`, `header`, `path` or `cookie`.
    pub(super) place: &'a str,
    pub(super) node: Node<'a>,
}

impl<'a> Parameter<'a> {
    fn of(node: Node<'a>) -> Option<Self> {
        Some(Self {
            name: node.text("name")?,
            place: node.text("in")?,
            node,
        })
    }
}

/// The path of a server's URL, with the defaults of its variables.
fn server_path(server: Node<'_>) -> String {
    let mut url = server.text("url").unwrap_or_default().to_owned();
    if let Some(variables) = server.get("variables") {
        for (name, variable) in variables.fields() {
            // Defaults may hold further variables: what grows without end is no URL.
            if let Some(default) = variable.text("default").filter(|_| url.len() < URL_MAX) {
                url = url.replace(&format!("{{{name}}}"), default);
            }
        }
    }
    let Some((_, rest)) = url.split_once("://") else {
        return url;
    };
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let end = path.find(['?', '#']).unwrap_or(path.len());
    path[..end].to_owned()
}

/// A beginning of a path: with a slash in front, and none at its end; blank when it says nothing.
fn rooted(path: &str) -> String {
    let path = path.trim().trim_end_matches('/');
    match path {
        "" => String::new(),
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    }
}
