//! Webhook endpoints: where events go (Stripe API, Webhook endpoints).

mod message;

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::error::StripeError;
use super::events::Event;
use super::list::list;
use super::metadata::Metadata;
use super::object::{Id, Kind, NULL, Object};
use super::params::{Given, Params};
use super::payment_intents::check_url;
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::turn::Turn;
use super::{DEFAULT_KEY, Stripe};
use crate::kit::{self, ActionError, Notice, Routes, Subscription, Variable};

use self::message::Signed;

/// An account may have so many.
const MOST: usize = 16;

/// A webhook endpoint.
#[derive(Clone, Debug)]
pub(super) struct WebhookEndpoint {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) url: Arc<str>,
    /// The types of events that it wants; `*` is all of them.
    pub(super) enabled_events: Vec<String>,
    pub(super) secret: Arc<str>,
    /// Only the answer to its creation shows the secret.
    shows_secret: bool,
    pub(super) is_disabled: bool,
    pub(super) is_deleted: bool,
    description: Option<Arc<str>>,
    metadata: Metadata,
    api_version: Option<String>,
}

impl WebhookEndpoint {
    /// Whether events of a type go there.
    pub(super) fn wants(&self, kind: &str) -> bool {
        let is_open = !self.is_deleted && !self.is_disabled;
        is_open
            && self
                .enabled_events
                .iter()
                .any(|wanted| wanted == "*" || wanted == kind)
    }
}

impl Object for WebhookEndpoint {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }
}

impl Serialize for WebhookEndpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("object", "webhook_endpoint")?;
        if self.is_deleted {
            map.serialize_entry("deleted", &true)?;
            return map.end();
        }
        map.serialize_entry("api_version", &self.api_version)?;
        map.serialize_entry("application", &NULL)?;
        map.serialize_entry("created", &self.created)?;
        map.serialize_entry("description", &self.description)?;
        map.serialize_entry("enabled_events", &self.enabled_events)?;
        map.serialize_entry("livemode", &false)?;
        map.serialize_entry("metadata", &self.metadata)?;
        if self.shows_secret {
            map.serialize_entry("secret", &self.secret)?;
        }
        map.serialize_entry(
            "status",
            if self.is_disabled {
                "disabled"
            } else {
                "enabled"
            },
        )?;
        map.serialize_entry("url", &self.url)?;
        map.end()
    }
}

/// Sends an event to all endpoints that want it; gives how many do.
pub(super) fn deliver(turn: &Turn<'_>, event: &Arc<Event>, order: Option<&str>) -> usize {
    let endpoints = turn.account.objects.webhook_endpoints.iter();
    let wanting = endpoints.filter(|endpoint| endpoint.wants(event.kind));
    let sent = wanting.map(|endpoint| {
        let notice = notice(turn, endpoint, event, order);
        turn.stripe.ground.webhooks.send(notice, turn.call);
    });
    sent.count()
}

/// An event on its way to one endpoint.
fn notice(
    turn: &Turn<'_>,
    endpoint: &WebhookEndpoint,
    event: &Arc<Event>,
    order: Option<&str>,
) -> Notice {
    Notice {
        account: turn.account.label.clone(),
        event: event.kind.to_owned(),
        event_id: Some(event.id.to_string()),
        object: event.object.id().to_string(),
        order: order.map(str::to_owned),
        endpoint: kit::Endpoint {
            id: endpoint.id.to_string(),
            url: endpoint.url.to_string(),
        },
        message: Arc::new(Signed {
            event: Arc::clone(event),
            secret: Arc::clone(&endpoint.secret),
        }),
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::WebhookEndpoint;
    routes
        .post("/v1/webhook_endpoints", one(kind, create))
        .get("/v1/webhook_endpoints", many(kind, list_all))
        .get("/v1/webhook_endpoints/{id}", one(kind, retrieve))
        .post("/v1/webhook_endpoints/{id}", one(kind, update))
        .delete("/v1/webhook_endpoints/{id}", one(kind, delete))
}

fn addressed(turn: &Turn<'_>) -> Result<Arc<WebhookEndpoint>, StripeError> {
    let id = turn.place(0);
    turn.note(id, None);
    let known = turn.account.objects.webhook_endpoints.get(id).cloned();
    let known = known.filter(|endpoint| !endpoint.is_deleted);
    known.ok_or_else(|| StripeError::not_found(Kind::WebhookEndpoint, id))
}

/// Events go to a whole address of the web.
fn check_callable(url: &str) -> Result<(), StripeError> {
    check_url(Some(url), "url")?;
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(());
    }
    let message = "Invalid URL: it must start with http:// or https://";
    Err(StripeError::invalid(message)
        .code("url_invalid")
        .param("url"))
}

