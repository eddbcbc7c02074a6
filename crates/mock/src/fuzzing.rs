//! Doors for the fuzz targets in `fuzz/`: the readers of this crate are private, and these functions reach them.
//!
//! They exist with the feature `fuzzing` alone and promise nothing to anybody. Each takes what a stranger may send, uses it
//! up, and panics when a property does not hold.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{Method, Uri};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use styk_core::{Clock, Headers, Request, Seed};

use crate::control;
use crate::data::{self, Incoming};
use crate::http1::{BodyError, BodyLength, ChunkReader, HeadLimits, parse_request, parse_response};
use crate::json::{Json, Object, compact, parse_lenient, parse_strict, pretty, same_number};
use crate::matcher::{Field, RequestMatcher, Subject};
use crate::openapi::{self, Loader, Spec};
use crate::pattern::{JavaRegex, Pattern, Substitution};
use crate::schema::Complaints;
use crate::server::MockServer;
use crate::sniff::{SNIFF_MAX, Wire, sniff};
use crate::template::{
    Engine, RequestParts, ScenarioStates, Scope, Template, Tools, request_variables,
};

const BODY_BYTES_MAX: usize = 1 << 20;
const HEAD_LIMITS: HeadLimits = HeadLimits {
    line: 4096,
    fields: 8192,
};

/// The JSON readers: nesting, the agreement of both, the way there and back.
pub fn json(text: &str) {
    let (strict, lenient) = (parse_strict(text), parse_lenient(text));
    if let Ok(value) = &strict {
        assert_eq!(
            lenient.as_ref(),
            Ok(value),
            "the readers differ about {text:?}"
        );
    }
    if let Ok(value) = &lenient {
        for written in [pretty(value), compact(value)] {
            let again = parse_strict(&written);
            assert_eq!(again.as_ref(), Ok(value), "{written:?} is read otherwise");
        }
    }
    if let Ok(Json::Array(items)) = &lenient
        && let [Json::Number(left), Json::Number(right), ..] = items.as_slice()
    {
        assert_eq!(same_number(left, right), same_number(right, left));
    }
}

/// A request matcher in MockServer's JSON against a request. Written back and read again it must decide alike.
pub fn matcher(json: &str, method: &str, uri: &str, headers: &[(&str, &str)], body: &[u8]) {
    let (Ok(json), Ok(method), Ok(uri)) = (
        parse_lenient(json),
        Method::from_bytes(method.as_bytes()),
        uri.parse::<Uri>(),
    ) else {
        return;
    };
    let Some(matcher) = read_matcher(&json) else {
        return;
    };
    let headers: Headers = headers.iter().copied().collect();
    let request = Request::new(method, uri, headers, Bytes::copy_from_slice(body));
    let subject = Subject::new(&request);
    let misses = matcher.misses(&subject);
    assert_eq!(matcher.first_miss(&subject), misses.first().copied());
    let written = matcher.written();
    let Some(again) = read_matcher(&written) else {
        // As the original, which writes a JSON body that is a number or `null` so that it is not taken again.
        return;
    };
    // For the same reason a body that is a JSON text is a plain text afterwards.
    let but_body = |mut misses: Vec<Field>| {
        misses.retain(|field| *field != Field::Body);
        misses
    };
    assert_eq!(
        but_body(again.misses(&subject)),
        but_body(misses),
        "{} decides otherwise than {}",
        compact(&written),
        compact(&json)
    );
    matcher.meets(&again);
}

fn read_matcher(json: &Json) -> Option<RequestMatcher> {
    let mut complaints = Complaints::default();
    let matcher = RequestMatcher::read(json, "$", &mut complaints);
    complaints.is_empty().then_some(matcher)
}

/// The control plane: operations with any body on a server that has seen a few requests. Nothing goes through a socket.
#[derive(Debug)]
pub struct ControlPlane {
    runtime: tokio::runtime::Runtime,
    server: MockServer,
}

