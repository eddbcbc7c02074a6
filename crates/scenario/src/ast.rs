//! What a scenario means, ready to be played.
//!
//! Lowering makes these types from the tree; nothing in them has to be checked again. Everything that can hold
//! `$name` or `${…}` is a [`ValueTemplate`], everything that is compared a [`Matcher`]; both are compiled already.

mod expect;
mod outside;
mod scenario;
mod step;

use crate::tree::Span;
use crate::value::ValueTemplate;

pub use expect::{
    Capture, Check, CheckKind, Expectation, Extract, Origin, StatusCheck, StatusRange, TimeBound,
};
pub use outside::{
    Condition, ExchangePart, FakeAct, FaultSetup, MockSetup, Verify, VerifySubject, Wait,
    WaitSubject, WebhookWait,
};
pub use scenario::{Case, Fixture, FixtureArg, FixtureScope, Fixtures, Row, Scenario, Skip, Use};
pub use step::{
    Body, HttpCall, Loop, Parallel, Part, PartContent, Poll, Session, Step, ValueCheck, Verb,
};

/// A name with the value it is given.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The value.
    pub value: ValueTemplate,
}
