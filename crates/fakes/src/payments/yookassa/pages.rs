//! Pages for payers, without a line of JavaScript.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::account::Shop;
use super::payment::{Payment, Status};
use super::payments::card_method;
use super::{Handler, YooKassa};
use crate::kit::{Account, Answer, Call, Routes};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem}label{display:block;margin:.6rem 0}input{width:100%;box-sizing:border-box;font:inherit;padding:.4rem}button{font:inherit;padding:.5rem 1rem;margin:.6rem .4rem 0 0}.error{color:#c0392b}";

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    const CONTRACT: &str = "/checkout/payments/v2/contract";
    routes
        .get(CONTRACT, Handler::Page(contract))
        .post(CONTRACT, Handler::Page(pay))
        .get("/checkout/3ds", Handler::Page(challenge))
        .post("/checkout/3ds", Handler::Page(answer_challenge))
        .get("/checkout/invoices", Handler::Page(invoice))
        .get("/checkout/methods", Handler::Page(method))
        .post("/checkout/methods", Handler::Page(confirm_method))
}

fn page(title: &str, content: &Markup) -> Answer {
    let page = html! {
        (DOCTYPE)
        html lang="ru" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (STYLE) }
            }
            body { h1 { (title) } (content) }
        }
    };
    Answer::html(StatusCode::OK, page.into_string())
}

fn gone(what: &str) -> Answer {
    let content = html! { p { (what) } };
    let mut answer = page("YooKassa", &content);
    answer.status = StatusCode::NOT_FOUND;
    answer
}

fn query(call: &Call, name: &str) -> String {
    let mut pairs = form_urlencoded::parse(call.query().as_bytes());
    let found = pairs.find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn form(call: &Call) -> HashMap<String, String> {
    form_urlencoded::parse(&call.request.body)
        .into_owned()
        .collect()
}

impl YooKassa {
    /// The shop that has an object, wherever it is: pages come without credentials.
    pub(super) fn holder(&self, has: impl Fn(&Shop) -> bool) -> Option<Arc<Account<Shop>>> {
        let accounts = self
            .books
            .accounts
            .all()
            .into_iter()
            .map(|(_, account)| account);
        let mut holders = accounts.filter(|account| has(&account.lock()));
        holders.next()
    }

    fn open_payment(&self, id: &str) -> Option<(Arc<Account<Shop>>, Payment)> {
        let account = self.holder(|shop| shop.payments.contains_key(id))?;
        let payment = account.lock().payments.get(id).cloned()?;
        Some((account, payment))
    }
}

/// Back to the shop; the address is not changed (Payment process).
fn back(payment: &Payment) -> Answer {
    let url = payment
        .confirmation
        .as_ref()
        .and_then(|confirmation| confirmation.return_url.as_deref());
    match url {
        Some(url) => Answer::see_other(url),
        None => page(
            "Оплата",
            &html! { p { "Платёж обработан. The payment is over; this page may be closed." } },
        ),
    }
}

fn contract(yookassa: &YooKassa, call: &Call) -> Answer {
    let id = query(call, "orderId");
    let Some((_, payment)) = yookassa.open_payment(&id) else {
        return gone("There is no such payment.");
    };
    note(call, &payment);
    if payment.status != Status::Pending {
        return back(&payment);
    }
    let kind = payment
        .method
        .as_ref()
        .map(|method| (method.kind.as_str(), method.card.is_some()));
    match kind {
        Some(("bank_card", true)) => challenge_page(&payment),
        None | Some(("bank_card", false)) => card_page(&payment, None),
        Some((kind, _)) => wallet_page(&payment, kind),
    }
}

fn note(call: &Call, payment: &Payment) {
    call.note(|notes| {
        notes.object = Some(payment.id.clone());
        notes.order = payment.order.as_deref().map(str::to_owned);
    });
}

fn card_page(payment: &Payment, error: Option<&str>) -> Answer {
    page(
        "Оплата картой",
        &html! {
            p { (payment.amount.to_string()) }
            @if let Some(error) = error { p.error role="alert" { (error) } }
            form method="post" action={"/checkout/payments/v2/contract?orderId=" (payment.id)} {
                label { "Номер карты" input name="cardNumber" autocomplete="cc-number" inputmode="numeric" required; }
                label { "Месяц/год" input name="expiry" autocomplete="cc-exp" placeholder="MM/YY" required; }
                label { "CVC" input name="csc" autocomplete="cc-csc" inputmode="numeric" required; }
                button type="submit" name="action" value="pay" { "Оплатить · Pay" }
            }
        },
    )
}

fn wallet_page(payment: &Payment, kind: &str) -> Answer {
    page(
        "Оплата",
        &html! {
            p { (payment.amount.to_string()) " · " (kind) }
            form method="post" action={"/checkout/payments/v2/contract?orderId=" (payment.id)} {
                button type="submit" name="action" value="confirm" { "Подтвердить · Confirm" }
                button type="submit" name="action" value="refuse" { "Отмена · Cancel" }
            }
        },
    )
}

fn challenge_page(payment: &Payment) -> Answer {
    page(
        "3-D Secure",
        &html! {
            p { (payment.amount.to_string()) }
            form method="post" action={"/checkout/3ds?orderId=" (payment.id)} {
                button type="submit" name="outcome" value="pass" { "Подтвердить · Confirm" }
                button type="submit" name="outcome" value="fail" { "Отмена · Fail" }
            }
        },
    )
}

fn pay(yookassa: &YooKassa, call: &Call) -> Answer {
    let id = query(call, "orderId");
    let Some((account, payment)) = yookassa.open_payment(&id) else {
        return gone("There is no such payment.");
    };
    note(call, &payment);
    let fields = form(call);
    let field = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let mut shop = account.lock();
    match field("action") {
        "confirm" => yookassa.approve(&mut shop, &id, Some(call)),
        "refuse" => {
            yookassa.cancel(
                &mut shop,
                &id,
                ("payment_network", "general_decline"),
                Some(call),
            );
        }
        _ => {
            let number: String = field("cardNumber")
                .chars()
                .filter(char::is_ascii_digit)
                .collect();
            let Some((month, year)) = expiry(field("expiry")) else {
                return card_page(
                    &payment,
                    Some("Проверьте срок действия · Check the expiry date"),
                );
            };
            if !(14..=19).contains(&number.len()) {
                return card_page(
                    &payment,
                    Some("Проверьте номер карты · Check the card number"),
                );
            }
            let method = card_method(&id, &number, &month, &year);
            let asks = yookassa.pay_by_card(&mut shop, &id, method, &number, Some(call));
            if asks {
                return Answer::see_other(
                    &yookassa
                        .ground
                        .address(&format!("/checkout/3ds?orderId={id}")),
                );
            }
        }
    }
    shop.payments
        .get(&id)
        .map_or_else(|| gone("The payment is gone."), back)
}

/// `12/34` as month and year.
fn expiry(text: &str) -> Option<(String, String)> {
    let (month, year) = text.split_once('/')?;
    let (month, year) = (month.trim(), year.trim());
    let number: u8 = month
        .parse()
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    let year = match year.len() {
        2 => format!("20{year}"),
        4 => year.to_owned(),
        _ => return None,
    };
    year.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| (format!("{number:02}"), year))
}

