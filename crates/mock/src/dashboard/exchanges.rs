//! The list of exchanges: the newest first, filtered and searched here, a page at a time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regex::bytes::{Regex, RegexBuilder};
use styk_core::{Exchange, Outcome};

use super::params::Params;
use super::seen::{OUTCOMES, Seen, outcome};
use super::{Refusal, closest, masked};
use crate::json::Json;
use crate::scope::Scope;
use crate::server::Shared;

/// Bytes of exchanges that one search looks through; the rest is for the next page.
const SEARCHED_BYTES_MAX: usize = 32 << 20;
const SEARCH_BYTES_MAX: usize = 256;
const WORDS_MAX: usize = 8;
/// The time that finding the closest expectations may take for one page.
const CLOSEST_TIME: Duration = Duration::from_millis(200);

/// Which exchanges are wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    place: Place,
    limit: usize,
    /// All of these have to be found, in any case.
    words: Vec<Regex>,
    outcome: Option<String>,
    scope: Option<String>,
    expectation: Option<String>,
}

/// Where in the record the page lies.
#[derive(Clone, Copy, Debug)]
enum Place {
    Newest,
    Before(u64),
    After(u64),
}

/// A page of exchanges.
struct Page<'a> {
    /// Newest first.
    found: Vec<(&'a Arc<Exchange>, &'a Arc<Scope>)>,
    /// Whether the search could go on in its direction.
    has_more: bool,
    /// The last that was searched, when the search was cut.
    searched_to: Option<u64>,
}

impl Wanted {
    pub(super) fn read(params: &Params) -> Result<Self, Refusal> {
        params.allow(&[
            "before",
            "after",
            "limit",
            "search",
            "outcome",
            "scope",
            "expectation",
        ])?;
        let place = match (params.number("before")?, params.number("after")?) {
            (None, None) => Place::Newest,
            (Some(seq), None) => Place::Before(seq),
            (None, Some(seq)) => Place::After(seq),
            (Some(_), Some(_)) => {
                return Err(Refusal::bad_request("say `before` or `after`, not both"));
            }
        };
        let outcome = params.text("outcome").filter(|outcome| !outcome.is_empty());
        if outcome.is_some_and(|outcome| !OUTCOMES.contains(&outcome)) {
            let known = OUTCOMES.join(", ");
            return Err(Refusal::bad_request(format!("`outcome` is one of {known}")));
        }
        let expectation = params.text("expectation").filter(|id| !id.is_empty());
        Ok(Self {
            place,
            limit: params.limit()?,
            words: words(params.text("search").unwrap_or_default())?,
            outcome: outcome.map(str::to_owned),
            scope: params.text("scope").map(str::to_owned),
            expectation: expectation.map(str::to_owned),
        })
    }

    fn takes(&self, exchange: &Exchange, searched: &mut usize) -> bool {
        let is_wanted = |wanted: &Option<String>, given: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == given)
        };
        is_wanted(&self.outcome, outcome(exchange))
            && is_wanted(
                &self.expectation,
                exchange.attribute("expectation").unwrap_or_default(),
            )
            && self.is_found(exchange, searched)
    }

    fn is_found(&self, exchange: &Exchange, searched: &mut usize) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let head = head(exchange);
        let received = exchange.request().map_or(&[][..], |request| &request.body);
        let sent = exchange
            .response()
            .map_or(&[][..], |response| &response.body);
        *searched += head.len() + received.len() + sent.len();
        let texts = [head.as_bytes(), received, sent];
        let is_in = |word: &Regex| texts.iter().any(|text| word.is_match(text));
        self.words.iter().all(is_in)
    }
}

/// The words of a search. Each stands for itself; what looks like a pattern is none.
fn words(search: &str) -> Result<Vec<Regex>, Refusal> {
    let words: Vec<_> = search.split_whitespace().collect();
    if search.len() > SEARCH_BYTES_MAX || words.len() > WORDS_MAX {
        return Err(Refusal::bad_request(format!(
            "a search has at most {WORDS_MAX} words and {SEARCH_BYTES_MAX} bytes"
        )));
    }
    let compiled = words.into_iter().map(|word| {
        RegexBuilder::new(&regex::escape(word))
            .case_insensitive(true)
            .build()
    });
    let compiled: Result<_, _> = compiled.collect();
    compiled.map_err(|error| Refusal::bad_request(format!("this cannot be searched: {error}")))
}

/// What can be found of an exchange beside its bodies, as it was received.
fn head(exchange: &Exchange) -> String {
    let mut head = String::new();
    let mut put = |text: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _ = writeln!(head, "{text}");
    };
    let received = exchange.request().map(|request| {
        put(format_args!("{} {}", request.method, request.uri));
        &request.headers
    });
    let sent = exchange.response().map(|response| {
        put(format_args!("{}", response.status.as_u16()));
        &response.headers
    });
    for (name, value) in received
        .into_iter()
        .chain(sent)
        .flat_map(styk_core::Headers::iter)
    {
        put(format_args!("{name}: {}", String::from_utf8_lossy(value)));
    }
    if let Some(id) = exchange.attribute("expectation") {
        put(format_args!("{id}"));
    }
    if let Some(Outcome::Failed { reason }) = exchange.outcome() {
        put(format_args!("{reason}"));
    }
    head
}

