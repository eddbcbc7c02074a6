//! The generic e-mail service: `/api/v1/emails/send`.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::super::caller::{Answer, Call, Caller};
use super::super::{Event, Happening, Hook, Letter, Mailer, Outcome, Rejected, Trouble};
use super::{judge, signature};

const SEND: &str = "api/v1/emails/send";

#[derive(Debug)]
pub(in crate::clients) struct Mail(Caller);

impl Mail {
    pub(in crate::clients) fn new(caller: Caller) -> Self {
        Self(caller)
    }
}

#[derive(Serialize)]
struct NewLetter<'a> {
    to: &'a str,
    from: &'a str,
    subject: &'a str,
    template: &'a str,
    text: &'a str,
    html: &'a str,
    metadata: LetterIds<'a>,
}

#[derive(Serialize)]
struct LetterIds<'a> {
    notification_id: &'a str,
    order_id: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
struct Accepted {
    #[serde(default)]
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ShownLetter {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    notification_id: Option<String>,
}

impl Mail {
    async fn post(&self, letter: &Letter) -> Result<Answer, Trouble> {
        let body = NewLetter {
            to: &letter.to,
            from: &letter.from,
            subject: &letter.subject,
            template: &letter.template,
            text: &letter.text,
            html: &letter.html,
            metadata: LetterIds {
                notification_id: &letter.notification_id,
                order_id: letter.order_id.as_deref(),
            },
        };
        self.0.send(Call::post(SEND, &body, &letter.key)?).await
    }
}

/// An accepted letter needs no body; an id in it is kept when it can be read.
fn accepted(answer: &Answer) -> Result<Option<String>, Trouble> {
    Ok(answer
        .json::<Accepted>()
        .ok()
        .and_then(|accepted| accepted.id))
}

impl Mailer for Mail {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Outcome<Option<String>>> {
        Box::pin(async move {
            let answer = self.post(letter).await;
            judge(answer, accepted, |reason| reason.code())
        })
    }

    fn parse_webhook(&self, hook: &Hook<'_>) -> Result<Event, Rejected> {
        let envelope = signature::open::<ShownLetter>(hook, self.0.webhook_secret())?;
        let letter = |arrived| Happening::Letter {
            ours: envelope.data.metadata.notification_id.clone(),
            provider_id: envelope.data.id.clone(),
            arrived,
        };
        let happening = match envelope.kind.as_str() {
            "email.delivered" => letter(true),
            "email.bounced" => letter(false),
            _ => Happening::Other,
        };
        Ok(Event {
            id: envelope.id,
            kind: envelope.kind,
            happening,
        })
    }
}
