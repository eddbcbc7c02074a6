//! Request matchers: what a request must look like.
//!
//! Read and compiled once from MockServer's JSON. [`RequestMatcher::first_miss`] says which field kept a request from
//! matching; filters of the control plane meet stored matchers with [`RequestMatcher::meets`].

use bytes::Bytes;

use crate::json::{Json, Object, parse_lenient};
use crate::pattern::Pattern;
use crate::schema::{Complaints, Fields};

mod binary;
mod body;
mod choice;
mod compare;
mod convert;
mod difference;
mod fuzzy;
mod graphql;
mod json_rpc;
mod json_schema;
mod jsonpath;
mod multipart;
mod pairs;
mod path;
mod style;
mod subject;
mod xml;
mod xpath;

pub(crate) use body::BodyMatcher;
use choice::Choice;
pub(crate) use json_schema::JsonSchema;
pub(crate) use jsonpath::{Found, JsonPath};
pub(crate) use pairs::{Pairs, read_pattern};
pub(crate) use path::PathTemplate;
use style::ParameterStyle;
pub(crate) use subject::{Subject, query_pairs};
pub(crate) use xpath::XPath;

/// The value of a JSONPath in a JSON text, for templates.
pub(crate) fn json_path(text: &str, path: &str) -> Result<Json, String> {
    let document = match (parse_lenient(text), subject::plain_text(text)) {
        (Ok(document), _) | (Err(_), Some(document)) => document,
        (Err(error), None) => return Err(error.to_string()),
    };
    Ok(match JsonPath::compile(path)?.evaluate(&document) {
        Some(Found::One(value)) => value,
        Some(Found::Many(values)) => Json::Array(values),
        None => Json::Null,
    })
}

/// The string value of an XPath in an XML text, for templates.
pub(crate) fn xpath(text: &str, expression: &str) -> Result<String, String> {
    let found = XPath::compile(expression, Vec::new())?.text_in(text);
    Ok(found.unwrap_or_default())
}

/// The part of a request that a matcher looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Method,
    Path,
    PathParameters,
    Query,
    Headers,
    Cookies,
    KeepAlive,
    Secure,
    Protocol,
    Body,
    /// The whole request matches, and should not.
    Not,
    /// The OpenAPI document has no such operation.
    OpenApi,
}

impl Field {
    /// The field's name in MockServer's JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Path => "path",
            Self::PathParameters => "pathParameters",
            Self::Query => "queryStringParameters",
            Self::Headers => "headers",
            Self::Cookies => "cookies",
            Self::KeepAlive => "keepAlive",
            Self::Secure => "secure",
            Self::Protocol => "protocol",
            Self::Body => "body",
            Self::Not => "not",
            Self::OpenApi => "specUrlOrPayload",
        }
    }
}

/// All fields, the cheap ones first.
const FIELDS: &[Field] = &[
    Field::Method,
    Field::Path,
    Field::PathParameters,
    Field::Query,
    Field::Headers,
    Field::Cookies,
    Field::KeepAlive,
    Field::Secure,
    Field::Protocol,
    Field::Body,
];

/// A compiled request matcher.
#[derive(Debug, Default)]
pub(crate) struct RequestMatcher {
    method: Option<Pattern>,
    path: Option<Pattern>,
    template: Option<PathTemplate>,
    query: Option<Pairs>,
    headers: Option<Pairs>,
    cookies: Option<Pairs>,
    body: Option<BodyMatcher>,
    keep_alive: Option<bool>,
    secure: Option<bool>,
    protocol: Option<&'static str>,
    not: bool,
    /// Instead of all that: one of these must match (the operations of an OpenAPI document).
    alternatives: Option<Vec<RequestMatcher>>,
    /// Instead of all that: which matcher counts depends on another one.
    choice: Option<Box<Choice>>,
    /// Instead of all that: a message that is no HTTP, of exactly these bytes.
    binary: Option<Bytes>,
    written: Object,
}

/// Fields that MockServer has and this server does not match yet.
const NOT_BUILT: &[&str] = &["clientCertificate", "jwt", "clientIp", "anyOf", "dnsName"];

/// Fields of records that a matcher accepts and does not look at.
const IGNORED: &[&str] = &[
    "localAddress",
    "remoteAddress",
    "clientCertificateChain",
    "originalBody",
    "timestamp",
];

