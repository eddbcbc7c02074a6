//! What a person or a scenario can make happen: payers pay, banks refuse, the shop's webhooks come once more.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::cards::Card;
use super::notifications::{self, Type};
use super::transaction::Status;
use super::turn::Turn;
use super::{CloudPayments, Keyed, acs, codes, orders, payments, settle, subscriptions};
use crate::kit::{Action, ActionError, Parameter};

const fn required(name: &'static str, summary: &'static str) -> Parameter {
    Parameter {
        name,
        required: true,
        summary,
    }
}

const fn optional(name: &'static str, summary: &'static str) -> Parameter {
    Parameter {
        name,
        required: false,
        summary,
    }
}

const TRANSACTION: Parameter = optional("transaction", "its TransactionId");
const ORDER: Parameter = optional(
    "order",
    "the shop's order, instead of a TransactionId: its newest payment",
);
const ACCOUNT: Parameter = optional(
    "account",
    "the terminal's Public ID; the one of the variables when missing",
);

/// All of them.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "authenticate",
        summary: "The payer passes or fails 3-D Secure; gives MD and PaRes for the shop's TermUrl",
        parameters: &[
            TRANSACTION,
            ORDER,
            optional("outcome", "`passed` (when missing) or `failed`"),
        ],
    },
    Action {
        name: "confirm",
        summary: "The payer pays an order on its page, 3-D Secure included",
        parameters: &[
            required("order", "the shop's order, or the Id of the order here"),
            optional(
                "card",
                "the card's number; 4242 4242 4242 4242 when missing",
            ),
            optional(
                "outcome",
                "of 3-D Secure: `passed` (when missing) or `failed`",
            ),
        ],
    },
    Action {
        name: "decline_next",
        summary: "The next payment is declined, whatever the card",
        parameters: &[
            optional("code", "number or name of the decline; 5051 when missing"),
            ACCOUNT,
        ],
    },
    Action {
        name: "chargeback",
        summary: "The payer's bank takes the money of a payment back",
        parameters: &[TRANSACTION, ORDER],
    },
    Action {
        name: "run_subscription",
        summary: "A subscription is charged now",
        parameters: &[required("id", "the subscription's Id")],
    },
    Action {
        name: "send_webhook",
        summary: "A notification is sent of a transaction as it is now",
        parameters: &[
            TRANSACTION,
            ORDER,
            required("type", "Pay, Fail, Confirm, Refund, Cancel or Check"),
            optional("url", "where, when not to the terminal's address"),
        ],
    },
    Action {
        name: "set_check",
        summary: "The shop is asked before every payment; without a url it is asked no more",
        parameters: &[optional("url", "the shop's address"), ACCOUNT],
    },
    Action {
        name: "expire",
        summary: "The time of a payment is over: one that awaits its payer is declined, an authorised one cancelled",
        parameters: &[TRANSACTION, ORDER],
    },
];

