//! Which requests an expectation or a question is about.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::draft::Draft;
use super::pattern::{exactly, template};
use super::{Expectation, RecordedRequest, Response};
use crate::json::{Json, Object};

/// What requests look like: for an expectation to answer, for a verification to count, for a list to hold.
///
/// Begin with [`get`], [`post`], [`put`], [`patch`], [`delete`], [`head`], [`options`], [`any`] or [`any_request`]. Every
/// further call narrows the pattern; what it does not speak of may be anything. Texts are exact, but their case does
/// not matter (in bodies it does); the calls that end in `_regex` take a regular expression in Java's dialect
/// that has to match the whole text.
///
/// ```
/// use serde_json::json;
/// use styk_mock::post;
///
/// let payment = post("/api/v1/payments")
///     .header("x-api-version", "1")
///     .query("dry-run", "true")
///     .json_partial(json!({"currency": "EUR"}));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RequestPattern {
    draft: Draft,
    path: Option<Path>,
}

#[derive(Clone, Debug)]
enum Path {
    Exact(String),
    Regex(String),
}

/// `GET` on this path.
pub fn get(path: &str) -> RequestPattern {
    any(path).method("GET")
}

/// `POST` on this path.
pub fn post(path: &str) -> RequestPattern {
    any(path).method("POST")
}

/// `PUT` on this path.
pub fn put(path: &str) -> RequestPattern {
    any(path).method("PUT")
}

/// `PATCH` on this path.
pub fn patch(path: &str) -> RequestPattern {
    any(path).method("PATCH")
}

/// `DELETE` on this path.
pub fn delete(path: &str) -> RequestPattern {
    any(path).method("DELETE")
}

/// `HEAD` on this path.
pub fn head(path: &str) -> RequestPattern {
    any(path).method("HEAD")
}

/// `OPTIONS` on this path.
pub fn options(path: &str) -> RequestPattern {
    any(path).method("OPTIONS")
}

/// Any method on this path.
pub fn any(path: &str) -> RequestPattern {
    RequestPattern::default().path(path)
}

/// Every request.
pub fn any_request() -> RequestPattern {
    RequestPattern::default()
}

impl RequestPattern {
    /// The method.
    pub fn method(mut self, method: &str) -> Self {
        self.draft.set("method", Json::Text(exactly(method)));
        self
    }

