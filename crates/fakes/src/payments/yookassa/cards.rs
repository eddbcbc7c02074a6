//! The cards of a test shop (Testing).

/// What comes of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It pays.
    Pays,
    /// It pays after 3-D Secure.
    Asks,
    /// It is declined: party and reason.
    Declined(&'static str, &'static str),
}

const SUCCESS: [&str; 8] = [
    "5555555555554444",
    "6759649826438453",
    "4111111111111111",
    "4175001000000017",
    "2202474301322987",
    "370000000000002",
    "3528000700000000",
    "36700102000000",
];

const SECURE: [&str; 3] = ["5555555555554477", "4793128161644804", "2200000000000004"];

/// Reason, then one card each of Mastercard, Visa and Mir.
const NETWORK: [(&str, [&str; 3]); 11] = [
    (
        "3d_secure_failed",
        ["5555555555554592", "4839665499603842", "2200000000000012"],
    ),
    (
        "call_issuer",
        ["5555555555554535", "4926946416239025", "2200000000000020"],
    ),
    (
        "card_expired",
        ["5555555555554543", "4141435412630840", "2200000000000038"],
    ),
    (
        "fraud_suspected",
        ["5555555555554568", "4483274282299972", "2200000000000046"],
    ),
    (
        "general_decline",
        ["5555555555554527", "4889971706588753", "2202202212312379"],
    ),
    (
        "insufficient_funds",
        ["5555555555554600", "4562265587712390", "2200000000000053"],
    ),
    (
        "invalid_card_number",
        ["5555555555554618", "4951017853630544", "2201382000000013"],
    ),
    (
        "invalid_csc",
        ["5555555555554626", "4194180666146368", "2200770212727079"],
    ),
    (
        "issuer_unavailable",
        ["5555555555554501", "4654130848359150", "2201382000000021"],
    ),
    (
        "payment_method_limit_exceeded",
        ["5555555555554576", "4565231022577548", "2201382000000039"],
    ),
    (
        "payment_method_restricted",
        ["5555555555554550", "4233961169071671", "2201382000000047"],
    ),
];

const YOO_MONEY: [(&str, [&str; 3]); 2] = [
    (
        "country_forbidden",
        ["5555555555554584", "4969751510013864", "2201382000000054"],
    ),
    (
        "fraud_suspected",
        ["5555555555554634", "4119098878796485", "2201696981989955"],
    ),
];

/// What comes of a card by its number. Cards that are not in the table are declined.
pub(super) fn outcome(number: &str) -> Outcome {
    let of = |party, table: &'static [(&'static str, [&'static str; 3])]| {
        let mut rows = table.iter();
        rows.find(|(_, cards)| cards.contains(&number))
            .map(|(reason, _)| Outcome::Declined(party, reason))
    };
    if SUCCESS.contains(&number) {
        return Outcome::Pays;
    }
    if SECURE.contains(&number) {
        return Outcome::Asks;
    }
    of("payment_network", &NETWORK)
        .or_else(|| of("yoo_money", &YOO_MONEY))
        .unwrap_or(Outcome::Declined("payment_network", "general_decline"))
}

/// The card's scheme, in YooKassa's word for it.
pub(super) fn scheme(number: &str) -> &'static str {
    let head = |length: usize| {
        number
            .get(..length)
            .and_then(|digits| digits.parse::<u32>().ok())
            .unwrap_or(0)
    };
    match (head(2), head(4)) {
        (_, 2200..=2204) => "Mir",
        (_, 2221..=2720) | (50..=61 | 63..=69, _) => "MasterCard",
        (40..=49, _) => "Visa",
        (34 | 37, _) => "AmericanExpress",
        (35, _) => "JCB",
        (30 | 36 | 38, _) => "DinersClub",
        (62, _) => "UnionPay",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("5555555555554444", Outcome::Pays)]
    #[test_case("2200000000000004", Outcome::Asks)]
    #[test_case(
        "4562265587712390",
        Outcome::Declined("payment_network", "insufficient_funds")
    )]
    #[test_case(
        "2201382000000054",
        Outcome::Declined("yoo_money", "country_forbidden")
    )]
    #[test_case(
        "4000000000000000",
        Outcome::Declined("payment_network", "general_decline")
    )]
    fn cards_do_what_the_table_says(number: &str, wanted: Outcome) {
        assert_eq!(outcome(number), wanted);
    }

    #[test]
    fn schemes_are_told_by_the_first_digits() {
        let numbers = [
            "2200000000000004",
            "4111111111111111",
            "2223003122003222",
            "370000000000002",
            "6759649826438453",
        ];
        let schemes = numbers.map(scheme);
        assert_eq!(
            schemes,
            ["Mir", "Visa", "MasterCard", "AmericanExpress", "MasterCard"]
        );
    }
}
