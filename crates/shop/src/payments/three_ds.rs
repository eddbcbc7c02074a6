//! 3-D Secure by way of our own pages, for providers that leave it to the shop: a page that sends the buyer's browser to
//! the bank, and the address to which the bank sends it back.
//!
//! Both are open: the bank's page cannot send our cookie, and who has the id of a payment came from the shop. What the
//! bank answered is checked by the provider.

use axum::Router;
use axum::extract::State as Shop;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;

use super::charge;
use super::state::State;
use super::store::{self, Payment};
use crate::app::App;
use crate::clients::{Challenge, Outcome, until_known};
use crate::error::{ApiError, Code};
use crate::http::Id;
use crate::orders::Actor;
use crate::telemetry::Scope;

const PATH: &str = "/api/payments/";
const END: &str = "/3ds";

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/payments/{id}/3ds", get(page_of).post(back))
}

/// Where the buyer goes on with a payment whose bank is to be asked. The bank sends the browser back there.
pub(super) fn page(app: &App, payment_id: &str) -> String {
    let mut url = app.app_url.clone();
    url.set_path(&format!("{PATH}{payment_id}{END}/"));
    url.to_string()
}

/// Whether a path, without its final slash, is such a page.
pub(crate) fn is_page(path: &str) -> bool {
    path.starts_with(PATH) && path.ends_with(END)
}

/// A form that takes the buyer to the bank. Who comes too late goes back to the shop.
async fn page_of(Shop(app): Shop<App>, Id(id): Id) -> Result<Response, ApiError> {
    let work = async { store::find(&mut app.db.read().await?, &id).await };
    let payment = app
        .telemetry
        .span(Scope::Payments, "3ds_page", work)
        .await?;
    match &payment.challenge {
        Some(challenge) => Ok(Html(form(challenge, &page(&app, &id))).into_response()),
        None => Ok(home(&payment)),
    }
}

/// The bank has answered: tells the provider, and sends the buyer back to the shop whatever comes of it.
async fn back(Shop(app): Shop<App>, Id(id): Id, body: Bytes) -> Result<Response, ApiError> {
    let field = |name: &str| {
        url::form_urlencoded::parse(&body)
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.into_owned())
            .ok_or_else(|| ApiError::field(name, "is missing"))
    };
    let (md, answer) = (field("MD")?, field("PaRes")?);
    let work = async {
        let payment = store::find(&mut app.db.read().await?, &id).await?;
        if payment.state != State::Pending {
            return Ok(payment);
        }
        match &payment.challenge {
            Some(challenge) if challenge.md == md => finish(&app, &payment, &answer).await,
            _ => Err(ApiError::new(
                Code::Invalid,
                "This answer of a bank belongs to another payment.",
            )),
        }
    };
    let payment = app
        .telemetry
        .span(Scope::Payments, "3ds_back", work)
        .await?;
    Ok(home(&payment))
}

async fn finish(app: &App, payment: &Payment, answer: &str) -> Result<Payment, ApiError> {
    let source = Actor::Api("3ds".to_owned());
    let Some(asked) = payment.at_provider() else {
        return Ok(payment.clone());
    };
    let key = format!("3ds:{}", payment.id);
    let gateway = &app.clients.payments;
    match until_known(app, || gateway.finish_challenge(asked, answer, &key)).await {
        Outcome::Done(report) => charge::believe(app, &payment.id, &report, &source).await,
        // It may have been told before: then the provider knows the end.
        Outcome::Refused(refusal) => {
            tracing::info!(payment = payment.id, %refusal, "the bank's answer was not taken");
            charge::advance(app, payment, &source).await
        }
        Outcome::Unknown(trouble) => {
            tracing::warn!(payment = payment.id, %trouble, "the bank's answer may be lost");
            Ok(payment.clone())
        }
    }
}

fn home(payment: &Payment) -> Response {
    Redirect::to(payment.return_url.as_deref().unwrap_or("/")).into_response()
}

fn form(challenge: &Challenge, back: &str) -> String {
    let Challenge {
        acs_url,
        pa_req,
        md,
    } = challenge;
    let (acs_url, pa_req) = (escape(acs_url), escape(pa_req));
    let (md, back) = (escape(md), escape(back));
    format!(
        r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Confirm your payment</title></head>
<body>
<p>Your bank wants to confirm this payment.</p>
<form method="post" action="{acs_url}">
<input type="hidden" name="MD" value="{md}">
<input type="hidden" name="PaReq" value="{pa_req}">
<input type="hidden" name="TermUrl" value="{back}">
<button type="submit">Continue to your bank</button>
</form>
</body>
</html>
"#
    )
}

/// Text as it may stand in an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_says_what_the_bank_needs_and_nothing_breaks_out_of_it() {
        let challenge = Challenge {
            acs_url: "http://acs.test/?a=1&b=\"><script>".to_owned(),
            pa_req: "eJ+/=".to_owned(),
            md: "17".to_owned(),
        };
        let page = form(&challenge, "http://shop.test/api/payments/p-1/3ds/");
        assert!(page.contains(r#"name="MD" value="17""#));
        assert!(page.contains(r#"name="PaReq" value="eJ+/=""#));
        assert!(page.contains(r#"name="TermUrl" value="http://shop.test/api/payments/p-1/3ds/""#));
        assert!(
            page.contains("a=1&amp;b=&quot;&gt;&lt;script&gt;"),
            "{page}"
        );
    }

    #[test]
    fn only_these_pages_are_open_to_banks() {
        assert!(is_page("/api/payments/p-1/3ds"));
        assert!(!is_page("/api/payments/refund"));
        assert!(!is_page("/api/orders/p-1/3ds"));
    }
}
