//! Companies, products, money, and numbers with check digits.

use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::json::Json;

use super::super::Called;
use super::super::arguments::double;
use super::internet::domain;
use super::words::{
    ADJECTIVES, COMPANY_ENDINGS, CURRENCIES, DEPARTMENTS, INDUSTRIES, LAST_NAMES, MATERIALS,
    PRODUCTS,
};
use super::{digits, pick, word};

pub(super) fn company(random: &mut StdRng, method: &str) -> Option<String> {
    Some(match method {
        "name" => {
            let (first, second) = (pick(random, LAST_NAMES), pick(random, LAST_NAMES));
            match random.random_range(0..3_u8) {
                0 => format!("{first}-{second}"),
                1 => format!("{first} and {second}"),
                _ => format!("{first} {}", pick(random, COMPANY_ENDINGS)),
            }
        }
        "industry" => word(random, INDUSTRIES),
        "suffix" => word(random, COMPANY_ENDINGS),
        "url" => format!("www.{}", domain(random)),
        "catchPhrase" => {
            let product = pick(random, PRODUCTS).to_lowercase();
            format!("{} {product}", pick(random, ADJECTIVES))
        }
        _ => return None,
    })
}

pub(super) fn commerce(random: &mut StdRng, method: &str) -> Option<String> {
    Some(match method {
        "productName" => {
            let (adjective, material) = (pick(random, ADJECTIVES), pick(random, MATERIALS));
            format!("{adjective} {material} {}", pick(random, PRODUCTS))
        }
        "department" => word(random, DEPARTMENTS),
        "material" => word(random, MATERIALS),
        "promotionCode" => format!("{}{}", pick(random, MATERIALS), digits(random, 6)),
        _ => return None,
    })
}

/// A price as text, with two decimals.
pub(super) fn price(random: &mut StdRng, arguments: &[Json]) -> Called {
    let (min, max) = match arguments {
        [] => (1.0, 100.0),
        [min, max] => (double(min)?, double(max)?),
        _ => return None,
    };
    Some(Ok(Json::Text(format!("{:.2}", between(random, min, max)))))
}

/// The lower bound where there is nothing between the two.
pub(super) fn between(random: &mut StdRng, min: f64, max: f64) -> f64 {
    if min < max && (max - min).is_finite() {
        random.random_range(min..max)
    } else {
        min
    }
}

pub(super) fn finance(random: &mut StdRng, method: &str) -> Option<String> {
    Some(match method {
        "creditCard" => card(random),
        "iban" => iban(random),
        _ => return None,
    })
}

pub(super) fn money(random: &mut StdRng, method: &str) -> Option<String> {
    let (code, name) = pick(random, CURRENCIES);
    Some(match method {
        "currencyCode" => code.to_owned(),
        "currency" => name.to_owned(),
        _ => return None,
    })
}

pub(super) fn code(random: &mut StdRng, method: &str) -> Option<String> {
    Some(match method {
        "ean13" => ean(random, ""),
        "isbn13" => ean(random, "978"),
        _ => return None,
    })
}

/// A card number whose last digit checks it.
pub(super) fn card(random: &mut StdRng) -> String {
    let number = format!("4{}", digits(random, 14));
    let places = number
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate();
    let sum: u32 = places
        .map(|(place, digit)| match place % 2 {
            0 => digit * 2 / 10 + digit * 2 % 10,
            _ => digit,
        })
        .sum();
    let number = format!("{number}{}", (10 - sum % 10) % 10);
    format!(
        "{}-{}-{}-{}",
        &number[..4],
        &number[4..8],
        &number[8..12],
        &number[12..]
    )
}

/// A German account number with right check digits.
pub(super) fn iban(random: &mut StdRng) -> String {
    let account = digits(random, 18);
    // The letters D and E count as 13 and 14, and `00` keeps the place of the check digits.
    let rest = format!("{account}131400")
        .chars()
        .filter_map(|c| c.to_digit(10))
        .fold(0, |rest, digit| (rest * 10 + digit) % 97);
    format!("DE{:02}{account}", 98 - rest)
}

/// Thirteen digits, the last of which checks the others.
fn ean(random: &mut StdRng, prefix: &str) -> String {
    let number = format!("{prefix}{}", digits(random, 12 - prefix.len()));
    let places = number.chars().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = places
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 3 })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}
