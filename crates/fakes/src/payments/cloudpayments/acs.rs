//! The page of the payer's bank: 3-D Secure (CloudPayments API, 3-D Secure).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use maud::html;
use sha2::Sha256;

use super::transaction::Status;
use super::{CloudPayments, pages};
use crate::kit::{Answer, Call};

/// Where the shop's page posts the payer to.
pub(super) fn address(fake: &CloudPayments, public_id: &str) -> String {
    fake.ground.address(&format!("/acs/{public_id}"))
}

/// What the payer's bank is asked.
pub(super) fn pa_req(fake: &CloudPayments, public_id: &str, id: i64) -> String {
    seal(fake, &format!("{public_id}:{id}:request"))
}

/// An id of this challenge.
pub(super) fn callback_id(fake: &CloudPayments, public_id: &str, id: i64) -> String {
    let seal = seal(fake, &format!("{public_id}:{id}:callback"));
    let letters = seal.chars().filter(char::is_ascii_alphanumeric);
    letters.take(32).collect::<String>().to_ascii_lowercase()
}

/// What the payer's bank answers: bound to the transaction and to how it went.
pub(super) fn pa_res(fake: &CloudPayments, public_id: &str, id: i64, is_passed: bool) -> String {
    let outcome = if is_passed { "passed" } else { "failed" };
    seal(fake, &format!("{public_id}:{id}:{outcome}"))
}

/// Whether the bank's answer says that the payer of this transaction is who they say.
pub(super) fn is_passed(fake: &CloudPayments, public_id: &str, id: i64, answer: &str) -> bool {
    // Spaces come from forms that did not escape `+`.
    let answer = answer.trim().replace(' ', "+");
    answer == pa_res(fake, public_id, id, true)
}

fn seal(fake: &CloudPayments, text: &str) -> String {
    let key = fake.ground.seed.derive("acs").value().to_le_bytes();
    match Hmac::<Sha256>::new_from_slice(&key) {
        Ok(mut mac) => {
            mac.update(text.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        }
        // A key of any length is one.
        Err(_) => String::new(),
    }
}

/// The page that asks the payer.
pub(super) fn page(public_id: &str, id: i64, return_to: &str) -> Answer {
    let action = format!("/acs/{public_id}/answer");
    let page = pages::page(
        "3-D Secure",
        &html! {
            p { "Ваш банк просит подтвердить платёж " b { (id) } ". Your bank asks you to confirm this payment." }
            form method="post" action=(action) {
                input type="hidden" name="MD" value=(id);
                input type="hidden" name="TermUrl" value=(return_to);
                button type="submit" name="outcome" value="pass" { "Подтвердить (Confirm)" }
                " "
                button type="submit" name="outcome" value="fail" { "Отмена (Cancel)" }
            }
        },
    );
    Answer::html(StatusCode::OK, page)
}

fn wrong(problem: &str) -> Answer {
    let page = pages::page("3-D Secure", &html! { p { (problem) } });
    Answer::html(StatusCode::BAD_REQUEST, page)
}

/// A form's field; its name is case-sensitive.
fn field(call: &Call, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(&call.request.body);
    let found = pairs.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// The transaction and the way back, of a form.
fn read(fake: &CloudPayments, call: &Call) -> Result<(i64, String), Answer> {
    let md = field(call, "MD").ok_or_else(|| wrong("The field MD is missing."))?;
    let return_to = field(call, "TermUrl").filter(|text| !text.is_empty());
    let return_to = return_to.ok_or_else(|| wrong("The field TermUrl is missing."))?;
    let id: Option<i64> = md.trim().parse().ok();
    let keyed = fake.accounts.get(call.parameter(0));
    let (Some(id), Some(keyed)) = (id, keyed) else {
        return Err(wrong("No such payment."));
    };
    let terminal = keyed.lock();
    let payment = terminal.get(id).ok_or_else(|| wrong("No such payment."))?;
    call.note(|notes| {
        notes.account = Some(keyed.label.clone());
        notes.object = Some(id.to_string());
        notes.order = payment.details.order.as_deref().map(str::to_owned);
    });
    if payment.status != Status::AwaitingAuthentication {
        return Err(wrong("This payment does not wait for you."));
    }
    Ok((id, return_to))
}

/// `POST /acs/{terminal}`: the shop sends the payer here.
pub(super) fn ask(fake: &CloudPayments, call: &Call) -> Answer {
    let (id, return_to) = match read(fake, call) {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let wanted = pa_req(fake, call.parameter(0), id);
    let given = field(call, "PaReq").unwrap_or_default().replace(' ', "+");
    if given != wanted {
        return wrong("The field PaReq is not the one of this payment.");
    }
    page(call.parameter(0), id, &return_to)
}

/// `POST /acs/{terminal}/answer`: the payer has decided; the browser goes back to the shop.
pub(super) fn answer(fake: &CloudPayments, call: &Call) -> Answer {
    let (id, return_to) = match read(fake, call) {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let is_passed = match field(call, "outcome").as_deref() {
        Some("pass") => true,
        Some("fail") => false,
        _ => return wrong("The field outcome must be `pass` or `fail`."),
    };
    let code = pa_res(fake, call.parameter(0), id, is_passed);
    let page = pages::page(
        "3-D Secure",
        &html! {
            p { "Вернитесь в магазин. Go back to the shop." }
            form method="post" action=(return_to) {
                input type="hidden" name="MD" value=(id);
                input type="hidden" name="PaRes" value=(code);
                button type="submit" { "Продолжить (Continue)" }
            }
        },
    );
    Answer::html(StatusCode::OK, page)
}