/// `enabled_events`: words with a dot, or `*`.
fn events(params: &mut Params) -> Result<Option<Vec<String>>, StripeError> {
    let Some(events) = params.texts("enabled_events")? else {
        return Ok(None);
    };
    let is_fine = |event: &str| {
        let is_word = event.contains('.')
            && event
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_' | b'2' | b'v'));
        event == "*" || is_word
    };
    for (at, event) in events.iter().enumerate() {
        if !is_fine(event) {
            let param = format!("enabled_events[{at}]");
            let message = format!("Invalid {param}: {event} is no type of event");
            return Err(StripeError::invalid(message).param(param));
        }
    }
    Ok(Some(events))
}

fn open_endpoints(turn: &Turn<'_>) -> usize {
    let endpoints = turn.account.objects.webhook_endpoints.iter();
    endpoints.filter(|endpoint| !endpoint.is_deleted).count()
}

fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let url = params.required_text("url")?;
    check_callable(&url)?;
    let events = events(&mut params)?.ok_or_else(|| StripeError::missing("enabled_events"))?;
    let description = params.text("description")?;
    let metadata = Metadata::default().changed(&params.metadata()?)?;
    let api_version = params.text("api_version")?;
    turn.gaps(params.leave(&["connect"]));
    params.finish()?;
    if open_endpoints(turn) >= MOST {
        let message = format!("You have reached the maximum of {MOST} test webhook endpoints.");
        return Err(StripeError::invalid(message).begun());
    }
    let endpoint = WebhookEndpoint {
        id: turn.account.new_id("we_"),
        created: turn.now,
        url: url.into(),
        enabled_events: events,
        secret: turn.account.new_secret("whsec_", 32).into(),
        shows_secret: true,
        is_disabled: false,
        is_deleted: false,
        description: description.map(Arc::from),
        metadata,
        api_version,
    };
    let endpoints = &mut turn.account.objects.webhook_endpoints;
    let created = endpoints.put(endpoint);
    endpoints.change(&created.id, |endpoint| endpoint.shows_secret = false);
    turn.note(&created.id, None);
    Ok(created.into())
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    Ok(addressed(turn)?.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let mut endpoint = WebhookEndpoint::clone(&*addressed(turn)?);
    if let Some(url) = params.text("url")? {
        check_callable(&url)?;
        endpoint.url = url.into();
    }
    if let Some(events) = events(&mut params)? {
        endpoint.enabled_events = events;
    }
    endpoint.is_disabled = params.flag("disabled")?.unwrap_or(endpoint.is_disabled);
    match params.given_text("description")? {
        Given::Keep => {}
        given => given.map(Arc::from).apply(&mut endpoint.description),
    }
    endpoint.metadata = endpoint.metadata.changed(&params.metadata()?)?;
    params.finish()?;
    if endpoint.is_disabled {
        turn.stripe.ground.webhooks.cancel(&endpoint.id);
    }
    Ok(turn.account.objects.webhook_endpoints.put(endpoint).into())
}

fn delete(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let endpoint = addressed(turn)?;
    turn.stripe.ground.webhooks.cancel(&endpoint.id);
    let endpoints = &mut turn.account.objects.webhook_endpoints;
    let gone = endpoints.change(&endpoint.id, |endpoint| endpoint.is_deleted = true);
    Ok(gone.unwrap_or(endpoint).into())
}

