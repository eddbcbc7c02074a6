//! Addresses and names on the internet.

use rand::RngExt as _;
use rand::rngs::StdRng;

use super::super::super::dynamic;
use super::people::user;
use super::pick;
use super::words::{DOMAIN_ENDINGS, LAST_NAMES, LATIN};

pub(super) fn internet(random: &mut StdRng, method: &str) -> Option<String> {
    Some(match method {
        "username" => user(random),
        "emailAddress" => {
            let host = pick(random, &["gmail.com", "yahoo.com", "hotmail.com"]);
            format!("{}@{host}", user(random))
        }
        "safeEmailAddress" => format!("{}@example.com", user(random)),
        "domainName" => domain(random),
        "domainWord" => pick(random, LAST_NAMES).to_lowercase(),
        "url" => format!("https://www.{}/{}", domain(random), pick(random, LATIN)),
        "slug" => format!("{}_{}", pick(random, LATIN), pick(random, LATIN)),
        "uuid" => dynamic::uuid(random),
        "password" => password(random),
        "ipV4Address" => joined(random, 4, ".", |random| {
            random.random_range(2..=254_u8).to_string()
        }),
        "ipV6Address" => joined(random, 8, ":", |random| {
            format!("{:x}", random.random::<u16>())
        }),
        "macAddress" => joined(random, 6, ":", |random| {
            format!("{:02x}", random.random::<u8>())
        }),
        _ => return None,
    })
}

/// `carter.org`.
pub(super) fn domain(random: &mut StdRng) -> String {
    let name = pick(random, LAST_NAMES).to_lowercase();
    format!("{name}.{}", pick(random, DOMAIN_ENDINGS))
}

fn password(random: &mut StdRng) -> String {
    let alphabet: Vec<char> = ('a'..='z').chain('0'..='9').collect();
    let length = random.random_range(8..=16);
    (0..length).map(|_| pick(random, &alphabet)).collect()
}

fn joined(random: &mut StdRng, count: usize, by: &str, part: fn(&mut StdRng) -> String) -> String {
    let parts: Vec<_> = (0..count).map(|_| part(random)).collect();
    parts.join(by)
}
