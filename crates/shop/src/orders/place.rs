//! Placing an order: everything in one transaction, or nothing.

use serde_json::{Value, json};

use super::order::Order;
use super::reservation;
use super::transition::{Actor, Cause, record};
use crate::app::App;
use crate::cart;
use crate::clock::after;
use crate::db::{Tx, args};
use crate::error::ApiError;
use crate::http::Fields;
use crate::money::{Currency, contained_tax};
use crate::notifications::{self, Notice, Template};
use crate::products::{self, Line, QUANTITY_MAX, Snapshot};
use crate::users::{self, UserView};

/// Different products in one order.
const ITEMS_MAX: usize = 100;

/// What a buyer asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// `None`: what is in the cart.
    lines: Option<Vec<Line>>,
    cart_version: Option<i64>,
    shipping_address: Address,
    billing_address: Option<Address>,
    payment_method: String,
    shipping_method: String,
}

/// A postal address. Names and telephone number come from the account when they are missing.
#[derive(Clone, Debug)]
struct Address {
    first_name: Option<String>,
    last_name: Option<String>,
    street: String,
    city: String,
    postal_code: String,
    country: String,
    phone: Option<String>,
}

impl Wish {
    /// Takes the wish from a body; errors stay in `body`.
    pub(super) fn read(body: &mut Fields) -> Self {
        let lines = body.has("items").then(|| read_lines(body));
        let shipping_address = Address::read(body, "shipping_address");
        if shipping_address.is_none() && !body.has("shipping_address") {
            body.reject("shipping_address", "is required");
        }
        // There are no promotions yet, so no code is known.
        if body.optional_text("promo_code", 64).is_some() {
            body.reject("promo_code", "is not known");
        }
        Self {
            lines,
            cart_version: body.optional_integer("cart_version", 0..=i64::MAX),
            shipping_address: shipping_address.unwrap_or_else(Address::empty),
            billing_address: Address::read(body, "billing_address"),
            payment_method: body
                .optional_text("payment_method", 32)
                .unwrap_or_else(|| "card".to_owned()),
            shipping_method: body
                .optional_text("shipping_method", 32)
                .unwrap_or_else(|| "standard".to_owned()),
        }
    }
}

fn read_lines(body: &mut Fields) -> Vec<Line> {
    let items = body.objects("items", ITEMS_MAX).unwrap_or_default();
    if items.is_empty() {
        body.reject(
            "items",
            "must name at least one product; leave it out to order the cart",
        );
    }
    let mut lines = Vec::with_capacity(items.len());
    for mut item in items {
        let product_id = item.text("product_id", 1..=64);
        lines.push(Line {
            product_id,
            quantity: item.integer("quantity", 1..=QUANTITY_MAX),
        });
        body.absorb(item);
    }
    lines
}

impl Address {
    fn read(body: &mut Fields, name: &str) -> Option<Self> {
        let mut fields = body.object(name)?;
        let address = Self {
            first_name: fields.optional_text("first_name", 100),
            last_name: fields.optional_text("last_name", 100),
            street: fields.text("street", 1..=200),
            city: fields.text("city", 1..=100),
            postal_code: fields.text("postal_code", 1..=20),
            country: fields
                .optional_text("country", 60)
                .unwrap_or_else(|| "RU".to_owned()),
            phone: fields.optional_text("phone", 32),
        };
        body.absorb(fields);
        Some(address)
    }

    fn empty() -> Self {
        Self {
            first_name: None,
            last_name: None,
            street: String::new(),
            city: String::new(),
            postal_code: String::new(),
            country: String::new(),
            phone: None,
        }
    }

    fn to_json(&self, contact: &UserView) -> Value {
        json!({
            "first_name": self.first_name.as_ref().unwrap_or(&contact.first_name),
            "last_name": self.last_name.as_ref().unwrap_or(&contact.last_name),
            "street": self.street,
            "city": self.city,
            "postal_code": self.postal_code,
            "country": self.country,
            "phone": self.phone.as_ref().or(contact.phone.as_ref()),
        })
    }
}

