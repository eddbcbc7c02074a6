//! The published test cards (Testing), by number and by token: one table.

mod declines;
mod table;

use super::error::StripeError;

/// A test card.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TestCard {
    /// Its number; empty for cards that have only a name.
    pub(super) number: &'static str,
    /// Its names without `pm_card_` and `tok_`, the usual first.
    pub(super) names: &'static [&'static str],
    /// Its network.
    pub(super) brand: Brand,
    /// `credit`, `debit` or `prepaid`.
    pub(super) funding: &'static str,
    /// Of the bank.
    pub(super) country: &'static str,
    /// What comes of it.
    pub(super) does: Does,
}

/// A card network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brand {
    Visa,
    Mastercard,
    Amex,
    Discover,
    Diners,
    Jcb,
    Unionpay,
}

/// What comes of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// It pays.
    Pay,
    /// It is declined, and cannot be attached either.
    Decline(&'static Decline),
    /// It can be attached, and is declined when it is charged.
    DeclineCharge(&'static Decline),
    /// Stripe itself blocks it.
    Block,
    /// It pays, and its risk is said to be so.
    Risk(&'static str),
    /// It pays, and one of its checks fails.
    Check(Checks),
    /// It pays, and is disputed afterwards.
    Dispute(Dispute),
    /// It pays; its refunds are pending for a while.
    PendingRefund,
    /// It pays; its refunds fail after a while.
    FailingRefund,
    /// It pays, and the money is available at once.
    BypassPending,
    /// It knows authentication of the payer.
    Authenticate(Authentication),
}

/// Why a bank says no.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decline {
    /// For programs.
    pub(super) code: &'static str,
    /// The bank's reason, where there is one.
    pub(super) decline_code: Option<&'static str>,
    /// For the payer.
    pub(super) message: &'static str,
}

/// What the checks of a card say: `pass`, `fail` or `unavailable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checks {
    pub(super) cvc: &'static str,
    pub(super) line1: &'static str,
    pub(super) postal_code: &'static str,
    /// The level of risk.
    pub(super) risk: &'static str,
}

/// What comes after a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dispute {
    /// A dispute with this reason.
    Reason(&'static str),
    /// A question of the bank, before a dispute.
    Inquiry,
    /// A warning that the payment may be fraudulent.
    Warning,
    /// More than one dispute.
    Multiple,
}

/// How a card authenticates its payer (3D Secure).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Authentication {
    /// When it asks.
    pub(super) when: When,
    /// What the bank says to the charge after the payer has passed; none when it pays.
    pub(super) then: Option<&'static Decline>,
}

/// When the payer has to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Whenever it is charged.
    Always,
    /// On session always; off session only until it was set up.
    UntilSetUp,
    /// On session always; off session never.
    OnSession,
    /// Never, though it could.
    Never,
    /// Always, but asking fails and the card is declined.
    LookupFails,
}

impl Brand {
    /// Stripe's word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Discover => "discover",
            Self::Diners => "diners",
            Self::Jcb => "jcb",
            Self::Unionpay => "unionpay",
        }
    }
}

impl TestCard {
    /// The last four digits.
    pub(super) fn last4(&self) -> &'static str {
        let from = self.number.len().saturating_sub(4);
        self.number
            .get(from..)
            .filter(|last| !last.is_empty())
            .unwrap_or("0019")
    }

    /// Why it cannot be attached, when it cannot.
    pub(super) fn attaching_is_declined(&self) -> Option<&'static Decline> {
        match self.does {
            Does::Decline(decline) => Some(decline),
            _ => None,
        }
    }

    /// The level of risk: `normal`, `elevated` or `highest`.
    pub(super) fn risk(&self) -> &'static str {
        match self.does {
            Does::Risk(level) => level,
            Does::Check(checks) => checks.risk,
            Does::Block => "highest",
            _ => "normal",
        }
    }

    /// Whether the payer can authenticate with it.
    pub(super) fn knows_three_d_secure(&self) -> bool {
        self.brand != Brand::Amex
    }
}

impl Decline {
    /// As an answer (402).
    pub(super) fn error(&self) -> StripeError {
        let error = StripeError::card(self.code, self.message);
        let error = match self.decline_code {
            Some(code) => error.decline(code),
            None => error,
        };
        match self.code {
            "incorrect_number" => error.param("number"),
            "invalid_expiry_month" => error.param("exp_month"),
            "invalid_expiry_year" | "expired_card" => error.param("exp_year"),
            "incorrect_cvc" | "invalid_cvc" => error.param("cvc"),
            _ => error,
        }
    }
}

/// The card of a name: `visa` of `pm_card_visa` and `tok_visa`.
pub(super) fn by_name(name: &str) -> Option<&'static TestCard> {
    table::CARDS.iter().find(|card| card.names.contains(&name))
}

