//! `faker`: made-up names, places, numbers. A part of what the original has; a provider or method that is not there is no method.

use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::json::Json;

use super::super::{Scope, dynamic};
use super::Called;
use super::arguments::{double, int, long};

mod words;

use words::{
    ADJECTIVES, CITIES, COLORS, COMPANY_ENDINGS, COUNTRIES, CURRENCIES, DEPARTMENTS,
    DOMAIN_ENDINGS, FIRST_NAMES, INDUSTRIES, JOBS, LAST_NAMES, LATIN, MATERIALS, PRODUCTS, STATES,
    STREET_ENDINGS,
};

const COUNT_MAX: i32 = 10_000;

const PROVIDERS: [&str; 16] = [
    "name",
    "internet",
    "address",
    "phoneNumber",
    "company",
    "lorem",
    "number",
    "commerce",
    "color",
    "bool",
    "finance",
    "money",
    "code",
    "job",
    "idNumber",
    "timeAndDate",
];

/// Whether this is an object such as `faker.name`.
pub(super) fn is_provider(object: &str) -> bool {
    object
        .strip_prefix("faker.")
        .is_some_and(|provider| PROVIDERS.contains(&provider))
}

pub(super) fn call(scope: &Scope, object: &str, method: &str, arguments: &[Json]) -> Called {
    let mut random = scope.random.borrow_mut();
    let random = &mut *random;
    if object == "faker" {
        let [Json::Text(pattern)] = arguments else {
            return None;
        };
        let filled = match method {
            "numerify" => filled(random, pattern, true, false),
            "letterify" => filled(random, pattern, false, true),
            "bothify" => filled(random, pattern, true, true),
            _ => return None,
        };
        return Some(Ok(Json::Text(filled)));
    }
    match object.strip_prefix("faker.")? {
        "number" => number(random, method, arguments),
        "lorem" => lorem(random, method, arguments),
        "commerce" if method == "price" => price(random, arguments),
        "bool" if (method, arguments) == ("bool", &[]) => {
            Some(Ok(Json::Bool(random.random_bool(0.5))))
        }
        "timeAndDate" => time(scope, random, method, arguments),
        provider if arguments.is_empty() => Some(Ok(Json::Text(plain(random, provider, method)?))),
        _ => None,
    }
}

