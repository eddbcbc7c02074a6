//! People: names, jobs, numbers.

use rand::RngExt as _;
use rand::rngs::StdRng;

use super::words::{FIRST_NAMES, JOBS, LAST_NAMES};
use super::{digits, pick, word};

pub(super) fn name(random: &mut StdRng, method: &str) -> Option<String> {
    Some(match method {
        "firstName" => word(random, FIRST_NAMES),
        "lastName" => word(random, LAST_NAMES),
        "fullName" | "name" => full_name(random),
        "nameWithMiddle" => format!("{} {}", pick(random, FIRST_NAMES), full_name(random)),
        "prefix" => word(random, &["Mr.", "Mrs.", "Ms.", "Miss", "Dr."]),
        "suffix" => word(random, &["Jr.", "Sr.", "I", "II", "III", "IV", "MD", "PhD"]),
        "title" => word(random, JOBS),
        "username" => user(random),
        _ => return None,
    })
}

pub(super) fn job(random: &mut StdRng, method: &str) -> Option<String> {
    (method == "title").then(|| word(random, JOBS))
}

pub(super) fn id_number(random: &mut StdRng, method: &str) -> Option<String> {
    let number = |random: &mut StdRng| {
        format!(
            "{}-{}-{}",
            area(random),
            digits(random, 2),
            digits(random, 4)
        )
    };
    (method == "valid").then(|| number(random))
}

pub(super) fn phone_number(random: &mut StdRng, method: &str) -> Option<String> {
    matches!(method, "phoneNumber" | "cellPhone")
        .then(|| format!("({}) {}-{}", area(random), area(random), digits(random, 4)))
}

pub(super) fn full_name(random: &mut StdRng) -> String {
    format!("{} {}", pick(random, FIRST_NAMES), pick(random, LAST_NAMES))
}

/// `ada.carter`.
pub(super) fn user(random: &mut StdRng) -> String {
    full_name(random).to_lowercase().replace(' ', ".")
}

/// Three digits that begin with 2 to 9.
fn area(random: &mut StdRng) -> String {
    random.random_range(200..1_000_u16).to_string()
}
