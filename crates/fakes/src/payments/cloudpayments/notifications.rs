//! Notifications: which a terminal wants, and what they say (CloudPayments, Notifications).

mod message;
mod settings;

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use styk_core::Money;

pub(super) use self::message::{Fields, Message};
pub(super) use self::settings::{Settings, Type, get, update};

use super::CloudPayments;
use super::codes;
use super::show::{AUTH_CODE, GATEWAY, ISSUER, fee};
use super::subscriptions::Subscription;
use super::terminal::Terminal;
use super::transaction::{Kind, Status, Transaction};
use super::turn::Turn;
use crate::kit::{Endpoint, Notice};

/// So long the shop may take to answer a Check.
const CHECK_LIMIT: Duration = Duration::from_secs(30);
/// The shop's Check address cannot be reached, or answers what nobody understands.
const UNAVAILABLE: u16 = 3006;
const UNABLE_TO_CONNECT: u16 = 3007;
const NOT_UNDERSTOOD: u16 = 3005;

/// The pauses between the tries of a notification: 1, 2, 5, 10 min, then every 30, a hundred tries in all.
pub(super) fn pauses() -> Vec<Duration> {
    let minutes = [1, 2, 5, 10].into_iter().chain(std::iter::repeat(30));
    minutes
        .take(99)
        .map(|minutes| Duration::from_secs(minutes * 60))
        .collect()
}

/// The Check of a payment, when the terminal wants one.
pub(super) fn question(terminal: &Terminal, payment: &Transaction) -> Option<Notice> {
    if payment.kind != Kind::Payment {
        return None;
    }
    let mut fields = Fields::default();
    common(&mut fields, payment);
    // It asks for what shall be, not for what is.
    fields.put(
        "Status",
        if payment.is_two_stage {
            "Authorized"
        } else {
            "Completed"
        },
    );
    fields.put("OperationType", "Payment");
    notice(terminal, Type::Check, payment, fields)
}

/// Asks the shop; gives the code that its answer declines the payment with.
pub(super) async fn veto(fake: &CloudPayments, notice: Notice) -> Option<u16> {
    let answered = fake.ground.webhooks.ask(notice, CHECK_LIMIT).await;
    let Ok((status, body)) = answered else {
        return Some(UNAVAILABLE);
    };
    match status {
        StatusCode::NOT_FOUND | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => {
            Some(UNABLE_TO_CONNECT)
        }
        status if status.as_u16() == 504 || status.as_u16() == 508 => Some(UNABLE_TO_CONNECT),
        status if !status.is_success() => Some(UNAVAILABLE),
        _ => match message::code(&body) {
            Some(code) => codes::of_check(code),
            None => Some(NOT_UNDERSTOOD),
        },
    }
}

/// Tells the shop that a payment was authorised or declined.
pub(super) fn tell_of_end(turn: &mut Turn<'_>, payment: &Transaction) {
    let kind = match payment.status {
        Status::Declined => Type::Fail,
        _ => Type::Pay,
    };
    tell(turn, kind, payment);
}

/// Tells the shop of a transaction.
pub(super) fn tell(turn: &mut Turn<'_>, kind: Type, transaction: &Transaction) {
    let fields = fields(kind, transaction);
    if let Some(notice) = notice(turn.terminal, kind, transaction, fields) {
        turn.fake.ground.webhooks.send(notice, turn.call);
    }
}

/// Tells the shop of a subscription's new status.
pub(super) fn tell_of_subscription(turn: &mut Turn<'_>, subscription: &Subscription) {
    let mut fields = Fields::default();
    subscription.tell(&mut fields);
    let setting = turn.terminal.settings.of(Type::Recurrent).clone();
    if !setting.is_enabled {
        return;
    }
    let event = format!(
        "Recurrent:{}:{}",
        subscription.id,
        subscription.status.name()
    );
    let notice = Notice {
        account: turn.terminal.public_id.to_string(),
        event: Type::Recurrent.name().to_owned(),
        event_id: Some(event),
        object: subscription.id.to_string(),
        order: None,
        endpoint: endpoint(turn.terminal, Type::Recurrent),
        message: Message::new(turn.terminal, Type::Recurrent, fields),
    };
    turn.fake.ground.webhooks.send(notice, turn.call);
}

fn endpoint(terminal: &Terminal, kind: Type) -> Endpoint {
    let setting = terminal.settings.of(kind);
    // One name for all addresses of a terminal: what follows what is a matter of the terminal, not of the address.
    Endpoint {
        id: terminal.public_id.to_string(),
        url: setting.url(kind.lower()),
    }
}

