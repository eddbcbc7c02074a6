//! `faker`: made-up names, places, numbers. A part of what the original has; a provider or method that is not there is
//! no method.

use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::json::Json;

use super::super::Scope;
use super::Called;

mod business;
mod internet;
mod people;
mod places;
mod values;
mod words;

/// Makes the text of a method without arguments.
type Texts = fn(&mut StdRng, &str) -> Option<String>;

const TEXTS: [(&str, Texts); 11] = [
    ("name", people::name),
    ("job", people::job),
    ("idNumber", people::id_number),
    ("phoneNumber", people::phone_number),
    ("internet", internet::internet),
    ("address", places::address),
    ("company", business::company),
    ("commerce", business::commerce),
    ("finance", business::finance),
    ("money", business::money),
    ("code", business::code),
];

const VALUES: [&str; 5] = ["number", "lorem", "bool", "color", "timeAndDate"];

/// Whether this is an object such as `faker.name`.
pub(super) fn is_provider(object: &str) -> bool {
    let Some(provider) = object.strip_prefix("faker.") else {
        return false;
    };
    TEXTS.iter().any(|(name, _)| *name == provider) || VALUES.contains(&provider)
}

pub(super) fn call(scope: &Scope, object: &str, method: &str, arguments: &[Json]) -> Called {
    let random = &mut *scope.random.borrow_mut();
    if object == "faker" {
        return filled_pattern(random, method, arguments);
    }
    match object.strip_prefix("faker.")? {
        "number" => values::number(random, method, arguments),
        "lorem" => values::lorem(random, method, arguments),
        "bool" => values::boolean(random, method, arguments),
        "color" => values::color(random, method, arguments),
        "timeAndDate" => values::time(scope.now, random, method, arguments),
        "commerce" if method == "price" => business::price(random, arguments),
        provider => {
            let (_, texts) = TEXTS.iter().find(|(name, _)| *name == provider)?;
            let text = arguments.is_empty().then(|| texts(random, method))?;
            text.map(|text| Ok(Json::Text(text)))
        }
    }
}

/// `numerify`, `letterify` and `bothify`: `#` becomes a digit, `?` a letter.
fn filled_pattern(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    let [Json::Text(pattern)] = arguments else {
        return None;
    };
    let (has_digits, has_letters) = match method {
        "numerify" => (true, false),
        "letterify" => (false, true),
        "bothify" => (true, true),
        _ => return None,
    };
    let filled = pattern.chars().map(|c| match c {
        '#' if has_digits => random.random_range('0'..='9'),
        '?' if has_letters => random.random_range('a'..='z'),
        other => other,
    });
    Some(Ok(Json::Text(filled.collect())))
}

fn pick<T: Copy>(random: &mut StdRng, of: &[T]) -> T {
    of[random.random_range(0..of.len())]
}

fn word(random: &mut StdRng, of: &[&str]) -> String {
    pick(random, of).to_owned()
}

fn digits(random: &mut StdRng, count: usize) -> String {
    (0..count).map(|_| random.random_range('0'..='9')).collect()
}

fn letters(random: &mut StdRng, count: usize) -> String {
    (0..count).map(|_| random.random_range('a'..='z')).collect()
}

#[cfg(test)]
mod tests;
