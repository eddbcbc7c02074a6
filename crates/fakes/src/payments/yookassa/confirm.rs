//! What payers, banks and time do to a payment. Money moves here and nowhere else.

use std::time::Duration;

use styk_core::{Money, Movement};

use super::account::Shop;
use super::cards::{self, Outcome};
use super::payment::{Method, Payment, Status};
use super::{Turn, YooKassa, show};
use crate::kit::{Call, Movements};

/// A payer has this long to confirm (Payment process).
const CONFIRM_LIMIT: Duration = Duration::from_secs(3600);
/// A card's hold lasts that long.
const CAPTURE_LIMIT: Duration = Duration::from_secs(7 * 86_400);

impl YooKassa {
    /// Books a movement of a payment.
    pub(super) fn book(
        &self,
        shop: &Shop,
        payment: &Payment,
        movement: Movement,
        minor: i64,
        act: Option<&str>,
        call: Option<&Call>,
    ) {
        self.ground.book_money(&Movements {
            account: &format!("shop {}", shop.id),
            movement,
            amount: Money::new(minor, payment.amount.currency),
            payment: &payment.id,
            act,
            order: payment.order.as_deref(),
            call,
        });
    }

    /// The payer's bank says yes: the money is taken, or held.
    pub(super) fn approve(&self, shop: &mut Shop, id: &str, call: Option<&Call>) {
        let now = self.ground.clock.now();
        let Some(payment) = shop
            .payments
            .get_mut(id)
            .filter(|payment| payment.status == Status::Pending)
        else {
            return;
        };
        let saves = payment.saves_method;
        if let Some(method) = payment.method.as_mut().filter(|_| saves) {
            method.is_saved = true;
        }
        if payment.is_captured_at_once {
            payment.status = Status::Succeeded;
            payment.captured_at = Some(now);
        } else {
            payment.status = Status::WaitingForCapture;
            payment.expires_at = now.checked_add(CAPTURE_LIMIT).ok();
        }
        let payment = payment.clone();
        if let Some(method) = payment.method.as_deref().filter(|method| method.is_saved) {
            shop.keep_method(method);
        }
        let total = payment.amount.minor;
        if payment.status == Status::Succeeded {
            self.book(shop, &payment, Movement::Captured, total, None, call);
            shop.settle_invoice(&payment);
            self.tell_payment(shop, &payment, "payment.succeeded", call);
        } else {
            self.book(shop, &payment, Movement::Authorized, total, None, call);
            self.tell_payment(shop, &payment, "payment.waiting_for_capture", call);
            let credential = shop.credential.clone();
            self.later(
                CAPTURE_LIMIT,
                credential,
                id.to_owned(),
                |yookassa, shop, id| {
                    let is_held = shop
                        .payments
                        .get(id)
                        .is_some_and(|p| p.status == Status::WaitingForCapture);
                    if is_held {
                        yookassa.cancel(shop, id, ("yoo_money", "expired_on_capture"), None);
                    }
                },
            );
        }
    }

    /// The payment ends without money; what was held is given back.
    pub(super) fn cancel(
        &self,
        shop: &mut Shop,
        id: &str,
        by: (&'static str, &'static str),
        call: Option<&Call>,
    ) {
        let Some(payment) = shop.payments.get_mut(id) else {
            return;
        };
        let before = payment.status;
        if !matches!(before, Status::Pending | Status::WaitingForCapture) {
            return;
        }
        payment.status = Status::Canceled;
        payment.canceled_by = Some(by);
        payment.receipt = payment.receipt.map(|_| "canceled");
        let payment = payment.clone();
        let movement = match before {
            Status::WaitingForCapture => Movement::Released,
            _ => Movement::Declined,
        };
        self.book(shop, &payment, movement, payment.amount.minor, None, call);
        self.tell_payment(shop, &payment, "payment.canceled", call);
    }

    /// A payer pays with a card: at once, after 3-D Secure, or not. `true` when the payer is asked first.
    pub(super) fn pay_by_card(
        &self,
        shop: &mut Shop,
        id: &str,
        method: Method,
        number: &str,
        call: Option<&Call>,
    ) -> bool {
        let Some(payment) = shop
            .payments
            .get_mut(id)
            .filter(|payment| payment.status == Status::Pending)
        else {
            return false;
        };
        let this_month = self.ground.clock.now().strftime("%Y-%m").to_string();
        let is_expired = method
            .card
            .as_ref()
            .is_some_and(|card| format!("{}-{}", card.year, card.month) < this_month);
        payment.method = Some(Box::new(method));
        let outcome = if is_expired {
            Outcome::Declined("payment_network", "card_expired")
        } else {
            cards::outcome(number)
        };
        match outcome {
            Outcome::Pays => self.approve(shop, id, call),
            Outcome::Declined(party, reason) => self.cancel(shop, id, (party, reason), call),
            Outcome::Asks => return true,
        }
        false
    }

    /// The payer passed 3-D Secure, or failed.
    pub(super) fn authenticate(
        &self,
        shop: &mut Shop,
        id: &str,
        passed: bool,
        call: Option<&Call>,
    ) {
        if !passed {
            self.cancel(shop, id, ("payment_network", "3d_secure_failed"), call);
            return;
        }
        if let Some(payment) = shop.payments.get_mut(id) {
            payment.is_authenticated = true;
        }
        self.approve(shop, id, call);
    }

    /// A payment that nobody confirms ends after an hour.
    pub(super) fn expire_later(&self, shop: &Shop, id: &str) {
        let credential = shop.credential.clone();
        self.later(
            CONFIRM_LIMIT,
            credential,
            id.to_owned(),
            |yookassa, shop, id| {
                let is_open = shop
                    .payments
                    .get(id)
                    .is_some_and(|p| p.status == Status::Pending);
                if is_open {
                    yookassa.cancel(shop, id, ("yoo_money", "expired_on_confirmation"), None);
                }
            },
        );
    }

    /// Does something to a shop's object when time has passed; nothing when the shop is gone.
    pub(super) fn later(
        &self,
        delay: Duration,
        credential: String,
        id: String,
        act: impl FnOnce(&Self, &mut Shop, &str) + Send + 'static,
    ) {
        let me = self.me.clone();
        self.ground.timers.later(delay, move || {
            let Some(yookassa) = me.upgrade() else { return };
            let Some(account) = yookassa.books.accounts.get(&credential) else {
                return;
            };
            act(&yookassa, &mut account.lock(), &id);
        });
    }

    /// A notification about a payment as it is now.
    pub(super) fn tell_payment(
        &self,
        shop: &Shop,
        payment: &Payment,
        event: &str,
        call: Option<&Call>,
    ) {
        let object = show::payment(payment, &shop.id);
        self.tell(
            shop,
            event,
            &payment.id,
            payment.order.as_deref(),
            &object,
            call,
        );
    }
}

impl Turn<'_> {
    /// The payment of an id as it is shown.
    pub(super) fn show_payment(&self, id: &str) -> Option<serde_json::Value> {
        let payment = self.shop.payments.get(id)?;
        Some(show::payment(payment, &self.shop.id))
    }
}
