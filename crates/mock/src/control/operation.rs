//! Which requests are control requests at all.
//!
//! Every operation has its methods; any other method on its path is an ordinary request. Operations are also reached
//! without the prefix, those of later versions only where that does not follow 5.15.

use http::Method;

use crate::server::Shared;

pub(super) const PREFIX: &str = "/mockserver/";

/// One request to the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(super) kind: Kind,
    /// The name in front of what is asked of it.
    pub(super) name: &'static str,
    /// The path came without the prefix.
    pub(super) is_deprecated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Expectation,
    OpenApi,
    Verify,
    VerifySequence,
    Clear,
    Reset,
    Retrieve,
    Status,
    Stop,
    Bind,
    ProxyConfiguration,
    Ready,
    Metrics,
    Configuration,
    ChangeConfiguration,
    Origins,
    Scenario,
    SetScenario,
    Clock,
    SetClock,
    Mode,
    SetMode,
    Crud,
    Oidc,
    GrpcDescriptors,
    GrpcServices,
    GrpcClear,
    DebugMismatch,
    ExplainUnmatched,
    NotBuilt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    /// MockServer 5.
    V5,
    Later,
}

type Row = (&'static str, Kind, Since);

const PUT: &[Row] = &[
    ("expectation", Kind::Expectation, Since::V5),
    ("verify", Kind::Verify, Since::V5),
    ("verifySequence", Kind::VerifySequence, Since::V5),
    ("clear", Kind::Clear, Since::V5),
    ("reset", Kind::Reset, Since::V5),
    ("retrieve", Kind::Retrieve, Since::V5),
    ("status", Kind::Status, Since::V5),
    ("stop", Kind::Stop, Since::V5),
    ("openapi", Kind::OpenApi, Since::V5),
    ("bind", Kind::Bind, Since::V5),
    ("configuration", Kind::ChangeConfiguration, Since::Later),
    ("clock", Kind::SetClock, Since::Later),
    ("mode", Kind::SetMode, Since::Later),
    ("crud", Kind::Crud, Since::Later),
    ("oidc", Kind::Oidc, Since::Later),
    ("grpc/descriptors", Kind::GrpcDescriptors, Since::Later),
    ("grpc/services", Kind::GrpcServices, Since::Later),
    ("grpc/clear", Kind::GrpcClear, Since::Later),
    ("debugMismatch", Kind::DebugMismatch, Since::Later),
    ("explainUnmatched", Kind::ExplainUnmatched, Since::Later),
];

const GET: &[Row] = &[
    ("ready", Kind::Ready, Since::Later),
    ("metrics", Kind::Metrics, Since::Later),
    ("configuration", Kind::Configuration, Since::Later),
    ("config", Kind::Origins, Since::Later),
    ("scenario", Kind::Scenario, Since::Later),
    ("clock", Kind::Clock, Since::Later),
    ("mode", Kind::Mode, Since::Later),
    ("proxyConfiguration", Kind::ProxyConfiguration, Since::Later),
];

/// Operations of later versions that are not there, with all that is below them. They are reached with the prefix only: without it
/// their names belong to whoever mocks them.
const NOT_BUILT: &[&str] = &[
    "openapi.yaml",
    "explain",
    "generateExpectation",
    "diff",
    "replay",
    "recordings",
    "baseline",
    "trafficValidate",
    "serviceChaos",
    "tcpChaos",
    "grpcChaos",
    "chaosExperiment",
    "preemption",
    "verifySLO",
    "loadScenario",
    "files",
    "import",
    "wsdl",
    "graphql",
    "asyncapi",
    "pact",
    "contractTest",
    "oidc",
    "saml",
    "scim",
    "breakpoint",
    "drift",
    "audit",
    "cluster",
    "cassettes",
    "wasm",
    "grpc",
    "http3status",
    "llm",
    "mcp",
];

/// The operation that a request asks for; `None` for the data plane.
pub(crate) fn operation(shared: &Shared, method: &Method, path: &str) -> Option<Operation> {
    let is_get = *method == Method::GET;
    if is_get && shared.is_liveness(path) {
        return Some(Operation {
            kind: Kind::Status,
            name: "status",
            is_deprecated: false,
        });
    }
    let follows_5_15 = || shared.follows_5_15();
    named(method, path, follows_5_15)
}

fn named(method: &Method, path: &str, follows_5_15: impl Fn() -> bool) -> Option<Operation> {
    let prefixed = path.strip_prefix(PREFIX);
    let named = prefixed.or_else(|| path.strip_prefix('/'))?;
    let is_deprecated = prefixed.is_none();
    let found = |kind, name| {
        Some(Operation {
            kind,
            name,
            is_deprecated,
        })
    };
    let rows = match *method {
        Method::PUT => PUT,
        Method::GET => GET,
        _ => &[],
    };
    if let Some(&(name, kind, since)) = rows.iter().find(|(name, ..)| *name == named) {
        let is_hidden = is_deprecated && since == Since::Later && follows_5_15();
        return found(kind, name).filter(|_| !is_hidden);
    }
    if let Some(rest) = named.strip_prefix("scenario/") {
        let kind = match *method {
            Method::PUT => Kind::SetScenario,
            Method::GET if rest.is_empty() => Kind::Scenario,
            Method::GET => Kind::Scenario,
            _ => return None,
        };
        return found(kind, "scenario").filter(|_| !(is_deprecated && follows_5_15()));
    }
    let head = prefixed?.split('/').next()?;
    let name = NOT_BUILT.iter().find(|name| **name == head)?;
    let is_method = matches!(
        *method,
        Method::PUT | Method::GET | Method::DELETE | Method::PATCH | Method::POST
    );
    found(Kind::NotBuilt, *name).filter(|_| is_method)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("PUT", "/mockserver/status", Some((Kind::Status, false)))]
    #[test_case("PUT", "/status", Some((Kind::Status, true)))]
    #[test_case("GET", "/mockserver/status", None)]
    #[test_case("PUT", "/mockserver/status/", None)]
    #[test_case("PUT", "/mockserver/STATUS", None)]
    #[test_case("PUT", "//status", None)]
    #[test_case("GET", "/mockserver/ready", Some((Kind::Ready, false)))]
    #[test_case("GET", "/ready", Some((Kind::Ready, true)))]
    #[test_case("POST", "/mockserver/ready", None)]
    #[test_case("GET", "/mockserver/scenario", Some((Kind::Scenario, false)))]
    #[test_case("PUT", "/mockserver/scenario", None)]
    #[test_case("PUT", "/mockserver/scenario/", Some((Kind::SetScenario, false)))]
    #[test_case("PUT", "/scenario/a/trigger", Some((Kind::SetScenario, true)))]
    #[test_case("POST", "/mockserver/scenario/a", None)]
    #[test_case("GET", "/mockserver/drift", Some((Kind::NotBuilt, false)))]
    #[test_case("PUT", "/files/store", None; "what is not there does not take a name without the prefix")]
    #[test_case("PUT", "/mockserver/foo", None)]
    fn paths_and_methods(method: &str, path: &str, expected: Option<(Kind, bool)>) {
        let method: Method = method.parse().expect("a method");
        let found = named(&method, path, || false);
        let found = found.map(|operation| (operation.kind, operation.is_deprecated));
        assert_eq!(found, expected);
    }

    #[test]
    fn names_of_later_versions_are_free_for_mocks_of_5_15() {
        for path in ["/ready", "/config", "/scenario/a"] {
            assert_eq!(named(&Method::GET, path, || true), None);
        }
        assert!(named(&Method::GET, "/mockserver/ready", || true).is_some());
        assert!(named(&Method::PUT, "/status", || true).is_some());
    }
}