/// Text or a number, as text.
fn text(with: &Map<String, Value>, name: &str) -> Option<String> {
    match with.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn need(with: &Map<String, Value>, name: &str) -> Result<String, ActionError> {
    text(with, name).ok_or_else(|| wrong(name, "is missing, or neither text nor a number"))
}

fn wrong(parameter: &str, problem: &str) -> ActionError {
    ActionError::Parameter {
        parameter: parameter.to_owned(),
        problem: problem.to_owned(),
    }
}

/// Whether the payer passes.
fn outcome(with: &Map<String, Value>) -> Result<bool, ActionError> {
    match text(with, "outcome").as_deref() {
        None | Some("passed") => Ok(true),
        Some("failed") => Ok(false),
        Some(_) => Err(wrong("outcome", "is `passed` or `failed`")),
    }
}

impl CloudPayments {
    /// Makes it happen.
    pub(super) async fn happen(
        &self,
        action: &str,
        with: &Map<String, Value>,
    ) -> Result<Value, ActionError> {
        match action {
            "authenticate" => self.have_authenticated(with),
            "confirm" => self.have_order_paid(with).await,
            "decline_next" => self.have_declined(with),
            "chargeback" => {
                let (keyed, id) = self.transaction(with)?;
                let made = settle::charge_back(&mut self.turn(&mut keyed.lock()), id);
                let made = made.map_err(ActionError::Refused)?;
                Ok(json!({"ChargeBackId": made.id, "Amount": made.money.decimal()}))
            }
            "run_subscription" => self.have_charged(with),
            "send_webhook" => self.have_told(with),
            "set_check" => self.have_checked(with),
            "expire" => self.have_expired(with),
            other => Err(ActionError::unknown(other, ACTIONS)),
        }
    }

    fn turn<'a>(&'a self, terminal: &'a mut super::terminal::Terminal) -> Turn<'a> {
        Turn {
            fake: self,
            terminal,
            call: None,
        }
    }

    /// The terminal of a transaction, and its number.
    fn transaction(&self, with: &Map<String, Value>) -> Result<(Keyed, i64), ActionError> {
        if let (None, Some(order)) = (text(with, "transaction"), text(with, "order")) {
            return self.transaction_of(&order);
        }
        let text = need(with, "transaction")?;
        let id: i64 = text
            .parse()
            .map_err(|_| wrong("transaction", "is no TransactionId: a number"))?;
        let accounts = self.accounts.all().into_iter().map(|(_, keyed)| keyed);
        let mut found = accounts.filter(|keyed| keyed.lock().get(id).is_some());
        let keyed = found.next().ok_or(ActionError::NotFound {
            what: "transaction",
            id: text,
        })?;
        Ok((keyed, id))
    }

    /// The newest payment of one of the shop's orders.
    fn transaction_of(&self, order: &str) -> Result<(Keyed, i64), ActionError> {
        let accounts = self.accounts.all().into_iter().map(|(_, keyed)| keyed);
        let mut found = accounts.filter_map(|keyed| {
            let id = keyed.lock().newest_of(order)?;
            Some((keyed, id))
        });
        found.next().ok_or_else(|| ActionError::NotFound {
            what: "payment of the order",
            id: order.to_owned(),
        })
    }

    /// The terminal that an action names, or the usual one.
    fn named_terminal(&self, with: &Map<String, Value>) -> Result<Keyed, ActionError> {
        let (own_id, own_secret) = &self.own;
        match text(with, "account") {
            Some(account) if account != *own_id => {
                let found = self.accounts.get(&account);
                found.ok_or(ActionError::NotFound {
                    what: "terminal",
                    id: account,
                })
            }
            _ => self
                .terminal(own_id, own_secret)
                .ok_or_else(|| ActionError::Refused("there are too many terminals".to_owned())),
        }
    }

    fn have_authenticated(&self, with: &Map<String, Value>) -> Result<Value, ActionError> {
        let is_passed = outcome(with)?;
        let (keyed, id) = self.transaction(with)?;
        let status = keyed.lock().get(id).map(|payment| payment.status);
        if status != Some(Status::AwaitingAuthentication) {
            return Err(ActionError::Refused(format!(
                "transaction {id} does not await its payer"
            )));
        }
        let code = acs::pa_res(self, &keyed.label, id, is_passed);
        Ok(json!({"MD": id.to_string(), "PaRes": code}))
    }

    /// The newest order here that can be paid and belongs to one of the shop's orders.
    fn open_order_of(&self, order: &str) -> Option<(Keyed, orders::Order)> {
        let accounts = self.accounts.all().into_iter().map(|(_, keyed)| keyed);
        let mut found = accounts.filter_map(|keyed| {
            let is_its = |one: &&orders::Order| {
                one.status == orders::Status::Created && one.details.order.as_deref() == Some(order)
            };
            let open = keyed.lock().orders.values().rev().find(is_its).cloned()?;
            Some((keyed, open))
        });
        found.next()
    }

    async fn have_order_paid(&self, with: &Map<String, Value>) -> Result<Value, ActionError> {
        let is_passed = outcome(with)?;
        let id = need(with, "order")?;
        let number = text(with, "card").unwrap_or_else(|| "4242424242424242".to_owned());
        let card = Card::typed(&number, "12", "49");
        let card = card.ok_or_else(|| wrong("card", "is no card number"))?;
        let found = self.order(&id).or_else(|| self.open_order_of(&id));
        let (keyed, order) = found.ok_or(ActionError::NotFound {
            what: "order",
            id: id.clone(),
        })?;
        if order.status != orders::Status::Created {
            return Err(ActionError::Refused(format!(
                "order {id} cannot be paid now"
            )));
        }
        let transaction = self.pay_order(&keyed, &order, card, None).await;
        let mut terminal = keyed.lock();
        let mut turn = self.turn(&mut terminal);
        let status = |turn: &Turn<'_>| turn.terminal.get(transaction).map(|one| one.status);
        if status(&turn) == Some(Status::AwaitingAuthentication) {
            let code = acs::pa_res(self, &keyed.label, transaction, is_passed);
            payments::authenticated(&mut turn, transaction, &code);
        }
        let name = status(&turn).map(Status::name);
        Ok(json!({"TransactionId": transaction, "Status": name}))
    }

    fn have_declined(&self, with: &Map<String, Value>) -> Result<Value, ActionError> {
        let text = text(with, "code").unwrap_or_else(|| "5051".to_owned());
        let code = codes::read(&text).ok_or_else(|| {
            wrong(
                "code",
                "is no decline: a number such as 5051, or its name such as InsufficientFunds",
            )
        })?;
        let keyed = self.named_terminal(with)?;
        keyed.lock().decline_next = Some(code);
        Ok(json!({"ReasonCode": code, "Reason": codes::name(code)}))
    }

    fn have_charged(&self, with: &Map<String, Value>) -> Result<Value, ActionError> {
        let id = need(with, "id")?;
        let accounts = self.accounts.all().into_iter().map(|(_, keyed)| keyed);
        let mut found = accounts.filter(|keyed| keyed.lock().subscriptions.contains_key(&*id));
        let keyed = found.next().ok_or_else(|| ActionError::NotFound {
            what: "subscription",
            id: id.clone(),
        })?;
        let mut terminal = keyed.lock();
        let transaction = subscriptions::run(&mut self.turn(&mut terminal), &id);
        let transaction = transaction.ok_or_else(|| {
            ActionError::Refused(format!(
                "subscription {id} is not active, or its card is gone"
            ))
        })?;
        let status = terminal.get(transaction).map(|one| one.status.name());
        Ok(json!({"TransactionId": transaction, "Status": status}))
    }

    fn have_told(&self, with: &Map<String, Value>) -> Result<Value, ActionError> {
        let name = need(with, "type")?;
        let kind = Type::read(&name).filter(|kind| *kind != Type::Recurrent);
        let kind = kind.ok_or_else(|| {
            wrong(
                "type",
                "is one of Pay, Fail, Confirm, Refund, Cancel and Check",
            )
        })?;
        let (keyed, id) = self.transaction(with)?;
        let mut terminal = keyed.lock();
        let address = text(with, "url");
        if address.is_none() && !terminal.settings.of(kind).is_enabled {
            return Err(ActionError::Refused(format!(
                "the terminal has no address for {}; give a `url`, or subscribe first",
                kind.name()
            )));
        }
        let Some(payment) = terminal.get(id).cloned() else {
            return Ok(Value::Null);
        };
        if let Some(address) = address {
            let before = terminal.settings.of(kind).clone();
            terminal.settings.enable(kind, &address);
            notifications::tell(&mut self.turn(&mut terminal), kind, &payment);
            *terminal.settings.of_mut(kind) = before;
        } else {
            notifications::tell(&mut self.turn(&mut terminal), kind, &payment);
        }
        Ok(json!({"type": kind.name(), "TransactionId": id}))
    }

    fn have_checked(&self, with: &Map<String, Value>) -> Result<Value, ActionError> {
        let keyed = self.named_terminal(with)?;
        let url = text(with, "url").filter(|url| !url.is_empty());
        let mut terminal = keyed.lock();
        match &url {
            Some(url) if url::Url::parse(url).is_err() => {
                return Err(wrong(
                    "url",
                    "is no address such as http://127.0.0.1:8000/check",
                ));
            }
            Some(url) => terminal.settings.enable(Type::Check, url),
            None => terminal.settings.of_mut(Type::Check).is_enabled = false,
        }
        Ok(json!({"url": url}))
    }

    fn have_expired(&self, with: &Map<String, Value>) -> Result<Value, ActionError> {
        const TIMED_OUT: u16 = payments::NOT_AUTHENTICATED;
        let (keyed, id) = self.transaction(with)?;
        let mut terminal = keyed.lock();
        let mut turn = self.turn(&mut terminal);
        match turn.terminal.get(id).map(|payment| payment.status) {
            Some(Status::AwaitingAuthentication) => payments::finish(&mut turn, id, TIMED_OUT),
            Some(Status::Authorized) => settle::cancel(&mut turn, id),
            _ => {
                return Err(ActionError::Refused(format!(
                    "transaction {id} waits for nothing"
                )));
            }
        }
        let status = turn.terminal.get(id).map(|payment| payment.status.name());
        Ok(json!({"TransactionId": id, "Status": status}))
    }

    /// Has something happen to a terminal later by itself.
    pub(super) fn later(
        &self,
        public_id: &str,
        delay: Duration,
        act: impl FnOnce(&mut Turn<'_>) + Send + 'static,
    ) {
        let me = self.me.clone();
        let public_id = public_id.to_owned();
        self.ground.timers.later(delay, move || {
            let Some(fake) = me.upgrade() else { return };
            let Some(keyed) = fake.accounts.get(&public_id) else {
                return;
            };
            let mut terminal = keyed.lock();
            act(&mut fake.turn(&mut terminal));
        });
    }
}
