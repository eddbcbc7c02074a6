//! The operations of the API and of the payer's pages.

use super::notifications;
use super::params::Params;
use super::reply::{Outcome, Refusal};
use super::turn::Turn;
use super::{orders, payments, reads, settle, subscriptions};
use crate::kit::Routes;

/// What serves a path.
#[derive(Clone, Copy)]
pub(super) enum Endpoint {
    /// An operation that is over when it returns.
    Plain(fn(&mut Turn<'_>, &Params) -> Outcome),
    /// One that registers a payment, which then goes its way.
    Payment(fn(&mut Turn<'_>, &Params) -> Result<i64, Refusal>),
    Page(Page),
    /// Answers everybody, without credentials.
    Test,
    PublicKey,
    /// There in reality, but not in this fake.
    Missing,
}

#[derive(Clone, Copy)]
pub(super) enum Page {
    Acs,
    AcsAnswer,
    Order,
    PayOrder,
    OrderAuthenticated,
}

/// The table.
pub(super) fn table() -> Routes<Endpoint> {
    use Endpoint::{Missing, Payment, Plain};
    Routes::default()
        .post("/test", Endpoint::Test)
        .get("/payments/publickey", Endpoint::PublicKey)
        .post("/payments/cards/charge", Payment(payments::charge_card))
        .post("/payments/cards/auth", Payment(payments::auth_card))
        .post("/payments/cards/post3ds", Plain(payments::post3ds))
        .post("/payments/tokens/charge", Payment(payments::charge_token))
        .post("/payments/tokens/auth", Payment(payments::auth_token))
        .post("/payments/confirm", Plain(settle::confirm))
        .post("/payments/void", Plain(settle::void))
        .post("/payments/refund", Plain(settle::refund))
        .post("/payments/get", Plain(reads::get))
        .post("/payments/find", Plain(reads::find))
        .post("/v2/payments/find", Plain(reads::find_any))
        .post("/payments/list", Plain(reads::list))
        .post("/v2/payments/list", Plain(reads::pages))
        .post("/payments/tokens/list", Plain(reads::tokens))
        .post("/chargebacks/list", Plain(reads::chargebacks))
        .post("/payments/cards/topup", Payment(payments::topup_card))
        .post("/payments/token/topup", Payment(payments::topup_token))
        .post("/payments/alt/topup", Payment(payments::topup_phone))
        .post("/subscriptions/create", Plain(subscriptions::create))
        .post("/subscriptions/get", Plain(subscriptions::get))
        .post("/subscriptions/find", Plain(subscriptions::find))
        .post("/subscriptions/update", Plain(subscriptions::update))
        .post("/subscriptions/cancel", Plain(subscriptions::cancel))
        .post("/orders/create", Plain(orders::create))
        .post("/orders/cancel", Plain(orders::cancel))
        .post("/site/notifications/{type}/get", Plain(notifications::get))
        .post(
            "/site/notifications/{type}/update",
            Plain(notifications::update),
        )
        .post("/payments/qr/sbp/link", Missing)
        .post("/payments/qr/status/wait", Missing)
        .post("/sbp/v2/banks/info", Missing)
        .post("/kkt/receipt", Missing)
        .post("/acs/{terminal}", Endpoint::Page(Page::Acs))
        .post("/acs/{terminal}/answer", Endpoint::Page(Page::AcsAnswer))
        .get("/d/{order}", Endpoint::Page(Page::Order))
        .post("/d/{order}", Endpoint::Page(Page::PayOrder))
        .post("/d/{order}/3ds", Endpoint::Page(Page::OrderAuthenticated))
}

/// All parameters there are, in lower case: others are gaps.
pub(super) const PARAMETERS: &[&str] = &[
    "amount",
    "ipaddress",
    "cardcryptogrampacket",
    "currency",
    "name",
    "paymenturl",
    "invoiceid",
    "description",
    "culturename",
    "accountid",
    "email",
    "payer",
    "jsondata",
    "savecard",
    "transactionid",
    "pares",
    "token",
    "trinitiatorcode",
    "paymentscheduled",
    "date",
    "timezone",
    "createddategte",
    "createddatelte",
    "pagenumber",
    "statuses",
    "memberid",
    "receiver",
    "requireconfirmation",
    "requireconfiramtion",
    "startdate",
    "interval",
    "period",
    "maxperiods",
    "customerreceipt",
    "id",
    "sendemail",
    "offeruri",
    "phone",
    "sendsms",
    "sendviber",
    "subscriptionbehavior",
    "successredirecturl",
    "failredirecturl",
    "isenabled",
    "address",
    "httpmethod",
    "encoding",
    "format",
];
