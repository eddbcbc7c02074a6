//! Deciding what a wish to pay means: a new payment, the one that is open already, or the one that paid.

use super::store::{self, NewPayment, Payment, Request};
use crate::app::App;
use crate::clients::switched_off;
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::money::Money;
use crate::orders::{self, Actor, Cause, Order, State};

/// A wish to pay an order.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) order_id: String,
    /// What the client believes is due; `None`: whatever is due.
    pub(super) amount: Option<Money>,
    /// Else the order's.
    pub(super) method: Option<String>,
    pub(super) token: Option<String>,
    /// Else the order's page.
    pub(super) return_url: Option<String>,
    /// Where the buyer's request came from.
    pub(super) ip: Option<String>,
    /// Charge now; else the buyer pays on the provider's page.
    pub(super) direct: bool,
}

/// What a wish means.
#[derive(Clone, Debug)]
pub(super) enum Opened {
    /// Written down, to be sent by the caller.
    New(Payment),
    /// The provider has not decided about it.
    Open(Payment),
    /// The order is paid, by this one.
    Paid(Payment),
}

/// Looks at a locked order, and writes a new payment if it can be paid and none is open.
pub(super) async fn open(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    wish: &Wish,
    source: &Actor,
) -> Result<Opened, ApiError> {
    if order.state.is_paid() {
        let payment = store::captured_of_order(tx, &order.id).await?;
        return payment
            .map(Opened::Paid)
            .ok_or_else(|| ApiError::internal(format!("who paid order {}?", order.id)));
    }
    let due = due(order)?;
    if let Some(amount) = wish.amount {
        check_amount(amount, due)?;
    }
    if let Some(payment) = store::open_of_order(tx, &order.id).await? {
        return Ok(Opened::Open(payment));
    }
    if !app.config.payment_service.enabled {
        return Err(switched_off("payment"));
    }
    let return_url = wish
        .return_url
        .clone()
        .unwrap_or_else(|| order_page(app, order));
    let new = NewPayment {
        order_id: &order.id,
        amount: due,
        method: wish.method.as_deref().unwrap_or(&order.payment_method),
        return_url: &return_url,
        request: Request {
            description: format!("Order {}", order.number),
            token: wish.token.clone(),
            ip: wish.ip.clone(),
        },
    };
    let payment = store::insert(app, tx, new).await?;
    if wish.direct {
        let cause = Cause::new(source.clone(), "charge sent")
            .with_data(serde_json::json!({"payment_id": payment.id}));
        orders::transition(app, tx, order, State::Paying, &cause).await?;
    }
    Ok(Opened::New(payment))
}

/// What is to be paid for an order that waits for its payment.
fn due(order: &Order) -> Result<Money, ApiError> {
    match order.state {
        State::Placed | State::Paying => Ok(Money::new(
            order.total.minor - order.paid.minor,
            order.currency,
        )),
        _ => {
            let message = format!(
                "Order {} is {}; it cannot be paid.",
                order.number,
                order.state.as_str()
            );
            Err(ApiError::new(Code::OrderNotPayable, message))
        }
    }
}

fn check_amount(amount: Money, due: Money) -> Result<(), ApiError> {
    if amount == due {
        return Ok(());
    }
    let show = |money: Money| format!("{money} {}", money.currency.code());
    let message = format!("The amount due is {}, not {}.", show(due), show(amount));
    Err(ApiError::new(Code::AmountMismatch, message)
        .with_details(serde_json::json!({"due": due.to_string()})))
}

/// Where the buyer comes back to from the provider's page.
fn order_page(app: &App, order: &Order) -> String {
    let mut url = app.app_url.clone();
    url.set_path(&format!("/orders/{}/", order.id));
    url.to_string()
}
