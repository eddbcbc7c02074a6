//! Notifications by configuration, and the variables that bring a shop here.

use serde_json::{Value, json};

use super::CloudPayments;
use super::notifications::Type;
use crate::kit::{ActionError, Subscription, Variable};

pub(super) fn variables(fake: &CloudPayments) -> Vec<Variable> {
    let (public_id, secret) = &fake.own;
    let base = fake.ground.base.as_str().trim_end_matches('/');
    [
        ("CLOUDPAYMENTS_API_BASE", base),
        ("CLOUDPAYMENTS_PUBLIC_ID", public_id),
        ("CLOUDPAYMENTS_API_SECRET", secret),
    ]
    .map(|(name, value)| Variable {
        name,
        value: value.to_owned(),
    })
    .to_vec()
}

fn wrong(parameter: &str, problem: impl Into<String>) -> ActionError {
    ActionError::Parameter {
        parameter: parameter.to_owned(),
        problem: problem.into(),
    }
}

/// Has notifications sent to an address: all types but Check, or those named.
pub(super) fn subscribe(
    fake: &CloudPayments,
    subscription: &Subscription,
) -> Result<Value, ActionError> {
    let address = subscription.url.replace("{type}", "type");
    if url::Url::parse(&address).is_err() {
        return Err(wrong(
            "url",
            "is no address such as http://127.0.0.1:8000/cloudpayments/{type}",
        ));
    }
    let mut types = Vec::new();
    for name in &subscription.events {
        let kind = Type::read(name).ok_or_else(|| {
            let known: Vec<_> = Type::ALL.iter().map(|kind| kind.name()).collect();
            wrong(
                "events",
                format!("names `{name}`; there are: {}", known.join(", ")),
            )
        })?;
        types.push(kind);
    }
    if types.is_empty() {
        types.extend(Type::ALL.into_iter().filter(|kind| *kind != Type::Check));
    }
    let (own_id, own_secret) = &fake.own;
    let public_id = subscription.account.as_ref().unwrap_or(own_id);
    let known = fake
        .accounts
        .get(public_id)
        .map(|keyed| keyed.lock().secret.to_string());
    let own = (public_id == own_id).then(|| own_secret.clone());
    let secret = known.or(own).or_else(|| subscription.secret.clone());
    let secret = secret.ok_or_else(|| {
        wrong(
            "secret",
            "is missing: notifications are signed with the API Secret of the terminal, which is not known yet",
        )
    })?;
    if subscription
        .secret
        .as_ref()
        .is_some_and(|given| *given != secret)
    {
        return Err(wrong("secret", "is not the API Secret of this terminal"));
    }
    let keyed = fake.terminal(public_id, &secret);
    let keyed =
        keyed.ok_or_else(|| ActionError::Refused("there are too many terminals".to_owned()))?;
    let mut terminal = keyed.lock();
    for kind in &types {
        terminal.settings.enable(*kind, &subscription.url);
    }
    let names: Vec<_> = types.iter().map(|kind| kind.name()).collect();
    Ok(json!({"account": public_id, "url": subscription.url, "events": names, "secret": secret}))
}

/// Where the notifications of all terminals go.
pub(super) fn subscriptions(fake: &CloudPayments) -> Vec<Value> {
    let mut all = Vec::new();
    for (public_id, keyed) in fake.accounts.all() {
        let terminal = keyed.lock();
        for kind in Type::ALL {
            let setting = terminal.settings.of(kind);
            if setting.is_enabled {
                all.push(json!({
                    "account": public_id,
                    "event": kind.name(),
                    "url": setting.url(kind.lower()),
                    "method": setting.http_method,
                    "secret": &*terminal.secret,
                }));
            }
        }
    }
    all
}
