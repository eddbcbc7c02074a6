//! The steps of order processing, and what a parcel's way means for its order.

use serde_json::{Value, json};

use crate::app::{App, transact};
use crate::clients::Recipient;
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::notifications::{self, Template, order_notice};
use crate::orders::{self, Actor, Cause, Order, State};
use crate::payments::{self, Charged};
use crate::shipping::{self, Registration, ShipmentState};
use crate::tasks::Task;

/// The task behind `POST /api/orders/{id}/process/`.
pub(crate) async fn process_order(app: &App, task: &Task) -> Result<Value, ApiError> {
    let order_id: String = task.arg("order_id")?;
    let order = transact!(app, tx => hold_stock(app, tx, &order_id).await)?;
    if matches!(order.state, State::Placed | State::Paying) {
        match payments::charge_order(app, &order_id).await? {
            Charged::Paid => {}
            Charged::Open => return Err(undecided(&order)),
        }
    }
    let parcel = register(app, &order).await?;
    let order = transact!(app, tx => {
        let mut order = orders::lock(tx, &order_id).await?;
        if order.state == State::Paid {
            fulfil(app, tx, &mut order, &parcel.tracking_number, &Actor::Worker).await?;
        }
        // The carrier may have been faster than we.
        let state = shipping::state_of(tx, &parcel.id).await?;
        follow_parcel(app, tx, &mut order, state, &parcel.tracking_number, &Actor::Worker).await?;
        finished(&order).map(|()| order)
    })?;
    Ok(json!({
        "order_id": order.id,
        "state": order.state.as_str(),
        "inventory_reserved": order.inventory_reserved,
        "payment_processed": order.payment_processed,
        "shipping_created": order.shipping_created,
        "tracking_number": parcel.tracking_number,
    }))
}

/// An order that is not through yet holds its stock for another while.
async fn hold_stock(app: &App, tx: &mut Tx, order_id: &str) -> Result<Order, ApiError> {
    let mut order = orders::lock(tx, order_id).await?;
    match order.state {
        State::Placed | State::Paying | State::Paid => {
            orders::ensure_reserved(app, tx, &mut order).await?;
        }
        _ => finished(&order)?,
    }
    Ok(order)
}

/// Whether order processing has nothing left to do; an order that was given up is an error.
fn finished(order: &Order) -> Result<(), ApiError> {
    match order.state {
        State::Fulfilling | State::Shipped | State::Delivered => Ok(()),
        state => {
            let message = format!(
                "Order {} is {}; it cannot be processed.",
                order.number,
                state.as_str()
            );
            Err(ApiError::new(Code::StateConflict, message))
        }
    }
}

fn undecided(order: &Order) -> ApiError {
    let message = format!(
        "The payment provider has not decided about order {} yet.",
        order.number
    );
    ApiError::new(Code::InProgress, message)
}

/// A parcel that is known to the carrier.
struct Parcel {
    id: String,
    tracking_number: String,
}

async fn register(app: &App, order: &Order) -> Result<Parcel, ApiError> {
    let wish = Registration {
        service: order.shipping_method.clone(),
        recipient: recipient(&order.shipping_address),
    };
    let (_, shipment) = shipping::register(app, &order.id, &wish, None).await?;
    match shipment.tracking_number {
        Some(tracking_number) => Ok(Parcel {
            id: shipment.id,
            tracking_number,
        }),
        None => {
            let message = format!(
                "The carrier has not confirmed the parcel of order {} yet.",
                order.number
            );
            Err(ApiError::new(Code::InProgress, message))
        }
    }
}

/// Who gets the parcel, from the order's address.
fn recipient(address: &Value) -> Recipient {
    let part = |name: &str| {
        address
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let joined = |names: &[&str], by: &str| {
        let parts: Vec<&str> = names
            .iter()
            .map(|name| part(name))
            .filter(|text| !text.is_empty())
            .collect();
        parts.join(by)
    };
    Recipient {
        name: joined(&["first_name", "last_name"], " "),
        phone: part("phone").to_owned(),
        address: joined(&["postal_code", "city", "street", "country"], ", "),
    }
}

/// The goods leave the shelf: stock is committed, the buyer learns the tracking number.
async fn fulfil(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    tracking_number: &str,
    source: &Actor,
) -> Result<(), ApiError> {
    if !order.inventory_reserved {
        // A refund that failed afterwards had given the stock back.
        orders::ensure_reserved(app, tx, order).await?;
    }
    orders::commit(app, tx, order).await?;
    orders::transition(
        app,
        tx,
        order,
        State::Fulfilling,
        &Cause::new(source.clone(), "parcel registered"),
    )
    .await?;
    let facts = json!({"tracking_number": tracking_number});
    notifications::queue(app, tx, order_notice(order, Template::OrderShipped, facts)).await
}

/// What a parcel's way means for its locked order. Nothing goes backward.
pub(crate) async fn follow_parcel(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    parcel: ShipmentState,
    tracking_number: &str,
    source: &Actor,
) -> Result<(), ApiError> {
    if !matches!(parcel, ShipmentState::InTransit | ShipmentState::Delivered) {
        return Ok(());
    }
    if order.state == State::Paid {
        fulfil(app, tx, order, tracking_number, source).await?;
    }
    if order.state == State::Fulfilling {
        orders::transition(
            app,
            tx,
            order,
            State::Shipped,
            &Cause::new(source.clone(), "with the carrier"),
        )
        .await?;
    }
    if order.state == State::Shipped && parcel == ShipmentState::Delivered {
        orders::transition(
            app,
            tx,
            order,
            State::Delivered,
            &Cause::new(source.clone(), "delivered"),
        )
        .await?;
    }
    if !order.state.is_paid() {
        tracing::error!(
            alert = "parcel_without_payment",
            order = order.id,
            state = order.state.as_str(),
            "a parcel is on its way"
        );
    }
    Ok(())
}
