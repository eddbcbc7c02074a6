//! `/api/cart/`.

use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;

use super::store;
use super::view::{CartView, ItemView};
use crate::app::{App, transact};
use crate::auth::User;
use crate::error::ApiError;
use crate::http::{Fields, Id};
use crate::products::{Line, QUANTITY_MAX};
use crate::telemetry::Scope;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/cart", get(show))
        .route("/api/cart/items", post(add))
        .route("/api/cart/items/{id}", put(set).delete(remove))
}

async fn show(State(app): State<App>, user: User) -> Result<Json<CartView>, ApiError> {
    let work = async { transact!(app, tx => store::show(&app, tx, &user.id).await) };
    app.telemetry
        .span(Scope::Cart, "show_cart", work)
        .await
        .map(Json)
}

async fn add(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<(StatusCode, Json<ItemView>), ApiError> {
    let product_id = body.text("product_id", 1..=64);
    let line = Line {
        product_id,
        quantity: body.integer("quantity", 1..=QUANTITY_MAX),
    };
    body.finish()?;
    let work = async { transact!(app, tx => store::add(&app, tx, &user.id, &line).await) };
    let item = app.telemetry.span(Scope::Cart, "add_item", work).await?;
    Ok((StatusCode::CREATED, Json(item)))
}

async fn set(
    State(app): State<App>,
    user: User,
    Id(id): Id,
    mut body: Fields,
) -> Result<Json<ItemView>, ApiError> {
    let quantity = body.integer("quantity", 1..=QUANTITY_MAX);
    body.finish()?;
    let work = async { transact!(app, tx => store::set(&app, tx, &user.id, &id, quantity).await) };
    app.telemetry
        .span(Scope::Cart, "set_quantity", work)
        .await
        .map(Json)
}

async fn remove(State(app): State<App>, user: User, Id(id): Id) -> Result<StatusCode, ApiError> {
    let work = async { transact!(app, tx => store::remove(&app, tx, &user.id, &id).await) };
    app.telemetry.span(Scope::Cart, "remove_item", work).await?;
    Ok(StatusCode::NO_CONTENT)
}
