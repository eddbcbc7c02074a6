//! `POST /api/testing/reset/`: empties the shop between tests. It exists only in the integration profile with a token.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use subtle::ConstantTimeEq as _;

use crate::app::{App, transact};
use crate::db::args;
use crate::error::{ApiError, Code};

const TOKEN_HEADER: &str = "x-test-reset-token";

/// Children before their parents, because of the foreign keys.
const EMPTY: &[&str] = &[
    "DELETE FROM idempotency_keys",
    "DELETE FROM analytics_events",
    "DELETE FROM inventory_syncs",
    "DELETE FROM tasks",
    "DELETE FROM outbox",
    "DELETE FROM webhook_inbox",
    "DELETE FROM notifications",
    "DELETE FROM shipment_events",
    "DELETE FROM shipments",
    "DELETE FROM shipping_quotes",
    "DELETE FROM refunds",
    "DELETE FROM payments",
    "DELETE FROM reservations",
    "DELETE FROM order_events",
    "DELETE FROM order_items",
    "DELETE FROM orders",
    "DELETE FROM cart_items",
    "DELETE FROM carts",
    "DELETE FROM stock_movements",
    "DELETE FROM stock",
    "DELETE FROM products",
    "DELETE FROM email_tokens",
    "DELETE FROM sessions",
    "DELETE FROM users",
];

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/testing/reset", post(reset))
}

async fn reset(State(app): State<App>, headers: HeaderMap) -> Result<StatusCode, ApiError> {
    let token = app
        .config
        .test_reset_token
        .as_ref()
        .filter(|_| app.is_integration());
    let Some(token) = token else {
        return Err(ApiError::new(
            Code::NotFound,
            "There is nothing at this address.",
        ));
    };
    let shown = headers
        .get(TOKEN_HEADER)
        .map_or(&b""[..], http::HeaderValue::as_bytes);
    if !bool::from(shown.ct_eq(token.as_bytes())) {
        return Err(ApiError::new(
            Code::Forbidden,
            "X-Test-Reset-Token is missing or wrong.",
        ));
    }
    transact!(app, tx => {
        for statement in EMPTY {
            tx.execute(statement, args![]).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}
