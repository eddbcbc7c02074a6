//! The integration matrix as it is declared: modules that meet, services outside, flows of data.
//!
//! The file is read generously (lists of names, lists of mappings, mappings), because it often exists already;
//! but a misspelt key is never taken for something else.

use std::sync::Arc;

use styk_core::{Edge, EdgeError};
use styk_scenario::{Diagnostics, Key, Node, NodeValue, Source, Span, suggest};

use crate::codes::code;
use crate::fields;

/// The group of the edges between modules.
pub(crate) const INTERNAL: &str = "internal_modules";
/// The group of the edges that only flows name.
pub(crate) const FLOWS: &str = "data_flows";
/// Who stands before the shop's door; an edge from there is no joint of the shop.
const VISITOR: &str = "test";

/// What the file declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Matrix {
    /// Edges in the file's order.
    pub(crate) edges: Vec<DeclaredEdge>,
    pub(crate) flows: Vec<DeclaredFlow>,
}

/// One declared edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclaredEdge {
    pub(crate) edge: Edge,
    /// `internal_modules`, `payment_gateways`, ….
    pub(crate) group: String,
}

/// What stands at the far end of a declared edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FarEnd {
    Module,
    Service,
    /// A flow names it; it may be either.
    Either,
}

impl DeclaredEdge {
    pub(crate) fn far_end(&self) -> FarEnd {
        match self.group.as_str() {
            INTERNAL => FarEnd::Module,
            FLOWS => FarEnd::Either,
            _ => FarEnd::Service,
        }
    }
}

/// One declared flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclaredFlow {
    pub(crate) name: String,
    /// In order; empty when the file gives the name alone.
    pub(crate) edges: Vec<Edge>,
}

/// The known groups of services, with the module that calls them.
const GROUPS: [(&str, &str); 5] = [
    ("payment_gateways", "payments"),
    ("shipping_services", "shipping"),
    ("email_services", "notifications"),
    ("sms_services", "notifications"),
    (GENERIC, ""),
];
const GENERIC: &str = "generic_services";

/// The generic services, with the module that calls them.
const GENERIC_CALLERS: [(&str, &str); 4] = [
    ("payment", "payments"),
    ("shipping", "shipping"),
    ("email", "notifications"),
    ("sms", "notifications"),
];

const SECTIONS: [&str; 3] = [INTERNAL, "external_services", FLOWS];

impl Matrix {
    /// Reads the file; what is wrong goes to `diagnostics`.
    pub(crate) fn read(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Self {
        let documents = styk_scenario::parse(source, diagnostics);
        let mut reader = Reader {
            matrix: Self::default(),
            diagnostics,
        };
        for root in &documents {
            reader.root(root);
        }
        reader.matrix.declare_edges_of_flows();
        reader.matrix
    }

    /// An edge that only a flow names is declared by that.
    fn declare_edges_of_flows(&mut self) {
        for edge in self.flows.iter().flat_map(|flow| &flow.edges) {
            let is_known = |known: &DeclaredEdge| known.edge.joins_same(edge);
            if edge.from() != VISITOR && !self.edges.iter().any(is_known) {
                self.edges.push(DeclaredEdge {
                    edge: edge.clone(),
                    group: FLOWS.to_owned(),
                });
            }
        }
    }
}

struct Reader<'d> {
    matrix: Matrix,
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn root(&mut self, root: &Node) {
        let Some(entries) = fields::entries(root, "the matrix", self.diagnostics) else {
            return;
        };
        for (key, node) in entries {
            match key.text.as_str() {
                "integration_points" => self.points(node),
                _ => self.stranger(key, &["integration_points"]),
            }
        }
        if root.get("integration_points").is_none() {
            let message = "there is no `integration_points`";
            self.diagnostics
                .push(root.span.error(code::MISSING, message));
        }
    }

    fn points(&mut self, node: &Node) {
        let Some(entries) = fields::entries(node, "integration_points", self.diagnostics) else {
            return;
        };
        for (key, node) in entries {
            match key.text.as_str() {
                INTERNAL => self.internal(node),
                "external_services" => self.external(node),
                FLOWS => self.flows(node),
                _ => self.stranger(key, &SECTIONS),
            }
        }
    }

    /// A key of a file that others may read too: an error when it looks like a slip, else a warning.
    fn stranger(&mut self, key: &Key, known: &[&str]) {
        let diagnostic = match suggest(&key.text, known.iter().copied()) {
            Some(near) => {
                let message = format!("the matrix has no key `{}`", key.text);
                let diagnostic = key.span.error(code::UNKNOWN_KEY, message);
                diagnostic.help(format!("did you mean `{near}`?"))
            }
            None => key.span.warning(
                code::UNKNOWN_KEY,
                format!("`{}` in the matrix is not read", key.text),
            ),
        };
        self.diagnostics.push(diagnostic);
    }