/// The card of a token, `tok_visa`; also in the form with the network in front, `tok_visa_chargeDeclined`.
pub(super) fn by_token(token: &str) -> Option<&'static TestCard> {
    by_name(token.strip_prefix("tok_")?)
}

/// The card of a number, with its month, year and code of digits as given. What no test card is, is declined as
/// Stripe declines it.
pub(super) fn by_number(
    typed: &Typed<'_>,
    now: jiff::civil::Date,
) -> Result<&'static TestCard, StripeError> {
    let refuse = |decline: &Decline| Err(decline.error());
    let number: String = typed
        .number
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-'))
        .collect();
    let is_number =
        (12..=19).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !passes_luhn(&number) {
        return refuse(&declines::INCORRECT_NUMBER);
    }
    if !(1..=12).contains(&typed.month) {
        return refuse(&declines::INVALID_MONTH);
    }
    let (year, this_year) = (typed.year, i64::from(now.year()));
    if year < this_year || year > this_year + 50 {
        return refuse(&declines::INVALID_YEAR);
    }
    if year == this_year && typed.month < i64::from(now.month()) {
        return refuse(&declines::INVALID_MONTH);
    }
    let card = table::CARDS.iter().find(|card| card.number == number);
    let Some(card) = card else {
        return refuse(&declines::TEST_MODE_LIVE_CARD);
    };
    if let Some(cvc) = typed.cvc {
        let length = if card.brand == Brand::Amex {
            3..=4
        } else {
            3..=3
        };
        if !length.contains(&cvc.len()) || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse(&declines::INVALID_CVC);
        }
    }
    Ok(card)
}

/// A card as it was typed in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed<'a> {
    pub(super) number: &'a str,
    pub(super) month: i64,
    /// With four digits.
    pub(super) year: i64,
    pub(super) cvc: Option<&'a str>,
}

/// The check digit of card numbers (ISO/IEC 7812-1, annex B).
fn passes_luhn(number: &str) -> bool {
    let digits = number
        .bytes()
        .rev()
        .map(|byte| u32::from(byte.saturating_sub(b'0')));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A card's refusal by its code or decline code, for failures on command.
pub(super) fn refusal(code: &str) -> StripeError {
    let all = declines::ALL.iter();
    let known = all
        .copied()
        .find(|decline| decline.decline_code == Some(code) || decline.code == code);
    known.unwrap_or(&declines::GENERIC).error()
}

/// What a bank says when it wants the payer to authenticate and nobody is there.
pub(super) fn authentication_required() -> &'static Decline {
    &declines::AUTHENTICATION_REQUIRED
}

/// What a bank says when it gives no reason.
pub(super) fn generic_decline() -> &'static Decline {
    &declines::GENERIC
}

/// What Stripe says when it blocks a payment.
pub(super) fn blocked() -> &'static Decline {
    &declines::FRAUDULENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(number: &str) -> Result<&'static TestCard, StripeError> {
        let card = Typed {
            number,
            month: 12,
            year: 2030,
            cvc: Some("123"),
        };
        by_number(&card, jiff::civil::date(2026, 7, 1))
    }

    #[test]
    fn every_published_number_has_its_check_digit_and_is_found() {
        let numbers = table::CARDS.iter().filter(|card| !card.number.is_empty());
        for card in numbers {
            assert!(passes_luhn(card.number), "{}", card.number);
            assert_eq!(typed(card.number).expect("a card").number, card.number);
        }
    }

    #[test]
    fn no_name_means_two_cards() {
        let mut names: Vec<_> = table::CARDS.iter().flat_map(|card| card.names).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn bad_card_data_is_refused_with_its_code() {
        let code = |typed: Typed<'_>| {
            let error = by_number(&typed, jiff::civil::date(2026, 7, 1)).expect_err("refused");
            (error.body.code, error.body.decline_code)
        };
        let good = Typed {
            number: "4242424242424242",
            month: 12,
            year: 2030,
            cvc: Some("123"),
        };
        let luhn = Typed {
            number: "4242424242424241",
            ..good
        };
        assert_eq!(code(luhn), (Some("incorrect_number"), None));
        assert_eq!(
            code(Typed { month: 13, ..good }).0,
            Some("invalid_expiry_month")
        );
        assert_eq!(
            code(Typed { year: 2020, ..good }).0,
            Some("invalid_expiry_year")
        );
        assert_eq!(
            code(Typed {
                cvc: Some("99"),
                ..good
            })
            .0,
            Some("invalid_cvc")
        );
        let unknown = Typed {
            number: "4539578763621486",
            ..good
        };
        assert_eq!(
            code(unknown),
            (Some("card_declined"), Some("test_mode_live_card"))
        );
    }
}
