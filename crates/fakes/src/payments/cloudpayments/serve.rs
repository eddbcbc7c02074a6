//! A call on its way: credentials, idempotency, parameters, operation, answer.

use http::{Method, StatusCode};
use subtle::ConstantTimeEq as _;

use super::params::Params;
use super::reply::{Outcome, Refusal, done};
use super::routes::{Endpoint, PARAMETERS, Page};
use super::terminal::Terminal;
use super::turn::Turn;
use super::{CloudPayments, Keyed, acs, codes, payments, publickey};
use crate::kit::{Answer, Call, Claim, Failure};

/// The idempotency key of a call (CloudPayments API, Idempotency).
pub(super) fn key(call: &Call) -> Option<String> {
    let key = call.header("x-request-id")?;
    (call.method() == Method::POST && !key.is_empty()).then_some(key)
}

/// Keys count for one method.
fn key_name(call: &Call, key: &str) -> String {
    format!("{} {key}", call.operation())
}

impl CloudPayments {
    /// Answers a call.
    pub(super) async fn answer(&self, call: &Call) -> Answer {
        let found = call.found.as_ref();
        let endpoint = found.and_then(|found| self.routes.handler(found));
        match endpoint.copied() {
            None => unknown(call),
            Some(Endpoint::Test) => self.test(call),
            Some(Endpoint::PublicKey) => publickey::answer(self.ground.seed),
            Some(Endpoint::Page(page)) => self.page(page, call).await,
            Some(endpoint) => match self.authenticate(call) {
                Some(keyed) => {
                    call.note(|notes| notes.account = Some(keyed.label.clone()));
                    self.once(endpoint, &keyed, call).await
                }
                None => unauthorized(),
            },
        }
    }

    async fn page(&self, page: Page, call: &Call) -> Answer {
        match page {
            Page::Acs => acs::ask(self, call),
            Page::AcsAnswer => acs::answer(self, call),
            Page::Order => self.order_page(call),
            Page::PayOrder => self.pay_order_page(call).await,
            Page::OrderAuthenticated => self.order_authenticated(call),
        }
    }

    /// `POST /test`. Some SDKs ask it without credentials; wrong ones are refused all the same.
    fn test(&self, call: &Call) -> Answer {
        if call.header("authorization").is_some() && self.authenticate(call).is_none() {
            return unauthorized();
        }
        let mut ids = self
            .ids
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        done(Some(&ids.uuid().to_string()))
    }

    /// The terminal of a call's credentials. A Public ID seen first opens one; its secret is remembered.
    pub(super) fn authenticate(&self, call: &Call) -> Option<Keyed> {
        let (public_id, secret) = call.basic()?;
        if public_id.is_empty() || secret.is_empty() || public_id.len() > 200 {
            return None;
        }
        let (own_id, own_secret) = &self.own;
        let known = if public_id == *own_id {
            own_secret
        } else {
            &secret
        };
        let keyed = self.terminal(&public_id, known)?;
        let is_right = {
            let terminal = keyed.lock();
            terminal.secret.as_bytes().ct_eq(secret.as_bytes())
        };
        bool::from(is_right).then_some(keyed)
    }

    /// The terminal of a Public ID, opened with a secret when it is the first time.
    pub(super) fn terminal(&self, public_id: &str, secret: &str) -> Option<Keyed> {
        let make = || Terminal::new(self.ground.seed, public_id, secret);
        self.accounts.open(public_id, public_id, make)
    }

    /// Does the operation, unless its key has been there before. Who comes while it runs waits for its result.
    async fn once(&self, endpoint: Endpoint, keyed: &Keyed, call: &Call) -> Answer {
        let Some(key) = key(call).map(|key| key_name(call, &key)) else {
            return self.operate(endpoint, keyed, call).await;
        };
        loop {
            let claim = keyed.lock().keys.claim(&key, 0, self.ground.clock.now());
            match claim {
                Claim::First => break,
                Claim::Replay(answer) => {
                    call.note(|notes| notes.is_replay = true);
                    return answer;
                }
                // All requests of a key are one: the first one's answer is given whatever they say.
                Claim::Mismatch => return too_many(),
                // It ends with an error when the first one is done.
                Claim::Running(mut running) => drop(running.changed().await),
            }
        }
        let answer = self.operate(endpoint, keyed, call).await;
        let now = self.ground.clock.now();
        keyed.lock().keys.finish(&key, Some(&answer), now);
        answer
    }

