//! The currencies of the provider (CloudPayments API, Reference books).

use styk_core::Currency;

/// In the order of their numbers; roubles are 0, the other numbers are not documented.
const CURRENCIES: [&str; 30] = [
    "RUB", "USD", "EUR", "GBP", "UAH", "BYR", "BYN", "AZN", "AUD", "CHF", "CNY", "CZK", "CAD",
    "DKK", "GEL", "HUF", "ILS", "INR", "JPY", "KGS", "KZT", "LVL", "NOK", "PLN", "RON", "SEK",
    "THB", "TRY", "UZS", "AMD",
];

/// A currency that the provider takes.
pub(super) fn known(code: &str) -> Option<Currency> {
    let currency: Currency = code.parse().ok()?;
    CURRENCIES.contains(&currency.code()).then_some(currency)
}

/// Its number.
pub(super) fn number(currency: Currency) -> usize {
    let place = CURRENCIES.iter().position(|code| *code == currency.code());
    place.unwrap_or(0)
}