    /// The path, without query, as it stands in the request: escapes are not decoded. Segments in braces are
    /// placeholders when [`RequestPattern::path_parameter`] speaks of them.
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(Path::Exact(path.to_owned()));
        self
    }

    /// The path as a regular expression, in place of the one the pattern began with.
    ///
    /// ```
    /// let payment = styk_mock::any_request().method("GET").path_regex("/payments/[0-9]+");
    /// ```
    pub fn path_regex(mut self, regex: &str) -> Self {
        self.path = Some(Path::Regex(regex.to_owned()));
        self
    }

    /// The segment `{name}` of the path matches this regular expression.
    ///
    /// ```
    /// let order = styk_mock::get("/orders/{id}").path_parameter("id", "[0-9]+");
    /// ```
    pub fn path_parameter(mut self, name: &str, regex: &str) -> Self {
        self.draft
            .add("pathParameters", exactly(name), regex.to_owned());
        self
    }

    /// The query has this parameter, decoded. Given twice with one name, it has both values.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.pair("queryStringParameters", exactly(name), exactly(value))
    }

    /// The query has this parameter with a value that matches.
    pub fn query_regex(self, name: &str, regex: &str) -> Self {
        self.pair("queryStringParameters", exactly(name), regex.to_owned())
    }

    /// The query has no such parameter.
    pub fn no_query(self, name: &str) -> Self {
        self.pair("queryStringParameters", absent(name), ".*".to_owned())
    }

    /// A header has this value.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.pair("headers", exactly(name), exactly(value))
    }

    /// A header has a value that matches: `header_regex("authorization", "Bearer .+")`.
    pub fn header_regex(self, name: &str, regex: &str) -> Self {
        self.pair("headers", exactly(name), regex.to_owned())
    }

    /// There is no such header.
    pub fn no_header(self, name: &str) -> Self {
        self.pair("headers", absent(name), ".*".to_owned())
    }

    /// A cookie has this value.
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        let value = Json::Text(exactly(value));
        self.draft.put("cookies", exactly(name), value);
        self
    }

    /// A cookie has a value that matches.
    pub fn cookie_regex(mut self, name: &str, regex: &str) -> Self {
        self.draft.put("cookies", exactly(name), Json::text(regex));
        self
    }

    /// There is no such cookie.
    pub fn no_cookie(mut self, name: &str) -> Self {
        self.draft.put("cookies", absent(name), Json::text(".*"));
        self
    }

    /// The body is this text, in this case. An empty text asks for nothing.
    pub fn body(self, text: &str) -> Self {
        if text.starts_with('!') {
            // In a text this would negate.
            return self.body_bytes(text);
        }
        self.typed_body("STRING", "string", Json::text(text), None)
    }

    /// The body contains this text, in this case.
    pub fn body_contains(self, text: &str) -> Self {
        if text.starts_with('!') {
            let regex = format!(".*{}.*", exactly(text));
            return self.body_regex(&regex);
        }
        let part = ("subString", Json::Bool(true));
        self.typed_body("STRING", "string", Json::text(text), Some(part))
    }

    /// The whole body matches this regular expression.
    pub fn body_regex(self, regex: &str) -> Self {
        self.typed_body("REGEX", "regex", Json::text(regex), None)
    }

    /// The body is these bytes.
    pub fn body_bytes(self, bytes: impl AsRef<[u8]>) -> Self {
        let encoded = Json::Text(STANDARD.encode(bytes));
        self.typed_body("BINARY", "base64Bytes", encoded, None)
    }

    /// The body is this JSON: the same fields, the same items in the same order. White space and the order of fields do
    /// not matter; `1` and `1.0` differ.
    ///
    /// ```
    /// use serde_json::json;
    /// let payment = styk_mock::post("/payments").json(json!({"amount": 1999, "currency": "EUR"}));
    /// ```
    pub fn json(mut self, value: impl Serialize) -> Self {
        match self.draft.text_of("body", &value) {
            Some(text) => {
                let strict = ("matchType", Json::text("STRICT"));
                self.typed_body("JSON", "json", Json::Text(text), Some(strict))
            }
            None => self,
        }
    }

    /// The body is JSON that has at least these fields and items.
    ///
    /// A text `${json-unit.any-string}`, `${json-unit.any-number}`, `${json-unit.regex}[a-z]+` or `${json-unit.ignore}`
    /// stands for such a value.
    pub fn json_partial(mut self, value: impl Serialize) -> Self {
        match self.draft.text_of("body", &value) {
            Some(text) => self.typed_body("JSON", "json", Json::Text(text), None),
            None => self,
        }
    }

    /// The body is JSON in which this JSONPath finds something: `$.items[?(@.sku == 'a')]`.
    pub fn json_path(self, path: &str) -> Self {
        self.typed_body("JSON_PATH", "jsonPath", Json::text(path), None)
    }

    /// The body is JSON that a JSON Schema (draft 7) allows.
    pub fn json_schema(mut self, schema: impl Serialize) -> Self {
        match self.draft.json_of("body", &schema) {
            Some(schema) => self.typed_body("JSON_SCHEMA", "jsonSchema", schema, None),
            None => self,
        }
    }

    /// The body is this XML, whatever its white space and the order of attributes.
    pub fn xml(self, xml: &str) -> Self {
        self.typed_body("XML", "xml", Json::text(xml), None)
    }

    /// The body is XML in which this XPath finds something.
    pub fn xpath(self, path: &str) -> Self {
        self.typed_body("XPATH", "xpath", Json::text(path), None)
    }

    /// The body is a form that has these fields, and perhaps others.
    ///
    /// ```
    /// let login = styk_mock::post("/login").form([("user", "ada"), ("remember", "on")]);
    /// ```
    pub fn form<'a>(self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Draft::default();
        for (name, value) in fields {
            form.add("parameters", exactly(name), exactly(value));
        }
        let parameters = form.fields().get("parameters").cloned();
        let parameters = parameters.unwrap_or_else(|| Json::Object(Object::new()));
        self.typed_body("PARAMETERS", "parameters", parameters, None)
    }

    /// Any other field of MockServer's request matcher, as its JSON has it.
    ///
    /// ```
    /// let secure = styk_mock::get("/account").field("secure", true);
    /// ```
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        self.draft.set_any(name, &value);
        self
    }

    /// What such requests are answered.
    ///
    /// ```
    /// use serde_json::json;
    /// use styk_mock::{get, json};
    ///
    /// let order = get("/api/orders/7").respond(json(json!({"id": 7})));
    /// ```
    pub fn respond(self, response: Response) -> Expectation {
        Expectation::responding(self, response)
    }

    /// What such requests are answered in turn; after the last response the first comes again.
    ///
    /// For a sequence that stays at its end, give two expectations: the older one with [`Expectation::times`].
    ///
    /// ```
    /// use styk_mock::{get, status, text};
    ///
    /// let flaky = get("/health").respond_in_turn([status(503), text("fine")]);
    /// ```
    pub fn respond_in_turn(self, responses: impl IntoIterator<Item = Response>) -> Expectation {
        Expectation::responding_in_turn(self, responses)
    }

    /// Have a closure answer. It must not block; for work that waits there is
    /// [`RequestPattern::respond_with_async`]. When it panics, the client is answered 500 with the message.
    ///
    /// ```
    /// use serde_json::json;
    /// use styk_mock::{RecordedRequest, any_request, json};
    ///
    /// let echo = any_request().respond_with(|request: &RecordedRequest| {
    ///     json(json!({"method": request.method().as_str(), "path": request.path()}))
    /// });
    /// ```
    pub fn respond_with(
        self,
        answer: impl Fn(&RecordedRequest) -> Response + Send + Sync + 'static,
    ) -> Expectation {
        Expectation::answered_by(self, move |request| {
            let response = answer(&request);
            async move { response }
        })
    }

    /// Have an asynchronous closure answer.
    ///
    /// ```
    /// use std::time::Duration;
    /// use styk_mock::{RecordedRequest, post, status};
    ///
    /// let slow = post("/jobs").respond_with_async(|request: RecordedRequest| async move {
    ///     tokio::time::sleep(Duration::from_millis(5)).await;
    ///     if request.body().is_empty() { status(400) } else { status(202) }
    /// });
    /// ```
    pub fn respond_with_async<F>(
        self,
        answer: impl Fn(RecordedRequest) -> F + Send + Sync + 'static,
    ) -> Expectation
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Expectation::answered_by(self, answer)
    }

    /// Have the server at this URL answer; path and query stay as they are.
    ///
    /// ```
    /// let catalogue = styk_mock::any_request().forward_to("http://127.0.0.1:8080");
    /// ```
    pub fn forward_to(self, url: &str) -> Expectation {
        Expectation::forwarding(self, url)
    }

    /// The matcher in MockServer's JSON, or what is wrong with it.
    pub(super) fn written(&self) -> Result<Json, String> {
        if let Some(problem) = self.draft.problem() {
            return Err(problem.to_owned());
        }
        let mut fields = self.draft.fields().clone();
        let path = match &self.path {
            None => None,
            Some(Path::Regex(regex)) => Some(regex.clone()),
            Some(Path::Exact(path)) if fields.contains_key("pathParameters") => {
                Some(template(path))
            }
            Some(Path::Exact(path)) => Some(exactly(path)),
        };
        if let Some(path) = path {
            fields.insert("path".to_owned(), Json::Text(path));
        }
        Ok(Json::Object(fields))
    }

    fn pair(mut self, map: &str, name: String, value: String) -> Self {
        self.draft.add(map, name, value);
        self
    }

    fn typed_body(
        mut self,
        kind: &str,
        field: &'static str,
        value: Json,
        option: Option<(&'static str, Json)>,
    ) -> Self {
        let fields = [("type", Json::text(kind)), (field, value)];
        self.draft
            .set("body", Json::object(fields.into_iter().chain(option)));
        self
    }
}

/// The key that says there is no such name.
fn absent(name: &str) -> String {
    format!("!{}", exactly(name))
}
