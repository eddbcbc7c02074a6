//! `POST /payments` and what follows.

use serde_json::{Map, Value};
use styk_core::Movement;

use super::error::Problem;
use super::payment::{Card, Confirmation, ConfirmationKind, Method, Payment, Status};
use super::{Handler, Turn, cards, list, read, receipts};
use crate::kit::Routes;

/// Ways to pay that have a page of their own for the payer.
const METHODS: [&str; 12] = [
    "bank_card",
    "sbp",
    "yoo_money",
    "sberbank",
    "tinkoff_bank",
    "mobile_balance",
    "cash",
    "b2b_sberbank",
    "sber_loan",
    "sber_bnpl",
    "electronic_certificate",
    "alfa_pay",
];
/// What a card can pay at once, in minor units (Limits).
const CARD_MAX: i64 = 35_000_000;
/// The longest name on a card.
const HOLDER_MAX: usize = 26;
const MEMBERS: [&str; 21] = [
    "amount",
    "capture",
    "description",
    "confirmation",
    "payment_method_data",
    "payment_method_id",
    "payment_token",
    "save_payment_method",
    "metadata",
    "receipt",
    "recipient",
    "client_ip",
    "merchant_customer_id",
    "transfers",
    "deal",
    "airline",
    "payment_order",
    "receiver",
    "statements",
    "fraud_data",
    "invoice_id",
];

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    routes
        .post("/v3/payments", Handler::Api(create))
        .get("/v3/payments", Handler::Api(all))
        .get("/v3/payments/{id}", Handler::Api(one))
        .post("/v3/payments/{id}/capture", Handler::Api(capture))
        .post("/v3/payments/{id}/cancel", Handler::Api(cancel))
}

/// How a payment is to be paid, read from the request.
enum Wish {
    Card(Method, String),
    Saved(Method),
    Token,
    Payer(Option<String>),
}

fn create(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let body = std::mem::take(&mut turn.body);
    turn.gaps(&body, &MEMBERS);
    let amount = read::amount(body.get("amount"), "amount")?;
    let id = turn.shop.new_id();
    let wish = wish(turn, &body, &id)?;
    if matches!(wish, Wish::Card(..)) && amount.minor > CARD_MAX {
        let told = "The amount is more than a card can pay at once";
        return Err(Problem::parameter("amount.value", told));
    }
    let confirmation = confirmation(turn, &body, &id)?;
    if confirmation.is_none() && matches!(wish, Wish::Payer(_)) {
        return Err(Problem::parameter(
            "confirmation",
            "confirmation isn't specified",
        ));
    }
    let receipt = receipts::inline(&body, amount)?;
    let payment = Payment {
        id: id.clone(),
        status: Status::Pending,
        amount,
        refunded: 0,
        is_captured_at_once: read::truth(&body, "capture")?.unwrap_or(false),
        description: read::text(&body, "description", 128)?.map(Into::into),
        metadata: read::metadata(&body)?,
        confirmation: confirmation.map(Box::new),
        method: None,
        saves_method: read::truth(&body, "save_payment_method")?.unwrap_or(false),
        created_at: turn.yookassa.ground.clock.now(),
        captured_at: None,
        expires_at: None,
        canceled_by: None,
        is_authenticated: false,
        receipt: receipt.as_ref().map(|_| "pending"),
        customer: read::text(&body, "merchant_customer_id", 200)?.map(Into::into),
        invoice: None,
        order: read::order(&turn.yookassa.ground, &body).map(Into::into),
    };
    turn.note(&id, payment.order.as_deref());
    turn.shop.payments.insert(id.clone(), payment);
    turn.begin(&id, wish);
    if let Some(receipt) = receipt {
        receipts::register(turn, "payment", &id, receipt);
    }
    turn.show_payment(&id)
        .ok_or_else(|| Problem::not_found("Payment", &id))
}

fn wish(turn: &Turn<'_>, body: &Map<String, Value>, id: &str) -> Result<Wish, Problem> {
    let ways = ["payment_method_data", "payment_method_id", "payment_token"];
    let given: Vec<_> = ways
        .into_iter()
        .filter(|way| body.get(*way).is_some_and(|v| !v.is_null()))
        .collect();
    if given.len() > 1 {
        let told =
            "Only one of payment_method_data, payment_method_id and payment_token can be given";
        return Err(Problem::parameter(given[1], told));
    }
    match given.first() {
        None => Ok(Wish::Payer(None)),
        Some(&"payment_method_id") => {
            let saved_id = read::text(body, "payment_method_id", 64)?.unwrap_or_default();
            let saved = turn
                .shop
                .methods
                .get(&saved_id)
                .map(|saved| saved.method.clone());
            saved.map(Wish::Saved).ok_or_else(|| {
                Problem::parameter(
                    "payment_method_id",
                    format!("Payment method `{saved_id}` isn't saved"),
                )
            })
        }
        Some(&"payment_token") => Ok(Wish::Token),
        _ => method_data(body, id),
    }
}

