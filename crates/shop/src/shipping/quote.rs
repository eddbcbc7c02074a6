//! What a parcel would cost. Asking has no effect, so trouble outside is told to the client, who may ask again.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::store;
use crate::app::App;
use crate::clients::{Outcome, Parcel, QuoteRequest, switched_off, until_known};
use crate::clock::after;
use crate::error::{ApiError, Code};
use crate::money::{Currency, Money};
use crate::orders;

/// How long a quote counts.
const QUOTE_TTL: Duration = Duration::from_secs(30 * 60);
const SERVICE: &str = "standard";

/// A question about the price of a parcel.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) order_id: String,
    pub(super) city: String,
    pub(super) postal_code: String,
    pub(super) parcels: Vec<Parcel>,
    pub(super) service: Option<String>,
}

/// A quote as the API shows it.
#[derive(Debug, Serialize)]
pub(super) struct QuoteView {
    quote_id: String,
    cost: Money,
    currency: Currency,
    delivery_days: i64,
    service: String,
    provider: &'static str,
    expires_at: Timestamp,
}

/// Asks the carrier and keeps its quote.
pub(super) async fn calculate(
    app: &App,
    user_id: &str,
    question: Question,
) -> Result<QuoteView, ApiError> {
    let order = orders::owned(&mut app.db.read().await?, user_id, &question.order_id).await?;
    if !app.config.shipping_service.enabled {
        return Err(switched_off("shipping"));
    }
    let asked = as_json(&question);
    let request = QuoteRequest {
        city: question.city,
        postal_code: question.postal_code,
        parcels: question.parcels,
        service: question.service.clone(),
        key: format!("quote:{}", app.id()),
        currency: order.currency,
    };
    let quote = match until_known(app, || app.clients.shipping.quote(&request)).await {
        Outcome::Done(quote) => quote,
        Outcome::Refused(refusal) => {
            let error = ApiError::new(
                Code::ProviderError,
                "The carrier does not price this parcel.",
            );
            return Err(error
                .with_details(json!({"reason": refusal.reason}))
                .because(refusal.to_string()));
        }
        Outcome::Unknown(trouble) => return Err(trouble.into_api_error("shipping")),
    };
    let service = quote
        .service
        .clone()
        .or(question.service)
        .unwrap_or_else(|| SERVICE.to_owned());
    let expires_at = after(app.now(), app.config.scaled(QUOTE_TTL));
    let mut conn = app.db.read().await?;
    let quote_id = store::insert_quote(
        app, &mut conn, &order.id, &quote, &service, &asked, expires_at,
    )
    .await?;
    Ok(QuoteView {
        quote_id,
        cost: quote.cost,
        currency: quote.cost.currency,
        delivery_days: quote.delivery_days,
        service,
        provider: app.clients.shipping.name(),
        expires_at,
    })
}

fn as_json(question: &Question) -> Value {
    let parcel = |parcel: &Parcel| json!({"weight_g": parcel.weight_g, "size_mm": [parcel.length_mm, parcel.width_mm, parcel.height_mm]});
    json!({
        "city": question.city,
        "postal_code": question.postal_code,
        "parcels": question.parcels.iter().map(parcel).collect::<Vec<_>>(),
    })
}
