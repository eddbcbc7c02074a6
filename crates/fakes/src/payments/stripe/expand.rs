//! Expanding references into the objects they refer to (Stripe API, Expanding responses).

use serde_json::{Value, json};

use super::account::Account;
use super::checkout;
use super::error::StripeError;
use super::object::{Kind, Object as _};
use super::routes::Gives;
use super::shelf::term;

/// How deep a path may go.
const DEPTH: usize = 4;

/// What stands under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A reference to an object of a kind.
    One(Kind),
    /// A reference to an object of any kind: its id tells.
    Any,
    /// A list of objects that is only there when it is asked for.
    Many(Kind),
    /// A hash with references inside.
    Inside(&'static [(&'static str, Kind)]),
    /// A reference that is always empty here.
    Nothing,
}

/// What can be expanded under a name.
fn step(kind: Kind, name: &str) -> Option<Step> {
    use Step::{Any, Inside, Many, Nothing, One};
    Some(match (kind, name) {
        (
            Kind::PaymentIntent
            | Kind::SetupIntent
            | Kind::PaymentMethod
            | Kind::Charge
            | Kind::Session,
            "customer",
        ) => One(Kind::Customer),
        (Kind::PaymentIntent | Kind::SetupIntent, "payment_method") => One(Kind::PaymentMethod),
        (Kind::PaymentIntent, "latest_charge") => One(Kind::Charge),
        (Kind::PaymentIntent, "application" | "invoice" | "on_behalf_of" | "review" | "source")
        | (
            Kind::SetupIntent,
            "application" | "latest_attempt" | "mandate" | "on_behalf_of" | "single_use_mandate",
        )
        | (
            Kind::Charge,
            "application" | "application_fee" | "on_behalf_of" | "review" | "transfer"
            | "source_transfer" | "invoice",
        )
        | (Kind::Refund, "source_transfer_reversal" | "transfer_reversal")
        | (Kind::Session, "invoice" | "subscription" | "payment_link")
        | (Kind::Customer, "discount" | "test_clock" | "subscriptions" | "tax")
        | (Kind::Product, "tax_code")
        | (Kind::Price, "currency_options" | "tiers") => Nothing,
        (Kind::Charge | Kind::Refund, "balance_transaction" | "failure_balance_transaction") => {
            One(Kind::BalanceTransaction)
        }
        (Kind::Charge, "dispute") => One(Kind::Dispute),
        (Kind::Charge, "refunds") => Many(Kind::Refund),
        (
            Kind::Charge | Kind::Refund | Kind::Dispute | Kind::EarlyFraudWarning | Kind::Session,
            "payment_intent",
        ) => One(Kind::PaymentIntent),
        (Kind::Refund | Kind::Dispute | Kind::EarlyFraudWarning, "charge") => One(Kind::Charge),
        (Kind::Session, "setup_intent") => One(Kind::SetupIntent),
        (Kind::Session, "line_items") => Many(Kind::Session),
        (Kind::BalanceTransaction, "source") => Any,
        (Kind::Customer, "default_source") => One(Kind::PaymentMethod),
        (Kind::Customer, "sources") => Many(Kind::PaymentMethod),
        (Kind::Customer, "invoice_settings") => {
            Inside(&[("default_payment_method", Kind::PaymentMethod)])
        }
        (Kind::Product, "default_price") => One(Kind::Price),
        (Kind::Price, "product") => One(Kind::Product),
        _ => return None,
    })
}

/// Whether these paths can be expanded in what an operation gives; asked before anything happens.
pub(super) fn check(gives: Gives, paths: &[String]) -> Result<(), StripeError> {
    for path in paths {
        let mut steps: Vec<&str> = path.split('.').collect();
        let kind = match gives {
            Gives::One(kind) => Some(kind),
            Gives::Many(kind) if steps.first() == Some(&"data") => {
                steps.remove(0);
                Some(kind)
            }
            Gives::Many(_) | Gives::Other => None,
        };
        if steps.len() > DEPTH + usize::from(steps.contains(&"data")) {
            let message = format!(
                "You cannot expand more than {DEPTH} levels of a property. Property: {path}"
            );
            return Err(StripeError::invalid(message).param("expand"));
        }
        if !kind.is_some_and(|kind| is_path(kind, &steps)) {
            let message = format!("This property cannot be expanded ({path}).");
            return Err(StripeError::invalid(message).param("expand"));
        }
    }
    Ok(())
}