/// The methods without arguments that make a text.
fn plain(random: &mut StdRng, provider: &str, method: &str) -> Option<String> {
    Some(match (provider, method) {
        ("name", "firstName") => pick(random, FIRST_NAMES).to_owned(),
        ("name", "lastName") => pick(random, LAST_NAMES).to_owned(),
        ("name", "fullName" | "name") => full_name(random),
        ("name", "nameWithMiddle") => {
            format!("{} {}", pick(random, FIRST_NAMES), full_name(random))
        }
        ("name", "prefix") => pick(random, &["Mr.", "Mrs.", "Ms.", "Miss", "Dr."]).to_owned(),
        ("name", "suffix") => {
            pick(random, &["Jr.", "Sr.", "I", "II", "III", "IV", "MD", "PhD"]).to_owned()
        }
        ("name" | "job", "title") => pick(random, JOBS).to_owned(),
        ("name" | "internet", "username") => user(random),
        ("internet", "emailAddress") => {
            let host = pick(random, &["gmail.com", "yahoo.com", "hotmail.com"]);
            format!("{}@{host}", user(random))
        }
        ("internet", "safeEmailAddress") => format!("{}@example.com", user(random)),
        ("internet", "domainName") => domain(random),
        ("internet", "domainWord") => pick(random, LAST_NAMES).to_lowercase(),
        ("internet", "url") => format!("https://www.{}/{}", domain(random), pick(random, LATIN)),
        ("internet", "slug") => format!("{}_{}", pick(random, LATIN), pick(random, LATIN)),
        ("internet", "uuid") => dynamic::uuid(random),
        ("internet", "password") => {
            let length = random.random_range(8..=16);
            let alphabet: Vec<char> = ('a'..='z').chain('0'..='9').collect();
            (0..length).map(|_| pick_char(random, &alphabet)).collect()
        }
        ("internet", "ipV4Address") => joined(random, 4, ".", |random| {
            random.random_range(2..=254_u8).to_string()
        }),
        ("internet", "ipV6Address") => joined(random, 8, ":", |random| {
            format!("{:x}", random.random::<u16>())
        }),
        ("internet", "macAddress") => joined(random, 6, ":", |random| {
            format!("{:02x}", random.random::<u8>())
        }),
        ("address", "city") => pick(random, CITIES).to_owned(),
        ("address", "streetName") => street(random),
        ("address", "streetAddress") => street_address(random),
        ("address", "buildingNumber") => digits(random, 4),
        ("address", "secondaryAddress") => format!("Apt. {}", digits(random, 3)),
        ("address", "zipCode" | "postcode") => digits(random, 5),
        ("address", "country") => pick(random, COUNTRIES).1.to_owned(),
        ("address", "countryCode") => pick(random, COUNTRIES).0.to_owned(),
        ("address", "state") => pick(random, STATES).1.to_owned(),
        ("address", "stateAbbr") => pick(random, STATES).0.to_owned(),
        ("address", "latitude") => format!("{:.8}", random.random_range(-90.0..90.0)),
        ("address", "longitude") => format!("{:.8}", random.random_range(-180.0..180.0)),
        ("address", "fullAddress") => format!(
            "{}, {}, {} {}",
            street_address(random),
            pick(random, CITIES),
            pick(random, STATES).0,
            digits(random, 5)
        ),
        ("phoneNumber", "phoneNumber" | "cellPhone") => {
            format!("({}) {}-{}", area(random), area(random), digits(random, 4))
        }
        ("company", "name") => company(random),
        ("company", "industry") => pick(random, INDUSTRIES).to_owned(),
        ("company", "suffix") => pick(random, COMPANY_ENDINGS).to_owned(),
        ("company", "url") => format!("www.{}", domain(random)),
        ("company", "catchPhrase") => {
            format!(
                "{} {}",
                pick(random, ADJECTIVES),
                pick(random, PRODUCTS).to_lowercase()
            )
        }
        ("commerce", "productName") => format!(
            "{} {} {}",
            pick(random, ADJECTIVES),
            pick(random, MATERIALS),
            pick(random, PRODUCTS)
        ),
        ("commerce", "department") => pick(random, DEPARTMENTS).to_owned(),
        ("commerce", "material") => pick(random, MATERIALS).to_owned(),
        ("commerce", "promotionCode") => {
            format!("{}{}", pick(random, MATERIALS), digits(random, 6))
        }
        ("color", "name") => pick(random, COLORS).to_owned(),
        ("color", "hex") => format!("#{:06X}", random.random_range(0..0x100_0000_u32)),
        ("finance", "creditCard") => card(random),
        ("finance", "iban") => iban(random),
        ("money", "currencyCode") => pick(random, CURRENCIES).0.to_owned(),
        ("money", "currency") => pick(random, CURRENCIES).1.to_owned(),
        ("code", "ean13") => checked_ean(random, ""),
        ("code", "isbn13") => checked_ean(random, "978"),
        ("idNumber", "valid") => {
            format!(
                "{}-{}-{}",
                area(random),
                digits(random, 2),
                digits(random, 4)
            )
        }
        _ => return None,
    })
}

fn number(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    let value = match (method, arguments) {
        ("numberBetween", [min, max]) => {
            let (min, max) = (long(min)?, long(max)?);
            // The upper bound itself does not come.
            Json::number(if min < max {
                random.random_range(min..max)
            } else {
                min
            })
        }
        ("digit", []) => Json::Text(digits(random, 1)),
        ("digits", [count]) => match count_of(count)? {
            Ok(count) => Json::Text(digits(random, count)),
            Err(error) => return Some(Err(error)),
        },
        ("randomDigit", []) => Json::number(random.random_range(0..10_u8)),
        ("randomDigitNotZero", []) => Json::number(random.random_range(1..10_u8)),
        ("randomNumber", []) => Json::number(random.random::<i64>()),
        ("positive", []) => Json::number(random.random_range(1..=i32::MAX)),
        ("negative", []) => Json::number(random.random_range(i32::MIN..0)),
        ("randomDouble", [decimals, min, max]) => {
            let decimals = usize::try_from(int(decimals)?).ok()?.min(17);
            let (min, max) = (double(min)?, double(max)?);
            let value = if min < max {
                random.random_range(min..max)
            } else {
                min
            };
            Json::number(format!("{value:.decimals$}"))
        }
        _ => return None,
    };
    Some(Ok(value))
}

fn lorem(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    let count = match arguments {
        [] => None,
        [count] => match count_of(count)? {
            Ok(count) => Some(count),
            Err(error) => return Some(Err(error)),
        },
        _ => return None,
    };
    let value = match (method, count) {
        ("word", None) => Json::text(pick(random, LATIN)),
        ("character", None) => Json::Text(filled(random, "?", false, true)),
        ("characters", Some(count)) => Json::Text(filled(random, &"?".repeat(count), false, true)),
        ("words", count) => {
            let words = (0..count.unwrap_or(3)).map(|_| Json::text(pick(random, LATIN)));
            Json::Array(words.collect())
        }
        ("sentence", count) => Json::Text(sentence(random, count.unwrap_or(3))),
        ("paragraph", count) => {
            let sentences: Vec<_> = (0..count.unwrap_or(3))
                .map(|_| sentence(random, 4))
                .collect();
            Json::Text(sentences.join(" "))
        }
        _ => return None,
    };
    Some(Ok(value))
}

