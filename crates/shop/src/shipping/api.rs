//! `/api/shipping/`.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Serialize;

use super::apply::apply_shipment_state;
use super::quote::{self, Question, QuoteView};
use super::register::{Registration, register};
use super::store::{self, EventView, Shipment};
use super::view::ShipmentView;
use crate::app::{App, transact};
use crate::auth::User;
use crate::clients::{Outcome, Parcel, Recipient};
use crate::error::ApiError;
use crate::http::{Fields, Id};
use crate::orders::Actor;
use crate::telemetry::Scope;

const PARCELS_MAX: usize = 50;
/// One tonne, and ten metres.
const WEIGHT_G_MAX: i64 = 1_000_000;
const LENGTH_MM_MAX: i64 = 10_000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/shipping/calculate", post(calculate))
        .route("/api/shipping/create", post(create))
        .route("/api/shipping/tracking/{id}", get(tracking))
}

async fn calculate(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<Json<QuoteView>, ApiError> {
    let order_id = body.text("order_id", 1..=64);
    let (city, postal_code) = read_destination(&mut body);
    let parcels = read_parcels(&mut body);
    let service = body.optional_text("service", 64);
    body.finish()?;
    let question = Question {
        order_id,
        city,
        postal_code,
        parcels,
        service,
    };
    app.telemetry
        .span(
            Scope::Shipping,
            "calculate",
            quote::calculate(&app, &user.id, question),
        )
        .await
        .map(Json)
}

fn read_destination(body: &mut Fields) -> (String, String) {
    let Some(mut destination) = body.object("destination") else {
        if !body.has("destination") {
            body.reject("destination", "is required");
        }
        return (String::new(), String::new());
    };
    let read = (
        destination.text("city", 1..=100),
        destination.text("postal_code", 1..=20),
    );
    body.absorb(destination);
    read
}

fn read_parcels(body: &mut Fields) -> Vec<Parcel> {
    let packages = body.objects("packages", PARCELS_MAX).unwrap_or_default();
    if packages.is_empty() {
        body.reject("packages", "must have at least one package");
    }
    let mut parcels = Vec::with_capacity(packages.len());
    for mut package in packages {
        let weight_g = read_measure(&mut package, "weight", 3, WEIGHT_G_MAX);
        let mut size = [0; 3];
        match package.object("dimensions") {
            Some(mut dimensions) => {
                size = ["length", "width", "height"]
                    .map(|name| read_measure(&mut dimensions, name, 1, LENGTH_MM_MAX));
                package.absorb(dimensions);
            }
            None => package.reject(
                "dimensions",
                "must be an object with length, width and height",
            ),
        }
        let [length_mm, width_mm, height_mm] = size;
        parcels.push(Parcel {
            weight_g,
            length_mm,
            width_mm,
            height_mm,
        });
        body.absorb(package);
    }
    parcels
}

/// A number above zero, in units of its `decimals`th decimal: kilograms with 3 decimals are grams.
fn read_measure(fields: &mut Fields, name: &str, decimals: u32, max: i64) -> i64 {
    if !fields.has(name) {
        fields.reject(name, "is required");
    }
    let Some(decimal) = fields.optional_decimal(name) else {
        return 0;
    };
    match decimal.scaled(decimals) {
        Ok(value) if (1..=max).contains(&value) => value,
        Ok(_) => {
            fields.reject(
                name,
                format!("must be above 0 and at most {}", max / 10_i64.pow(decimals)),
            );
            0
        }
        Err(error) => {
            fields.reject(name, error.to_string());
            0
        }
    }
}

async fn create(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<(StatusCode, Json<ShipmentView>), ApiError> {
    let order_id = body.text("order_id", 1..=64);
    let service = body.text("service", 1..=64);
    let recipient = match body.object("recipient") {
        Some(mut fields) => {
            let recipient = Recipient {
                name: fields.text("name", 1..=200),
                phone: fields.text("phone", 1..=32),
                address: fields.text("address", 1..=500),
            };
            body.absorb(fields);
            Some(recipient)
        }
        None => {
            body.reject(
                "recipient",
                "must be an object with name, phone and address",
            );
            None
        }
    };
    body.finish()?;
    let recipient = recipient.ok_or_else(|| ApiError::field("recipient", "is required"))?;
    let (new, shipment) = register(
        &app,
        &order_id,
        &Registration { service, recipient },
        Some(&user.id),
    )
    .await?;
    let status = if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(ShipmentView::from(&shipment))))
}

/// Where a parcel is, as the API shows it.
#[derive(Debug, Serialize)]
struct TrackingView {
    id: String,
    tracking_number: Option<String>,
    status: &'static str,
    events: Vec<EventView>,
    /// Whether the carrier could not be asked just now.
    stale: bool,
}

async fn tracking(
    State(app): State<App>,
    user: User,
    Id(id): Id,
) -> Result<Json<TrackingView>, ApiError> {
    let work = async {
        let shipment = store::owned(&mut app.db.read().await?, &user.id, &id).await?;
        let (shipment, stale) = refreshed(&app, shipment, &user.id).await?;
        let events = store::events(&mut app.db.read().await?, &shipment.id).await?;
        Ok(TrackingView {
            id: shipment.id,
            tracking_number: shipment.tracking_number,
            status: shipment.state.word(),
            events,
            stale,
        })
    };
    app.telemetry
        .span(Scope::Shipping, "tracking", work)
        .await
        .map(Json)
}

/// Asks a carrier that can tell; else the last known state has to do.
async fn refreshed(
    app: &App,
    shipment: Shipment,
    user_id: &str,
) -> Result<(Shipment, bool), ApiError> {
    let Some(provider_id) = shipment
        .provider_id
        .as_deref()
        .filter(|_| app.clients.shipping.can_track())
    else {
        return Ok((shipment, true));
    };
    match app.clients.shipping.get(provider_id).await {
        Outcome::Done(Some(report)) => {
            let source = Actor::Api(user_id.to_owned());
            let shipment = transact!(app, tx => apply_shipment_state(app, tx, &shipment.id, &report, &source).await)?;
            Ok((shipment, false))
        }
        Outcome::Done(None) | Outcome::Refused(_) | Outcome::Unknown(_) => Ok((shipment, true)),
    }
}