/// Reserves the stock, fixes prices and names, empties the cart, and queues the mail.
pub(super) async fn place(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    wish: &Wish,
) -> Result<Order, ApiError> {
    let contact = users::contact(app, tx, user_id).await?;
    let lines = match &wish.lines {
        Some(lines) => lines.clone(),
        None => cart::take(app, tx, user_id, wish.cart_version).await?,
    };
    let lines = products::merged(lines);
    if let Some(line) = lines.iter().find(|line| line.quantity > QUANTITY_MAX) {
        let message = format!(
            "at most {QUANTITY_MAX} of product {} can be ordered",
            line.product_id
        );
        return Err(ApiError::field("items", message));
    }
    let snapshots = products::reserve(app, tx, &lines).await?;
    let order = insert(app, tx, &contact, wish, &snapshots).await?;
    insert_items(app, tx, &order, &snapshots).await?;
    reservation::insert(app, tx, &order, &lines).await?;
    let cause = Cause {
        actor: Actor::Api(user_id.to_owned()),
        reason: None,
        data: None,
    };
    record(app, tx, &order, None, &cause).await?;
    queue_mail(app, tx, &order).await?;
    Ok(order)
}

/// The sums of an order, in minor units.
struct Sums {
    items: i64,
    tax: i64,
    currency: Currency,
}

fn sums(snapshots: &[Snapshot]) -> Result<Sums, ApiError> {
    let currency = snapshots
        .first()
        .map_or(Currency::Rub, |snapshot| snapshot.price.currency);
    let mut sums = Sums {
        items: 0,
        tax: 0,
        currency,
    };
    for snapshot in snapshots {
        if snapshot.price.currency != currency {
            return Err(ApiError::field(
                "items",
                "must all be sold in the same currency",
            ));
        }
        let line = line_total(snapshot)?;
        sums.items = sums.items.checked_add(line).ok_or_else(too_expensive)?;
        sums.tax = sums
            .tax
            .saturating_add(contained_tax(line, snapshot.tax_bp));
    }
    Ok(sums)
}

fn line_total(snapshot: &Snapshot) -> Result<i64, ApiError> {
    snapshot
        .price
        .minor
        .checked_mul(snapshot.quantity)
        .ok_or_else(too_expensive)
}

fn too_expensive() -> ApiError {
    ApiError::field("items", "cost more than can be counted")
}

async fn insert(
    app: &App,
    tx: &mut Tx,
    contact: &UserView,
    wish: &Wish,
    snapshots: &[Snapshot],
) -> Result<Order, ApiError> {
    let (sums, now) = (sums(snapshots)?, app.now());
    let shipping = wish.shipping_address.to_json(contact);
    let billing = wish
        .billing_address
        .as_ref()
        .map_or_else(|| shipping.clone(), |address| address.to_json(contact));
    let row = tx
        .one(
            "INSERT INTO orders (id, number, user_id, state, items_minor, discount_minor, shipping_minor, tax_minor,
                 total_minor, currency, paid_minor, refunded_minor, shipping_method, payment_method,
                 shipping_address, billing_address, contact_email, inventory_reserved, payment_processed,
                 shipping_created, reservation_expires_at, version, created_at, updated_at)
             VALUES ($1, $2, $3, 'placed', $4, 0, 0, $5, $4, $6, 0, 0, $7, $8, $9, $10, $11, TRUE, FALSE, FALSE, $12,
                 1, $13, $13)
             RETURNING *",
            args![
                app.id(),
                app.random.order_number(),
                &contact.id,
                sums.items,
                sums.tax,
                sums.currency,
                &wish.shipping_method,
                &wish.payment_method,
                &shipping,
                &billing,
                &contact.email,
                after(now, app.config.reservation_ttl),
                now
            ],
        )
        .await?;
    Ok(Order::from_row(&row)?)
}

async fn insert_items(
    app: &App,
    tx: &mut Tx,
    order: &Order,
    snapshots: &[Snapshot],
) -> Result<(), ApiError> {
    for snapshot in snapshots {
        tx.execute(
            "INSERT INTO order_items (id, order_id, product_id, sku, name, unit_minor, quantity, line_minor, weight_g,
                 created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            args![
                app.id(),
                &order.id,
                &snapshot.product_id,
                &snapshot.sku,
                &snapshot.name,
                snapshot.price.minor,
                snapshot.quantity,
                line_total(snapshot)?,
                snapshot.weight_g,
                order.created_at
            ],
        )
        .await?;
    }
    Ok(())
}

async fn queue_mail(app: &App, tx: &mut Tx, order: &Order) -> Result<(), ApiError> {
    let notice = Notice {
        template: Template::OrderCreated,
        user_id: order.user_id.clone(),
        order_id: Some(order.id.clone()),
        to: order.contact_email.clone(),
        dedup: format!("order_created:{}", order.id),
        data: json!({"number": order.number, "total": order.total, "currency": order.currency}),
    };
    notifications::queue(app, tx, notice).await
}
