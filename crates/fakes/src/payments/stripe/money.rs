//! Amounts and currencies as Stripe takes them (Supported currencies).

use serde::{Serialize, Serializer};
use styk_core::{Currency, Money};

use super::error::StripeError;
use super::params::Params;

/// Eight digits.
pub(super) const LARGEST: i64 = 99_999_999;

/// Currencies a charge can be made in, beside those with a smallest amount of their own below.
const OTHERS: &str = "afn all amd ang aoa ars awg azn bam bbd bdt bhd bif bmd bnd bob bsd bwp byn bzd cdf clp cny cop \
    crc cve djf dop dzd egp etb fjd fkp gel gip gmd gnf gtq gyd hnl htg idr ils isk jmd jod kes kgs khr kmf krw kwd \
    kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mzn nad ngn nio npr omr pab pen pgk php pkr \
    pyg qar rsd rub rwf sar sbd scr shp sle sos srd std szl tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst \
    xaf xcd xof xpf yer zar zmw usdc";

/// The smallest amounts, in minor units.
const SMALLEST: &[(&str, i64)] = &[
    ("usd", 50),
    ("aud", 50),
    ("cad", 50),
    ("nzd", 50),
    ("sgd", 50),
    ("eur", 50),
    ("chf", 50),
    ("brl", 50),
    ("inr", 50),
    ("jpy", 50),
    ("gbp", 30),
    ("aed", 200),
    ("bgn", 100),
    ("czk", 1500),
    ("dkk", 250),
    ("hkd", 400),
    ("huf", 17_500),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("sek", 300),
    ("pln", 200),
    ("ron", 200),
    ("thb", 1000),
];

/// A currency as Stripe writes it, in lower case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lower(pub(super) Currency);

impl Serialize for Lower {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut code = [b'x'; 3];
        for (to, from) in code.iter_mut().zip(self.0.code().bytes()) {
            *to = from.to_ascii_lowercase();
        }
        serializer.serialize_str(std::str::from_utf8(&code).unwrap_or("xxx"))
    }
}

/// The parameter `currency`.
pub(super) fn currency(params: &mut Params) -> Result<Option<Currency>, StripeError> {
    let Some(text) = params.text("currency")? else {
        return Ok(None);
    };
    let code = text.to_ascii_lowercase();
    let is_known = SMALLEST.iter().any(|(known, _)| *known == code)
        || OTHERS.split_ascii_whitespace().any(|known| known == code);
    let currency = code.parse().ok().filter(|_| is_known);
    currency.map(Some).ok_or_else(|| {
        StripeError::invalid(format!(
            "Invalid currency: {text}. Stripe takes three-letter codes such as usd, eur or gbp."
        ))
        .param(params.name("currency"))
    })
}

/// The parameter `currency` where it must be there.
pub(super) fn required_currency(params: &mut Params) -> Result<Currency, StripeError> {
    let given = currency(params)?;
    given.ok_or_else(|| StripeError::missing(&params.name("currency")))
}

/// The smallest amount of a currency.
pub(super) fn smallest(currency: Currency) -> i64 {
    let code = currency.code().to_ascii_lowercase();
    let known = SMALLEST.iter().find(|(known, _)| *known == code);
    known.map_or(1, |(_, smallest)| *smallest)
}

/// An amount that is to be paid: neither too small nor too large, and whole where the currency wants it.
pub(super) fn check_amount(
    amount: i64,
    currency: Currency,
    param: &str,
) -> Result<Money, StripeError> {
    check_positive(amount, param)?;
    let smallest = smallest(currency);
    let money = Money::new(amount, currency);
    let code = currency.code().to_ascii_lowercase();
    if amount > LARGEST {
        return Err(too_large(param));
    }
    if amount < smallest {
        let least = Money::new(smallest, currency).decimal();
        return Err(
            StripeError::invalid(format!("Amount must be at least {least} {code}"))
                .code("amount_too_small")
                .param(param),
        );
    }
    if currency.decimals() == 3 && amount % 10 != 0 {
        let message =
            format!("Invalid amount: in {code} the last of the three decimals must be 0.");
        return Err(StripeError::invalid(message).param(param));
    }
    Ok(money)
}

/// An amount above nothing.
pub(super) fn check_positive(amount: i64, param: &str) -> Result<(), StripeError> {
    if amount >= 1 {
        return Ok(());
    }
    Err(
        StripeError::invalid("This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer")
            .param(param),
    )
}

/// An amount that is more than Stripe takes.
pub(super) fn too_large(param: &str) -> StripeError {
    StripeError::invalid(format!("Amount must be no more than {LARGEST}."))
        .code("amount_too_large")
        .param(param)
}
