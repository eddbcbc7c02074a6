//! `/api/products/`.

use axum::extract::State;
use axum::routing::{get, put};
use axum::{Json, Router};
use http::StatusCode;

use super::stock::{self, Line};
use super::store::{self, QUANTITY_MAX};
use super::view::{NewProduct, ProductView, StockView};
use crate::app::{App, transact};
use crate::auth::{User, as_staff};
use crate::error::ApiError;
use crate::http::{Cursor, Fields, Id, Page};
use crate::telemetry::Scope;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/products", get(list).post(create))
        .route("/api/products/{id}", get(show))
        .route("/api/products/{id}/inventory", put(sell))
}

async fn create(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<(StatusCode, Json<ProductView>), ApiError> {
    let work = async {
        let new = NewProduct::read(&mut body);
        body.finish()?;
        let insert = async { transact!(app, tx => store::insert(&app, tx, &user.id, &new).await) };
        app.telemetry
            .span(Scope::Products, "create_product", insert)
            .await
    };
    let product = as_staff(&app, &user, work).await?;
    Ok((StatusCode::CREATED, Json(product)))
}

async fn list(State(app): State<App>, cursor: Cursor) -> Result<Json<Page<ProductView>>, ApiError> {
    let work = async { store::list(&mut app.db.read().await?, &cursor).await };
    let found = app
        .telemetry
        .span(Scope::Products, "list_products", work)
        .await?;
    Ok(Json(Page::new(found, &cursor, |product| {
        (product.created_at, &product.id)
    })))
}

async fn show(State(app): State<App>, Id(id): Id) -> Result<Json<ProductView>, ApiError> {
    let work = async { store::find(&mut app.db.read().await?, &id).await };
    app.telemetry
        .span(Scope::Products, "show_product", work)
        .await
        .map(Json)
}

/// A sale over the counter: 50 on hand, PUT 5, 45 are left.
async fn sell(
    State(app): State<App>,
    user: User,
    Id(id): Id,
    mut body: Fields,
) -> Result<Json<StockView>, ApiError> {
    let work = async {
        let named = body.optional_text("product_id", 64);
        if named.is_some_and(|named| named != id) {
            body.reject("product_id", "must be the product of the address");
        }
        let line = Line {
            product_id: id,
            quantity: body.integer("quantity", 1..=QUANTITY_MAX),
        };
        let operation_id = body.optional_text("operation_id", 200);
        body.finish()?;
        let sale = async {
            transact!(app, tx => stock::sell(&app, tx, &line, operation_id.as_deref()).await)
        };
        app.telemetry.span(Scope::Products, "sell", sale).await
    };
    as_staff(&app, &user, work).await.map(Json)
}
