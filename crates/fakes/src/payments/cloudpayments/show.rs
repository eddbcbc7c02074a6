//! Transactions as the API shows them: every key of the model is there, also when it is empty.

use jiff::Timestamp;
use serde::Serialize;
use styk_core::Money;

use super::transaction::{Kind, Status, Transaction, number};
use super::{codes, currencies};

/// `/Date(1635154784619)/`.
pub(super) fn ticks(time: Timestamp) -> String {
    format!("/Date({})/", time.as_millisecond())
}

/// `2021-10-25T09:39:44`, UTC.
pub(super) fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The code of every authorisation in test mode.
pub(super) const AUTH_CODE: &str = "A1B2C3";
pub(super) const GATEWAY: &str = "Test";
pub(super) const ISSUER: &str = "Test Bank";

/// What the provider keeps of a payment (a made-up tariff of 3.9 %).
pub(super) fn fee(money: Money) -> Money {
    Money::new((money.minor * 39 + 500) / 1000, money.currency)
}

/// The model of a transaction (CloudPayments API, Payments).
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Shown<'a> {
    reason_code: u16,
    public_id: &'a str,
    terminal_url: &'static str,
    transaction_id: i64,
    amount: f64,
    currency: &'a str,
    currency_code: usize,
    payment_amount: f64,
    payment_currency: &'a str,
    payment_currency_code: usize,
    invoice_id: Option<&'a str>,
    account_id: Option<&'a str>,
    email: Option<&'a str>,
    description: Option<&'a str>,
    json_data: Option<&'a str>,
    created_date: String,
    payout_date: Option<()>,
    payout_date_iso: Option<()>,
    payout_amount: Option<()>,
    created_date_iso: String,
    auth_date: Option<String>,
    auth_date_iso: Option<String>,
    confirm_date: Option<String>,
    confirm_date_iso: Option<String>,
    auth_code: Option<&'static str>,
    test_mode: bool,
    rrn: Option<()>,
    original_transaction_id: Option<i64>,
    fall_back_scenario_declined_transaction_id: Option<()>,
    ip_address: Option<&'a str>,
    ip_country: &'static str,
    ip_city: &'static str,
    ip_region: &'static str,
    ip_district: &'static str,
    ip_latitude: f64,
    ip_longitude: f64,
    card_first_six: Option<&'a str>,
    card_last_four: Option<&'a str>,
    card_exp_date: Option<String>,
    card_type: Option<&'static str>,
    card_product: Option<()>,
    card_category: Option<()>,
    escrow_accumulation_id: Option<()>,
    card_type_code: Option<u8>,
    issuer_bank_country: &'static str,
    issuer: &'static str,
    status: &'static str,
    status_code: u8,
    culture_name: &'a str,
    reason: Option<&'static str>,
    card_holder_message: Option<&'static str>,
    #[serde(rename = "Type")]
    kind: u8,
    refunded: bool,
    name: Option<&'a str>,
    token: Option<&'a str>,
    subscription_id: Option<&'a str>,
    is_local_order: bool,
    hide_invoice_id: bool,
    gateway: u8,
    gateway_name: &'static str,
    android_pay: bool,
    master_pass: bool,
    wallet_type: &'static str,
    total_fee: f64,
    vat_above_total_fee: f64,
    processor_and_partner_fee: f64,
    vat_within_processor_fee: f64,
    transaction_is_in_process: bool,
}

impl<'a> Shown<'a> {
    /// A transaction of a terminal.
    pub(super) fn of(transaction: &'a Transaction, public_id: &'a str) -> Self {
        let details = &*transaction.details;
        let currency = &transaction.money.currency;
        let card = transaction.card.as_deref();
        let is_decided = !matches!(
            transaction.status,
            Status::Checking | Status::AwaitingAuthentication
        );
        let is_taken = transaction.status == Status::Completed && transaction.kind == Kind::Payment;
        let reason = transaction.reason;
        Self {
            reason_code: reason,
            public_id,
            terminal_url: "http://cloudpayments.ru",
            transaction_id: transaction.id,
            amount: number(transaction.money),
            currency: currency.code(),
            currency_code: currencies::number(*currency),
            payment_amount: number(transaction.money),
            payment_currency: currency.code(),
            payment_currency_code: currencies::number(*currency),
            invoice_id: details.invoice.as_deref(),
            account_id: details.account.as_deref(),
            email: details.email.as_deref(),
            description: details.description.as_deref(),
            json_data: details.data.as_deref(),
            created_date: ticks(transaction.created),
            payout_date: None,
            payout_date_iso: None,
            payout_amount: None,
            created_date_iso: iso(transaction.created),
            auth_date: transaction.authorized.map(ticks),
            auth_date_iso: transaction.authorized.map(iso),
            confirm_date: transaction.confirmed.map(ticks),
            confirm_date_iso: transaction.confirmed.map(iso),
            auth_code: transaction.authorized.map(|_| AUTH_CODE),
            test_mode: true,
            rrn: None,
            original_transaction_id: transaction.original,
            fall_back_scenario_declined_transaction_id: None,
            ip_address: details.ip.as_deref(),
            ip_country: "RU",
            ip_city: "Москва",
            ip_region: "Москва",
            ip_district: "Центральный федеральный округ",
            ip_latitude: 55.75222,
            ip_longitude: 37.61556,
            card_first_six: card.map(super::cards::Card::first_six),
            card_last_four: card.map(super::cards::Card::last_four),
            card_exp_date: card.map(super::cards::Card::expiry),
            card_type: card.map(|card| card.system().0),
            card_product: None,
            card_category: None,
            escrow_accumulation_id: None,
            card_type_code: card.map(|card| card.system().1),
            issuer_bank_country: "RU",
            issuer: ISSUER,
            status: transaction.status.name(),
            status_code: transaction.status.number(),
            culture_name: details.culture.as_deref().unwrap_or("ru-RU"),
            reason: is_decided.then(|| codes::name(reason)),
            card_holder_message: is_decided
                .then(|| codes::for_holder(reason, transaction.is_russian())),
            kind: transaction.kind as u8,
            refunded: transaction.kind == Kind::Payment
                && transaction.refunded > 0
                && transaction.refundable() == 0,
            name: details.name.as_deref(),
            token: transaction.token.as_deref(),
            subscription_id: transaction.subscription.as_deref(),
            is_local_order: false,
            hide_invoice_id: false,
            gateway: 0,
            gateway_name: GATEWAY,
            android_pay: false,
            master_pass: false,
            wallet_type: "",
            total_fee: if is_taken {
                number(fee(transaction.money))
            } else {
                0.0
            },
            vat_above_total_fee: 0.0,
            processor_and_partner_fee: 0.0,
            vat_within_processor_fee: 0.0,
            transaction_is_in_process: false,
        }
    }
}

/// What a shop needs to have the payer authenticate (CloudPayments API, 3-D Secure). It has no `ReasonCode`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Challenge {
    pub(super) transaction_id: i64,
    pub(super) pa_req: String,
    pub(super) go_req: Option<()>,
    pub(super) acs_url: String,
    pub(super) three_ds_session_data: Option<()>,
    #[serde(rename = "IFrameIsAllowed")]
    pub(super) iframe_is_allowed: bool,
    pub(super) frame_width: Option<()>,
    pub(super) frame_height: Option<()>,
    pub(super) three_ds_callback_id: String,
    pub(super) escrow_accumulation_id: Option<()>,
}
