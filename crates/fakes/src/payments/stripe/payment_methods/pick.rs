//! Which payment method a call means, and how new ones are made.

use std::sync::Arc;

use super::{Card, Debit, Details, PaymentMethod, unexpected};
use crate::payments::stripe::cards::{self, TestCard, Typed};
use crate::payments::stripe::contact::BillingDetails;
use crate::payments::stripe::error::StripeError;
use crate::payments::stripe::metadata::{Metadata, MetadataChange};
use crate::payments::stripe::object::{Id, Kind};
use crate::payments::stripe::params::Params;
use crate::payments::stripe::turn::Turn;

/// Values of `allow_redisplay`.
pub(super) const REDISPLAY: &[(&str, &str)] = &[
    ("always", "always"),
    ("limited", "limited"),
    ("unspecified", "unspecified"),
];

/// The test accounts for direct debit (Testing, Non-card payments).
static DEBITS: &[Debit] = &[
    Debit {
        iban: "AT611904300234573201",
        country: "AT",
        pays: true,
    },
    Debit {
        iban: "AT861904300235473202",
        country: "AT",
        pays: false,
    },
    Debit {
        iban: "DE89370400440532013000",
        country: "DE",
        pays: true,
    },
    Debit {
        iban: "DE62370400440532013001",
        country: "DE",
        pays: false,
    },
    Debit {
        iban: "FR1420041010050500013M02606",
        country: "FR",
        pays: true,
    },
];

/// Types that Stripe knows and the fake has none of.
const OTHER_TYPES: &[&str] = &[
    "acss_debit",
    "affirm",
    "afterpay_clearpay",
    "alipay",
    "amazon_pay",
    "au_becs_debit",
    "bacs_debit",
    "bancontact",
    "blik",
    "boleto",
    "cashapp",
    "customer_balance",
    "eps",
    "fpx",
    "giropay",
    "grabpay",
    "ideal",
    "klarna",
    "konbini",
    "link",
    "mobilepay",
    "multibanco",
    "oxxo",
    "p24",
    "pay_by_bank",
    "paynow",
    "paypal",
    "pix",
    "promptpay",
    "revolut_pay",
    "sofort",
    "swish",
    "twint",
    "us_bank_account",
    "wechat_pay",
    "zip",
];

/// The types of payment methods, as constants that live as long as the program.
pub(in crate::payments::stripe) fn known_type(name: &str) -> Option<&'static str> {
    let all = ["card", "sepa_debit"].iter().chain(OTHER_TYPES);
    all.copied().find(|known| *known == name)
}

/// A payment method that a call means; nothing is made yet.
#[derive(Clone, Debug)]
pub(in crate::payments::stripe) enum Pick {
    /// One that there is.
    Known(Arc<PaymentMethod>),
    /// One that is made when it is needed.
    New(Spec),
}

/// A payment method to be made.
#[derive(Clone, Debug)]
pub(in crate::payments::stripe) struct Spec {
    prefix: &'static str,
    details: Details,
    billing: Option<Arc<BillingDetails>>,
    metadata: Metadata,
    allow_redisplay: &'static str,
}

impl Pick {
    /// What a parameter names: the id of one, or a test name like `pm_card_visa`.
    pub(in crate::payments::stripe) fn new(
        turn: &Turn<'_>,
        name: &str,
        param: &str,
    ) -> Result<Self, StripeError> {
        let pick = Self::find(turn, name).or_else(|| {
            let token = name
                .starts_with("tok_")
                .then(|| Self::of_token(turn, name, param));
            token?.ok()
        });
        pick.ok_or_else(|| StripeError::no_such(Kind::PaymentMethod, name, param))
    }

    /// The same, without an error.
    pub(super) fn find(turn: &Turn<'_>, name: &str) -> Option<Self> {
        if let Some(known) = turn.account.objects.payment_methods.get(name) {
            return Some(Self::Known(Arc::clone(known)));
        }
        let card = cards::by_name(name.strip_prefix("pm_card_")?)?;
        Some(Self::New(Spec::of_test(turn, card)))
    }

    /// What a token stands for: `tok_visa`, or one that was made.
    pub(in crate::payments::stripe) fn of_token(
        turn: &Turn<'_>,
        token: &str,
        param: &str,
    ) -> Result<Self, StripeError> {
        if let Some(known) = turn.account.objects.payment_methods.get(token) {
            return Ok(Self::Known(Arc::clone(known)));
        }
        let made = turn.account.objects.tokens.get(token);
        if let Some(made) = made {
            if made.is_used {
                let message = format!("You cannot use a Stripe token more than once: {token}.");
                return Err(StripeError::invalid(message)
                    .code("token_already_used")
                    .param(param));
            }
            return Ok(Self::New(Spec {
                prefix: "card_",
                details: made.card.details,
                billing: made.card.billing.clone(),
                metadata: Metadata::default(),
                allow_redisplay: "unspecified",
            }));
        }
        let card = cards::by_token(token);
        let card = card.ok_or_else(|| StripeError::no_such(Kind::Token, token, param))?;
        Ok(Self::New(Spec {
            prefix: "card_",
            ..Spec::of_test(turn, card)
        }))
    }