fn challenge(yookassa: &YooKassa, call: &Call) -> Answer {
    match yookassa.open_payment(&query(call, "orderId")) {
        Some((_, payment)) if payment.status == Status::Pending => challenge_page(&payment),
        Some((_, payment)) => back(&payment),
        None => gone("There is no such payment."),
    }
}

fn answer_challenge(yookassa: &YooKassa, call: &Call) -> Answer {
    let id = query(call, "orderId");
    let Some((account, payment)) = yookassa.open_payment(&id) else {
        return gone("There is no such payment.");
    };
    note(call, &payment);
    let passed = form(call)
        .get("outcome")
        .is_some_and(|outcome| outcome == "pass");
    let mut shop = account.lock();
    yookassa.authenticate(&mut shop, &id, passed, Some(call));
    shop.payments
        .get(&id)
        .map_or_else(|| gone("The payment is gone."), back)
}

/// An invoice's page leads to a payment.
fn invoice(yookassa: &YooKassa, call: &Call) -> Answer {
    let id = query(call, "invoiceId");
    let Some(account) = yookassa.holder(|shop| shop.invoices.contains_key(&id)) else {
        return gone("There is no such invoice.");
    };
    let payment = yookassa.payment_of_invoice(&mut account.lock(), &id);
    match payment {
        Some(payment) => {
            let path = format!("/checkout/payments/v2/contract?orderId={payment}");
            Answer::see_other(&yookassa.ground.address(&path))
        }
        None => page(
            "Счёт",
            &html! { p { "Счёт закрыт. The invoice is settled or over." } },
        ),
    }
}

fn method(yookassa: &YooKassa, call: &Call) -> Answer {
    let id = query(call, "methodId");
    match yookassa.holder(|shop| shop.methods.contains_key(&id)) {
        Some(_) => page(
            "Привязка",
            &html! {
                form method="post" action={"/checkout/methods?methodId=" (id)} {
                    button type="submit" name="outcome" value="pass" { "Подтвердить · Confirm" }
                    button type="submit" name="outcome" value="fail" { "Отмена · Cancel" }
                }
            },
        ),
        None => gone("There is no such payment method."),
    }
}

fn confirm_method(yookassa: &YooKassa, call: &Call) -> Answer {
    let id = query(call, "methodId");
    let Some(account) = yookassa.holder(|shop| shop.methods.contains_key(&id)) else {
        return gone("There is no such payment method.");
    };
    let mut shop = account.lock();
    if form(call)
        .get("outcome")
        .is_some_and(|outcome| outcome == "pass")
    {
        yookassa.activate(&mut shop, &id, Some(call));
    }
    let url = shop
        .methods
        .get(&id)
        .and_then(|saved| saved.confirmation.as_ref()?.return_url.clone());
    match url {
        Some(url) => Answer::see_other(&url),
        None => page(
            "Привязка",
            &html! { p { "Готово. Done; this page may be closed." } },
        ),
    }
}