    async fn operate(&self, endpoint: Endpoint, keyed: &Keyed, call: &Call) -> Answer {
        let params = match Params::read(call) {
            Ok(params) => params,
            Err(refusal) => return refusal.answer(),
        };
        for name in params.names() {
            if !PARAMETERS.contains(&name) {
                call.gap(format!("parameter {name}"));
            }
        }
        let registered = {
            let mut turn = Turn {
                fake: self,
                terminal: &mut keyed.lock(),
                call: Some(call),
            };
            match endpoint {
                Endpoint::Plain(operation) => return told(operation(&mut turn, &params)),
                Endpoint::Payment(operation) => operation(&mut turn, &params),
                _ => {
                    call.gap(call.operation());
                    return Refusal::new("Method is not available for this terminal").answer();
                }
            }
        };
        match registered {
            Ok(id) => self.proceed(keyed, id, Some(call)).await,
            Err(refusal) => refusal.answer(),
        }
    }

    /// A failure on command, in the provider's manner: a business failure has status 200.
    pub(super) fn failed(&self, call: &Call, failure: &Failure) -> Answer {
        let status = failure.status;
        let code = failure.code.as_deref();
        let public_id = call
            .basic()
            .map(|(public_id, _)| public_id)
            .unwrap_or_default();
        let declined = |code| {
            let params = Params::read(call).unwrap_or_default();
            let now = self.ground.clock.now();
            payments::declined_on_command(&public_id, &params, code, now)
        };
        let is_payment = call
            .found
            .as_ref()
            .and_then(|found| self.routes.handler(found))
            .is_some_and(|endpoint| matches!(endpoint, Endpoint::Payment(_)));
        match (status.as_u16(), code.and_then(codes::read)) {
            (401, _) => unauthorized(),
            (409 | 429, _) => too_many(),
            (500.., _) => Answer::bytes(status, "text/plain; charset=utf-8", "Service unavailable"),
            (404, _) => Refusal::not_found().answer(),
            (_, Some(code)) if is_payment => declined(code),
            (_, Some(code)) => Refusal::new(codes::name(code)).answer(),
            // The bank's usual no.
            (200 | 402, None) if is_payment => declined(5005),
            (_, None) => Refusal::new(code.unwrap_or("The request cannot be processed")).answer(),
        }
    }

    /// Forgets the key of a call.
    pub(super) fn forget(&self, call: &Call) {
        let keyed = call
            .basic()
            .and_then(|(public_id, _)| self.accounts.get(&public_id));
        if let (Some(keyed), Some(key)) = (keyed, key(call)) {
            keyed.lock().keys.expire(&key_name(call, &key));
        }
    }

    /// The names by which a fault is placed on a call: ids, the invoice, the shop's order.
    pub(super) fn named(&self, call: &Call) -> Vec<String> {
        const NAMES: [&str; 5] = ["TransactionId", "InvoiceId", "AccountId", "Id", "Token"];
        let params = Params::read(call).unwrap_or_default();
        let mut names: Vec<String> = NAMES.iter().filter_map(|name| params.text(name)).collect();
        if call.path().starts_with("/d/") {
            names.push(call.parameter(0).to_owned());
        }
        let keyed = call
            .basic()
            .and_then(|(public_id, _)| self.accounts.get(&public_id));
        let Some(keyed) = keyed else { return names };
        let terminal = &mut *keyed.lock();
        let id = params.integer("TransactionId").ok().flatten();
        let payment = id.and_then(|id| terminal.get(id));
        let known = payment.map(|payment| &payment.details);
        names.extend(known.and_then(|known| known.order.as_deref().map(str::to_owned)));
        names.extend(known.and_then(|known| known.invoice.as_deref().map(str::to_owned)));
        let turn = Turn {
            fake: self,
            terminal,
            call: None,
        };
        let details = payments::details(&turn, &params);
        let order = details.ok().and_then(|details| details.order);
        names.extend(order.map(String::from));
        names
    }
}

fn told(outcome: Outcome) -> Answer {
    outcome.unwrap_or_else(|refusal| refusal.answer())
}

fn unauthorized() -> Answer {
    Answer::empty(StatusCode::UNAUTHORIZED).with("www-authenticate", "Basic realm=\"api\"")
}

fn too_many() -> Answer {
    // In the envelope: SDKs read the body before they look at the status.
    Answer {
        status: StatusCode::TOO_MANY_REQUESTS,
        ..Refusal::new("Too many requests").answer()
    }
}

fn unknown(call: &Call) -> Answer {
    let page = format!("No method {} {}", call.method(), call.path());
    Answer::bytes(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", page)
}
