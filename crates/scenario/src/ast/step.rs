//! Steps: a verb with its arguments, and the modifiers every verb takes.

use std::time::Duration;

use super::{Binding, Capture, Expectation, FakeAct, FaultSetup, MockSetup, Use, Verify, Wait};
use crate::tree::Span;
use crate::value::{Matcher, ValueTemplate};

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where its verb stands, with the verb's own text: `http: POST /api/orders`.
    pub span: Span,
    /// Its identity for reports and findings; unique in the scenario. Without one its path serves.
    pub id: Option<String>,
    /// What it is for, for people.
    pub name: Option<ValueTemplate>,
    /// A remark for the reader of the file.
    pub note: Option<String>,
    /// Played only if this is true.
    pub when: Option<ValueTemplate>,
    /// Its limit, all poll attempts included; for a loop, the limit of each pass.
    pub timeout: Option<Duration>,
    /// Whether the scenario goes on when it fails, and fails at the end.
    pub soft: bool,
    /// Played several times.
    pub repeat: Option<Loop>,
    /// Played again until `expect` holds.
    pub poll: Option<Poll>,
    /// Ends a poll at once, as a failure.
    pub abort_if: Option<Expectation>,
    /// What must hold. Without it a request must be answered with a status below 400.
    pub expect: Option<Expectation>,
    /// Names to bind from the result, after `expect` held.
    pub capture: Vec<Capture>,
    /// Names of lists to append to from the result, after `expect` held.
    pub collect: Vec<Capture>,
    /// What it does.
    pub verb: Verb,
}

/// `each` and `repeat`.
#[derive(Clone, Debug)]
pub enum Loop {
    /// Once for each element; binds the element to `name` and its number, from 0, to `index`.
    Each {
        /// The loop variable, `item` unless the file names it.
        name: String,
        /// Where the name stands, or the list when it has none.
        span: Span,
        /// The list.
        items: ValueTemplate,
    },
    /// So many times; binds the number of the pass, from 0, to `item` and `index`.
    Times(u32),
}

/// `poll`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poll {
    /// How long to go on.
    pub limit: Duration,
    /// The first pause.
    pub every: Duration,
    /// What each pause is multiplied with.
    pub backoff: f64,
    /// The longest pause.
    pub max_every: Duration,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Verb {
    /// A request to the shop.
    Http(Box<HttpCall>),
    /// Sets a fixture up.
    Use(Use),
    /// Teaches a mock an answer until the scenario ends.
    Mock(MockSetup),
    /// Makes something happen at a fake.
    Fake(FakeAct),
    /// Breaks an edge until the scenario ends.
    Fault(Box<FaultSetup>),
    /// Asks the journal what was called, and how often.
    Verify(Verify),
    /// Waits for something to happen in the journal.
    Wait(Wait),
    /// Compares a value.
    Check(Box<ValueCheck>),
    /// Binds names.
    Set(Vec<Binding>),
    /// Leaves a line in the report.
    Log(ValueTemplate),
    /// Lets time pass.
    Sleep(Duration),
    /// Plays steps side by side.
    Parallel(Parallel),
    /// Plays steps under a name.
    Group {
        /// The name.
        name: ValueTemplate,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Plays steps: the body of a plain `each`, `repeat` or `when`.
    Block(Vec<Step>),
}

/// `http`.
#[derive(Clone, Debug)]
pub struct HttpCall {
    /// The method in capitals; checked where it is not computed.
    pub method: ValueTemplate,
    /// A path at the shop, perhaps with a query, or a whole URL.
    pub target: ValueTemplate,
    /// The actor; the latest session's otherwise. [`HttpCall::ANONYMOUS`] has neither cookies nor authorization.
    pub actor: Option<String>,
    /// Where the actor stands.
    pub actor_span: Option<Span>,
    /// Headers, in order; a name may occur more than once.
    pub headers: Vec<Binding>,
    /// Parameters added to the target's; a list gives a parameter several times, `null` leaves it out.
    pub query: Vec<Binding>,
    /// The body.
    pub body: Option<Body>,
    /// How the actor authorizes itself from the next request on.
    pub session: Option<Session>,
    /// Whether redirects are followed.
    pub follow: bool,
}

impl HttpCall {
    /// The actor without a session.
    pub const ANONYMOUS: &'static str = "anonymous";
}

/// The body of a request.
#[derive(Clone, Debug)]
pub enum Body {
    /// JSON.
    Json(ValueTemplate),
    /// `application/x-www-form-urlencoded`; a list gives a field several times, `null` leaves it out.
    Form(Vec<Binding>),
    /// `multipart/form-data`.
    Multipart(Vec<Part>),
    /// Text as it is.
    Text(ValueTemplate),
    /// A file's bytes; the path starts at the scenario's folder.
    File(ValueTemplate),
}

/// A part of a multipart body.
#[derive(Clone, Debug)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What is in it.
    pub content: PartContent,
}

/// The content of a part.
#[expect(
    clippy::large_enum_variant,
    reason = "a scenario has a handful of parts"
)]
#[derive(Clone, Debug)]
pub enum PartContent {
    /// A value as text.
    Value(ValueTemplate),
    /// A file.
    File {
        /// The path, from the scenario's folder.
        path: ValueTemplate,
        /// The name to send; the path's last part otherwise.
        filename: Option<ValueTemplate>,
        /// The media type; `application/octet-stream` otherwise.
        media_type: Option<ValueTemplate>,
    },
}

/// How an actor authorizes itself from now on; cookies are kept by themselves.
#[derive(Clone, Debug)]
pub enum Session {
    /// `Authorization: Bearer …`.
    Bearer(ValueTemplate),
    /// `Authorization: Basic …`.
    Basic {
        /// The name.
        user: ValueTemplate,
        /// The password.
        password: ValueTemplate,
    },
    /// Headers sent with each request.
    Headers(Vec<Binding>),
    /// The cookies alone.
    Cookies,
}

/// `check` and `is`.
#[derive(Clone, Debug)]
pub struct ValueCheck {
    /// The value.
    pub value: ValueTemplate,
    /// Where `is` has its matcher, or the value stands when there is none.
    pub span: Span,
    /// What must hold; being `true` when the file has no `is`.
    pub matcher: Matcher,
}

/// `parallel`.
#[derive(Clone, Debug)]
pub struct Parallel {
    /// So many copies of all the steps leave together, and what they capture becomes lists in copy order; each
    /// copy sees its number, from 0, as `index`. Without it the steps themselves are played side by side.
    pub times: Option<u32>,
    /// The steps.
    pub steps: Vec<Step>,
}
