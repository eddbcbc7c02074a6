//! Pages for payers: 3-D Secure, and what pages share. Plain HTML that works without JavaScript.

use std::sync::Arc;

use http::{Method, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use url::Url;

use super::Stripe;
use super::form::Pairs;
use super::object::Id;
use super::payment_intents::{self, NextAction, Status};
use super::routes::Endpoint;
use super::setup_intents;
use super::turn::Turn;
use crate::kit::{Answer, Call, Routes};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}\
    label{display:block;margin:.6rem 0}input{width:100%;padding:.4rem;box-sizing:border-box}\
    button{padding:.5rem 1.2rem;margin:.8rem .6rem 0 0}.error{color:#b00020}.small{color:#666;font-size:.9em}";

/// The address of the page that asks the payer of an intent (payment or setup) to authenticate.
pub(super) fn authentication_page(stripe: &Stripe, account: &str, intent: &Id) -> String {
    stripe.ground.address(&format!("/3ds/{account}/{intent}"))
}

/// The pages.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
        .get("/3ds/{account}/{intent}", Endpoint::Page(three_d_secure))
        .post("/3ds/{account}/{intent}", Endpoint::Page(three_d_secure))
}

/// A whole page.
pub(super) fn document(status: StatusCode, title: &str, body: &Markup) -> Answer {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (body)
                p.small { "This is a fake of Stripe. No money moves." }
            }
        }
    };
    Answer::html(status, page.into_string())
}

/// The fields that a payer's browser sent.
pub(super) fn fields(call: &Call) -> Pairs<'_> {
    Pairs::read(&call.request.body).unwrap_or_default()
}

/// An intent that waits for its payer.
struct Waiting {
    client_secret: String,
    action: Option<Arc<NextAction>>,
    what: String,
}

/// The page where a payer authenticates: two buttons, one for each outcome.
fn three_d_secure(stripe: &Stripe, call: &Call) -> Answer {
    let (account, id) = (call.parameter(0), call.parameter(1));
    call.note(|notes| notes.object = Some(id.to_owned()));
    let done = stripe.turn(
        Some(call),
        |known| known.label == account,
        |turn| {
            let Some(waiting) = waiting(turn, id) else {
                return gone();
            };
            if call.method() != Method::POST {
                return question(&waiting);
            }
            let fields = fields(call);
            let passed = fields.iter().find(|(name, _)| *name == "result");
            match passed.map(|(_, value)| value) {
                Some("passed") => finish(turn, id, &waiting, true),
                Some("failed") => finish(turn, id, &waiting, false),
                _ => question(&waiting),
            }
        },
    );
    done.unwrap_or_else(gone)
}

fn waiting(turn: &Turn<'_>, id: &str) -> Option<Waiting> {
    let objects = &turn.account.objects;
    if let Some(intent) = objects.payment_intents.get(id) {
        let is_waiting = intent.status == Status::RequiresAction;
        return is_waiting.then(|| Waiting {
            client_secret: intent.client_secret(),
            action: intent.next_action.clone(),
            what: format!("Payment of {}", intent.money()),
        });
    }
    let intent = objects.setup_intents.get(id)?;
    let is_waiting = intent.status == Status::RequiresAction;
    is_waiting.then(|| Waiting {
        client_secret: intent.client_secret(),
        action: intent.next_action.clone(),
        what: "Saving a card for later".to_owned(),
    })
}

fn question(waiting: &Waiting) -> Answer {
    let body = html! {
        p { (waiting.what) }
        form method="post" {
            button type="submit" name="result" value="passed" { "Complete authentication" }
            button type="submit" name="result" value="failed" { "Fail authentication" }
        }
    };
    document(StatusCode::OK, "3D Secure", &body)
}

fn gone() -> Answer {
    let body =
        html! { p { "There is nothing to authenticate here, or it has been done already." } };
    document(StatusCode::NOT_FOUND, "3D Secure", &body)
}

/// Tells the bank's answer, and sends the browser back.
fn finish(turn: &mut Turn<'_>, id: &str, waiting: &Waiting, has_passed: bool) -> Answer {
    let is_payment = id.starts_with("pi_");
    let status = if is_payment {
        match payment_intents::authenticate(turn, id, has_passed) {
            Ok(intent) => outcome(intent.status),
            Err(_) => "failed",
        }
    } else {
        match setup_intents::authenticate(turn, id, has_passed) {
            Ok(intent) => outcome(intent.status),
            Err(_) => "failed",
        }
    };
    let name = if is_payment {
        "payment_intent"
    } else {
        "setup_intent"
    };
    let back = waiting
        .action
        .as_ref()
        .and_then(|action| action.return_url.as_deref());
    match back.and_then(|back| Url::parse(back).ok()) {
        Some(mut back) => {
            back.query_pairs_mut()
                .append_pair(name, id)
                .append_pair(&format!("{name}_client_secret"), &waiting.client_secret)
                .append_pair("redirect_status", status);
            Answer::see_other(back.as_str())
        }
        None => {
            let body =
                html! { p { "The authentication has " (status) ". You can close this page." } };
            document(StatusCode::OK, "3D Secure", &body)
        }
    }
}

/// The `redirect_status` of a state.
fn outcome(status: Status) -> &'static str {
    match status {
        Status::RequiresPaymentMethod | Status::Canceled => "failed",
        Status::Processing | Status::RequiresConfirmation => "pending",
        _ => "succeeded",
    }
}
