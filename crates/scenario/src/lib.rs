//! The scenario language and the engine that plays it.
//!
//! The language half turns source text into a spanned tree and the tree into [`Scenario`]s, with all errors at
//! once. The engine half plays one scenario in a world.

mod ast;
mod check;
mod codes;
mod diagnostics;
mod engine;
mod load;
mod lower;
mod suggest;
mod tree;
mod value;
mod words;

pub use ast::{
    Binding, Body, Capture, Case, Check, CheckKind, Condition, ExchangePart, Expectation, Extract,
    FakeAct, FaultSetup, Fixture, FixtureArg, FixtureScope, Fixtures, HttpCall, Loop, MockSetup,
    Origin, Parallel, Part, PartContent, Poll, Row, Scenario, Session, Skip, StatusCheck,
    StatusRange, Step, TimeBound, Use, ValueCheck, Verb, Verify, VerifySubject, Wait, WaitSubject,
    WebhookWait,
};
pub use codes::{explain, explained_codes};
pub use diagnostics::Diagnostics;
pub use engine::{
    BoxFuture, Fakes, Fired, Interrupt, Limits, Mocks, SharedFixtures, World, play, shop_variables,
    skip_reason,
};
pub use load::{KnownAction, KnownFake, LoadOptions, Loaded, SourceFile, load};
pub use suggest::suggest;
pub use tree::{Key, Node, NodeValue, Source, Span, parse};
pub use value::{
    Context, FUNCTIONS, JsonPath, Matcher, Mismatch, OPERATORS, Scope, Selected, ValueTemplate,
    parse_duration,
};
pub use words::{json_schema, reference};
