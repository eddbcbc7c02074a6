//! Answering a provider that asks before it takes money whether it shall.

use super::store;
use crate::app::App;
use crate::clients::{Admission, ClaimedAmount};
use crate::db::{Conn, args};
use crate::error::ApiError;
use crate::orders::{self, State};
use crate::telemetry::Scope;

/// Whether the payment with our id may go on, for the amount that the provider is about to take.
pub(crate) async fn admit(
    app: &App,
    ours: Option<&str>,
    amount: &ClaimedAmount,
) -> Result<Admission, ApiError> {
    let work = async { decide(&mut app.db.read().await?, ours, amount).await };
    app.telemetry.span(Scope::Payments, "admit", work).await
}

async fn decide(
    conn: &mut Conn,
    ours: Option<&str>,
    amount: &ClaimedAmount,
) -> Result<Admission, ApiError> {
    let sql = "SELECT id FROM payments WHERE id = $1";
    let known = conn.optional(sql, args![ours.unwrap_or_default()]).await?;
    let Some(row) = known else {
        return Ok(Admission::Unknown);
    };
    let payment = store::find(conn, &row.text("id")?).await?;
    let order = orders::find(conn, &payment.order_id).await?;
    Ok(match order.state {
        _ if amount.difference(payment.amount).is_some() => Admission::WrongAmount,
        State::Cancelled | State::Expired => Admission::TooLate,
        State::Placed | State::Paying if payment.state.is_open() => Admission::GoOn,
        _ => Admission::NotWanted,
    })
}
