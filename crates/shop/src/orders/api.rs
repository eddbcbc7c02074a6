//! `/api/orders/`.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;

use super::cancel;
use super::order::{self, Order};
use super::place::{self, Wish};
use super::view::OrderView;
use crate::app::{App, transact};
use crate::auth::User;
use crate::db::args;
use crate::error::ApiError;
use crate::http::{Cursor, Fields, Id, Page};
use crate::telemetry::{Scope, attribute};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/orders", get(list).post(create))
        .route("/api/orders/{id}", get(show))
        .route("/api/orders/{id}/cancel", post(cancel_order))
}

async fn create(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<(StatusCode, Json<OrderView>), ApiError> {
    let wish = Wish::read(&mut body);
    body.finish()?;
    let work = async {
        let order = transact!(app, tx => place::place(&app, tx, &user.id, &wish).await)?;
        attribute("order.id", order.id.clone());
        OrderView::load(&mut app.db.read().await?, order).await
    };
    let order = app
        .telemetry
        .span(Scope::Orders, "place_order", work)
        .await?;
    Ok((StatusCode::CREATED, Json(order)))
}

async fn list(
    State(app): State<App>,
    user: User,
    cursor: Cursor,
) -> Result<Json<Page<OrderView>>, ApiError> {
    let work = async {
        let mut conn = app.db.read().await?;
        let after = cursor.after.clone().unzip();
        let rows = conn
            .all(
                "SELECT * FROM orders
                 WHERE user_id = $1 AND ($2 IS NULL OR created_at < $2 OR (created_at = $2 AND id < $3))
                 ORDER BY created_at DESC, id DESC LIMIT $4",
                args![&user.id, after.0, after.1, cursor.limit + 1],
            )
            .await?;
        let mut orders = Vec::with_capacity(rows.len());
        for row in &rows {
            orders.push(OrderView::load(&mut conn, Order::from_row(row)?).await?);
        }
        Ok(Page::new(orders, &cursor, |order| {
            (order.created_at, &order.id)
        }))
    };
    app.telemetry
        .span(Scope::Orders, "list_orders", work)
        .await
        .map(Json)
}

async fn show(State(app): State<App>, user: User, Id(id): Id) -> Result<Json<OrderView>, ApiError> {
    let work = async {
        let mut conn = app.db.read().await?;
        let order = order::owned(&mut conn, &user.id, &id).await?;
        OrderView::load(&mut conn, order).await
    };
    app.telemetry
        .span(Scope::Orders, "show_order", work)
        .await
        .map(Json)
}

async fn cancel_order(
    State(app): State<App>,
    user: User,
    Id(id): Id,
    mut body: Fields,
) -> Result<Json<OrderView>, ApiError> {
    let reason = body.optional_text("reason", 500);
    body.finish()?;
    let work = async {
        let order =
            transact!(app, tx => cancel::cancel(&app, tx, &user.id, &id, reason.as_deref()).await)?;
        OrderView::load(&mut app.db.read().await?, order).await
    };
    app.telemetry
        .span(Scope::Orders, "cancel_order", work)
        .await
        .map(Json)
}