/// The operations that are played, and how many there are.
const OPERATIONS: &[&str] = &[
    "expectation",
    "verify",
    "verifySequence",
    "clear",
    "clear?type=log",
    "clear?type=expectations",
    "retrieve",
    "retrieve?type=active_expectations",
    "retrieve?type=request_responses",
    "retrieve?type=logs",
    "retrieve?type=recorded_expectations",
    "openapi",
    "configuration",
    "debugMismatch",
    "explainUnmatched",
    "scenario/s",
    "crud",
    "clock",
    "diff",
    "generateExpectation",
];

impl ControlPlane {
    /// A server for all inputs of a process.
    ///
    /// # Errors
    ///
    /// When no server can be started.
    pub fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let server = MockServer::builder("fuzzed")
            .clock(Clock::manual(jiff::Timestamp::UNIX_EPOCH))
            .seed(Seed::new(1));
        let server = runtime.block_on(server.start())?;
        Ok(Self { runtime, server })
    }

    /// Plays operations, which the input has between `%`: the first byte of each chooses it, the rest is its body.
    pub fn play(&self, input: &[u8]) {
        self.send(Method::POST, "/orders?x=1", br#"{"id": 1, "name": "a"}"#);
        self.send(Method::GET, "/orders/2", b"");
        for part in input.split(|byte| *byte == b'%') {
            let Some((choice, body)) = part.split_first() else {
                continue;
            };
            let operation = OPERATIONS[usize::from(*choice) % OPERATIONS.len()];
            self.send(Method::PUT, &format!("/mockserver/{operation}"), body);
        }
        self.server.reset();
    }

    fn send(&self, method: Method, uri: &str, body: &[u8]) {
        let Ok(uri) = uri.parse::<Uri>() else {
            return;
        };
        let is_data = control::operation(self.server.shared(), &method, uri.path()).is_none();
        let headers = [
            ("host", "a"),
            ("content-type", "application/json"),
            ("cookie", "s=1"),
        ];
        let request = Request::new(
            method,
            uri,
            headers.into_iter().collect(),
            Bytes::copy_from_slice(body),
        );
        let incoming = Incoming { request };
        let answer = data::answer(self.server.shared(), incoming);
        let _outgoing = self.runtime.block_on(answer);
        debug_assert!(!is_data || self.server.journal().last_seq() > 0);
    }
}

/// The heads of requests and responses, and chunks, however the bytes are cut.
pub fn http1(cut: usize, wire: &[u8]) {
    let cut = cut % (wire.len() + 1);
    let mut whole = BytesMut::from(wire);
    let limits = &HEAD_LIMITS;
    let head = parse_request(&mut whole, limits);
    let mut pieces = BytesMut::from(&wire[..cut]);
    let first = parse_request(&mut pieces, limits);
    match (&head, first) {
        (Ok(Some(head)), Ok(None)) => {
            pieces.extend_from_slice(&wire[cut..]);
            let again = parse_request(&mut pieces, limits);
            let again = again.unwrap_or_default().map(|head| head.headers);
            assert_eq!(again.as_ref(), Some(&head.headers));
        }
        (Ok(Some(_)), Err(error)) => panic!("{error} in the first {cut} bytes of a good head"),
        _ => {}
    }
    if let Ok(Some(head)) = head
        && head.body == BodyLength::Chunked
    {
        chunks(cut, &whole);
    }
    let _response = parse_response(&mut BytesMut::from(wire), &Method::GET);
    chunks(cut, wire);
}

fn chunks(cut: usize, wire: &[u8]) {
    let cut = cut.min(wire.len());
    let read = |parts: &[&[u8]]| {
        let (mut chunks, mut buffer) = (ChunkReader::new(BODY_BYTES_MAX), BytesMut::new());
        let mut whole = false;
        for part in parts {
            buffer.extend_from_slice(part);
            whole = chunks.take(&mut buffer)?;
        }
        Ok::<_, BodyError>((whole, buffer))
    };
    let at_once = read(&[wire]).ok();
    let in_pieces = read(&[&wire[..cut], &wire[cut..]]).ok();
    assert_eq!(at_once, in_pieces, "chunks cut at {cut}");
}

/// What the first bytes of a connection say: more bytes never change an answer.
pub fn first_bytes(assumes_http: bool, bytes: &[u8]) {
    let whole = sniff(bytes, assumes_http);
    for end in 0..bytes.len().min(SNIFF_MAX + 1) {
        let part = sniff(&bytes[..end], assumes_http);
        assert!(part == Wire::NeedMore || part == whole);
    }
    assert!(bytes.len() < SNIFF_MAX || whole != Wire::NeedMore);
}

