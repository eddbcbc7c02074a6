//! Payments on their way: registered, checked with the shop, authenticated, authorised or declined.
//!
//! A payment is registered first and hidden; the shop is asked without the terminal's lock; then it is decided.

use std::time::Duration;

use serde_json::Value;
use styk_core::Movement;

use super::cards::Card;
use super::params::Params;
use super::reply::{Outcome, Refusal, model};
use super::show::{Challenge, Shown};
use super::transaction::{Details, Kind, Source, Status, Transaction};
use super::turn::Turn;
use super::{CloudPayments, Keyed, acs, codes, notifications, subscriptions};
use crate::kit::{Answer, Call};

/// The payer did not authenticate.
pub(super) const NOT_AUTHENTICATED: u16 = 5206;
/// The order of the page is paid or cancelled already.
const NOT_NOW: u16 = 5012;
const NO_CARD: u16 = 5014;

/// A payment that waits for its payer is given up after this time (not documented).
const PAYER_LIMIT: Duration = Duration::from_secs(3600);
/// An authorisation that is not confirmed is cancelled after seven days.
const CONFIRM_LIMIT: Duration = Duration::from_secs(7 * 86_400);

/// `POST /payments/cards/charge`.
pub(super) fn charge_card(turn: &mut Turn<'_>, params: &Params) -> Result<i64, Refusal> {
    by_card(turn, params, false)
}

/// `POST /payments/cards/auth`.
pub(super) fn auth_card(turn: &mut Turn<'_>, params: &Params) -> Result<i64, Refusal> {
    by_card(turn, params, true)
}

/// `POST /payments/tokens/charge`.
pub(super) fn charge_token(turn: &mut Turn<'_>, params: &Params) -> Result<i64, Refusal> {
    by_token(turn, params, false)
}

/// `POST /payments/tokens/auth`.
pub(super) fn auth_token(turn: &mut Turn<'_>, params: &Params) -> Result<i64, Refusal> {
    by_token(turn, params, true)
}

fn by_card(turn: &mut Turn<'_>, params: &Params, is_two_stage: bool) -> Result<i64, Refusal> {
    let money = params.amount(params.currency()?)?;
    params.need_text("IpAddress")?;
    let packet = params.need_text("CardCryptogramPacket")?;
    let card =
        Card::from_packet(&packet).ok_or_else(|| Refusal::invalid("CardCryptogramPacket"))?;
    let save = params.flag("SaveCard")?;
    let details = details(turn, params)?;
    let mut payment = Transaction::new(Kind::Payment, money, Source::Packet, details);
    payment.is_two_stage = is_two_stage;
    payment.wants_token = payment.account().is_some() && save != Some(false);
    payment.card = Some(Box::new(card));
    Ok(register(turn, payment))
}

fn by_token(turn: &mut Turn<'_>, params: &Params, is_two_stage: bool) -> Result<i64, Refusal> {
    let money = params.amount(params.currency()?)?;
    let account = params.need_text("AccountId")?;
    let token = params.need_text("Token")?;
    if !matches!(params.integer("TrInitiatorCode")?, None | Some(0 | 1)) {
        return Err(Refusal::invalid("TrInitiatorCode"));
    }
    if !matches!(params.integer("PaymentScheduled")?, None | Some(0 | 1)) {
        return Err(Refusal::invalid("PaymentScheduled"));
    }
    let details = details(turn, params)?;
    let payment = Transaction::new(Kind::Payment, money, Source::Token, details);
    let payment = with_token(turn, payment, &token, &account)?;
    Ok(register(
        turn,
        Transaction {
            is_two_stage,
            ..payment
        },
    ))
}

/// The same payment, by a saved card of an account of the shop.
pub(super) fn with_token(
    turn: &Turn<'_>,
    mut payment: Transaction,
    token: &str,
    account: &str,
) -> Result<Transaction, Refusal> {
    let saved = turn.terminal.tokens.get(token);
    let saved = saved
        .filter(|saved| &*saved.account == account)
        .ok_or_else(|| Refusal::new("Token not found"))?;
    payment.card = Some(Box::new(saved.details.clone()));
    payment.token = Some(token.into());
    Ok(payment)
}

/// What the shop says about an operation.
pub(super) fn details(turn: &Turn<'_>, params: &Params) -> Result<Details, Refusal> {
    if params
        .text("Email")
        .is_some_and(|email| !email.contains('@'))
    {
        return Err(Refusal::invalid("Email"));
    }
    let mut details = Details {
        invoice: params.kept("InvoiceId"),
        account: params.kept("AccountId"),
        email: params.kept("Email"),
        description: params.kept("Description"),
        data: params.json("JsonData"),
        name: params.kept("Name"),
        ip: params.kept("IpAddress"),
        culture: params.kept("CultureName"),
        order: None,
    };
    details.order = turn.order_of(&details);
    Ok(details)
}

/// Writes an operation down, still hidden.
pub(super) fn register(turn: &mut Turn<'_>, transaction: Transaction) -> i64 {
    let now = turn.now();
    let id = turn.terminal.register(transaction, now);
    if let Some(transaction) = turn.terminal.any(id) {
        turn.note_transaction(transaction);
    }
    id
}

