//! The HTTP side: accept loop, pipeline around the router, and what handlers take and give.

mod extract;
mod fields;
mod idempotency;
mod origin;
mod page;
mod pipeline;
mod server;

use axum::Router;

use crate::app::App;
use crate::error::{ApiError, Code};
use crate::{
    analytics, auth, cart, fulfilment, health, inventory, notifications, orders, payments,
    products, shipping, tasks, testing, users, webhooks,
};

pub(crate) use self::extract::{Id, Peer};
pub(crate) use self::fields::Fields;
pub(crate) use self::page::{Cursor, Page};
pub(crate) use self::server::serve;

/// What this process answers, without final slashes: everything, or only the health checks when it does not run the API.
pub(crate) fn router(app: &App) -> Router {
    let routes = if app.config.run.api {
        health::routes().merge(api())
    } else {
        health::routes()
    };
    routes
        .fallback(async || ApiError::new(Code::NotFound, "There is nothing at this address."))
        .method_not_allowed_fallback(async || {
            ApiError::new(
                Code::MethodNotAllowed,
                "This address does not take that method.",
            )
        })
        .route_layer(axum::middleware::from_fn(pipeline::name_span))
        .with_state(app.clone())
}

fn api() -> Router<App> {
    Router::new()
        .merge(auth::routes())
        .merge(users::routes())
        .merge(products::routes())
        .merge(cart::routes())
        .merge(orders::routes())
        .merge(fulfilment::routes())
        .merge(payments::routes())
        .merge(shipping::routes())
        .merge(notifications::routes())
        .merge(inventory::routes())
        .merge(analytics::routes())
        .merge(tasks::routes())
        .merge(webhooks::routes())
        .merge(testing::routes())
}
