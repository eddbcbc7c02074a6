//! Lists: newest first, filters by time and value, pages by cursor (Using the API, Lists).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::Problem;
use super::payment::Status;
use crate::kit::Call;

const LIMIT: usize = 10;
const LIMIT_MAX: usize = 100;
const BOUNDS: [&str; 4] = ["gte", "gt", "lte", "lt"];

/// The query of a list.
#[derive(Debug)]
pub(super) struct Query {
    limit: usize,
    cursor: Option<String>,
    values: Vec<(String, String)>,
    times: Vec<(String, &'static str, Timestamp)>,
}

impl Query {
    /// Reads a query; `filters` are the names that may be asked for.
    pub(super) fn read(call: Option<&Call>, filters: &[&str]) -> Result<Self, Problem> {
        let mut query = Self {
            limit: LIMIT,
            cursor: None,
            values: Vec::new(),
            times: Vec::new(),
        };
        let Some(call) = call else { return Ok(query) };
        for (name, value) in form_urlencoded::parse(call.query().as_bytes()) {
            match &*name {
                "limit" => query.limit = limit(&value)?,
                "cursor" => query.cursor = Some(value.into_owned()),
                _ => query.filter(call, &name, &value, filters)?,
            }
        }
        Ok(query)
    }

    fn filter(
        &mut self,
        call: &Call,
        name: &str,
        value: &str,
        filters: &[&str],
    ) -> Result<(), Problem> {
        let (field, bound) = name.split_once('.').unwrap_or((name, ""));
        if !filters.contains(&field) {
            call.gap(format!("{}: {name}", call.operation()));
            return Ok(());
        }
        if field == "status" && Status::named(value).is_none() {
            return Err(Problem::parameter(name, format!("`{value}` is no status")));
        }
        if !field.ends_with("_at") {
            self.values.push((field.to_owned(), value.to_owned()));
            return Ok(());
        }
        let bound = BOUNDS.into_iter().find(|known| *known == bound);
        let time = value.parse::<Timestamp>().ok();
        match (bound, time) {
            (Some(bound), Some(time)) => self.times.push((field.to_owned(), bound, time)),
            _ => return Err(Problem::parameter(name, format!("`{value}` is no time"))),
        }
        Ok(())
    }

    /// Whether a value is the one asked for, if any is.
    pub(super) fn is(&self, name: &str, value: Option<&str>) -> bool {
        let mut wanted = self.values.iter().filter(|(asked, _)| asked == name);
        wanted.all(|(_, wanted)| value == Some(wanted.as_str()))
    }

    /// Whether a time lies within the bounds asked for, if any are.
    pub(super) fn is_within(&self, name: &str, time: Option<Timestamp>) -> bool {
        let mut bounds = self.times.iter().filter(|(asked, _, _)| asked == name);
        bounds.all(|(_, bound, wanted)| {
            time.is_some_and(|time| match *bound {
                "gte" => time >= *wanted,
                "gt" => time > *wanted,
                "lte" => time <= *wanted,
                _ => time < *wanted,
            })
        })
    }
}

fn limit(value: &str) -> Result<usize, Problem> {
    let limit = value
        .parse()
        .ok()
        .filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| {
        Problem::parameter("limit", format!("limit must lie between 1 and {LIMIT_MAX}"))
    })
}

/// A page of what fits, from newest to oldest.
pub(super) fn page<'a, T: 'a>(
    query: &Query,
    newest_first: impl Iterator<Item = &'a T>,
    id: impl Fn(&T) -> &str,
    fits: impl Fn(&T) -> bool,
    show: impl Fn(&T) -> Value,
) -> Result<Value, Problem> {
    let mut items = newest_first.peekable();
    if let Some(cursor) = &query.cursor {
        // A cursor is the first id of the next page.
        while items.peek().is_some_and(|item| id(item) != cursor) {
            items.next();
        }
        if items.peek().is_none() {
            return Err(Problem::parameter("cursor", "The cursor isn't known"));
        }
    }
    let mut shown = Vec::new();
    let mut next = None;
    for item in items.filter(|item| fits(item)) {
        if shown.len() == query.limit {
            next = Some(id(item).to_owned());
            break;
        }
        shown.push(show(item));
    }
    let mut page = json!({"type": "list", "items": shown});
    if let Some(next) = next {
        page["next_cursor"] = next.into();
    }
    Ok(page)
}
