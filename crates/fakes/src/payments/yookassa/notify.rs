//! Notifications (Using the API, Incoming notifications). They are not signed: a shop believes the sender's address, or
//! asks back.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use styk_core::Headers;

use super::account::Shop;
use super::auth::Who;
use super::error::Problem;
use super::{Handler, SHOP_ID, YooKassa};
use crate::kit::{
    ActionError, Call, Endpoint, Message, Notice, Routes, Subscription, Try, Twist, WebhookRequest,
};

const EVENTS: [&str; 8] = [
    "payment.waiting_for_capture",
    "payment.succeeded",
    "payment.canceled",
    "refund.succeeded",
    "payment_method.active",
    "payout.succeeded",
    "payout.canceled",
    "deal.closed",
];

/// Where notifications go.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    id: String,
    /// One event, or all.
    event: Option<String>,
    url: String,
    /// The partner that registered it; none for a shop's own address.
    token: Option<String>,
    /// The shop it hears of; all when a token is bound to none.
    shop: Option<String>,
    /// Set up by configuration: it outlives the state.
    pub(super) is_configured: bool,
}

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    routes
        .post("/v3/webhooks", Handler::Hooks(create))
        .get("/v3/webhooks", Handler::Hooks(all))
        .delete("/v3/webhooks/{id}", Handler::Hooks(delete))
}

fn shown(hook: &Hook) -> Value {
    json!({"id": hook.id, "event": hook.event, "url": hook.url})
}

fn token(who: &Who) -> Result<&str, Problem> {
    match who {
        Who::Token(token) => Ok(token),
        Who::Shop { .. } => Err(Problem::forbidden("Webhooks need an OAuth token")),
    }
}

fn create(yookassa: &YooKassa, call: &Call, who: &Who) -> Result<Value, Problem> {
    let token = token(who)?;
    super::read::key(call)?;
    let body = super::read::body(call)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (event, url) = (text("event"), text("url"));
    if !EVENTS.contains(&event) {
        return Err(Problem::parameter(
            "event",
            format!("Event `{event}` isn't known"),
        ));
    }
    if !is_address(url) {
        return Err(Problem::parameter("url", format!("`{url}` is no address")));
    }
    let mut hooks = yookassa.books.hooks();
    let seed = yookassa.ground.seed.derive("webhooks");
    let number = call.exchange.seq().to_string();
    let id = format!("wh-{}", crate::kit::Ids::new(seed, &number).uuid());
    let hook = Hook {
        id,
        event: Some(event.to_owned()),
        url: url.to_owned(),
        token: Some(token.to_owned()),
        shop: None,
        is_configured: false,
    };
    let value = shown(&hook);
    hooks.all.push(hook);
    Ok(value)
}

fn all(yookassa: &YooKassa, _: &Call, who: &Who) -> Result<Value, Problem> {
    let token = token(who)?;
    let hooks = yookassa.books.hooks();
    let own = hooks
        .all
        .iter()
        .filter(|hook| hook.token.as_deref() == Some(token));
    let items: Vec<Value> = own.map(shown).collect();
    Ok(json!({"type": "list", "items": items}))
}

fn delete(yookassa: &YooKassa, call: &Call, who: &Who) -> Result<Value, Problem> {
    let token = token(who)?;
    let id = call.parameter(0);
    let mut hooks = yookassa.books.hooks();
    let is_it = |hook: &Hook| hook.id == id && hook.token.as_deref() == Some(token);
    let at = hooks.all.iter().position(is_it);
    let at = at.ok_or_else(|| Problem::not_found("Webhook", id))?;
    hooks.all.remove(at);
    yookassa.ground.webhooks.cancel(id);
    Ok(json!({}))
}

