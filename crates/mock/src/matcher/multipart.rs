//! Multipart forms: the values, file names and content types of their parts, each by the name of the part.

use std::borrow::Cow;

use super::Pairs;
use super::subject::PairList;
use crate::json::Json;
use crate::schema::{Complaints, Fields};

const PARTS_MAX: usize = 1000;

/// What the parts of a form must look like.
#[derive(Debug)]
pub(super) struct Multipart {
    values: Option<Pairs>,
    file_names: Option<Pairs>,
    types: Option<Pairs>,
}

/// What the parts of one form are, by their names.
#[derive(Default)]
struct Parts<'a> {
    values: PairList<'a>,
    file_names: PairList<'a>,
    types: PairList<'a>,
}

impl Multipart {
    pub(super) fn read(mut fields: Fields<'_>, complaints: &mut Complaints) -> Self {
        let mut pairs = |name: &str| {
            let json = fields.take(name)?;
            // The original takes lists of texts, and they say nothing.
            let is_list_of_pairs = match json {
                Json::Array(items) => items.iter().all(|item| matches!(item, Json::Object(_))),
                _ => true,
            };
            let read = || Pairs::read(json, &fields.at(name), complaints);
            is_list_of_pairs.then(read).flatten()
        };
        Self {
            values: pairs("fields"),
            file_names: pairs("filenames"),
            types: pairs("partContentTypes"),
        }
    }

    pub(super) fn matches(&self, content_type: Option<&str>, body: &str) -> bool {
        let all = [&self.values, &self.file_names, &self.types];
        if all.iter().all(|pairs| pairs.is_none()) {
            return true;
        }
        let Some(parts) = content_type
            .and_then(boundary)
            .and_then(|mark| parts(body, mark))
        else {
            return false;
        };
        let given = [&parts.values, &parts.file_names, &parts.types];
        let is_met = |(pairs, given): (&Option<Pairs>, &PairList<'_>)| {
            pairs.as_ref().is_none_or(|pairs| pairs.matches(given))
        };
        all.into_iter().zip(given).all(is_met)
    }
}

/// The boundary that the content type of a multipart form names.
fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty())
}

/// A parameter of a header value, its quotes taken off.
fn parameter<'a>(parameters: &'a str, wanted: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim();
        let unquoted = value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let is_wanted = name.trim().eq_ignore_ascii_case(wanted);
        is_wanted.then(|| unquoted.unwrap_or(value))
    })
}

/// The parts of a body; `None` when there are too many.
fn parts<'a>(body: &'a str, boundary: &str) -> Option<Parts<'a>> {
    let mark = format!("--{boundary}");
    let mut parts = Parts::default();
    for (place, part) in body.split(mark.as_str()).skip(1).enumerate() {
        if part.starts_with("--") {
            break;
        }
        if place == PARTS_MAX {
            return None;
        }
        let part = line_end(part);
        let (head, content) = part
            .split_once("\r\n\r\n")
            .or_else(|| part.split_once("\n\n"))
            .unwrap_or((part, ""));
        let content = content.strip_suffix('\n').unwrap_or(content);
        let content = content.strip_suffix('\r').unwrap_or(content);
        let header = |wanted: &str| {
            head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.trim()
                    .eq_ignore_ascii_case(wanted)
                    .then(|| value.trim())
            })
        };
        let disposition = header("content-disposition").unwrap_or_default();
        let Some(name) = parameter(disposition, "name") else {
            continue;
        };
        let pair = |value: &'a str| (Cow::Borrowed(name), Cow::Borrowed(value));
        parts.values.push(pair(content));
        parts
            .file_names
            .extend(parameter(disposition, "filename").map(pair));
        parts.types.extend(header("content-type").map(pair));
    }
    Some(parts)
}

/// The text behind the line end at its start.
fn line_end(text: &str) -> &str {
    let text = text.strip_prefix('\r').unwrap_or(text);
    text.strip_prefix('\n').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_lenient;

    const TYPE: &str = "multipart/form-data; boundary=BB";
    const PLAIN: &str = "--BB\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--BB--\r\n";
    const FILE: &str = "--BB\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\n1\r\n--BB--\r\n";

    // Outcomes of MockServer 8.0.0.
    #[test_case("{fields: {a: ['1']}}", true, true)]
    #[test_case("{fields: {A: '1'}}", true, true)]
    #[test_case("{fields: {a: ['2']}}", false, false)]
    #[test_case("{fields: {b: ['1']}}", false, false)]
    #[test_case("{fields: {a: ['1', '2']}}", false, false)]
    #[test_case("{fields: {'!a': ['.*']}}", false, false)]
    #[test_case("{fields: {'?b': ['1']}}", true, true)]
    #[test_case("{filenames: {a: ['f.*']}}", false, true)]
    #[test_case("{filenames: {a: ['g.*']}}", false, false)]
    #[test_case("{partContentTypes: {a: ['text/.*']}}", false, true)]
    #[test_case("{filenames: ['g.*']}", true, true; "a list of texts says nothing")]
    #[test_case("{}", true, true)]
    fn parts_are_matched_by_name(matcher: &str, plain: bool, file: bool) {
        let json = parse_lenient(matcher).expect("JSON");
        let mut complaints = Complaints::default();
        let fields = Fields::of(&json, "$", &mut complaints).expect("an object");
        let matcher = Multipart::read(fields, &mut complaints);
        assert!(complaints.is_empty(), "{complaints:?}");
        assert_eq!(matcher.matches(Some(TYPE), PLAIN), plain);
        assert_eq!(matcher.matches(Some(TYPE), FILE), file);
        assert_eq!(
            matcher.matches(Some(TYPE), &PLAIN.replace("\r\n", "\n")),
            plain
        );
    }

    #[test_case("multipart/form-data; boundary=\"BB\"", true)]
    #[test_case("Multipart/Form-Data; Boundary=BB", true)]
    #[test_case("multipart/mixed; boundary=BB", false)]
    #[test_case("multipart/form-data", false)]
    #[test_case("text/plain", false)]
    fn the_content_type_matters(content_type: &str, matches: bool) {
        let json = parse_lenient("{fields: {a: '1'}}").expect("JSON");
        let mut complaints = Complaints::default();
        let fields = Fields::of(&json, "$", &mut complaints).expect("an object");
        let matcher = Multipart::read(fields, &mut complaints);
        assert_eq!(matcher.matches(Some(content_type), PLAIN), matches);
    }
}
