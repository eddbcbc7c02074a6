//! Numbers, words, colours and times.

use jiff::{SignedDuration, Timestamp};
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::json::Json;

use super::super::Called;
use super::super::arguments::{double, int, long};
use super::business::between;
use super::words::{COLORS, LATIN};
use super::{digits, letters, pick, word};

const COUNT_MAX: i32 = 10_000;
const DAY_SECONDS: i64 = 86_400;

pub(super) fn number(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
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
            let value = between(random, double(min)?, double(max)?);
            Json::number(format!("{value:.decimals$}"))
        }
        _ => return None,
    };
    Some(Ok(value))
}

pub(super) fn lorem(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    let count = match arguments {
        [] => None,
        [count] => match count_of(count)? {
            Ok(count) => Some(count),
            Err(error) => return Some(Err(error)),
        },
        _ => return None,
    };
    let value = match (method, count) {
        ("word", None) => Json::Text(word(random, LATIN)),
        ("character", None) => Json::Text(letters(random, 1)),
        ("characters", Some(count)) => Json::Text(letters(random, count)),
        ("words", count) => {
            let words = (0..count.unwrap_or(3)).map(|_| Json::Text(word(random, LATIN)));
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

pub(super) fn boolean(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    ((method, arguments) == ("bool", &[])).then(|| Ok(Json::Bool(random.random_bool(0.5))))
}

pub(super) fn color(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    let text = match (method, arguments) {
        ("name", []) => word(random, COLORS),
        ("hex", []) => format!("#{:06X}", random.random_range(0..0x100_0000_u32)),
        _ => return None,
    };
    Some(Ok(Json::Text(text)))
}

pub(super) fn time(
    now: Timestamp,
    random: &mut StdRng,
    method: &str,
    arguments: &[Json],
) -> Called {
    let days = match (method, arguments) {
        ("birthday", []) => -random.random_range(18 * 365..65 * 365_i64),
        ("past", []) => -random.random_range(1..3_650_i64),
        ("future", []) => random.random_range(1..3_650_i64),
        _ => return None,
    };
    let seconds = days * DAY_SECONDS + random.random_range(0..DAY_SECONDS);
    let form = if method == "birthday" {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%dT%H:%M:%SZ"
    };
    let moment = now.checked_add(SignedDuration::from_secs(seconds));
    Some(
        moment
            .map(|moment| Json::Text(moment.strftime(form).to_string()))
            .map_err(|error| error.to_string()),
    )
}

/// How many; refused when it is too much.
fn count_of(argument: &Json) -> Option<Result<usize, String>> {
    let count = int(argument)?;
    if count > COUNT_MAX {
        return Some(Err(format!("more than {COUNT_MAX} at once")));
    }
    Some(Ok(usize::try_from(count).unwrap_or(0)))
}

fn sentence(random: &mut StdRng, words: usize) -> String {
    let count = words + random.random_range(0..6_usize);
    let words: Vec<_> = (0..count.max(1)).map(|_| pick(random, LATIN)).collect();
    let text = words.join(" ");
    let (first, rest) = text.split_at(1);
    format!("{}{rest}.", first.to_uppercase())
}
