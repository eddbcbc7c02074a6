//! Texts that are like another: the similarity of Jaro and Winkler, from 0 (nothing in common) to 1 (equal).

use crate::schema::{Complaints, Fields};

const THRESHOLD: f64 = 0.8;
/// Texts beyond this are only compared for equality: the measure takes time with the product of their lengths.
const LENGTH_MAX: usize = 10_000;
/// How much an equal beginning counts, and how long it may be.
const PREFIX_WEIGHT: f64 = 0.1;
const PREFIX_MAX: usize = 4;

/// A text and how alike a body must be.
#[derive(Debug)]
pub(super) struct Fuzzy {
    text: String,
    not: bool,
    threshold: f64,
    ignore_case: bool,
}

impl Fuzzy {
    pub(super) fn read(mut fields: Fields<'_>, complaints: &mut Complaints) -> Self {
        let written = fields.text("fuzzy", complaints).unwrap_or_default();
        let text = written.strip_prefix('!').unwrap_or(&written);
        let threshold = fields.number("threshold", complaints).unwrap_or(THRESHOLD);
        let ignore_case = fields.boolean("ignoreCase", complaints).unwrap_or_default();
        Self {
            not: text.len() < written.len(),
            text: if ignore_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            },
            threshold: threshold.clamp(0.0, 1.0),
            ignore_case,
        }
    }

    pub(super) fn matches(&self, body: &str) -> bool {
        if self.text.is_empty() {
            return true;
        }
        if body.is_empty() {
            return self.not;
        }
        let is_like = if self.ignore_case {
            similarity(&self.text, &body.to_lowercase()) >= self.threshold
        } else {
            similarity(&self.text, body) >= self.threshold
        };
        is_like != self.not
    }
}

fn similarity(left: &str, right: &str) -> f64 {
    if left == right {
        return 1.0;
    }
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().max(right.len()) > LENGTH_MAX {
        return 0.0;
    }
    let (found, moved) = common(&left, &right);
    if found == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "texts are bounded")]
    let [found, moved, left_length, right_length] =
        [found, moved, left.len(), right.len()].map(|count| count as f64);
    let jaro = (found / left_length + found / right_length + (found - moved / 2.0) / found) / 3.0;
    let pairs = left.iter().zip(&right).take(PREFIX_MAX);
    let prefix = pairs.take_while(|(left, right)| left == right).count();
    #[expect(clippy::cast_precision_loss, reason = "at most four")]
    let prefix = prefix as f64;
    jaro + prefix * PREFIX_WEIGHT * (1.0 - jaro)
}

/// How many characters both texts have at about the same place, and how many of these stand in another order.
fn common(left: &[char], right: &[char]) -> (usize, usize) {
    let reach = (left.len().max(right.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; right.len()];
    let mut in_left = Vec::new();
    for (at, c) in left.iter().enumerate() {
        let from = at.saturating_sub(reach);
        let to = (at + reach + 1).min(right.len());
        let is_free =
            |place: &usize| right.get(*place) == Some(c) && taken.get(*place) == Some(&false);
        let found = (from..to).find(is_free);
        if let Some(slot) = found.and_then(|place| taken.get_mut(place)) {
            *slot = true;
            in_left.push(*c);
        }
    }
    let in_right = right.iter().zip(&taken).filter(|(_, taken)| **taken);
    let moved = in_left
        .iter()
        .zip(in_right)
        .filter(|(left, (right, _))| left != right);
    (in_left.len(), moved.count())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    // Outcomes of MockServer 8.0.0.
    #[test_case(
        "hello world",
        0.8,
        "hello world|hello worl|hello",
        "HELLO WORLD|goodbye|world hello"
    )]
    #[test_case("hello world", 0.9, "hello w", "hello")]
    #[test_case("hello world", 0.95, "hello wor", "hello w")]
    #[test_case("hello world", 1.0, "hello world", "hello worl")]
    #[test_case("abc", 0.66, "abd|ab|axbc", "acb|bac")]
    #[test_case("martha", 0.961, "marhta", "")]
    #[test_case("martha", 0.962, "", "marhta")]
    #[test_case("dwayne", 0.84, "duane", "")]
    #[test_case("dwayne", 0.8401, "", "duane")]
    #[test_case("abcdefgh", 0.6, "abzzzzzz|abcdzzzz", "")]
    #[test_case("!abc", 0.8, "x", "abc")]
    fn some_texts_are_alike(text: &str, threshold: f64, alike: &str, other: &str) {
        let json = serde_json::json!({"fuzzy": text, "threshold": threshold});
        let json = crate::json::Json::from(&json);
        let mut complaints = Complaints::default();
        let fields = Fields::of(&json, "$", &mut complaints).expect("an object");
        let fuzzy = Fuzzy::read(fields, &mut complaints);
        for body in alike.split('|').filter(|body| !body.is_empty()) {
            assert!(fuzzy.matches(body), "{body}");
        }
        for body in other.split('|').filter(|body| !body.is_empty()) {
            assert!(!fuzzy.matches(body), "{body}");
        }
    }
}
