//! A shop's side of the wire: forms out, JSON in.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use styk_fakes::payments::stripe::KIND;
use styk_fakes::{Fake, FakeOptions};

/// The fake, and a shop that calls it with one key.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) fake: Fake,
    pub(crate) caller: Caller,
}

/// Calls with one key; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    http: reqwest::Client,
    base: String,
    key: &'static str,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl std::ops::Deref for Shop {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(FakeOptions::default()).await
    }

    pub(crate) async fn open_with(options: FakeOptions) -> Self {
        let fake = Fake::start(KIND, options).await.expect("the fake starts");
        let caller = Caller {
            http: client(),
            base: fake.url().as_str().trim_end_matches('/').to_owned(),
            key: "sk_test_shop",
        };
        Self { fake, caller }
    }
}

fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    builder
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

impl Caller {
    pub(crate) fn with_key(&self, key: &'static str) -> Self {
        Self {
            key,
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        self.http.request(method, url).bearer_auth(self.key)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Heard {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Heard {
            status,
            headers,
            text,
            body,
        }
    }

    pub(crate) async fn raw(&self, path: &str, form: impl Into<reqwest::Body>) -> Heard {
        let request = self.request(Method::POST, path);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(form)).await
    }

    /// A POST, whatever comes of it.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Heard {
        self.raw(path, form.to_owned()).await
    }

    /// A POST with an idempotency key.
    pub(crate) async fn once(&self, key: &str, path: &str, form: &str) -> Heard {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", key);
        self.send(request.body(form.to_owned())).await
    }

    /// A GET, whatever comes of it.
    pub(crate) async fn get(&self, path: &str) -> Heard {
        self.send(self.request(Method::GET, path)).await
    }

    /// A POST that succeeds.
    pub(crate) async fn make(&self, path: &str, form: &str) -> Value {
        let heard = self.post(path, form).await;
        assert_eq!(heard.status, 200, "{path} {form}: {}", heard.text);
        heard.body
    }

    /// A GET that succeeds.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let heard = self.get(path).await;
        assert_eq!(heard.status, 200, "{path}: {}", heard.text);
        heard.body
    }

    /// The types of all events so far, oldest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let list = self.read("/v1/events?limit=100").await;
        let events = list["data"].as_array().expect("events").iter();
        events
            .rev()
            .map(|event| event["type"].as_str().expect("a type").to_owned())
            .collect()
    }
}

impl Heard {
    /// Status, type, code and parameter of an error.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, &str, &str, &str) {
        let error = &self.body["error"];
        assert!(error["message"].is_string(), "no error: {}", self.text);
        let text = |key: &str| error[key].as_str().unwrap_or_default();
        (
            self.status.as_u16(),
            text("type"),
            text("code"),
            text("param"),
        )
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// A confirmed payment of 20.00 with a test card.
pub(crate) fn paid(card: &str) -> String {
    format!(
        "amount=2000&currency=usd&confirm=true&payment_method={card}&payment_method_types[]=card"
    )
}

/// A shop's endpoint for webhooks: takes everything, keeps heads and bodies.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) url: String,
    heard: tokio::sync::mpsc::UnboundedReceiver<(String, String)>,
}

impl Ear {
    pub(crate) async fn open() -> Self {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (tell, heard) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let tell = tell.clone();
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        let Some((head, body)) = text.split_once("\r\n\r\n") else {
                            continue;
                        };
                        if body.len() < length(head) {
                            continue;
                        }
                        tell.send((head.to_owned(), body.to_owned())).ok();
                        bytes.clear();
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        stream.write_all(answer).await.ok();
                    }
                });
            }
        });
        Self { url, heard }
    }

    /// The next webhook: its signature, and its body.
    pub(crate) async fn next(&mut self) -> (String, String) {
        let limit = std::time::Duration::from_secs(10);
        let heard = tokio::time::timeout(limit, self.heard.recv()).await;
        let (head, body) = heard.expect("a webhook in time").expect("a webhook");
        (header(&head, "stripe-signature"), body)
    }
}

fn header(head: &str, name: &str) -> String {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(given, _)| given.eq_ignore_ascii_case(name));
    found
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}

fn length(head: &str) -> usize {
    header(head, "content-length").parse().unwrap_or_default()
}