fn method_data(body: &Map<String, Value>, id: &str) -> Result<Wish, Problem> {
    let data = body.get("payment_method_data").and_then(Value::as_object);
    let data = data.ok_or_else(|| {
        Problem::parameter(
            "payment_method_data",
            "payment_method_data must be an object",
        )
    })?;
    let kind = data.get("type").and_then(Value::as_str).unwrap_or_default();
    if !METHODS.contains(&kind) {
        let told = format!("Payment method `{kind}` isn't known");
        return Err(Problem::parameter("payment_method_data.type", told));
    }
    match data.get("card").filter(|card| !card.is_null()) {
        Some(card) if kind == "bank_card" => {
            let (method, number) = read_card(id, card, "payment_method_data.card")?;
            Ok(Wish::Card(method, number))
        }
        _ => Ok(Wish::Payer(Some(kind.to_owned()))),
    }
}

/// A card that is given with its number. The number itself is not kept.
pub(super) fn read_card(id: &str, card: &Value, place: &str) -> Result<(Method, String), Problem> {
    let text = |name: &str| match card.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let wrong =
        |name: &str| Problem::parameter(format!("{place}.{name}"), format!("Invalid {name}"));
    let is_digits = |text: &str, range: std::ops::RangeInclusive<usize>| {
        range.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let number = text("number").replace(' ', "");
    if !is_digits(&number, 14..=19) {
        return Err(wrong("number"));
    }
    let (month, year) = (text("expiry_month"), text("expiry_year"));
    if !is_digits(&year, 4..=4) {
        return Err(wrong("expiry_year"));
    }
    if !is_digits(&month, 2..=2) || !("01"..="12").contains(&month.as_str()) {
        return Err(wrong("expiry_month"));
    }
    let csc = text("csc");
    if !csc.is_empty() && !is_digits(&csc, 3..=4) {
        return Err(wrong("csc"));
    }
    let is_of_name = |byte: u8| byte.is_ascii_alphabetic() || b" '-".contains(&byte);
    let holder = text("cardholder");
    if holder.len() > HOLDER_MAX || !holder.bytes().all(is_of_name) {
        return Err(wrong("cardholder"));
    }
    Ok((card_method(id, &number, &month, &year), number))
}

/// A card as a means of payment. That of a payment has the payment's id.
pub(super) fn card_method(id: &str, number: &str, month: &str, year: &str) -> Method {
    let last4 = number.len().saturating_sub(4);
    Method {
        id: id.to_owned(),
        kind: "bank_card".to_owned(),
        is_saved: false,
        card: Some(Card {
            first6: number.chars().take(6).collect(),
            last4: number.chars().skip(last4).collect(),
            month: month.to_owned(),
            year: year.to_owned(),
            scheme: cards::scheme(number),
        }),
    }
}

fn confirmation(
    turn: &Turn<'_>,
    body: &Map<String, Value>,
    id: &str,
) -> Result<Option<Confirmation>, Problem> {
    let Some(given) = body.get("confirmation").filter(|given| !given.is_null()) else {
        return Ok(None);
    };
    let wrong = || Problem::parameter("confirmation", "confirmation must be an object");
    let given = given.as_object().ok_or_else(wrong)?;
    let word = given
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let kind = ConfirmationKind::named(word).ok_or_else(|| {
        Problem::parameter(
            "confirmation.type",
            format!("Confirmation `{word}` isn't known"),
        )
    })?;
    let return_url = read::text(given, "return_url", 2048);
    let return_url = return_url
        .map_err(|_| Problem::parameter("confirmation.return_url", "return_url is no address"))?;
    let needs_return = matches!(
        kind,
        ConfirmationKind::Redirect | ConfirmationKind::MobileApplication
    );
    if needs_return && return_url.as_ref().is_none_or(|url| url.is_empty()) {
        let told = "return_url isn't specified";
        return Err(Problem::parameter("confirmation.return_url", told));
    }
    let page = format!("/checkout/payments/v2/contract?orderId={id}");
    Ok(Some(Confirmation {
        kind,
        return_url,
        enforce: read::truth(given, "enforce")?,
        address: turn.yookassa.ground.address(&page),
    }))
}

impl Turn<'_> {
    /// Tells the record what the call is about.
    pub(super) fn note(&self, object: &str, order: Option<&str>) {
        if let Some(call) = self.call {
            call.note(|notes| {
                notes.object = Some(object.to_owned());
                notes.order = order.map(str::to_owned);
            });
        }
    }

    /// Members that the imitation does not know; lists without anything in them are a client's habit.
    pub(super) fn gaps(&self, body: &Map<String, Value>, known: &[&str]) {
        let Some(call) = self.call else { return };
        let is_nothing =
            |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        for (name, value) in body {
            if !known.contains(&name.as_str()) && !is_nothing(value) {
                call.gap(format!("{}: {name}", call.operation()));
            }
        }
    }

    /// Sets a new payment going.
    fn begin(&mut self, id: &str, wish: Wish) {
        let (yookassa, call) = (self.yookassa, self.call);
        match wish {
            Wish::Card(method, number) => {
                let must_ask = yookassa.pay_by_card(self.shop, id, method, &number, call);
                let can_ask = self
                    .shop
                    .payments
                    .get(id)
                    .is_some_and(|p| p.confirmation.is_some());
                match (must_ask, can_ask) {
                    (true, true) => yookassa.expire_later(self.shop, id),
                    (true, false) => yookassa.authenticate(self.shop, id, false, call),
                    (false, _) => {}
                }
            }
            Wish::Saved(method) => {
                if let Some(payment) = self.shop.payments.get_mut(id) {
                    payment.method = Some(Box::new(method.clone()));
                }
                if method.is_saved {
                    yookassa.approve(self.shop, id, call);
                } else {
                    yookassa.cancel(self.shop, id, ("merchant", "permission_revoked"), call);
                }
            }
            Wish::Token => {
                // What a browser's widget makes of a good test card.
                let method = card_method(id, "5555555555554444", "12", "2034");
                yookassa.pay_by_card(self.shop, id, method, "5555555555554444", call);
            }
            Wish::Payer(kind) => {
                let method_id = id.to_owned();
                if let (Some(payment), Some(kind)) = (self.shop.payments.get_mut(id), kind) {
                    payment.method = Some(Box::new(Method {
                        id: method_id,
                        kind,
                        is_saved: false,
                        card: None,
                    }));
                }
                yookassa.expire_later(self.shop, id);
            }
        }
    }

    /// The payment that the path names.
    pub(super) fn payment_of_path(&self) -> Result<Payment, Problem> {
        let id = self.call.map_or("", |call| call.parameter(0));
        let payment = self.shop.payments.get(id);
        let payment = payment.ok_or_else(|| Problem::not_found("Payment", id))?;
        self.note(id, payment.order.as_deref());
        Ok(payment.clone())
    }
}