impl CloudPayments {
    /// Takes a registered payment to its end, or to the payer's bank: asks the shop, then decides.
    pub(super) async fn proceed(&self, keyed: &Keyed, id: i64, call: Option<&Call>) -> Answer {
        let question = {
            let terminal = keyed.lock();
            terminal
                .any(id)
                .and_then(|payment| notifications::question(&terminal, payment))
        };
        let veto = match question {
            Some(notice) => notifications::veto(self, notice).await,
            None => None,
        };
        let terminal = &mut *keyed.lock();
        let mut turn = Turn {
            fake: self,
            terminal,
            call,
        };
        decide(&mut turn, id, veto);
        answer(&turn, id)
    }
}

/// Decides a registered payment, when the shop has no objection.
pub(super) fn decide(turn: &mut Turn<'_>, id: i64, veto: Option<u16>) {
    let now = turn.now();
    let Some(payment) = turn.terminal.any(id) else {
        return;
    };
    let by_token = payment.source == Source::Token;
    let behaviour = payment.card.as_ref().map(|card| card.behaviour(now));
    let (mut code, mut is_secure) = match behaviour {
        Some(known) if by_token => (known.by_token, false),
        Some(known) => (known.first, known.is_secure),
        // Money that goes out to a phone has no card.
        None if payment.kind == Kind::Payout => (0, false),
        None => (NO_CARD, false),
    };
    if payment.kind == Kind::Payout {
        is_secure = false;
    }
    let forced = veto.or_else(|| turn.terminal.decline_next.take());
    if let Some(forced) = forced {
        (code, is_secure) = (forced, false);
    }
    if is_secure {
        await_payer(turn, id);
    } else {
        finish(turn, id, code);
    }
}

fn await_payer(turn: &mut Turn<'_>, id: i64) {
    if let Some(payment) = turn.terminal.get_mut(id) {
        payment.status = Status::AwaitingAuthentication;
    }
    turn.fake
        .later(&turn.terminal.public_id, PAYER_LIMIT, move |turn| {
            let payment = turn.terminal.get(id);
            if payment.is_some_and(|payment| payment.status == Status::AwaitingAuthentication) {
                finish(turn, id, NOT_AUTHENTICATED);
            }
        });
}

/// Authorises a payment, or declines it: 0 or the number of a decline.
pub(super) fn finish(turn: &mut Turn<'_>, id: i64, code: u16) {
    let now = turn.now();
    let Some(payment) = turn.terminal.any(id).cloned() else {
        return;
    };
    let is_late = match &payment.source {
        Source::Page(order) => !super::orders::is_open(turn.terminal, order),
        _ => false,
    };
    let mut payment = payment;
    payment.reason = if code == 0 && is_late { NOT_NOW } else { code };
    if payment.reason == 0 {
        payment.authorized = Some(now);
        payment.status = Status::Authorized;
        if !payment.is_two_stage {
            payment.confirmed = Some(now);
            payment.status = Status::Completed;
        }
        save_card(turn, &mut payment);
    } else {
        payment.status = Status::Declined;
    }
    let movement = match (payment.kind, payment.status) {
        (_, Status::Declined) => Movement::Declined,
        (Kind::Payout, _) => Movement::PaidOut,
        (_, Status::Authorized) => Movement::Authorized,
        _ => Movement::Captured,
    };
    turn.book_whole(movement, &payment);
    if let Some(place) = turn.terminal.get_mut(id) {
        *place = payment.clone();
    }
    notifications::tell_of_end(turn, &payment);
    if payment.reason == 0 {
        succeeded(turn, &payment);
    }
}

/// Gives the payer's card a token, where the shop wants one.
fn save_card(turn: &mut Turn<'_>, payment: &mut Transaction) {
    if !payment.wants_token || payment.token.is_some() {
        return;
    }
    let card = payment.card.as_deref().cloned();
    if let (Some(card), Some(account)) = (card, payment.account()) {
        payment.token = Some(turn.terminal.save_card(account, &card));
    }
}

/// What follows a payment that was authorised.
fn succeeded(turn: &mut Turn<'_>, payment: &Transaction) {
    if let Source::Page(order) = &payment.source {
        super::orders::paid(turn, order);
    }
    if payment.source != Source::Token && payment.kind == Kind::Payment {
        subscriptions::from_payment(turn, payment);
    }
    if payment.status == Status::Authorized {
        let id = payment.id;
        turn.fake
            .later(&turn.terminal.public_id, CONFIRM_LIMIT, move |turn| {
                super::settle::cancel(turn, id);
            });
    }
}

