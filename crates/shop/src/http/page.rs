//! Lists in pieces: `?limit=&cursor=`.

use std::collections::HashMap;

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::Timestamp;
use serde::Serialize;

use crate::error::{ApiError, FieldErrors};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// Which piece of a list is asked for, and the other parameters of the query.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    pub(crate) limit: i64,
    /// The last id of the piece before: the next one begins after it.
    pub(crate) after: Option<(Timestamp, String)>,
    query: HashMap<String, String>,
}

impl Cursor {
    /// A parameter of the query that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cursor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let query: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let mut errors = FieldErrors::new();
        let limit = match query.get("limit").map(|text| text.parse::<i64>()) {
            None => LIMIT_DEFAULT,
            Some(Ok(limit)) if (1..=LIMIT_MAX).contains(&limit) => limit,
            Some(_) => {
                errors.insert(
                    "limit".to_owned(),
                    vec![format!("must be a whole number from 1 to {LIMIT_MAX}")],
                );
                LIMIT_DEFAULT
            }
        };
        let after = query.get("cursor").map(|text| parse(text));
        if after == Some(None) {
            errors.insert(
                "cursor".to_owned(),
                vec!["must be the next_cursor of an answer".to_owned()],
            );
        }
        match errors.is_empty() {
            true => Ok(Self {
                limit,
                after: after.flatten(),
                query,
            }),
            false => Err(ApiError::fields(errors)),
        }
    }
}

fn parse(text: &str) -> Option<(Timestamp, String)> {
    let (micros, id) = text.split_once('_')?;
    Some((
        Timestamp::from_microsecond(micros.parse().ok()?).ok()?,
        id.to_owned(),
    ))
}

/// A piece of a list as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// `found` is what was there, asked for with one more than `cursor.limit` so that the end can be told.
    pub(crate) fn new(
        mut found: Vec<T>,
        cursor: &Cursor,
        key: impl Fn(&T) -> (Timestamp, &str),
    ) -> Self {
        let limit = usize::try_from(cursor.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more).map(key);
        let next_cursor = last.map(|(at, id)| format!("{}_{id}", at.as_microsecond()));
        Self {
            items: found,
            next_cursor,
        }
    }
}