    /// A list of edges (texts, or mappings with `from` and `to`), or a mapping from a module to one or several.
    fn internal(&mut self, node: &Node) {
        match &node.value {
            NodeValue::Null => {}
            NodeValue::List(items) => {
                for item in items {
                    if let Some(edge) = self.edge(item) {
                        self.declare(edge, INTERNAL, &item.span);
                    }
                }
            }
            NodeValue::Map(entries) => {
                for (from, to) in entries {
                    let ends = fields::texts(to, &from.text, self.diagnostics).unwrap_or_default();
                    for (to, span) in ends {
                        let text = format!("{} → {to}", from.text);
                        if let Some(edge) = self.parsed(&text, &span) {
                            self.declare(edge, INTERNAL, &span);
                        }
                    }
                }
            }
            _ => self.wrong(node, INTERNAL, "a list of edges like `orders → payments`"),
        }
    }

    fn edge(&mut self, node: &Node) -> Option<Edge> {
        match &node.value {
            NodeValue::Text(text) => self.parsed(text, &node.span),
            NodeValue::Map(_) => {
                let (from, to) = (node.get("from"), node.get("to"));
                let (Some(from), Some(to)) = (from, to) else {
                    self.wrong(
                        node,
                        "an edge",
                        "`from → to`, or a mapping with `from` and `to`",
                    );
                    return None;
                };
                let from = fields::text(from, "from", self.diagnostics)?;
                let to = fields::text(to, "to", self.diagnostics)?;
                self.parsed(&format!("{from} → {to}"), &node.span)
            }
            _ => {
                self.wrong(node, "an edge", "`from → to`");
                None
            }
        }
    }