/// What a payment is answered with: its model, or the way to the payer's bank.
pub(super) fn answer(turn: &Turn<'_>, id: i64) -> Answer {
    let Some(payment) = turn.terminal.any(id) else {
        return Refusal::not_found().answer();
    };
    turn.note_transaction(payment);
    if payment.status == Status::AwaitingAuthentication {
        let challenge = Challenge {
            transaction_id: id,
            pa_req: acs::pa_req(turn.fake, &turn.terminal.public_id, id),
            go_req: None,
            acs_url: acs::address(turn.fake, &turn.terminal.public_id),
            three_ds_session_data: None,
            iframe_is_allowed: true,
            frame_width: None,
            frame_height: None,
            three_ds_callback_id: acs::callback_id(turn.fake, &turn.terminal.public_id, id),
            escrow_accumulation_id: None,
        };
        return model(false, &challenge);
    }
    let shown = Shown::of(payment, &turn.terminal.public_id);
    model(payment.reason == 0, &shown)
}

/// `POST /payments/cards/post3ds`.
pub(super) fn post3ds(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let id = params.need_integer("TransactionId")?;
    let pa_res = params.need_text("PaRes")?;
    let payment = turn.terminal.get(id).ok_or_else(Refusal::not_found)?;
    if payment.status != Status::AwaitingAuthentication {
        return Err(Refusal::new(format!(
            "Transaction {id} does not await authentication"
        )));
    }
    authenticated(turn, id, &pa_res);
    Ok(answer(turn, id))
}

/// Ends a payment by what the payer's bank said.
pub(super) fn authenticated(turn: &mut Turn<'_>, id: i64, pa_res: &str) {
    let now = turn.now();
    let is_passed = acs::is_passed(turn.fake, &turn.terminal.public_id, id, pa_res);
    let card = turn
        .terminal
        .get(id)
        .and_then(|payment| payment.card.as_deref());
    let code = match card {
        Some(card) if is_passed => card.behaviour(now).first,
        _ => NOT_AUTHENTICATED,
    };
    finish(turn, id, code);
}

/// `POST /payments/cards/topup`: money to a card.
pub(super) fn topup_card(turn: &mut Turn<'_>, params: &Params) -> Result<i64, Refusal> {
    // An SDK of wide use sends the token of a saved card here.
    if params.text("Token").is_some() {
        return topup_token(turn, params);
    }
    let money = params.amount(params.currency()?)?;
    let packet = params.need_text("CardCryptogramPacket")?;
    let card =
        Card::from_packet(&packet).ok_or_else(|| Refusal::invalid("CardCryptogramPacket"))?;
    let details = details(turn, params)?;
    let mut payout = Transaction::new(Kind::Payout, money, Source::Out, details);
    payout.card = Some(Box::new(card));
    Ok(register(turn, payout))
}

/// `POST /payments/token/topup`: money to a saved card.
pub(super) fn topup_token(turn: &mut Turn<'_>, params: &Params) -> Result<i64, Refusal> {
    let money = params.amount(params.currency()?)?;
    let account = params.need_text("AccountId")?;
    let token = params.need_text("Token")?;
    let details = details(turn, params)?;
    let payout = Transaction::new(Kind::Payout, money, Source::Out, details);
    let payout = with_token(turn, payout, &token, &account)?;
    Ok(register(turn, payout))
}

/// `POST /payments/alt/topup`: money to a phone's bank.
pub(super) fn topup_phone(turn: &mut Turn<'_>, params: &Params) -> Result<i64, Refusal> {
    let money = params.amount(params.currency()?)?;
    params.need_text("MemberId")?;
    if params.within("Receiver", "Phone").is_none() {
        return Err(Refusal::missing("Receiver.Phone"));
    }
    let details = details(turn, params)?;
    let payout = Transaction::new(Kind::Payout, money, Source::Out, details);
    Ok(register(turn, payout))
}

/// A declined payment as a fault shows it: of what the call asks, and nowhere written down.
pub(super) fn declined_on_command(
    public_id: &str,
    params: &Params,
    code: u16,
    now: jiff::Timestamp,
) -> Answer {
    let money = params
        .currency()
        .and_then(|currency| params.amount(currency))
        .or_else(|_| Params::form(b"Amount=1").and_then(|one| one.amount(one.currency()?)));
    let Ok(money) = money else {
        return Refusal::new(codes::name(code)).answer();
    };
    let details = Details {
        invoice: params.kept("InvoiceId"),
        account: params.kept("AccountId"),
        data: params.json("JsonData"),
        ..Details::default()
    };
    let mut payment = Transaction::new(Kind::Payment, money, Source::Packet, details);
    let packet = params.text("CardCryptogramPacket");
    payment.card = packet
        .and_then(|packet| Card::from_packet(&packet))
        .map(Box::new);
    payment.status = Status::Declined;
    payment.reason = code;
    payment.created = now;
    model(false, &Shown::of(&payment, public_id))
}

/// `cloudPayments.recurrent` of `JsonData`.
pub(super) fn recurrent(data: Option<&str>) -> Option<serde_json::Map<String, Value>> {
    let data: Value = serde_json::from_str(data?).ok()?;
    let object = data.as_object()?;
    let member = |object: &serde_json::Map<String, Value>, name: &str| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    let inner = member(object, "cloudPayments")?;
    member(inner.as_object()?, "recurrent")?
        .as_object()
        .cloned()
}