impl RequestMatcher {
    /// Reads the matcher that stands at `path`; what is wrong with it goes to `complaints`.
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Self {
        let Some(mut fields) = Fields::of(json, path, complaints) else {
            return Self::default();
        };
        if fields.get("specUrlOrPayload").is_some() {
            return Self::read_openapi(fields, path, complaints);
        }
        if fields.get("binaryData").is_some() {
            return Self::read_binary(fields, complaints);
        }
        if fields.get("if").is_some() {
            return Self::read_choice(fields, complaints);
        }
        let mut matcher = Self::default();
        fields.refuse(NOT_BUILT, complaints);
        matcher.method = pattern(&mut fields, "method", complaints);
        matcher.path = pattern(&mut fields, "path", complaints);
        let parameters = pairs(&mut fields, "pathParameters", complaints);
        matcher.query = pairs(&mut fields, "queryStringParameters", complaints);
        matcher.headers = pairs(&mut fields, "headers", complaints);
        if let Some(json) = fields.take("cookies") {
            matcher.cookies = Pairs::read_single(json, &fields.at("cookies"), complaints);
        }
        if let Some(json) = fields.take("body") {
            matcher.body = BodyMatcher::read(json, &fields.at("body"), complaints);
        }
        matcher.keep_alive = fields.boolean("keepAlive", complaints);
        matcher.secure = fields.boolean("secure", complaints);
        matcher.not = fields.boolean("not", complaints).unwrap_or_default();
        let protocol = fields.word("protocol", &["HTTP_1_1", "HTTP_2", "HTTP_3"], complaints);
        matcher.protocol = protocol;
        let address = fields
            .take("socketAddress")
            .and_then(|json| read_address(json, &fields.at("socketAddress"), complaints));
        if let Some((_, true)) = &address {
            matcher.secure.get_or_insert(true);
        }
        // The answer waits for the whole request in any case.
        let early = fields.boolean("respondBeforeBody", complaints);
        for name in IGNORED {
            fields.take(name);
        }
        if fields.finish(complaints) > 0 {
            complaints.error(
                &format!("{path}.specUrlOrPayload"),
                "is missing, but is required, if specifying OpenAPI request matcher",
            );
        }
        matcher.written = matcher.write(protocol, parameters.as_ref());
        if let Some((written, _)) = address {
            let body = matcher.written.shift_remove("body");
            matcher.written.insert("socketAddress".to_owned(), written);
            matcher
                .written
                .extend(body.map(|body| ("body".to_owned(), body)));
        }
        if let Some(early) = early {
            let name = "respondBeforeBody".to_owned();
            matcher.written.insert(name, Json::Bool(early));
        }
        // Parameters without values count as none: then the braces are literal.
        let template = parameters
            .filter(|parameters| !parameters.is_empty())
            .zip(matcher.path.as_ref())
            .map(|(parameters, path)| PathTemplate::new(path, parameters));
        match template.transpose() {
            Ok(template) => matcher.template = template,
            Err(construct) => complaints.not_built(construct),
        }
        matcher
    }

    /// Reads a matcher that names an OpenAPI document and perhaps one of its operations.
    fn read_openapi(mut fields: Fields<'_>, path: &str, complaints: &mut Complaints) -> Self {
        let payload = fields.take("specUrlOrPayload");
        let mut text = |name: &str| {
            let text = fields.text(name, complaints);
            text.filter(|text| !text.trim().is_empty())
        };
        let (operation, prefix) = (text("operationId"), text("contextPathPrefix"));
        fields.finish(complaints);
        let is_blank = |json: &&Json| matches!(json, Json::Text(text) if text.trim().is_empty());
        let Some(payload) = payload.filter(|json| !is_blank(json)) else {
            return Self::default();
        };
        let spec = complaints.sources.spec(payload);
        let matchers = spec.and_then(|spec| spec.matchers(operation.as_deref(), prefix.as_deref()));
        let matchers = match matchers {
            Ok(matchers) => matchers,
            Err(error) => {
                complaints.other = Some(error.to_string());
                return Self::default();
            }
        };
        let read = |json| Self::read(json, path, complaints);
        let alternatives: Vec<Self> = matchers.iter().map(read).collect();
        let written = [
            ("operationId", operation.map(Json::Text)),
            ("specUrlOrPayload", Some(payload.clone())),
            ("contextPathPrefix", prefix.map(Json::Text)),
        ];
        let written = written
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Self {
            alternatives: Some(alternatives),
            written: written.collect(),
            ..Self::default()
        }
    }

