//! Waiting until a shop is ready.
//!
//! Ready is: the health path answers 200 with a flat JSON object whose values are all `true`. The waiting ends with an
//! answer to the question 'why not?': which value was false, how often it was asked, what came last.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use serde_json::Value;
use styk_core::Clock;
use url::Url;

use crate::StageError;

/// When a shop counts as ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadySpec {
    /// The path that is asked, such as `/health/`.
    pub path: String,
    /// How long to wait for it.
    pub limit: Duration,
}

impl Default for ReadySpec {
    fn default() -> Self {
        Self {
            path: "/health/".to_owned(),
            limit: Duration::from_secs(300),
        }
    }
}

/// What was known when the waiting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReady {
    /// What was asked.
    pub url: String,
    /// How often.
    pub asked: u32,
    /// How long it was waited for.
    pub limit: Duration,
    /// What came last.
    pub last: LastAnswer,
}

/// What came of the last question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastAnswer {
    /// There was no answer: refused connection, time-out, broken answer.
    NoAnswer {
        /// The cause.
        cause: String,
    },
    /// There was one, but it does not say 'ready'.
    Answer {
        /// Its status.
        status: u16,
        /// The beginning of its body.
        body: String,
        /// Why it does not count: `` `worker` is false ``.
        reasons: Vec<String>,
    },
}

impl fmt::Display for NotReady {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match &self.last {
            LastAnswer::NoAnswer { cause } => format!("no answer ({cause})"),
            LastAnswer::Answer { reasons, .. } => reasons.join(", "),
        };
        write!(
            formatter,
            "the shop was not ready within {:?}: {why}",
            self.limit
        )
    }
}

const INTERVAL_FIRST: Duration = Duration::from_millis(50);
const INTERVAL_MAX: Duration = Duration::from_secs(1);
const QUESTION_LIMIT: Duration = Duration::from_secs(5);
const BODY_READ_MAX: usize = 64 << 10;
const BODY_SHOWN_MAX: usize = 500;

/// Asks until the shop is ready, at once, then in growing intervals.
///
/// `died` resolves when it is known otherwise that the shop is gone.
pub(crate) async fn wait_until_ready(
    client: &reqwest::Client,
    base: &Url,
    spec: &ReadySpec,
    clock: &Clock,
    died: impl Future<Output = String> + Send,
) -> Result<(), StageError> {
    let url = format!("{}{}", base.as_str().trim_end_matches('/'), spec.path);
    let asking = ask_until_ready(client, &url, spec, clock);
    tokio::select! {
        // A shop that died also stops answering: its own word is the better explanation.
        biased;
        cause = died => Err(StageError::ShopDied { cause }),
        asked = asking => asked,
    }
}

async fn ask_until_ready(
    client: &reqwest::Client,
    url: &str,
    spec: &ReadySpec,
    clock: &Clock,
) -> Result<(), StageError> {
    let begin = clock.instant();
    let mut interval = INTERVAL_FIRST;
    let mut answered_before = false;
    let mut asked = 0;
    loop {
        asked += 1;
        let last = match ask(client, url, QUESTION_LIMIT.min(spec.limit)).await {
            Ok((status, body)) => match judge(status, &body) {
                Ok(()) => return Ok(()),
                Err(reasons) => LastAnswer::Answer {
                    status,
                    body: beginning_of(&body),
                    reasons,
                },
            },
            Err(Silence { cause, is_refused }) if answered_before && is_refused => {
                let cause = format!("it answered {url} before, and now: {cause}");
                return Err(StageError::ShopDied { cause });
            }
            Err(Silence { cause, .. }) => LastAnswer::NoAnswer { cause },
        };
        answered_before |= matches!(last, LastAnswer::Answer { .. });
        let left = spec.limit.saturating_sub(clock.since(begin));
        if left.is_zero() {
            return Err(StageError::NotReady(Box::new(NotReady {
                url: url.to_owned(),
                asked,
                limit: spec.limit,
                last,
            })));
        }
        // The last question comes when the time is over, so that none of it is given away.
        clock.sleep(interval.min(left)).await;
        interval = (interval * 3 / 2).min(INTERVAL_MAX);
    }
}

struct Silence {
    cause: String,
    is_refused: bool,
}

async fn ask(
    client: &reqwest::Client,
    url: &str,
    limit: Duration,
) -> Result<(u16, Vec<u8>), Silence> {
    let question = async {
        let mut answer = client.get(url).send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            let room = BODY_READ_MAX - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() == BODY_READ_MAX {
                break;
            }
        }
        Ok::<_, reqwest::Error>((answer.status().as_u16(), body))
    };
    match tokio::time::timeout(limit, question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Silence {
            is_refused: error.is_connect(),
            cause: innermost(&error),
        }),
        Err(_elapsed) => Err(Silence {
            cause: format!("no answer within {limit:?}"),
            is_refused: false,
        }),
    }
}

/// Whether an answer says 'ready'; else every reason why not.
fn judge(status: u16, body: &[u8]) -> Result<(), Vec<String>> {
    let mut reasons = Vec::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(members)) => {
            let untrue = members
                .iter()
                .filter(|(_, value)| **value != Value::Bool(true));
            reasons.extend(untrue.map(|(name, value)| {
                let value = value.to_string();
                format!("`{name}` is {}", beginning_of(value.as_bytes()))
            }));
            if members.is_empty() {
                reasons.push("the object is empty".to_owned());
            }
        }
        Ok(_) | Err(_) if status == 200 => {
            reasons.push("the body is no JSON object".to_owned());
        }
        Ok(_) | Err(_) => {}
    }
    if status != 200 {
        reasons.insert(0, format!("status {status}"));
    }
    if reasons.is_empty() {
        Ok(())
    } else {
        Err(reasons)
    }
}

fn beginning_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match text.char_indices().nth(BODY_SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// The innermost cause: `Connection refused (os error 111)` rather than `error sending request`.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_200_with_all_values_true_is_ready() {
        assert_eq!(judge(200, br#"{"database":true,"queue":true}"#), Ok(()));
        for (status, body, reasons) in [
            (200, r#"{"a":true,"b":false}"#, vec!["`b` is false"]),
            (200, r#"{"a":1,"b":null}"#, vec!["`a` is 1", "`b` is null"]),
            (503, r#"{"a":false}"#, vec!["status 503", "`a` is false"]),
            (503, "down", vec!["status 503"]),
            (200, "ok", vec!["the body is no JSON object"]),
            (200, "[]", vec!["the body is no JSON object"]),
            (200, "{}", vec!["the object is empty"]),
            (404, "{}", vec!["status 404", "the object is empty"]),
        ] {
            let reasons: Vec<_> = reasons.into_iter().map(str::to_owned).collect();
            assert_eq!(judge(status, body.as_bytes()), Err(reasons), "{body}");
        }
    }

    #[test]
    fn long_bodies_are_cut_at_a_character() {
        let body = "ж".repeat(BODY_SHOWN_MAX + 1);
        let shown = beginning_of(body.as_bytes());
        assert_eq!(shown.chars().count(), BODY_SHOWN_MAX + 1);
        assert!(shown.ends_with('…'));
    }
}