    fn parsed(&mut self, text: &str, span: &Span) -> Option<Edge> {
        match text.parse::<Edge>() {
            Ok(edge) => Some(edge),
            Err(error @ (EdgeError::NoArrow { .. } | EdgeError::BadEnd { .. })) => {
                let diagnostic = span.error(code::BAD_EDGE, error.to_string());
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    fn declare(&mut self, edge: Edge, group: &str, span: &Span) {
        let twice = self.matrix.edges.iter().any(|known| known.edge == edge);
        if twice {
            let message = format!("`{edge}` is declared twice");
            self.diagnostics
                .push(span.warning(code::WRONG_VALUE, message));
            return;
        }
        self.matrix.edges.push(DeclaredEdge {
            edge,
            group: group.to_owned(),
        });
    }

    fn external(&mut self, node: &Node) {
        let Some(entries) = fields::entries(node, "external_services", self.diagnostics) else {
            return;
        };
        for (key, node) in entries {
            let known = GROUPS.map(|(group, _)| group);
            let is_slip = !known.contains(&key.text.as_str())
                && suggest(&key.text, known.iter().copied()).is_some();
            if is_slip {
                self.stranger(key, &known);
            } else {
                self.group(&key.text, node);
            }
        }
    }

    /// A list of names, a list of mappings with `name`, or a mapping whose keys are the names.
    fn group(&mut self, group: &str, node: &Node) {
        match &node.value {
            NodeValue::Null => {}
            NodeValue::List(items) => {
                for item in items {
                    self.service(group, item);
                }
            }
            NodeValue::Map(entries) => {
                for (key, node) in entries {
                    let caller = self.caller_of(node);
                    self.declare_service(group, &key.text, caller, &key.span);
                }
            }
            _ => self.wrong(node, group, "a list of names"),
        }
    }

    fn service(&mut self, group: &str, node: &Node) {
        if node.as_map().is_none() {
            if let Some(name) = fields::text(node, group, self.diagnostics) {
                self.declare_service(group, &name, None, &node.span);
            }
            return;
        }
        let Some(name) = node.get("name") else {
            self.wrong(node, group, "names, or mappings with `name`");
            return;
        };
        if let Some(text) = fields::text(name, "name", self.diagnostics) {
            let caller = self.caller_of(node);
            self.declare_service(group, &text, caller, &name.span);
        }
    }

    /// The module that calls a service, when the file says it under `caller`. Other facts are others' business.
    fn caller_of(&mut self, node: &Node) -> Option<String> {
        for (key, _) in node.as_map().unwrap_or_default() {
            let known = ["name", "caller"];
            if !known.contains(&key.text.as_str()) && suggest(&key.text, known).is_some() {
                self.stranger(key, &known);
            }
        }
        fields::text(node.get("caller")?, "caller", self.diagnostics)
    }

    fn declare_service(&mut self, group: &str, name: &str, caller: Option<String>, span: &Span) {
        let find = |table: &[(&str, &str)], name: &str| {
            let found = table.iter().find(|(known, _)| *known == name);
            found.map(|(_, caller)| (*caller).to_owned())
        };
        let caller = caller
            .or_else(|| match group {
                GENERIC => find(&GENERIC_CALLERS, name),
                _ => find(&GROUPS, group),
            })
            // A group that nobody knows: the shop as a whole calls.
            .unwrap_or_else(|| "shop".to_owned());
        if let Some(edge) = self.parsed(&format!("{caller} → {name}"), span) {
            self.declare(edge, group, span);
        }
    }

    /// A list of names and of mappings from a name to its edges, or one such mapping.
    fn flows(&mut self, node: &Node) {
        match &node.value {
            NodeValue::Null => {}
            NodeValue::Map(entries) => {
                for (key, node) in entries {
                    self.flow(&key.text, Some(node));
                }
            }
            NodeValue::List(items) => {
                for item in items {
                    match (&item.value, item.get("name").and_then(Node::as_text)) {
                        (NodeValue::Text(name), _) => self.flow(name, None),
                        (NodeValue::Map(_), Some(name)) => self.flow(name, item.get("edges")),
                        (NodeValue::Map(entries), None) => {
                            for (key, node) in entries {
                                self.flow(&key.text, Some(node));
                            }
                        }
                        _ => self.wrong(item, FLOWS, "names, or a name with its edges"),
                    }
                }
            }
            _ => self.wrong(node, FLOWS, "a list of flows"),
        }
    }

    fn flow(&mut self, name: &str, edges: Option<&Node>) {
        let edges = match edges.map(|node| (node, &node.value)) {
            None | Some((_, NodeValue::Null)) => Vec::new(),
            Some((_, NodeValue::List(items))) => {
                items.iter().filter_map(|item| self.edge(item)).collect()
            }
            Some((node, _)) => {
                self.wrong(node, name, "a list of edges");
                Vec::new()
            }
        };
        self.matrix.flows.push(DeclaredFlow {
            name: name.to_owned(),
            edges,
        });
    }

    fn wrong(&mut self, node: &Node, what: &str, expected: &str) {
        let diagnostic = fields::wrong_type(node, what, expected);
        self.diagnostics.push(diagnostic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Matrix, Vec<String>) {
        let source = Source::new("matrix.yml", "", text);
        let mut diagnostics = Diagnostics::default();
        let matrix = Matrix::read(&source, &mut diagnostics);
        let told = diagnostics.into_sorted();
        let told = told.into_iter().map(|d| {
            let place = d.location.map_or(0, |location| location.line);
            format!("{place}: {} {}", d.message, d.help.unwrap_or_default())
        });
        (
            matrix,
            told.map(|text| text.trim_end().to_owned()).collect(),
        )
    }

    fn edges(matrix: &Matrix) -> Vec<String> {
        let edges = matrix.edges.iter();
        edges
            .map(|edge| format!("{}: {}", edge.group, edge.edge))
            .collect()
    }

    #[test]
    fn the_plain_form_is_read() {
        let (matrix, told) = read(
            "integration_points:\n  internal_modules: ['auth → products', 'orders -> payments']\n  \
             external_services:\n    payment_gateways: [stripe]\n    sms_services: [{name: twilio, region: eu}]\n    \
             generic_services: [payment, email]\n    tax_services: [{name: vat, caller: orders}, other]\n  \
             data_flows:\n    - user_registration_flow\n    - purchase: ['cart → orders']\n",
        );
        assert_eq!(told, [""; 0]);
        assert_eq!(
            edges(&matrix),
            [
                "internal_modules: auth → products",
                "internal_modules: orders → payments",
                "payment_gateways: payments → stripe",
                "sms_services: notifications → twilio",
                "generic_services: payments → payment",
                "generic_services: notifications → email",
                "tax_services: orders → vat",
                "tax_services: shop → other",
                "data_flows: cart → orders",
            ]
        );
        assert_eq!(matrix.flows[0].edges, []);
        assert_eq!(matrix.flows[1].edges, [Edge::new("cart", "orders")]);
    }

    #[test]
    fn mappings_say_the_same() {
        let (matrix, told) = read(
            "integration_points:\n  internal_modules: {orders: [payments, cart], auth: users}\n  \
             external_services: {payment_gateways: {stripe: {mode: test}, yookassa: }}\n  \
             data_flows: {purchase: ['a → b'], named: }\n",
        );
        assert_eq!(told, [""; 0]);
        assert_eq!(
            edges(&matrix),
            [
                "internal_modules: orders → payments",
                "internal_modules: orders → cart",
                "internal_modules: auth → users",
                "payment_gateways: payments → stripe",
                "payment_gateways: payments → yookassa",
                "data_flows: a → b",
            ]
        );
        assert_eq!(matrix.flows.len(), 2);
    }

    #[test]
    fn slips_are_errors_all_at_once() {
        let (_, told) = read(
            "integration_points:\n  internal_module: [a → b]\n  internal_modules: [a b, 'a → b', 'a -> b']\n  \
             external_services:\n    payment_gateway: [stripe]\n    sms_services: 5\n  \
             data_flows:\n    - f: [x]\nowner: me\n",
        );
        assert_eq!(
            told,
            [
                "2: the matrix has no key `internal_module` did you mean `internal_modules`?",
                "3: `a b` is no edge: write `from → to` (or `from -> to`)",
                "3: `a → b` is declared twice",
                "5: the matrix has no key `payment_gateway` did you mean `payment_gateways`?",
                "6: `sms_services` takes a list of names, here is a number",
                "8: `x` is no edge: write `from → to` (or `from -> to`)",
                "9: `owner` in the matrix is not read",
            ]
        );
    }

    #[test]
    fn a_file_without_points_is_an_error() {
        let (_, told) = read("integration_point: {}\n");
        assert_eq!(told.len(), 2, "{told:?}");
    }
}
