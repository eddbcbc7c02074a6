//! The page of an order, for the payer: plain HTML.

use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::cards::Card;
use super::orders::{Order, Status};
use super::params::Params;
use super::transaction::{Kind, Source, Status as Ended, Transaction};
use super::turn::Turn;
use super::{CloudPayments, Keyed, acs, codes, payments};
use crate::kit::{Answer, Call};

const CSS: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}\
                   input,button{font:inherit;padding:.4rem;margin:.2rem 0}label{display:block}\
                   .wrong{color:#b00020}";

/// A page.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="ru" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (CSS) }
            }
            body { h1 { (title) } (body) }
        }
    };
    page.into_string()
}

fn plain(status: StatusCode, title: &str, text: &str) -> Answer {
    Answer::html(status, page(title, &html! { p { (text) } }))
}

fn missing() -> Answer {
    plain(
        StatusCode::NOT_FOUND,
        "Заказ не найден",
        "There is no such order.",
    )
}

/// The form of an order that can be paid.
fn form(order: &Order, problem: Option<&str>) -> Answer {
    let action = format!("/d/{}", order.id);
    let description = order.details.description.as_deref().unwrap_or_default();
    let body = html! {
        p { (description) }
        p { b { (order.money) } }
        @if let Some(problem) = problem { p.wrong { (problem) } }
        form method="post" action=(action) autocomplete="off" {
            label { "Номер карты (Card number) " input type="text" name="cardNumber" inputmode="numeric" required; }
            label { "Месяц (Month) " input type="text" name="expMonth" size="2" required; }
            label { "Год (Year) " input type="text" name="expYear" size="4" required; }
            label { "CVV " input type="password" name="cvv" size="4" required; }
            label { "Имя на карте (Name) " input type="text" name="name"; }
            button type="submit" { "Оплатить (Pay)" }
        }
        @if let (Some(url), Some(_)) = (&order.fail_url, problem) {
            p { a href=(url) { "Вернуться в магазин (Back to the shop)" } }
        }
    };
    Answer::html(StatusCode::OK, page("Оплата заказа", &body))
}

/// What stands instead of the form when an order is over.
fn over(order: &Order) -> Answer {
    match order.status {
        Status::Paid => plain(
            StatusCode::OK,
            "Заказ оплачен",
            "The order is paid. Thank you.",
        ),
        _ => plain(
            StatusCode::GONE,
            "Заказ отменён",
            "The order was cancelled.",
        ),
    }
}

impl CloudPayments {
    /// The terminal of an order, and the order.
    pub(super) fn order(&self, id: &str) -> Option<(Keyed, Order)> {
        let accounts = self.accounts.all().into_iter();
        let mut found = accounts.filter_map(|(_, keyed)| {
            let order = keyed.lock().orders.get(id).cloned()?;
            Some((keyed, order))
        });
        found.next()
    }

    /// `GET /d/{order}`.
    pub(super) fn order_page(&self, call: &Call) -> Answer {
        match self.order(call.parameter(0)) {
            None => missing(),
            Some((keyed, order)) => {
                note(call, &keyed, &order);
                match order.status {
                    Status::Created => form(&order, None),
                    _ => over(&order),
                }
            }
        }
    }

    /// `POST /d/{order}`: the payer gives a card.
    pub(super) async fn pay_order_page(&self, call: &Call) -> Answer {
        let Some((keyed, order)) = self.order(call.parameter(0)) else {
            return missing();
        };
        note(call, &keyed, &order);
        let card = Params::form(&call.request.body).ok();
        let Some(card) = card.and_then(|fields| typed(&fields)) else {
            return form(&order, Some("Проверьте данные карты. Check the card."));
        };
        if order.status != Status::Created {
            return over(&order);
        }
        let id = self.pay_order(&keyed, &order, card, Some(call)).await;
        self.order_answer(&keyed, &order, id)
    }

    /// Pays an order with a card; gives the transaction's number.
    pub(super) async fn pay_order(
        &self,
        keyed: &Keyed,
        order: &Order,
        card: Card,
        call: Option<&Call>,
    ) -> i64 {
        let id = {
            let mut turn = Turn {
                fake: self,
                terminal: &mut keyed.lock(),
                call,
            };
            let source = Source::Page(order.id.clone());
            let details = order.details.clone();
            let mut payment = Transaction::new(Kind::Payment, order.money, source, details);
            payment.is_two_stage = order.is_two_stage;
            payment.wants_token = payment.account().is_some();
            payment.card = Some(Box::new(card));
            payments::register(&mut turn, payment)
        };
        self.proceed(keyed, id, call).await;
        id
    }

    /// `POST /d/{order}/3ds`: the payer comes back from the bank.
    pub(super) fn order_authenticated(&self, call: &Call) -> Answer {
        let Some((keyed, order)) = self.order(call.parameter(0)) else {
            return missing();
        };
        note(call, &keyed, &order);
        let Ok(fields) = Params::form(&call.request.body) else {
            return missing();
        };
        let id = fields.integer("MD").ok().flatten().unwrap_or(0);
        let code = fields.text("PaRes").unwrap_or_default();
        let is_its = {
            let terminal = &mut *keyed.lock();
            let source = Source::Page(order.id.clone());
            let payment = terminal.get(id).filter(|payment| payment.source == source);
            let status = payment.map(|payment| payment.status);
            if status == Some(Ended::AwaitingAuthentication) {
                let mut turn = Turn {
                    fake: self,
                    terminal,
                    call: Some(call),
                };
                payments::authenticated(&mut turn, id, &code);
            }
            status.is_some()
        };
        if is_its {
            self.order_answer(&keyed, &order, id)
        } else {
            missing()
        }
    }

    /// Where the payer of an order goes from here.
    fn order_answer(&self, keyed: &Keyed, order: &Order, id: i64) -> Answer {
        let (status, reason, is_russian) = {
            let terminal = keyed.lock();
            match terminal.get(id) {
                Some(payment) => (payment.status, payment.reason, payment.is_russian()),
                None => return missing(),
            }
        };
        match status {
            Ended::AwaitingAuthentication => {
                let back = self.ground.address(&format!("/d/{}/3ds", order.id));
                acs::page(&keyed.label, id, &back)
            }
            Ended::Declined => form(order, Some(codes::for_holder(reason, is_russian))),
            _ => match &order.success_url {
                Some(url) => Answer::see_other(url),
                None => plain(
                    StatusCode::OK,
                    "Заказ оплачен",
                    "The order is paid. Thank you.",
                ),
            },
        }
    }
}

fn note(call: &Call, keyed: &Keyed, order: &Order) {
    call.note(|notes| {
        notes.account = Some(keyed.label.clone());
        notes.object = Some(order.id.to_string());
        notes.order = order.details.order.as_deref().map(str::to_owned);
    });
}

/// The card that a payer typed: expiry in one field, or in two.
pub(super) fn typed(fields: &Params) -> Option<Card> {
    let any = |names: &[&str]| names.iter().find_map(|name| fields.text(name));
    let number = any(&["cardNumber", "number", "pan", "cc-number", "card"])?;
    let month = any(&["expMonth", "month", "cc-exp-month", "exp_month"]);
    let year = any(&["expYear", "year", "cc-exp-year", "exp_year"]);
    if let (Some(month), Some(year)) = (month, year) {
        return Card::typed(&number, &month, &year);
    }
    let expiry = any(&["expiry", "exp", "cc-exp", "expDate"])?;
    let digits: String = expiry.chars().filter(char::is_ascii_digit).collect();
    let month = digits.get(..2)?;
    Card::typed(&number, month, digits.get(2..)?)
}