    /// The first field that keeps the request from matching; `None` when it matches.
    pub(crate) fn first_miss(&self, subject: &Subject<'_>) -> Option<Field> {
        if self.alternatives.is_some() {
            return self.misses(subject).into_iter().next();
        }
        if self.binary.is_some() {
            return Some(Field::Method);
        }
        if let Some(choice) = &self.choice {
            let miss = choice
                .of(subject)
                .and_then(|counts| counts.first_miss(subject));
            return noted(miss, self.not);
        }
        let mut fields = FIELDS.iter().copied();
        let miss = fields.find(|field| !self.takes(*field, subject));
        noted(miss, self.not)
    }

    /// All fields that keep the request from matching.
    pub(crate) fn misses(&self, subject: &Subject<'_>) -> Vec<Field> {
        if let Some(alternatives) = &self.alternatives {
            let misses = alternatives
                .iter()
                .map(|alternative| alternative.misses(subject));
            let fewest = misses.min_by_key(Vec::len);
            return fewest.unwrap_or_else(|| vec![Field::OpenApi]);
        }
        if self.not || self.choice.is_some() || self.binary.is_some() {
            return self.first_miss(subject).into_iter().collect();
        }
        FIELDS
            .iter()
            .copied()
            .filter(|field| !self.takes(*field, subject))
            .collect()
    }

    /// Of several alternatives the one that misses the fewest fields.
    pub(crate) fn closest_alternative(&self, subject: &Subject<'_>) -> Option<&Self> {
        let alternatives = self.alternatives.as_ref()?.iter();
        alternatives.min_by_key(|alternative| alternative.misses(subject).len())
    }

    fn takes(&self, field: Field, subject: &Subject<'_>) -> bool {
        match field {
            Field::Method => self
                .method
                .as_ref()
                .is_none_or(|method| method.matches(subject.method())),
            Field::Path => self
                .whole_path()
                .is_none_or(|path| path.matches(subject.path())),
            Field::PathParameters => self
                .template
                .as_ref()
                .is_none_or(|template| template.matches(subject.path())),
            Field::Query => self
                .query
                .as_ref()
                .is_none_or(|query| query.matches_lists(subject.query(), ParameterStyle::split)),
            Field::Headers => self
                .headers
                .as_ref()
                .is_none_or(|headers| headers.matches(subject.headers())),
            Field::Cookies => self
                .cookies
                .as_ref()
                .is_none_or(|cookies| cookies.matches(subject.cookies())),
            Field::KeepAlive => self
                .keep_alive
                .is_none_or(|keep_alive| keep_alive == subject.keep_alive()),
            Field::Secure => self
                .secure
                .is_none_or(|secure| secure == subject.is_secure()),
            Field::Protocol => self
                .protocol
                .is_none_or(|protocol| protocol == subject.protocol()),
            Field::Body => self.body.as_ref().is_none_or(|body| body.matches(subject)),
            Field::Not | Field::OpenApi => true,
        }
    }

    pub(crate) fn matches(&self, subject: &Subject<'_>) -> bool {
        self.first_miss(subject).is_none()
    }

    /// Whether this filter of the control plane selects a stored matcher: patterns may match in either direction. A
    /// negation on either side turns the answer round.
    pub(crate) fn meets(&self, stored: &Self) -> bool {
        // A stored matcher that asks for any method or path takes that of the filter, too.
        let text = |filter: &Option<Pattern>, stored: &Option<Pattern>| match (filter, stored) {
            (_, None) => true,
            (Some(filter), Some(stored)) if !filter.is_blank() => filter.meets(stored),
            (_, Some(_)) => true,
        };
        let pairs = |filter: &Option<Pairs>, stored: &Option<Pairs>| {
            filter
                .as_ref()
                .is_none_or(|filter| filter.meets(stored.as_ref()))
        };
        let flag =
            |filter: Option<bool>, stored: Option<bool>| filter.is_none() || filter == stored;
        if self.binary.is_some() {
            return self.not == stored.not && self.binary == stored.binary;
        }
        if self.choice.is_some() {
            return self.written == stored.written;
        }
        let met = text(&self.method, &stored.method)
            && self.meets_path(stored, text)
            && pairs(&self.query, &stored.query)
            && pairs(&self.headers, &stored.headers)
            && pairs(&self.cookies, &stored.cookies)
            && flag(self.keep_alive, stored.keep_alive)
            && flag(self.secure, stored.secure)
            && (self.protocol.is_none() || self.protocol == stored.protocol)
            && self.body.as_ref().is_none_or(|filter| {
                stored
                    .body
                    .as_ref()
                    .is_some_and(|stored| filter.meets(stored))
            });
        met != (self.not != stored.not)
    }

