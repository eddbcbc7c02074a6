//! The active expectations, in the order of serving.

use std::collections::HashMap;

use super::params::Params;
use super::seen::Seen;
use super::{Refusal, masked};
use crate::expectation::Expectation;
use crate::json::{Json, Object, compact, pretty};
use crate::scope::Scope;
use crate::server::Shared;

/// The largest JSON that is shown whole.
const JSON_MAX: usize = 256 << 10;

/// Fields of an expectation that are no action.
const NO_ACTION: &[&str] = &[
    "httpRequest",
    "id",
    "percentage",
    "priority",
    "scenarioName",
    "scenarioState",
    "newScenarioState",
    "timeToLive",
    "times",
    "timestamp",
];

/// Which expectations are wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    skip: usize,
    limit: usize,
    /// All of these have to be found, in any case.
    words: Vec<String>,
    scope: Option<String>,
}

impl Wanted {
    pub(super) fn read(params: &Params) -> Result<Self, Refusal> {
        params.allow(&["skip", "limit", "search", "scope"])?;
        let skip = params.number("skip")?.unwrap_or_default();
        let search = params.text("search").unwrap_or_default().to_lowercase();
        Ok(Self {
            skip: usize::try_from(skip).unwrap_or(usize::MAX),
            limit: params.limit()?,
            words: search.split_whitespace().map(str::to_owned).collect(),
            scope: params.text("scope").map(str::to_owned),
        })
    }

    fn takes(&self, expectation: &Expectation) -> bool {
        self.words.is_empty() || {
            let text = compact(&expectation.written()).to_lowercase();
            self.words.iter().all(|word| text.contains(word))
        }
    }
}

/// A page of the list.
pub(super) fn list(shared: &Shared, wanted: &Wanted) -> Json {
    let seen = Seen::of(shared);
    let mut found = Vec::new();
    for scope in seen.scopes(wanted.scope.as_deref()) {
        let active = scope.store.active().into_iter();
        found.extend(active.filter(|e| wanted.takes(e)).map(|e| (e, scope)));
    }
    let total = found.len();
    let uses = uses(&seen);
    let page = found.iter().skip(wanted.skip).take(wanted.limit);
    let rows = page.map(|(expectation, scope)| {
        let key = (
            scope.name.as_deref().unwrap_or_default().to_owned(),
            expectation.id.to_string(),
        );
        row(
            shared,
            expectation,
            scope,
            uses.get(&key).copied().unwrap_or_default(),
        )
    });
    let names = seen
        .scope_names()
        .into_iter()
        .map(|name| Json::text(&*name));
    Json::object([
        ("server", Json::text(shared.scopes.common().recorder.name())),
        ("version", Json::Text(seen.version())),
        ("expectations", Json::Array(rows.collect())),
        ("total", Json::number(total)),
        ("scopes", Json::Array(names.collect())),
    ])
}

/// How many recorded requests each expectation has answered, by scope and id. A request of a scope may have been
/// answered by the common ground.
fn uses(seen: &Seen) -> HashMap<(String, String), u64> {
    let mut uses = HashMap::new();
    for (exchange, scope) in seen.exchanges() {
        let Some(id) = exchange.attribute("expectation") else {
            continue;
        };
        let is_own = scope.store.get(id).is_some();
        let name = scope.name.as_deref().filter(|_| is_own).unwrap_or_default();
        *uses.entry((name.to_owned(), id.to_owned())).or_insert(0) += 1;
    }
    uses
}

/// The expectation with this id, in the scope of this name.
pub(super) fn detail(shared: &Shared, id: &str, scope: Option<&str>) -> Option<Json> {
    let seen = Seen::of(shared);
    let scope = seen.scope(scope.unwrap_or_default())?;
    let expectation = scope.store.get(id)?;
    if !expectation.is_active(|| shared.clock.instant()) {
        return None;
    }
    let key = (
        scope.name.as_deref().unwrap_or_default().to_owned(),
        id.to_owned(),
    );
    let uses = uses(&seen).get(&key).copied().unwrap_or_default();
    let mut detail = row(shared, &expectation, scope, uses);
    if let Json::Object(fields) = &mut detail {
        let text = pretty(&masked::json(&expectation.written()));
        let (shown, omitted) = masked::cut(&text, JSON_MAX);
        fields.insert("json".to_owned(), Json::text(shown));
        fields.insert("omitted".to_owned(), Json::number(omitted));
    }
    Some(detail)
}

fn row(shared: &Shared, expectation: &Expectation, scope: &Scope, uses: u64) -> Json {
    let written = match masked::json(&expectation.written()) {
        Json::Object(fields) => fields,
        _ => Object::new(),
    };
    let request = match written.get("httpRequest") {
        Some(Json::Object(fields)) => fields.clone(),
        _ => Object::new(),
    };
    let text = |name: &str| match request.get(name) {
        Some(Json::Text(text)) => Json::Text(masked::line(text)),
        _ => Json::Null,
    };
    let others = request
        .keys()
        .filter(|name| !matches!(name.as_str(), "method" | "path"));
    let actions = written
        .keys()
        .filter(|name| !NO_ACTION.contains(&name.as_str()));
    let time_left = expectation.time_left(shared.clock.instant());
    let scenario = expectation.scenario.as_ref().map(|scenario| {
        let state = |state: &Option<String>| state.as_ref().map_or(Json::Null, Json::text);
        Json::object([
            ("name", Json::text(&scenario.name)),
            ("state", state(&scenario.state)),
            ("next", state(&scenario.next)),
            (
                "now",
                Json::Text(scope.store.scenarios.state(&scenario.name)),
            ),
        ])
    });
    let number = |number: Option<u64>| number.map_or(Json::Null, Json::number);
    Json::object([
        ("id", Json::text(&*expectation.id)),
        (
            "scope",
            Json::text(scope.name.as_deref().unwrap_or_default()),
        ),
        ("method", text("method")),
        ("path", text("path")),
        ("conditions", Json::Array(others.map(Json::text).collect())),
        ("actions", Json::Array(actions.map(Json::text).collect())),
        ("status", status(&written)),
        ("priority", Json::number(expectation.priority)),
        ("usesLeft", number(expectation.uses_left())),
        (
            "millisLeft",
            number(time_left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX))),
        ),
        ("percentage", number(expectation.share.map(u64::from))),
        ("scenario", scenario.unwrap_or(Json::Null)),
        ("answered", Json::number(uses)),
    ])
}

/// The status of an expectation that always answers the same.
fn status(written: &Object) -> Json {
    match written.get("httpResponse") {
        Some(Json::Object(response)) => response
            .get("statusCode")
            .cloned()
            .unwrap_or_else(|| Json::number(200)),
        _ => Json::Null,
    }
}
