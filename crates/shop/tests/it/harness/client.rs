//! A client that speaks JSON to one shop, as one user or as nobody.

use http::{HeaderMap, Method};
use reqwest::RequestBuilder;
use serde_json::Value;

/// A user of the shop, or a passer-by.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// What the shop said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// `null` when the body is empty.
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(base: String) -> Self {
        // Another client than the test before must never reuse its connections or cookies.
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            http,
            base,
            token: None,
        }
    }

    /// The same, but keeps cookies, as a browser does.
    pub(crate) fn with_cookies(base: String) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .cookie_store(true)
            .build()
            .expect("a client");
        Self {
            http,
            base,
            token: None,
        }
    }

    /// The same, with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().expect("this client has logged in")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Self::send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Self::send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        Self::send(self.request(Method::PUT, path).json(&body)).await
    }

    /// A request to be changed before it is sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("the shop answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer comes whole");
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).expect("the answer is JSON")
        };
        Answer {
            status,
            headers,
            text,
            body,
        }
    }
}

impl Answer {
    /// The answer, if it has this status; else the test fails and shows it.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The answer, if it is this error.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        self
    }

    /// The code of an error, or nothing.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// A text at the top of the body.
    #[track_caller]
    pub(crate) fn str(&self, name: &str) -> &str {
        self.body[name]
            .as_str()
            .unwrap_or_else(|| panic!("no text {name} in {}", self.text))
    }

    pub(crate) fn id(&self) -> String {
        self.str("id").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