    /// The customer that has it.
    pub(in crate::payments::stripe) fn owner(&self) -> Option<&Id> {
        match self {
            Self::Known(method) => method.customer.as_ref(),
            Self::New(_) => None,
        }
    }

    /// Whether a customer can have it: some cards are declined already then (402), and used ones are used up (400).
    pub(in crate::payments::stripe) fn check_attaching(&self) -> Result<(), StripeError> {
        self.check_unspent()?;
        match self.details() {
            Details::Card(card) => match card.test.attaching_is_declined() {
                Some(decline) => Err(decline.error()),
                None => Ok(()),
            },
            Details::Debit(_) => Ok(()),
        }
    }

    /// Whether it can still be used.
    pub(in crate::payments::stripe) fn check_unspent(&self) -> Result<(), StripeError> {
        match self {
            Self::Known(method) if method.is_spent => Err(unexpected(
                "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.",
            )),
            _ => Ok(()),
        }
    }

    /// Its `type`.
    pub(in crate::payments::stripe) fn kind(&self) -> &'static str {
        match self.details() {
            Details::Card(_) => "card",
            Details::Debit(_) => "sepa_debit",
        }
    }

    fn details(&self) -> Details {
        match self {
            Self::Known(method) => method.details,
            Self::New(spec) => spec.details,
        }
    }

    /// The payment method, made now if it is new.
    pub(in crate::payments::stripe) fn make(self, turn: &mut Turn<'_>) -> Arc<PaymentMethod> {
        match self {
            Self::Known(method) => method,
            Self::New(spec) => spec.make(turn),
        }
    }
}

impl Spec {
    fn of_test(turn: &Turn<'_>, test: &'static TestCard) -> Self {
        let today = today(turn);
        Self {
            prefix: "pm_",
            details: Details::Card(Card {
                test,
                exp_month: u8::try_from(today.month()).unwrap_or(12),
                exp_year: u16::try_from(today.year()).unwrap_or(2030) + 1,
                has_cvc: true,
            }),
            billing: None,
            metadata: Metadata::default(),
            allow_redisplay: "unspecified",
        }
    }

    /// Reads `payment_method_data`, or the parameters of a payment method to be created. All parameters are taken.
    pub(in crate::payments::stripe) fn read(
        turn: &Turn<'_>,
        mut params: Params,
    ) -> Result<Self, StripeError> {
        let kind = params.required_text("type")?;
        let details = match kind.as_str() {
            "card" => read_card_or_token(turn, &mut params)?,
            "sepa_debit" => read_debit(&mut params)?,
            other => return Err(other_type(turn, other, &params.name("type"))),
        };
        let billing = params.hash("billing_details")?;
        let billing = match billing {
            Some(given) => {
                let mut billing = BillingDetails::default();
                billing.change(given)?;
                Some(Arc::new(billing))
            }
            None => None,
        };
        let metadata: MetadataChange = params.metadata()?;
        let redisplay = params.choice("allow_redisplay", REDISPLAY)?;
        turn.gaps(params.leave(&["radar_options", "customer", "payment_method", "link"]));
        params.finish()?;
        Ok(Self {
            prefix: "pm_",
            details,
            billing,
            metadata: Metadata::default().changed(&metadata)?,
            allow_redisplay: redisplay.unwrap_or("unspecified"),
        })
    }

    /// A typed card, as a token or a page gives it.
    pub(in crate::payments::stripe) fn of_card(
        turn: &Turn<'_>,
        mut card: Params,
    ) -> Result<Self, StripeError> {
        let name = card.text("name")?;
        let mut billing = BillingDetails {
            name,
            ..BillingDetails::default()
        };
        for (param, to) in [
            ("address_city", &mut billing.address.city),
            ("address_country", &mut billing.address.country),
            ("address_line1", &mut billing.address.line1),
            ("address_line2", &mut billing.address.line2),
            ("address_zip", &mut billing.address.postal_code),
            ("address_state", &mut billing.address.state),
        ] {
            *to = card.text(param)?;
        }
        let details = read_card(turn, &mut card)?;
        turn.gaps(card.leave(&["currency", "networks", "metadata"]));
        card.finish()?;
        let is_empty = billing == BillingDetails::default();
        Ok(Self {
            prefix: "card_",
            details,
            billing: (!is_empty).then(|| Arc::new(billing)),
            metadata: Metadata::default(),
            allow_redisplay: "unspecified",
        })
    }