fn list_all(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let endpoints = &turn.account.objects.webhook_endpoints;
    list(
        endpoints,
        params,
        "/v1/webhook_endpoints",
        None,
        |endpoint| !endpoint.is_deleted,
    )
}

/// The secret of endpoints that are configured without one, so that a shop can be told it before.
fn usual_secret(stripe: &Stripe) -> String {
    let seed = stripe.ground.seed.derive("webhook secret");
    kit::Ids::new(seed, DEFAULT_KEY).alphanumeric("whsec_", 32)
}

/// The variables that bring a shop here.
pub(super) fn variables(stripe: &Stripe) -> Vec<Variable> {
    let base = stripe.ground.base.as_str().trim_end_matches('/').to_owned();
    let variable = |name, value| Variable { name, value };
    vec![
        variable("STRIPE_API_BASE", base),
        variable("STRIPE_SECRET_KEY", DEFAULT_KEY.to_owned()),
        variable(
            "STRIPE_PUBLISHABLE_KEY",
            DEFAULT_KEY.replacen("sk_", "pk_", 1),
        ),
        variable("STRIPE_WEBHOOK_SECRET", usual_secret(stripe)),
    ]
}

/// Has events sent to an address.
pub(super) fn subscribe(
    stripe: &Stripe,
    subscription: &Subscription,
) -> Result<Value, ActionError> {
    let refuse = |parameter: &str, problem: &str| ActionError::Parameter {
        parameter: parameter.to_owned(),
        problem: problem.to_owned(),
    };
    check_callable(&subscription.url).map_err(|_| {
        refuse(
            "url",
            "is no whole address, such as http://127.0.0.1:8000/webhooks",
        )
    })?;
    let key = subscription.account.as_deref().unwrap_or(DEFAULT_KEY);
    let is_key = key.starts_with("sk_test_") || key.starts_with("rk_test_");
    if !is_key {
        return Err(refuse("account", "is no secret test key, sk_test_…"));
    }
    let account = stripe
        .account(key)
        .ok_or_else(|| ActionError::Refused("there are too many accounts".to_owned()))?;
    let mut account = account.lock();
    let turn = Turn::alone(stripe, &mut account);
    let all = || vec!["*".to_owned()];
    let events = if subscription.events.is_empty() {
        all()
    } else {
        subscription.events.clone()
    };
    let secret = subscription
        .secret
        .clone()
        .unwrap_or_else(|| usual_secret(stripe));
    let endpoint = WebhookEndpoint {
        id: turn.account.new_id("we_"),
        created: turn.now,
        url: subscription.url.as_str().into(),
        enabled_events: events,
        secret: secret.into(),
        shows_secret: false,
        is_disabled: false,
        is_deleted: false,
        description: Some("configured".into()),
        metadata: Metadata::default(),
        api_version: None,
    };
    let endpoint = turn.account.objects.webhook_endpoints.put(endpoint);
    Ok(shown(&turn.account.label, &endpoint))
}

/// All endpoints, for people.
pub(super) fn subscriptions(stripe: &Stripe) -> Vec<Value> {
    let mut all = Vec::new();
    for (_, account) in stripe.accounts.all() {
        let state = account.lock();
        let open = state
            .objects
            .webhook_endpoints
            .iter()
            .filter(|endpoint| !endpoint.is_deleted);
        all.extend(open.map(|endpoint| shown(&account.label, endpoint)));
    }
    all
}

fn shown(account: &str, endpoint: &WebhookEndpoint) -> Value {
    json!({
        "account": account,
        "id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.enabled_events,
        "secret": endpoint.secret,
        "status": if endpoint.is_disabled { "disabled" } else { "enabled" },
    })
}

/// The pauses between the tries of a delivery: three days with growing pauses (Webhooks, Retry behavior).
pub(super) fn pauses() -> Vec<Duration> {
    const MINUTES: [u64; 15] = [
        5, 30, 120, 300, 600, 720, 720, 720, 720, 720, 720, 720, 720, 720, 720,
    ];
    MINUTES
        .map(|minutes| Duration::from_secs(minutes * 60))
        .to_vec()
}