fn price(random: &mut StdRng, arguments: &[Json]) -> Called {
    let (min, max) = match arguments {
        [] => (1.0, 100.0),
        [min, max] => (double(min)?, double(max)?),
        _ => return None,
    };
    let price = if min < max {
        random.random_range(min..max)
    } else {
        min
    };
    Some(Ok(Json::Text(format!("{price:.2}"))))
}

fn time(scope: &Scope, random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    const DAY: i64 = 86_400;
    let days = match (method, arguments) {
        ("birthday", []) => -random.random_range(18 * 365..65 * 365_i64),
        ("past", []) => -random.random_range(1..3_650_i64),
        ("future", []) => random.random_range(1..3_650_i64),
        _ => return None,
    };
    let moment = jiff::SignedDuration::from_secs(days * DAY + random.random_range(0..DAY));
    let moment = match scope.now.checked_add(moment) {
        Ok(moment) => moment,
        Err(error) => return Some(Err(error.to_string())),
    };
    let form = if method == "birthday" {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%dT%H:%M:%SZ"
    };
    Some(Ok(Json::Text(moment.strftime(form).to_string())))
}

/// How many; refused when it is too much.
fn count_of(argument: &Json) -> Option<Result<usize, String>> {
    let count = int(argument)?;
    if count > COUNT_MAX {
        return Some(Err(format!("more than {COUNT_MAX} at once")));
    }
    Some(Ok(usize::try_from(count).unwrap_or(0)))
}

fn pick<T: Copy>(random: &mut StdRng, of: &[T]) -> T {
    of[random.random_range(0..of.len())]
}

fn pick_char(random: &mut StdRng, of: &[char]) -> char {
    pick(random, of)
}

fn joined(random: &mut StdRng, count: usize, by: &str, part: fn(&mut StdRng) -> String) -> String {
    let parts: Vec<_> = (0..count).map(|_| part(random)).collect();
    parts.join(by)
}

fn digits(random: &mut StdRng, count: usize) -> String {
    filled(random, &"#".repeat(count), true, false)
}

/// Three digits that begin with 2 to 9.
fn area(random: &mut StdRng) -> String {
    random.random_range(200..1_000_u16).to_string()
}

/// `#` becomes a digit, `?` a letter.
fn filled(random: &mut StdRng, pattern: &str, with_digits: bool, with_letters: bool) -> String {
    pattern
        .chars()
        .map(|c| match c {
            '#' if with_digits => random.random_range('0'..='9'),
            '?' if with_letters => random.random_range('a'..='z'),
            other => other,
        })
        .collect()
}

fn full_name(random: &mut StdRng) -> String {
    format!("{} {}", pick(random, FIRST_NAMES), pick(random, LAST_NAMES))
}

fn user(random: &mut StdRng) -> String {
    full_name(random).to_lowercase().replace(' ', ".")
}

fn domain(random: &mut StdRng) -> String {
    let name = pick(random, LAST_NAMES).to_lowercase();
    format!("{name}.{}", pick(random, DOMAIN_ENDINGS))
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

fn company(random: &mut StdRng) -> String {
    let (first, second) = (pick(random, LAST_NAMES), pick(random, LAST_NAMES));
    match random.random_range(0..3_u8) {
        0 => format!("{first}-{second}"),
        1 => format!("{first} and {second}"),
        _ => format!("{first} {}", pick(random, COMPANY_ENDINGS)),
    }
}

fn sentence(random: &mut StdRng, words: usize) -> String {
    let count = words + random.random_range(0..6_usize);
    let words: Vec<_> = (0..count.max(1)).map(|_| pick(random, LATIN)).collect();
    let text = words.join(" ");
    let (first, rest) = text.split_at(1);
    format!("{}{rest}.", first.to_uppercase())
}

/// A card number whose last digit checks it.
fn card(random: &mut StdRng) -> String {
    let number = format!("4{}", digits(random, 14));
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 0 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                digit
            }
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
fn iban(random: &mut StdRng) -> String {
    let account = digits(random, 18);
    // The letters D and E count as 13 and 14, and `00` keeps the place of the check digits.
    let rest = format!("{account}131400")
        .chars()
        .filter_map(|c| c.to_digit(10))
        .fold(0, |rest, digit| (rest * 10 + digit) % 97);
    format!("DE{:02}{account}", 98 - rest)
}

/// Thirteen digits, the last of which checks the others.
fn checked_ean(random: &mut StdRng, prefix: &str) -> String {
    let number = format!("{prefix}{}", digits(random, 12 - prefix.len()));
    let sum: u32 = number
        .chars()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 3 })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests;
