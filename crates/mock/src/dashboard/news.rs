//! Long polling: an answer as soon as there is something new to show.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::params::Params;
use super::seen::Seen;
use super::{Refusal, aside};
use crate::json::Json;
use crate::server::Shared;

const WAIT_SECONDS: u64 = 20;
const WAIT_SECONDS_MAX: u64 = 30;
/// Expectations come, go and expire without a word in the journal, so that they are looked at now and then.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A busy server is looked at no more often than this.
const PAUSE: Duration = Duration::from_millis(50);

/// Whether something has changed since the version `seen`; waits for it up to `wait` seconds.
pub(super) async fn answer(shared: &Arc<Shared>, params: &Params) -> Result<Json, Refusal> {
    params.allow(&["seen", "wait"])?;
    let seen = params.text("seen").unwrap_or_default();
    let seconds = params.number("wait")?.unwrap_or(WAIT_SECONDS);
    let deadline = Instant::now() + Duration::from_secs(seconds.min(WAIT_SECONDS_MAX));
    let journal = shared.scopes.common().recorder.journal();
    let mut news = journal.news();
    loop {
        news.borrow_and_update();
        let current = aside(shared, |shared| Ok(Seen::of(shared).version())).await?;
        if current != seen || Instant::now() >= deadline {
            return Ok(Json::object([
                ("changed", Json::Bool(current != seen)),
                ("version", Json::Text(current)),
            ]));
        }
        let next_look = deadline.min(Instant::now() + LOOK_AGAIN);
        // Whether there is news or it is time: the next look tells.
        let _looked = timeout_at(next_look, news.changed()).await;
        sleep(PAUSE).await;
    }
}
