//! "Did you mean": the known word nearest to what was written.

/// The candidate at most two edits away from `word` (an edit adds, drops, changes or swaps letters), the nearest
/// first. Words of three letters and fewer get one edit, so that `to` does not suggest `by`.
#[must_use]
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = if word.chars().count() <= 3 { 1 } else { 2 };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help that goes with an unknown word: a suggestion, else what there is.
pub(crate) fn suggestion<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
) -> Option<String> {
    const LISTED_MAX: usize = 24;
    let candidates = candidates.into_iter();
    if let Some(near) = suggest(word, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let known: Vec<String> = candidates.map(|name| format!("`{name}`")).collect();
    match known.len() {
        0 => None,
        n if n <= LISTED_MAX => Some(format!("there is {}", known.join(", "))),
        n => Some(format!(
            "there is {}, and {} more",
            known[..LISTED_MAX].join(", "),
            n - LISTED_MAX
        )),
    }
}

/// Damerau-Levenshtein distance with adjacent swaps, ignoring case.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    // More letters apart than any suggestion may be: no need to look.
    let apart = left.len().abs_diff(right.len());
    if apart > 3 {
        return apart;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let change = last[j] + usize::from(a != b);
            let mut best = change.min(last[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b;
            if swapped {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("expct", "expect", 1; "a letter missing")]
    #[test_case("exepct", "expect", 1; "letters swapped")]
    #[test_case("Expects", "expect", 1; "a letter too many")]
    #[test_case("timeout", "step_timeout", 5; "far apart")]
    #[test_case("", "ab", 2; "nothing")]
    fn edits_are_counted(left: &str, right: &str, expected: usize) {
        assert_eq!(distance(left, right), expected);
        assert_eq!(distance(right, left), expected);
    }

    #[test]
    fn the_nearest_word_is_suggested_and_short_words_only_when_near() {
        let words = ["header", "headers", "query", "by"];
        assert_eq!(suggest("headrs", words), Some("headers"));
        assert_eq!(suggest("to", words), None);
        assert_eq!(suggest("bye", words), Some("by"));
        assert_eq!(suggest("cookies", words), None);
    }
}