/// Java's regular expressions: translation, matching, searching, replacing.
pub fn regex(pattern: &str, text: &str, replacement: &str) {
    if let Ok(pattern) = Pattern::compile(pattern) {
        pattern.matches(text);
        let beginning = pattern.literal_beginning();
        if pattern.matches(text) && text.is_ascii() {
            let text = text.to_ascii_lowercase();
            assert!(
                text.starts_with(&beginning),
                "{text:?} does not begin with {beginning:?}"
            );
        }
    }
    if let Ok(regex) = JavaRegex::searching(pattern)
        && let Ok(Some(groups)) = regex.groups_from(text, 0)
    {
        for (start, end) in groups.into_iter().flatten() {
            assert!(text.get(start..end).is_some());
        }
    }
    if let Ok(substitution) = Substitution::compile(pattern, replacement) {
        let _replaced = substitution.apply(text);
    }
}

/// A Velocity template on a fixed request.
pub fn velocity(text: &str) {
    template(Engine::Velocity, text);
}

/// A Mustache template on a fixed request.
pub fn mustache(text: &str) {
    template(Engine::Mustache, text);
}

fn template(engine: Engine, text: &str) {
    let Ok(template) = Template::compile(engine, text) else {
        return;
    };
    let request = request_variables(&RequestParts {
        method: "POST",
        path: "/some/path/42",
        path_parameters: &[("id", "42")],
        query: &[("q", "a b"), ("q", "c"), ("n", "1")],
        headers: &[("Host", "h:1"), ("X-Two", "one"), ("X-Two", "two")],
        cookies: &[("sid", "s1")],
        body: r#"{"a": {"b": [1, 2.50, "x"]}, "t": true, "n": null, "l": [{"a": 1}, {"a": 2}], "s": "é<&>"}"#,
        keep_alive: true,
        ..RequestParts::default()
    });
    let scope = Scope {
        variables: Object::from([("request".to_owned(), request)]),
        now: jiff::Timestamp::UNIX_EPOCH,
        random: RefCell::new(StdRng::seed_from_u64(1)),
    };
    let tools = Tools {
        json_path: crate::matcher::json_path,
        xpath: crate::matcher::xpath,
        scenarios: Arc::new(NoScenarios),
    };
    let _text = template.render(&scope, &tools);
}

/// Scenarios that never leave their beginning.
#[derive(Debug)]
struct NoScenarios;

impl ScenarioStates for NoScenarios {
    fn state(&self, _scenario: &str) -> String {
        "Started".to_owned()
    }

    fn set_state(&self, _scenario: &str, _state: &str) {}
}

/// A JSONPath in a JSON text and an XPath in an XML text.
pub fn paths(text: &str, path: &str) {
    let _values = crate::matcher::json_path(text, path);
    let _value = crate::matcher::xpath(text, path);
}

/// An OpenAPI document, in JSON or YAML: what it makes must be readable by the ordinary readers.
pub fn openapi(text: &str) {
    let Ok(spec) = Spec::parse(text, &NothingElse) else {
        return;
    };
    let _expectations = spec.expectations(None, Some("/prefix"));
    for matcher in spec.matchers(None, None).unwrap_or_default() {
        let mut complaints = Complaints::default();
        RequestMatcher::read(&matcher, "$", &mut complaints);
        // A document may hold a pattern that is no regular expression; registering it says so.
        let has_pattern = compact(&matcher).contains("\"pattern\"");
        assert!(
            complaints.errors.is_empty() || has_pattern,
            "{}: {}",
            compact(&matcher),
            complaints.report()
        );
    }
    let _control = openapi::read(text, Some("application/yaml"), &NothingElse);
}

/// Documents that name others find none.
struct NothingElse;

impl Loader for NothingElse {
    fn read_file(&self, _path: &Path) -> Result<String, String> {
        Err("files are not read".to_owned())
    }

    fn fetch(&self, _url: &str) -> Result<String, String> {
        Err("URLs are not fetched".to_owned())
    }
}
