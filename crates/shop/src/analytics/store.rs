//! Statements on `analytics_events`.

use crate::app::App;
use crate::db::{Conn, args};
use crate::error::ApiError;
use crate::money::Money;

/// Something a visitor did.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) event_id: Option<String>,
    pub(super) kind: String,
    pub(super) user_id: Option<String>,
    pub(super) page: Option<String>,
    pub(super) product_id: Option<String>,
    pub(super) order_id: Option<String>,
    pub(super) quantity: Option<i64>,
    pub(super) amount: Option<Money>,
    pub(super) user_agent: Option<String>,
}

/// Keeps an event, unless it came before.
pub(super) async fn insert(app: &App, conn: &mut Conn, event: Event) -> Result<(), ApiError> {
    conn.execute(
        "INSERT INTO analytics_events (id, event_id, type, user_id, page, product_id, order_id, quantity,
             amount_minor, currency, user_agent, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (event_id) WHERE event_id IS NOT NULL DO NOTHING",
        args![
            app.id(),
            event.event_id,
            event.kind,
            event.user_id,
            event.page,
            event.product_id,
            event.order_id,
            event.quantity,
            event.amount.map(|amount| amount.minor),
            event.amount.map(|amount| amount.currency),
            event.user_agent,
            app.now()
        ],
    )
    .await?;
    Ok(())
}
