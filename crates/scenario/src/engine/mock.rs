//! `mock`: teaching a mock an answer until the scenario ends.

use std::time::Duration;

use serde_json::Value;
use styk_core::Diagnostic;

use super::failure::place;
use super::player::Player;
use super::result::{Done, Played, Trouble};
use super::strand::Strand;
use crate::ast::{MockSetup, Step};

impl Player<'_> {
    pub(super) async fn mock(
        &self,
        setup: &MockSetup,
        step: &Step,
        strand: &Strand,
        limit: Duration,
    ) -> Played {
        let error = |error| Trouble::error(error, Done::default());
        let mut expectation = setup.expectation.render(&strand.scope).map_err(error)?;
        if let Value::Object(members) = &mut expectation {
            // The newest answers first, also before those of fixtures.
            let priority = self.next_priority();
            members.entry("priority").or_insert_with(|| priority.into());
        }
        let work = self.world.mocks.expect(&setup.mock, expectation);
        match self.within(strand, limit, work).await {
            Ok(Ok(ids)) => {
                let ids = ids.into_iter().map(|id| (setup.mock.clone(), id));
                self.undo().mocks.extend(ids);
                Ok(Done::default())
            }
            Ok(Err(cause)) => {
                let message = format!("the mock `{}` refused this: {cause}", setup.mock);
                let failure = Diagnostic::error(message).at(place(&setup.span, step));
                Err(error(failure))
            }
            Err(cut) => Err(super::verb::cut_trouble(cut, step)),
        }
    }
}