fn is_path(kind: Kind, steps: &[&str]) -> bool {
    let Some((name, rest)) = steps.split_first() else {
        return true;
    };
    match step(kind, name) {
        Some(Step::One(kind)) => is_path(kind, rest),
        Some(Step::Any) => rest.is_empty() || Kind::ALL.iter().any(|kind| is_path(*kind, rest)),
        Some(Step::Many(kind)) => match rest.split_first() {
            None => true,
            Some((data, rest)) => *data == "data" && (is_path(kind, rest) || kind == Kind::Session),
        },
        Some(Step::Inside(names)) => match rest {
            [name] => names.iter().any(|(known, _)| known == name),
            _ => false,
        },
        Some(Step::Nothing) => true,
        None => false,
    }
}

/// The value with these paths expanded; they have been checked.
pub(super) fn expand(account: &Account, mut value: Value, paths: &[String]) -> Value {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        walk(account, &mut value, &steps);
    }
    value
}

fn walk(account: &Account, value: &mut Value, steps: &[&str]) {
    let Some((name, rest)) = steps.split_first() else {
        return;
    };
    if *name == "data"
        && let Some(items) = value.get_mut("data").and_then(Value::as_array_mut)
    {
        for item in items {
            walk(account, item, rest);
        }
        return;
    }
    let Some(kind) = kind_of(value) else {
        return;
    };
    match step(kind, name) {
        Some(Step::One(kind)) => open(account, value, name, Some(kind), rest),
        Some(Step::Any) => open(account, value, name, None, rest),
        Some(Step::Many(_)) => {
            include(account, value, kind, name);
            if let Some(list) = value.get_mut(*name) {
                walk(account, list, rest);
            }
        }
        Some(Step::Inside(names)) => {
            let inside = value.get_mut(*name);
            let known = rest
                .first()
                .and_then(|name| names.iter().find(|(known, _)| known == name));
            if let (Some(inside), Some((name, kind))) = (inside, known) {
                open(account, inside, name, Some(*kind), &[]);
            }
        }
        Some(Step::Nothing) | None => {}
    }
}

fn kind_of(value: &Value) -> Option<Kind> {
    let name = value.get("object")?.as_str()?;
    Kind::ALL.iter().copied().find(|kind| kind.name() == name)
}

/// Puts the object in the place of its id, and goes on inside it.
fn open(account: &Account, value: &mut Value, name: &str, kind: Option<Kind>, rest: &[&str]) {
    let Some(place) = value.get_mut(name) else {
        return;
    };
    if let Some(id) = place.as_str() {
        let kind = kind.or_else(|| Kind::of_id(id));
        let object = kind.and_then(|kind| account.objects.get(kind, id));
        match object.and_then(|object| serde_json::to_value(object).ok()) {
            Some(object) => *place = object,
            None => return,
        }
    }
    walk(account, place, rest);
}

/// Puts in a list that is only there when it is asked for.
fn include(account: &Account, value: &mut Value, kind: Kind, name: &str) {
    let is_there = value.get(name).is_some_and(Value::is_object);
    let id = value.get("id").and_then(Value::as_str);
    let (Some(id), false) = (id, is_there) else {
        return;
    };
    let list = match (kind, name) {
        (Kind::Charge, "refunds") => {
            let refunds = account.objects.refunds.under(term("charge", id));
            let data: Vec<Value> = refunds
                .filter(|refund| *refund.charge == *id)
                .filter_map(|refund| serde_json::to_value(&**refund).ok())
                .collect();
            whole_list(data, &format!("/v1/charges/{id}/refunds"))
        }
        (Kind::Session, "line_items") => {
            let session = account.objects.checkout_sessions.get(id);
            let data = session
                .map(|session| checkout::lines(session))
                .unwrap_or_default();
            whole_list(data, &format!("/v1/checkout/sessions/{id}/line_items"))
        }
        (Kind::Customer, "sources") => {
            let methods = account.objects.payment_methods.under(term("customer", id));
            let data: Vec<Value> = methods
                .filter(|method| {
                    method.customer.as_deref() == Some(id) && method.id().starts_with("card_")
                })
                .filter_map(|method| serde_json::to_value(&**method).ok())
                .collect();
            whole_list(data, &format!("/v1/customers/{id}/sources"))
        }
        _ => return,
    };
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), list);
    }
}

/// A list inside an object: all of it, with its number.
fn whole_list(data: Vec<Value>, url: &str) -> Value {
    json!({
        "object": "list",
        "total_count": data.len(),
        "data": data,
        "has_more": false,
        "url": url,
    })
}
