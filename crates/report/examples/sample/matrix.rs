//! The coverage of the made-up run.

use styk_core::{Edge, EdgeCoverage, EdgeState, FlowCoverage, MatrixCoverage};

pub(crate) fn matrix() -> MatrixCoverage {
    let edge =
        |group: &str, from: &str, to: &str, state, crossings: u64, outcomes: &[(&str, u64)]| {
            EdgeCoverage {
                edge: Edge::new(from, to),
                group: group.to_owned(),
                state,
                crossings,
                scenarios: (0..crossings.min(5))
                    .map(|n| format!("suites/user_flows/order.styk.yaml#{n}"))
                    .collect(),
                outcomes: outcomes
                    .iter()
                    .map(|(word, n)| ((*word).to_owned(), *n))
                    .collect(),
            }
        };
    use EdgeState::{Covered, NotReached, Uncovered, Undeclared};
    let inner = "internal_modules";
    MatrixCoverage {
        edges: vec![
            edge(inner, "auth", "products", Uncovered, 0, &[]),
            edge(inner, "products", "orders", Covered, 12, &[("ok", 12)]),
            edge(
                inner,
                "orders",
                "payments",
                Covered,
                12,
                &[("ok", 11), ("error", 1)],
            ),
            edge(inner, "payments", "notifications", Covered, 3, &[("ok", 3)]),
            edge(inner, "users", "orders", Uncovered, 0, &[]),
            edge(inner, "cart", "orders", Covered, 9, &[("ok", 9)]),
            edge(
                "generic_services",
                "payments",
                "payment",
                Covered,
                14,
                &[("2xx", 11), ("error", 1), ("unmatched", 1), ("5xx", 1)],
            ),
            edge(
                "generic_services",
                "notifications",
                "email",
                Covered,
                21,
                &[("2xx", 20), ("dropped", 1)],
            ),
            edge("payment_gateways", "payments", "stripe", NotReached, 0, &[]),
            edge(
                "payment_gateways",
                "payments",
                "yookassa",
                NotReached,
                0,
                &[],
            ),
            edge("", "cart", "products", Undeclared, 9, &[("ok", 9)]),
        ],
        flows: vec![
            FlowCoverage {
                flow: "product_purchase_flow".to_owned(),
                edges: vec![
                    Edge::new("cart", "orders"),
                    Edge::new("orders", "payments"),
                    Edge::new("payments", "payment"),
                    Edge::new("notifications", "email"),
                ],
                scenarios: vec!["suites/user_flows/order.styk.yaml#1".to_owned()],
                missing: Vec::new(),
                measured: true,
            },
            FlowCoverage {
                flow: "user_registration_flow".to_owned(),
                edges: vec![Edge::new("auth", "users"), Edge::new("users", "orders")],
                scenarios: Vec::new(),
                missing: vec![Edge::new("users", "orders")],
                measured: true,
            },
            FlowCoverage {
                flow: "analytics_data_flow".to_owned(),
                edges: Vec::new(),
                scenarios: Vec::new(),
                missing: Vec::new(),
                measured: false,
            },
        ],
    }
}
