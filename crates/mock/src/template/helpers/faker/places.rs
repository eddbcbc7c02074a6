//! Postal addresses.

use rand::RngExt as _;
use rand::rngs::StdRng;

use super::words::{CITIES, COUNTRIES, LAST_NAMES, STATES, STREET_ENDINGS};
use super::{digits, pick, word};

pub(super) fn address(random: &mut StdRng, method: &str) -> Option<String> {
    Some(match method {
        "city" => word(random, CITIES),
        "streetName" => street(random),
        "streetAddress" => street_address(random),
        "buildingNumber" => digits(random, 4),
        "secondaryAddress" => format!("Apt. {}", digits(random, 3)),
        "zipCode" | "postcode" => digits(random, 5),
        "country" => pick(random, COUNTRIES).1.to_owned(),
        "countryCode" => pick(random, COUNTRIES).0.to_owned(),
        "state" => pick(random, STATES).1.to_owned(),
        "stateAbbr" => pick(random, STATES).0.to_owned(),
        "latitude" => format!("{:.8}", random.random_range(-90.0..90.0)),
        "longitude" => format!("{:.8}", random.random_range(-180.0..180.0)),
        "fullAddress" => {
            let (street, city) = (street_address(random), pick(random, CITIES));
            let state = pick(random, STATES).0;
            format!("{street}, {city}, {state} {}", digits(random, 5))
        }
        _ => return None,
    })
}

fn street(random: &mut StdRng) -> String {
    format!(
        "{} {}",
        pick(random, LAST_NAMES),
        pick(random, STREET_ENDINGS)
    )
}

fn street_address(random: &mut StdRng) -> String {
    let number = random.random_range(1..10_000_u16);
    format!("{number} {}", street(random))
}
