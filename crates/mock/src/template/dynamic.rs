//! The dynamic values: the time and chance of one moment, as texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};

use super::text;

/// The value of this name.
pub(super) fn value(name: &str, now: Timestamp, random: &mut StdRng) -> Option<String> {
    Some(match name {
        "now" | "now_iso_8601" => text::instant(now),
        "now_epoch" => now.as_second().to_string(),
        "now_rfc_1123" => rfc_1123(now),
        "uuid" => uuid(random),
        "rand_int" | "rand_int_10" => random.random_range(0..10_u8).to_string(),
        "rand_int_100" => random.random_range(0..100_u8).to_string(),
        "rand_bytes" | "rand_bytes_16" => bytes::<16>(random),
        "rand_bytes_32" => bytes::<32>(random),
        "rand_bytes_64" => bytes::<64>(random),
        "rand_bytes_128" => bytes::<128>(random),
        _ => return None,
    })
}

/// The names that [`value`] knows.
pub(super) const NAMES: [&str; 13] = [
    "now",
    "now_iso_8601",
    "now_epoch",
    "now_rfc_1123",
    "uuid",
    "rand_int",
    "rand_int_10",
    "rand_int_100",
    "rand_bytes",
    "rand_bytes_16",
    "rand_bytes_32",
    "rand_bytes_64",
    "rand_bytes_128",
];

/// A random UUID (version 4).
pub(super) fn uuid(random: &mut StdRng) -> String {
    uuid::Builder::from_random_bytes(random.random())
        .into_uuid()
        .to_string()
}

fn bytes<const LENGTH: usize>(random: &mut StdRng) -> String {
    let mut bytes = [0; LENGTH];
    random.fill_bytes(&mut bytes);
    STANDARD.encode(bytes)
}

/// `Wed, 25 Nov 2026 22:55:33 GMT`; Java writes a day below ten with one digit.
fn rfc_1123(now: Timestamp) -> String {
    now.strftime("%a, %-d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use test_case::test_case;

    use super::*;

    fn at(instant: &str, name: &str) -> String {
        let mut random = StdRng::seed_from_u64(1);
        let instant = instant.parse().expect("an instant");
        value(name, instant, &mut random).expect("a dynamic value")
    }

    #[test_case("now", "2026-11-05T22:55:33.597718842Z")]
    #[test_case("now_iso_8601", "2026-11-05T22:55:33.597718842Z")]
    #[test_case("now_epoch", "1793919333")]
    #[test_case("now_rfc_1123", "Thu, 5 Nov 2026 22:55:33 GMT")]
    fn the_time_has_the_forms_of_the_original(name: &str, expected: &str) {
        assert_eq!(at("2026-11-05T22:55:33.597718842Z", name), expected);
    }

    #[test_case("uuid", 36)]
    #[test_case("rand_int", 1)]
    #[test_case("rand_int_10", 1)]
    #[test_case("rand_bytes", 24)]
    #[test_case("rand_bytes_16", 24)]
    #[test_case("rand_bytes_32", 44)]
    #[test_case("rand_bytes_64", 88)]
    #[test_case("rand_bytes_128", 172)]
    fn chance_has_the_lengths_of_the_original(name: &str, length: usize) {
        assert_eq!(at("2026-11-05T22:55:33Z", name).len(), length);
    }

    #[test]
    fn every_name_has_a_value_and_no_other() {
        let mut random = StdRng::seed_from_u64(1);
        for name in NAMES {
            assert!(
                value(name, Timestamp::UNIX_EPOCH, &mut random).is_some(),
                "{name}"
            );
        }
        assert_eq!(
            value("rand_bytes_8", Timestamp::UNIX_EPOCH, &mut random),
            None
        );
    }
}
