//! Matchers that choose: `{"if": {...}, "then": {...}, "else": {...}}`. Where the branch is missing, everything matches.

use super::{RequestMatcher, Subject};
use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields};

/// A condition and the matchers that count when it holds and when it does not.
#[derive(Debug)]
pub(super) struct Choice {
    condition: RequestMatcher,
    holds: Option<RequestMatcher>,
    fails: Option<RequestMatcher>,
}

impl Choice {
    /// The matcher that counts for a request; `None` when any request will do.
    pub(super) fn of(&self, subject: &Subject<'_>) -> Option<&RequestMatcher> {
        let branch = if self.condition.matches(subject) {
            &self.holds
        } else {
            &self.fails
        };
        branch.as_ref()
    }
}

impl RequestMatcher {
    /// Reads a matcher that has an `if`, which no other fields may stand beside.
    pub(super) fn read_choice(mut fields: Fields<'_>, complaints: &mut Complaints) -> Self {
        let mut written = Object::new();
        let not = fields.boolean("not", complaints).unwrap_or_default();
        if not {
            written.insert("not".to_owned(), Json::Bool(true));
        }
        let mut branch = |name: &str| {
            let json = fields.take(name)?;
            let matcher = Self::read(json, &fields.at(name), complaints);
            written.insert(name.to_owned(), matcher.written());
            Some(matcher)
        };
        let condition = branch("if").unwrap_or_default();
        let (holds, fails) = (branch("then"), branch("else"));
        fields.finish(complaints);
        Self {
            not,
            choice: Some(Box::new(Choice {
                condition,
                holds,
                fails,
            })),
            written,
            ..Self::default()
        }
    }
}
