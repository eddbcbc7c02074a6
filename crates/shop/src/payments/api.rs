//! `/api/payments/`.

use axum::extract::State as Shop;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;

use super::charge;
use super::open::{self, Opened, Wish};
use super::refund_store::RefundView;
use super::refunds::{self, RefundWish};
use super::state::State;
use super::store;
use super::three_ds;
use super::view::PaymentView;
use crate::app::{App, transact};
use crate::auth::User;
use crate::error::{ApiError, Code};
use crate::http::{Fields, Id, Peer};
use crate::orders::{self, Actor};
use crate::telemetry::Scope;

const ID_CHARS_MAX: usize = 64;
const URL_CHARS_MAX: usize = 2_000;
/// Cryptograms are long: an RSA block and what the browser tells about itself.
const TOKEN_CHARS_MAX: usize = 8_000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/payments/create", post(create))
        .route("/api/payments/confirm", post(confirm))
        .route("/api/payments/process", post(process))
        .route("/api/payments/refund", post(refund))
        .route("/api/payments/{id}", get(show))
        .merge(three_ds::routes())
}

type Answer = Result<(StatusCode, Json<PaymentView>), ApiError>;

/// Opens a payment that the buyer makes on the provider's page.
async fn create(Shop(app): Shop<App>, user: User, Peer(peer): Peer, mut body: Fields) -> Answer {
    let currency = body.currency("currency");
    let wish = Wish {
        order_id: body.text("order_id", 1..=ID_CHARS_MAX),
        amount: Some(body.money("amount", currency)),
        method: body.optional_text("payment_method", 32),
        token: None,
        return_url: body.optional_text("return_url", URL_CHARS_MAX),
        ip: Some(peer.to_string()),
        direct: false,
    };
    body.finish()?;
    let source = Actor::Api(user.id.clone());
    let work = async {
        match opened(&app, &user, &wish, &source).await? {
            Opened::New(payment) => Ok((
                StatusCode::CREATED,
                charge::send(&app, &payment, &source).await?,
            )),
            // A buyer who lost the page gets it again; what may be lost is sent again.
            Opened::Open(payment) if payment.state == State::Pending => {
                Ok((StatusCode::OK, payment))
            }
            Opened::Open(payment) => Ok((
                StatusCode::OK,
                charge::advance(&app, &payment, &source).await?,
            )),
            Opened::Paid(_) => Err(ApiError::new(
                Code::OrderAlreadyPaid,
                "This order is paid already.",
            )),
        }
    };
    let (status, payment) = app.telemetry.span(Scope::Payments, "create", work).await?;
    // A provider that declines at once leaves nothing to be confirmed.
    match payment.state {
        State::Failed => Err(charge::declined(&payment)),
        _ => Ok((status, Json(PaymentView::from(&payment)))),
    }
}

/// The buyer comes back from the provider's page: asks the provider what happened there.
async fn confirm(Shop(app): Shop<App>, user: User, mut body: Fields) -> Answer {
    let id = body.text("payment_id", 1..=ID_CHARS_MAX);
    // Generic providers know from the buyer's visit what they need; the token is for others.
    body.optional_text("confirmation_token", 500);
    body.finish()?;
    let work = async {
        let payment = store::owned(&mut app.db.read().await?, &user.id, &id).await?;
        charge::advance(&app, &payment, &Actor::Api(user.id.clone())).await
    };
    let payment = app.telemetry.span(Scope::Payments, "confirm", work).await?;
    Ok((StatusCode::OK, Json(PaymentView::from(&payment))))
}

/// Charges at once, with what the buyer's browser got for the card.
async fn process(Shop(app): Shop<App>, user: User, Peer(peer): Peer, mut body: Fields) -> Answer {
    let wish = Wish {
        order_id: body.text("order_id", 1..=ID_CHARS_MAX),
        amount: None,
        method: body.optional_text("payment_method", 32),
        token: Some(body.secret("payment_token", 1..=TOKEN_CHARS_MAX)),
        return_url: body.optional_text("return_url", URL_CHARS_MAX),
        ip: Some(peer.to_string()),
        direct: true,
    };
    body.finish()?;
    let source = Actor::Api(user.id.clone());
    let work = async {
        let payment = match opened(&app, &user, &wish, &source).await? {
            Opened::Paid(payment) => return Ok(payment),
            Opened::New(payment) => charge::send(&app, &payment, &source).await?,
            Opened::Open(payment) => charge::advance(&app, &payment, &source).await?,
        };
        let payment = charge::quick_looks(&app, payment, &source).await?;
        match payment.state {
            State::Failed | State::Cancelled => Err(charge::declined(&payment)),
            _ => Ok(payment),
        }
    };
    let payment = app.telemetry.span(Scope::Payments, "process", work).await?;
    Ok((StatusCode::OK, Json(PaymentView::from(&payment))))
}

async fn opened(app: &App, user: &User, wish: &Wish, source: &Actor) -> Result<Opened, ApiError> {
    transact!(app, tx => {
        let mut order = orders::lock_owned(tx, &user.id, &wish.order_id).await?;
        open::open(app, tx, &mut order, wish, source).await
    })
}

async fn show(Shop(app): Shop<App>, user: User, Id(id): Id) -> Answer {
    let work = async { store::owned(&mut app.db.read().await?, &user.id, &id).await };
    let payment = app.telemetry.span(Scope::Payments, "show", work).await?;
    Ok((StatusCode::OK, Json(PaymentView::from(&payment))))
}

/// Gives money back. The answer is always `pending`: the order and the next look at it show how it went.
async fn refund(
    Shop(app): Shop<App>,
    user: User,
    mut body: Fields,
) -> Result<(StatusCode, Json<RefundView>), ApiError> {
    let wish = RefundWish {
        order_id: body.text("order_id", 1..=ID_CHARS_MAX),
        amount: body.optional_decimal("amount"),
        reason: body.optional_text("reason", 500),
    };
    body.finish()?;
    let work = async { transact!(app, tx => refunds::request(&app, tx, &user.id, &wish).await) };
    let refund = app.telemetry.span(Scope::Payments, "refund", work).await?;
    Ok((StatusCode::CREATED, Json(RefundView::from(&refund))))
}