    /// As a payment method of today, not as a card of old.
    pub(in crate::payments::stripe) fn into_method(self) -> Self {
        Self {
            prefix: "pm_",
            ..self
        }
    }

    /// Makes the payment method.
    pub(in crate::payments::stripe) fn make(self, turn: &mut Turn<'_>) -> Arc<PaymentMethod> {
        let id = turn.account.new_id(self.prefix);
        turn.account.objects.payment_methods.put(PaymentMethod {
            id,
            created: turn.now,
            customer: None,
            details: self.details,
            billing: self.billing,
            metadata: self.metadata,
            allow_redisplay: self.allow_redisplay,
            is_spent: false,
            is_set_up: false,
        })
    }
}

fn today(turn: &Turn<'_>) -> jiff::civil::Date {
    let now = turn.stripe.ground.clock.now();
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn read_card_or_token(turn: &Turn<'_>, params: &mut Params) -> Result<Details, StripeError> {
    let name = params.name("card");
    let mut card = params
        .hash("card")?
        .ok_or_else(|| StripeError::missing(&name))?;
    let param = card.name("token");
    let details = match card.text("token")? {
        Some(token) => Pick::of_token(turn, &token, &param)?.details(),
        None => read_card(turn, &mut card)?,
    };
    turn.gaps(card.leave(&["networks"]));
    card.finish()?;
    Ok(details)
}

fn read_card(turn: &Turn<'_>, card: &mut Params) -> Result<Details, StripeError> {
    let number = card.required_text("number")?;
    let month = card.required_int("exp_month")?;
    let year = card.required_int("exp_year")?;
    let year = if (0..100).contains(&year) {
        year + 2000
    } else {
        year
    };
    let cvc = card.text("cvc")?;
    let typed = Typed {
        number: &number,
        month,
        year,
        cvc: cvc.as_deref(),
    };
    Ok(Details::Card(Card {
        test: cards::by_number(&typed, today(turn))?,
        exp_month: u8::try_from(month).unwrap_or(12),
        exp_year: u16::try_from(year).unwrap_or(2030),
        has_cvc: cvc.is_some(),
    }))
}

fn read_debit(params: &mut Params) -> Result<Details, StripeError> {
    let name = params.name("sepa_debit");
    let mut debit = params
        .hash("sepa_debit")?
        .ok_or_else(|| StripeError::missing(&name))?;
    let param = debit.name("iban");
    let iban = debit
        .required_text("iban")?
        .replace(' ', "")
        .to_ascii_uppercase();
    debit.finish()?;
    let known = DEBITS.iter().find(|debit| debit.iban == iban);
    known.map(Details::Debit).ok_or_else(|| {
        StripeError::invalid(format!("The IBAN you provided is invalid: {iban}"))
            .code("invalid_bank_account_iban")
            .param(param)
    })
}

/// A type that Stripe knows and the fake has none of is as if it were not switched on.
fn other_type(turn: &Turn<'_>, kind: &str, param: &str) -> StripeError {
    if known_type(kind).is_some() {
        turn.gap(format!("payment methods of the type {kind}"));
        return StripeError::invalid(format!(
            "The payment method type \"{kind}\" is invalid. It must be activated in the Dashboard first."
        ))
        .code("payment_method_unactivated")
        .param(param);
    }
    StripeError::invalid(format!(
        "Invalid {param}: {kind} is no type of payment method"
    ))
    .param(param)
}

/// A new date of expiry of a card, from `card[exp_month]` and `card[exp_year]`.
pub(super) fn change_expiry(
    turn: &Turn<'_>,
    method: &mut PaymentMethod,
    given: &mut Params,
) -> Result<(), StripeError> {
    let (month, year) = (given.int("exp_month")?, given.int("exp_year")?);
    let Details::Card(card) = &mut method.details else {
        return Ok(());
    };
    let typed = Typed {
        number: "4242424242424242",
        month: month.unwrap_or_else(|| card.exp_month.into()),
        year: year.unwrap_or_else(|| card.exp_year.into()),
        cvc: None,
    };
    cards::by_number(&typed, today(turn))?;
    card.exp_month = u8::try_from(typed.month).unwrap_or(card.exp_month);
    card.exp_year = u16::try_from(typed.year).unwrap_or(card.exp_year);
    Ok(())
}