/// A page of the list.
pub(super) fn list(shared: &Shared, wanted: &Wanted) -> Json {
    let seen = Seen::of(shared);
    let recorder = &shared.scopes.common().recorder;
    let dropped = recorder.journal().dropped();
    let is_wanted = |scope: &Scope| {
        let name = scope.name.as_deref().unwrap_or_default();
        wanted.scope.as_ref().is_none_or(|wanted| wanted == name)
    };
    let own: Vec<_> = seen
        .exchanges()
        .filter(|(_, scope)| is_wanted(scope))
        .collect();
    let page = page(&own, wanted);
    let has_newer = match wanted.place {
        Place::Newest => false,
        Place::After(_) => page.has_more,
        Place::Before(seq) => own.last().is_some_and(|(newest, _)| newest.seq() >= seq),
    };
    let has_older = match wanted.place {
        Place::After(seq) => own.first().is_some_and(|(oldest, _)| oldest.seq() <= seq),
        Place::Newest | Place::Before(_) => page.has_more,
    };
    let looking = Looking {
        shared,
        until: shared.clock.instant() + CLOSEST_TIME,
    };
    let rows = page
        .found
        .iter()
        .map(|(exchange, scope)| looking.row(exchange, scope));
    let names = seen
        .scope_names()
        .into_iter()
        .map(|name| Json::text(&*name));
    Json::object([
        ("server", Json::text(recorder.name())),
        ("version", Json::Text(seen.version())),
        ("exchanges", Json::Array(rows.collect())),
        ("hasNewer", Json::Bool(has_newer)),
        ("hasOlder", Json::Bool(has_older)),
        (
            "searchedTo",
            page.searched_to.map_or(Json::Null, Json::number),
        ),
        ("counts", counts(&own)),
        ("dropped", Json::number(dropped.exchanges)),
        ("scopes", Json::Array(names.collect())),
    ])
}

fn page<'a>(own: &[(&'a Arc<Exchange>, &'a Arc<Scope>)], wanted: &Wanted) -> Page<'a> {
    let forward = own.iter();
    match wanted.place {
        Place::Newest => gather(forward.rev(), wanted),
        Place::Before(seq) => {
            let older = forward
                .rev()
                .skip_while(|(exchange, _)| exchange.seq() >= seq);
            gather(older, wanted)
        }
        Place::After(seq) => {
            let newer = forward.skip_while(|(exchange, _)| exchange.seq() <= seq);
            let mut page = gather(newer, wanted);
            page.found.reverse();
            page
        }
    }
}

fn gather<'a: 'b, 'b>(
    candidates: impl Iterator<Item = &'b (&'a Arc<Exchange>, &'a Arc<Scope>)>,
    wanted: &Wanted,
) -> Page<'a> {
    let mut page = Page {
        found: Vec::new(),
        has_more: false,
        searched_to: None,
    };
    let (mut searched, mut last) = (0, None);
    for (exchange, scope) in candidates {
        if searched > SEARCHED_BYTES_MAX {
            page.has_more = true;
            page.searched_to = last;
            break;
        }
        last = Some(exchange.seq());
        if !wanted.takes(exchange, &mut searched) {
            continue;
        }
        if page.found.len() == wanted.limit {
            page.has_more = true;
            break;
        }
        page.found.push((exchange, scope));
    }
    page
}

fn counts(own: &[(&Arc<Exchange>, &Arc<Scope>)]) -> Json {
    let mut counts = BTreeMap::new();
    for (exchange, _) in own {
        *counts.entry(outcome(exchange)).or_insert(0_u64) += 1;
    }
    let count = |name: &'static str| (name, Json::number(counts.get(name).unwrap_or(&0)));
    let all = std::iter::once(("all", Json::number(own.len())));
    Json::object(all.chain(OUTCOMES.into_iter().map(count)))
}

/// What rows are made with.
struct Looking<'a> {
    shared: &'a Shared,
    /// When no more closest expectations are looked for.
    until: Instant,
}

impl Looking<'_> {
    fn row(&self, exchange: &Exchange, scope: &Scope) -> Json {
        let mut row = brief(exchange, scope);
        let unmatched = exchange
            .request()
            .filter(|_| outcome(exchange) == "unmatched");
        if let (Json::Object(fields), Some(request)) = (&mut row, unmatched) {
            let has_time = self.shared.clock.instant() < self.until;
            let closest = has_time.then(|| closest::closest(self.shared, scope, request));
            let closest = closest
                .flatten()
                .map_or(Json::Null, |closest| closest.brief());
            fields.insert("closest".to_owned(), closest);
        }
        row
    }
}

/// What is said of an exchange in one line.
pub(super) fn brief(exchange: &Exchange, scope: &Scope) -> Json {
    let request = exchange.request();
    let response = exchange.response();
    let text = |text: Option<String>| text.map_or(Json::Null, Json::Text);
    let micros = exchange.duration().map(|duration| duration.as_micros());
    let reason = match exchange.outcome() {
        Some(Outcome::Failed { reason }) => Some(masked::line(&masked::text(reason))),
        _ => None,
    };
    Json::object([
        ("seq", Json::number(exchange.seq())),
        ("at", Json::text(exchange.started_at().to_string())),
        (
            "method",
            text(request.map(|request| request.method.to_string())),
        ),
        (
            "target",
            text(request.map(|request| masked::target(&request.uri))),
        ),
        ("outcome", Json::text(outcome(exchange))),
        ("reason", text(reason)),
        (
            "status",
            response.map_or(Json::Null, |response| {
                Json::number(response.status.as_u16())
            }),
        ),
        (
            "expectation",
            text(exchange.attribute("expectation").map(str::to_owned)),
        ),
        (
            "scope",
            Json::text(scope.name.as_deref().unwrap_or_default()),
        ),
        ("micros", micros.map_or(Json::Null, Json::number)),
    ])
}