fn one(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let payment = turn.payment_of_path()?;
    turn.show_payment(&payment.id)
        .ok_or_else(|| Problem::not_found("Payment", &payment.id))
}

fn capture(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let payment = turn.payment_of_path()?;
    if payment.status != Status::WaitingForCapture {
        let told = format!(
            "Payment in status {} can't be captured",
            payment.status.word()
        );
        return Err(Problem::state(told));
    }
    let body = std::mem::take(&mut turn.body);
    let amount = match body.get("amount").filter(|amount| !amount.is_null()) {
        None => payment.amount,
        Some(amount) => read::amount(Some(amount), "amount")?,
    };
    if amount.currency != payment.amount.currency {
        return Err(Problem::parameter(
            "amount.currency",
            "The payment has another currency",
        ));
    }
    if amount.minor > payment.amount.minor {
        return Err(Problem::parameter(
            "amount.value",
            "The amount is more than was authorized",
        ));
    }
    let receipt = receipts::inline(&body, amount)?;
    let now = turn.yookassa.ground.clock.now();
    if let Some(stored) = turn.shop.payments.get_mut(&payment.id) {
        stored.status = Status::Succeeded;
        stored.amount = amount;
        stored.captured_at = Some(now);
        stored.expires_at = None;
        stored.receipt = receipt.as_ref().map_or(stored.receipt, |_| Some("pending"));
    }
    let left = payment.amount.minor - amount.minor;
    let (yookassa, call) = (turn.yookassa, turn.call);
    yookassa.book(
        turn.shop,
        &payment,
        Movement::Captured,
        amount.minor,
        None,
        call,
    );
    if left > 0 {
        yookassa.book(turn.shop, &payment, Movement::Released, left, None, call);
    }
    if let Some(receipt) = receipt {
        receipts::register(turn, "payment", &payment.id, receipt);
    }
    if let Some(stored) = turn.shop.payments.get(&payment.id).cloned() {
        turn.shop.settle_invoice(&stored);
        yookassa.tell_payment(turn.shop, &stored, "payment.succeeded", call);
    }
    turn.show_payment(&payment.id)
        .ok_or_else(|| Problem::not_found("Payment", &payment.id))
}

fn cancel(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let payment = turn.payment_of_path()?;
    if payment.status != Status::WaitingForCapture {
        let told = format!(
            "Payment in status {} can't be canceled",
            payment.status.word()
        );
        return Err(Problem::state(told));
    }
    let by = ("merchant", "canceled_by_merchant");
    turn.yookassa.cancel(turn.shop, &payment.id, by, turn.call);
    turn.show_payment(&payment.id)
        .ok_or_else(|| Problem::not_found("Payment", &payment.id))
}

fn all(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let query = list::Query::read(
        turn.call,
        &["created_at", "captured_at", "payment_method", "status"],
    )?;
    let shop_id = turn.shop.id.clone();
    let payments = turn.shop.payments.values().rev();
    list::page(
        &query,
        payments,
        |payment| &payment.id,
        |payment| {
            let kind = payment.method.as_ref().map(|method| method.kind.as_str());
            query.is_within("created_at", Some(payment.created_at))
                && query.is_within("captured_at", payment.captured_at)
                && query.is("status", Some(payment.status.word()))
                && query.is("payment_method", kind)
        },
        |payment| super::show::payment(payment, &shop_id),
    )
}