    fn meets_path(
        &self,
        stored: &Self,
        text: impl Fn(&Option<Pattern>, &Option<Pattern>) -> bool,
    ) -> bool {
        let parameters = |matcher: &Self| matcher.written.get("pathParameters").cloned();
        if self.template.is_some() && parameters(self) != parameters(stored) {
            return false;
        }
        let takes = |path: &Pattern| {
            let template = stored.template.as_ref();
            template.is_some_and(|template| template.matches(path.text()))
        };
        text(&self.path, &stored.path) || self.path.as_ref().is_some_and(takes)
    }

    /// The values that a path has for the path parameters.
    pub(crate) fn path_parameters(&self, path: &str) -> Vec<(String, String)> {
        let template = self.template.as_ref();
        let values = template.and_then(|template| template.values(path));
        let owned = values
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.into_owned(), value.into_owned()));
        owned.collect()
    }

    /// The pattern of the whole path, with any text in place of placeholders.
    fn whole_path(&self) -> Option<&Pattern> {
        match &self.template {
            Some(template) => Some(template.path()),
            None => self.path.as_ref(),
        }
    }

    /// The path, when only equality can make it match.
    pub(crate) fn literal_path(&self) -> Option<&str> {
        let path = self.whole_path().filter(|path| path.is_literal())?;
        (!self.not).then(|| path.text())
    }

    /// A beginning that the path of every matching request has, in lower case.
    pub(crate) fn path_beginning(&self) -> String {
        match self.whole_path() {
            Some(path) if !self.not => path.literal_beginning(),
            _ => String::new(),
        }
    }

    /// The matcher in MockServer's JSON.
    pub(crate) fn written(&self) -> Json {
        Json::Object(self.written.clone())
    }

    fn write(&self, protocol: Option<&str>, parameters: Option<&Pairs>) -> Object {
        let mut object = Object::new();
        let mut put = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
        };
        let text = |pattern: &Option<Pattern>| {
            // `!` alone refuses everything; left out it would take everything.
            let says = |pattern: &&Pattern| pattern.is_not() || !pattern.is_blank();
            pattern.as_ref().filter(says).map(Pattern::written_json)
        };
        let pairs =
            |pairs: Option<&Pairs>| pairs.filter(|pairs| !pairs.is_empty()).map(Pairs::written);
        put("not", self.not.then_some(Json::Bool(true)));
        put("method", text(&self.method));
        put("path", text(&self.path));
        put("pathParameters", pairs(parameters));
        put("queryStringParameters", pairs(self.query.as_ref()));
        put("headers", pairs(self.headers.as_ref()));
        let cookies = self.cookies.as_ref().filter(|cookies| !cookies.is_empty());
        put("cookies", cookies.map(Pairs::written_single));
        put("keepAlive", self.keep_alive.map(Json::Bool));
        put("secure", self.secure.map(Json::Bool));
        put("protocol", protocol.map(Json::text));
        put("body", self.body.as_ref().map(BodyMatcher::written));
        object
    }
}

/// An address that the matcher does not look at: how it is written, and whether its scheme is that of TLS.
fn read_address(json: &Json, path: &str, complaints: &mut Complaints) -> Option<(Json, bool)> {
    let mut fields = Fields::of(json, path, complaints)?;
    let host = fields.text("host", complaints);
    let port = fields.integer("port", complaints).unwrap_or(80);
    let scheme = fields.word("scheme", &["HTTP", "HTTPS"], complaints);
    fields.finish(complaints);
    let host = host.map(|host| ("host", Json::text(host)));
    let rest = [
        ("port", Json::number(port)),
        ("scheme", Json::text(scheme.unwrap_or("HTTP"))),
    ];
    let written = Json::object(host.into_iter().chain(rest));
    Some((written, scheme == Some("HTTPS")))
}

/// The miss of a matcher that may be notted.
fn noted(miss: Option<Field>, not: bool) -> Option<Field> {
    match (not, miss) {
        (false, miss) => miss,
        (true, None) => Some(Field::Not),
        (true, Some(_)) => None,
    }
}

fn pattern(fields: &mut Fields<'_>, name: &str, complaints: &mut Complaints) -> Option<Pattern> {
    let json = fields.take(name)?;
    pairs::read_pattern(json, &fields.at(name), complaints)
}

fn pairs(fields: &mut Fields<'_>, name: &str, complaints: &mut Complaints) -> Option<Pairs> {
    let json = fields.take(name)?;
    Pairs::read(json, &fields.at(name), complaints)
}
