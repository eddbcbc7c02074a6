//! Why a stage did not come up, and what to try.

use styk_core::Diagnostic;

use crate::{LastAnswer, LaunchError, NotReady};

/// Why a stage did not come up.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The port of a mock belongs to something that is no MockServer.
    #[error("port {port} for mock `{mock}` is in use")]
    PortInUse {
        /// The mock.
        mock: String,
        /// The port.
        port: u16,
        /// How it answered `PUT /mockserver/status`.
        answer: String,
    },
    /// A mock of ours could not listen.
    #[error("mock `{mock}` could not start on port {port}: {cause}")]
    MockStart {
        /// The mock.
        mock: String,
        /// The port that was asked for; zero for a free one.
        port: u16,
        /// The cause.
        cause: String,
    },
    /// At the address of a mock on another machine no MockServer answers.
    #[error("no MockServer answers at {url} for mock `{mock}`")]
    NoMockServer {
        /// The mock.
        mock: String,
        /// The address.
        url: String,
        /// How it answered `PUT /mockserver/status`.
        answer: String,
    },
    /// The mocks of an attached shop need an address that the shop knows.
    #[error("mock `{mock}` of an attached shop has no address")]
    NoMockAddress {
        /// The mock.
        mock: String,
    },
    /// A mock did not take one of the expectations it should begin with.
    #[error("mock `{mock}` refused expectation {number}: {cause}")]
    Expectation {
        /// The mock.
        mock: String,
        /// Which one, from 1.
        number: usize,
        /// The cause.
        cause: String,
    },
    /// A fake could not listen.
    #[error("fake `{fake}` could not start: {cause}")]
    FakeStart {
        /// The fake.
        fake: String,
        /// The cause.
        cause: String,
    },
    /// A fake cannot send its webhooks where it was told.
    #[error("fake `{fake}` cannot send webhooks to {target}: {cause}")]
    Webhooks {
        /// The fake.
        fake: String,
        /// The address.
        target: String,
        /// The cause.
        cause: String,
    },
    /// An embedded shop is wanted, but nobody can start one.
    #[error("there is no launcher for an embedded shop")]
    NoLauncher,
    /// The launcher failed.
    #[error("the shop could not be started: {0}")]
    Launch(#[from] LaunchError),
    /// The shop ended while it was waited for.
    #[error("the shop died while it was starting: {cause}")]
    ShopDied {
        /// The cause.
        cause: String,
    },
    /// The shop did not become ready in time.
    #[error("{0}")]
    NotReady(Box<NotReady>),
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built: {cause}")]
    Client {
        /// The cause.
        cause: String,
    },
}

impl StageError {
    /// The error for a person: with evidence and advice.
    #[must_use]
    pub fn to_diagnostic(&self) -> Diagnostic {
        let told = Diagnostic::error(self.to_string()).code("E0501");
        match self {
            Self::PortInUse { mock, port, answer } => told
                .note(format!("`PUT /mockserver/status` was answered there: {answer}"))
                .help(format!(
                    "stop what listens on port {port}, or give mock `{mock}` another port in styk.yaml \
                     (`mocks.{mock}.port`) or in {}_MOCK_URL",
                    variable_stem(mock)
                )),
            Self::MockStart { mock, .. } => told.help(format!(
                "give mock `{mock}` a port above 1023 that this user may open (`mocks.{mock}.port`)"
            )),
            Self::NoMockServer { mock, answer, .. } => told
                .note(format!("`PUT /mockserver/status` was answered: {answer}"))
                .help(format!(
                    "start a MockServer there (`styk mock --port …`), or correct `mocks.{mock}.url` or \
                     {}_MOCK_URL",
                    variable_stem(mock)
                )),
            Self::NoMockAddress { mock } => told.help(format!(
                "the running shop calls a fixed address: write it to `mocks.{mock}.url` or \
                 `mocks.{mock}.port`, or set {}_MOCK_URL",
                variable_stem(mock)
            )),
            Self::Expectation { mock, .. } => told.help(format!(
                "correct the file that `mocks.{mock}.expectations` names"
            )),
            Self::FakeStart { fake, .. } => told.help(format!(
                "stop what listens there, or give the fake another port (`fakes.{fake}.port`)"
            )),
            Self::Webhooks { fake, .. } => told.help(format!(
                "correct `fakes.{fake}.webhooks` in styk.yaml: a path on the shop, such as \
                 /api/webhooks/{fake}/, or an address that begins with http://"
            )),
            Self::NoLauncher => {
                told.help("use `stage: attached` with a running shop in styk.yaml")
            }
            Self::Launch(_) => told.help("look at `shop.env` in styk.yaml"),
            Self::ShopDied { .. } => told.help("look at the shop's own log for the cause"),
            Self::NotReady(not_ready) => not_ready_evidence(told, not_ready),
            Self::Client { .. } => told,
        }
    }
}

fn not_ready_evidence(told: Diagnostic, not_ready: &NotReady) -> Diagnostic {
    let times = if not_ready.asked == 1 {
        "once".to_owned()
    } else {
        format!("{} times", not_ready.asked)
    };
    let told = told.note(format!("asked {times}: GET {}", not_ready.url));
    match &not_ready.last {
        LastAnswer::NoAnswer { .. } => told.note("last answer: none").help(
            "is the shop running at this address? `shop.base` in styk.yaml or APP_URL names it",
        ),
        LastAnswer::Answer { status, body, .. } => told
            .note(format!("last answer: {status} {body}"))
            .help(
                "look at the shop's log for what is missing; `shop.ready.limit` gives it more time, \
                 `shop.ready.path` names another path",
            ),
    }
}

/// `e-mail` is `E_MAIL` in the names of variables.
pub(crate) fn variable_stem(mock: &str) -> String {
    mock.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}
