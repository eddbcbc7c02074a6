//! One try: a request to the shop, recorded.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Method, StatusCode, Uri};
use styk_core::{Attributes, Outcome, Request};

use super::{Notice, Try, WebhookRequest};
use crate::kit::Answer;
use crate::kit::record::Recorder;

/// How long the shop may take to answer.
const LIMIT: Duration = Duration::from_secs(30);
/// So much of the shop's answer is read.
const BODY_LIMIT: usize = 64 * 1024;

/// What a try is made with.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) client: reqwest::Client,
    pub(super) recorder: Recorder,
    pub(super) clock: styk_core::Clock,
}

impl Sender {
    pub(super) fn new(clock: styk_core::Clock, recorder: Recorder) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .http1_title_case_headers()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            client,
            recorder,
            clock,
        })
    }

    /// Sends one try and gives the shop's answer.
    ///
    /// # Errors
    ///
    /// A sentence when there is none.
    pub(super) async fn send(
        &self,
        notice: &Notice,
        attempt: &Try,
        facts: Attributes,
        limit: Duration,
    ) -> Result<(StatusCode, Bytes), String> {
        let wanted = notice.message.request(&notice.endpoint, attempt);
        let begun = self.clock.instant();
        let request = Request::new(
            wanted.method.clone(),
            wanted.url.parse::<Uri>().unwrap_or_default(),
            wanted.headers.clone(),
            wanted.body.clone(),
        );
        let at = self.clock.now();
        let exchange = self
            .recorder
            .begin_webhook(notice.event.clone(), request, at, facts);
        let answered = tokio::select! {
            biased;
            answered = self.exchange(wanted) => answered,
            () = self.clock.sleep(limit.min(LIMIT)) => Err("no answer in time".to_owned()),
        };
        let (outcome, answer) = match &answered {
            Ok(answer) => (Outcome::Answered, Some(answer)),
            Err(reason) => (
                Outcome::Failed {
                    reason: reason.clone(),
                },
                None,
            ),
        };
        let duration = self.clock.since(begun);
        self.recorder
            .end(&exchange, outcome, answer, duration, Attributes::new());
        answered.map(|answer| (answer.status, answer.body))
    }

    async fn exchange(&self, wanted: WebhookRequest) -> Result<Answer, String> {
        let method = reqwest::Method::from_bytes(wanted.method.as_str().as_bytes());
        let mut request = self
            .client
            .request(method.unwrap_or(Method::POST), wanted.url);
        for (name, value) in wanted.headers.iter() {
            request = request.header(name, value);
        }
        let mut answer = request
            .body(wanted.body)
            .send()
            .await
            .map_err(|error| innermost(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(|error| innermost(&error))? {
            body.extend_from_slice(&part);
            if body.len() > BODY_LIMIT {
                body.truncate(BODY_LIMIT);
                break;
            }
        }
        Ok(Answer {
            status,
            headers,
            body: body.freeze(),
        })
    }
}

/// The cause that tells most: `Connection refused`.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// What the journal shall know of a try.
pub(super) fn facts(notice: &Notice, id: u64, number: u32, fault: Option<&str>) -> Attributes {
    let mut facts = Attributes::from([
        ("account", notice.account.clone()),
        ("delivery", id.to_string()),
        ("try", number.to_string()),
        ("object", notice.object.clone()),
    ]);
    let mut put = |name: &'static str, value: Option<&str>| {
        facts.extend(value.map(|value| (name, value)));
    };
    put("event", notice.event_id.as_deref());
    put("order", notice.order.as_deref());
    put("fault", fault);
    facts
}