fn is_address(url: &str) -> bool {
    url.parse::<url::Url>()
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

impl YooKassa {
    /// The address of a shop, as its owner sets it in the cabinet.
    pub(super) fn subscribe_shop(&self, wanted: &Subscription) -> Result<Value, ActionError> {
        let wrong = |parameter: &str, problem: String| ActionError::Parameter {
            parameter: parameter.to_owned(),
            problem,
        };
        if !is_address(&wanted.url) {
            return Err(wrong("url", format!("is no address: `{}`", wanted.url)));
        }
        if let Some(event) = wanted
            .events
            .iter()
            .find(|event| !EVENTS.contains(&event.as_str()))
        {
            return Err(wrong(
                "events",
                format!("has `{event}`; there are {}", EVENTS.join(", ")),
            ));
        }
        let shop = wanted.account.clone().unwrap_or_else(|| SHOP_ID.to_owned());
        let mut hooks = self.books.hooks();
        let events: Vec<Option<String>> = if wanted.events.is_empty() {
            vec![None]
        } else {
            wanted.events.iter().cloned().map(Some).collect()
        };
        let mut made = Vec::new();
        for event in events {
            let hook = Hook {
                id: format!("cabinet-{}", hooks.all.len() + 1),
                event,
                url: wanted.url.clone(),
                token: None,
                shop: Some(shop.clone()),
                is_configured: true,
            };
            made.push(shown(&hook));
            hooks.all.push(hook);
        }
        Ok(json!({"shop": shop, "endpoints": made}))
    }

    /// All addresses, for people.
    pub(super) fn all_hooks(&self) -> Vec<Value> {
        let hooks = self.books.hooks();
        let shown = hooks.all.iter().map(|hook| {
            let mut value = shown(hook);
            value["shop"] = hook.shop.as_deref().into();
            value
        });
        shown.collect()
    }

    /// Sends a notification to whoever wants it.
    pub(super) fn tell(
        &self,
        shop: &Shop,
        event: &str,
        object: &str,
        order: Option<&str>,
        shown: &Value,
        call: Option<&Call>,
    ) {
        let wanted: Vec<Hook> = {
            let hooks = self.books.hooks();
            let hears = |hook: &&Hook| {
                let own = hook
                    .token
                    .as_ref()
                    .and_then(|token| hooks.bound.get(token))
                    .or(hook.shop.as_ref());
                own.is_none_or(|own| *own == shop.id)
                    && hook.event.as_deref().is_none_or(|wanted| wanted == event)
            };
            hooks.all.iter().filter(hears).cloned().collect()
        };
        if wanted.is_empty() {
            return;
        }
        let body = json!({"type": "notification", "event": event, "object": shown});
        let message: Arc<dyn Message> = Arc::new(Notification(body));
        for hook in wanted {
            let notice = Notice {
                account: format!("shop {}", shop.id),
                event: event.to_owned(),
                event_id: None,
                object: object.to_owned(),
                order: order.map(str::to_owned),
                endpoint: Endpoint {
                    id: hook.id,
                    url: hook.url,
                },
                message: Arc::clone(&message),
            };
            self.ground.webhooks.send(notice, call);
        }
    }
}

/// One notification; its bytes are the same in every try.
#[derive(Debug)]
struct Notification(Value);

impl Message for Notification {
    fn request(&self, endpoint: &Endpoint, attempt: &Try) -> WebhookRequest {
        let headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "AHC/2.1"),
        ];
        WebhookRequest {
            method: Method::POST,
            url: endpoint.url.clone(),
            headers: headers.into_iter().collect::<Headers>(),
            body: twisted(&self.0, attempt.twist),
        }
    }
}

/// Nothing is signed, so a forged notification is one that says what is not so.
fn twisted(body: &Value, twist: Option<Twist>) -> Bytes {
    let mut body = body.clone();
    match twist {
        None => {}
        Some(Twist::Reencoded) => {
            let text = serde_json::to_string_pretty(&body).unwrap_or_default();
            return text.replace('/', "\\/").into();
        }
        Some(Twist::WrongSignature | Twist::NoSignature) => {
            body["event"] = "payment.succeeded".into();
            body["object"]["status"] = "succeeded".into();
            body["object"]["paid"] = true.into();
            body["object"]["id"] = "00000000-0000-5000-8000-000000000000".into();
        }
        Some(Twist::Foreign) => {
            body["object"]["id"] = "11111111-1111-5111-8111-111111111111".into();
            body["object"]["metadata"] = json!({});
        }
        Some(Twist::AmountChanged) => body["object"]["amount"]["value"] = "1.00".into(),
        Some(Twist::UnknownType) => body["event"] = "payment.styk_unknown".into(),
    }
    serde_json::to_vec(&body).unwrap_or_default().into()
}