fn notice(
    terminal: &Terminal,
    kind: Type,
    transaction: &Transaction,
    fields: Fields,
) -> Option<Notice> {
    if !terminal.settings.of(kind).is_enabled {
        return None;
    }
    let payment = transaction.original.unwrap_or(transaction.id);
    Some(Notice {
        account: terminal.public_id.to_string(),
        event: kind.name().to_owned(),
        event_id: Some(format!("{}:{}", kind.name(), transaction.id)),
        object: payment.to_string(),
        order: transaction.details.order.as_deref().map(str::to_owned),
        endpoint: endpoint(terminal, kind),
        message: Message::new(terminal, kind, fields),
    })
}

/// `2014-08-09 11:49:41`, UTC.
pub(super) fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Two digits after the point, whatever the currency.
pub(super) fn amount(money: Money) -> String {
    match money.currency.decimals() {
        0 => format!("{}.00", money.decimal()),
        _ => money.decimal(),
    }
}

fn fields(kind: Type, transaction: &Transaction) -> Fields {
    let mut fields = Fields::default();
    match kind {
        Type::Refund | Type::Cancel => back(&mut fields, kind, transaction),
        Type::Fail => {
            common(&mut fields, transaction);
            fields.put("OperationType", operation(transaction));
            fields.put("Reason", codes::name(transaction.reason));
            fields.put("ReasonCode", transaction.reason.to_string());
            fields.may("Token", transaction.token.as_deref());
        }
        _ => {
            common(&mut fields, transaction);
            fields.put("Status", transaction.status.name());
            fields.put("OperationType", operation(transaction));
            fields.put("GatewayName", GATEWAY);
            fields.put("AuthCode", AUTH_CODE);
            fields.may("Token", transaction.token.as_deref());
            let is_taken = transaction.status == Status::Completed;
            let minor = if is_taken {
                fee(transaction.money).minor
            } else {
                0
            };
            fields.put(
                "TotalFee",
                amount(Money::new(minor, transaction.money.currency)),
            );
        }
    }
    fields
}

fn operation(transaction: &Transaction) -> &'static str {
    match transaction.kind {
        Kind::Payment => "Payment",
        Kind::Refund => "Refund",
        Kind::Payout => "CardPayout",
    }
}

/// Money that goes back: a refund, or an authorisation that is given up.
fn back(fields: &mut Fields, kind: Type, transaction: &Transaction) {
    let details = &transaction.details;
    fields.put("TransactionId", transaction.id.to_string());
    if let (Type::Refund, Some(payment)) = (kind, transaction.original) {
        fields.put("PaymentTransactionId", payment.to_string());
    }
    fields.put("Amount", amount(transaction.money));
    fields.put(
        "DateTime",
        time(transaction.confirmed.unwrap_or(transaction.created)),
    );
    if kind == Type::Refund {
        fields.put("OperationType", "Refund");
    }
    fields.may("InvoiceId", details.invoice.as_deref());
    fields.may("AccountId", details.account.as_deref());
    fields.may("Email", details.email.as_deref());
    fields.may("Data", details.data.as_deref());
}

/// What Check, Pay, Fail and Confirm have in common.
fn common(fields: &mut Fields, transaction: &Transaction) {
    let details = &transaction.details;
    let currency = transaction.money.currency.code();
    fields.put("TransactionId", transaction.id.to_string());
    fields.put("Amount", amount(transaction.money));
    fields.put("Currency", currency);
    fields.put("PaymentAmount", amount(transaction.money));
    fields.put("PaymentCurrency", currency);
    fields.put("DateTime", time(transaction.created));
    if let Some(card) = transaction.card.as_deref() {
        fields.put("CardFirstSix", card.first_six());
        fields.put("CardLastFour", card.last_four());
        fields.put("CardType", card.system().0);
        fields.put("CardExpDate", card.expiry());
    }
    fields.put("TestMode", "1");
    fields.may("InvoiceId", details.invoice.as_deref());
    fields.may("AccountId", details.account.as_deref());
    fields.may("SubscriptionId", transaction.subscription.as_deref());
    fields.may("Name", details.name.as_deref());
    fields.may("Email", details.email.as_deref());
    fields.may("IpAddress", details.ip.as_deref());
    fields.put("IpCountry", "RU");
    fields.put("IpCity", "Москва");
    fields.put("IpRegion", "Москва");
    fields.put("IpDistrict", "Центральный федеральный округ");
    fields.put("IpLatitude", "55.75222");
    fields.put("IpLongitude", "37.61556");
    fields.put("Issuer", ISSUER);
    fields.put("IssuerBankCountry", "RU");
    fields.may("Description", details.description.as_deref());
    fields.may("Data", details.data.as_deref());
}
