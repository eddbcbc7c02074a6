//! The blocks `shop`, `mocks` and `env` of styk.yaml.

use std::collections::BTreeMap;

use serde_json::Value;
use styk_scenario::{Diagnostics, Node, NodeValue, Span};
use styk_stage::ReadySpec;
use url::Url;

use crate::codes::code;
use crate::fields::{self, Fields};

/// Where the shop comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StageKind {
    Embedded,
    Attached,
}

/// The block `shop`.
#[derive(Clone, Debug)]
pub(crate) struct ShopConfig {
    /// `None`: attached when an address is known, else embedded.
    pub(crate) stage: Option<StageKind>,
    pub(crate) base: Option<Url>,
    pub(crate) ready: ReadySpec,
    /// Variables of an embedded shop.
    pub(crate) env: BTreeMap<String, String>,
    /// Scenarios side by side on an attached stage.
    pub(crate) jobs: usize,
}

impl Default for ShopConfig {
    fn default() -> Self {
        Self {
            stage: None,
            base: None,
            ready: ReadySpec::default(),
            env: BTreeMap::new(),
            jobs: 1,
        }
    }
}

/// One entry of `mocks`.
#[derive(Clone, Debug)]
pub(crate) struct MockConfig {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) place: MockPlace,
    /// Variables of an embedded shop that get the mock's address.
    pub(crate) env: Vec<String>,
    /// A file with expectations.
    pub(crate) expectations: Option<(String, Span)>,
}

/// What the file says about a mock's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MockPlace {
    Unsaid,
    Port(u16),
    Url(Url),
}

pub(super) fn shop(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<ShopConfig> {
    const KEYS: [&str; 5] = ["stage", "base", "ready", "env", "jobs"];
    let map = Fields::of(node, what, &KEYS, diagnostics)?;
    let stage = map.read(
        "stage",
        diagnostics,
        |node, what, diagnostics| match fields::word(
            node,
            what,
            &["embedded", "attached"],
            diagnostics,
        )? {
            "attached" => Some(StageKind::Attached),
            _ => Some(StageKind::Embedded),
        },
    );
    let jobs = map.read("jobs", diagnostics, |node, what, diagnostics| {
        fields::whole(node, what, &(1..=256), diagnostics)
    });
    let env = map.read("env", diagnostics, variables);
    Some(ShopConfig {
        stage,
        base: map.read("base", diagnostics, address),
        ready: map.read("ready", diagnostics, ready).unwrap_or_default(),
        env: env.unwrap_or_default(),
        jobs: jobs
            .and_then(|jobs| usize::try_from(jobs).ok())
            .unwrap_or(1),
    })
}

fn ready(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<ReadySpec> {
    let map = Fields::of(node, what, &["path", "limit"], diagnostics)?;
    let mut spec = ReadySpec::default();
    if let Some(path) = map.read("path", diagnostics, fields::text) {
        if path.starts_with('/') {
            spec.path = path;
        } else if let Some(node) = map.get("path") {
            let message = format!("`path` begins with `/`, here is `{path}`");
            diagnostics.push(node.span.error(code::WRONG_VALUE, message));
        }
    }
    if let Some(limit) = map.read("limit", diagnostics, fields::duration) {
        spec.limit = limit;
    }
    Some(spec)
}

/// An address with `http://`.
pub(super) fn address(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Url> {
    let text = fields::text(node, what, diagnostics)?;
    match read_address(&text) {
        Ok(url) => Some(url),
        Err(cause) => {
            let message = format!("`{what}` takes an address, here is `{text}`: {cause}");
            let diagnostic = node.span.error(code::WRONG_VALUE, message);
            diagnostics.push(diagnostic.help("write it like `http://127.0.0.1:8000`"));
            None
        }
    }
}

/// Reads `http://host:port/…`.
pub(crate) fn read_address(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    match (url.scheme(), url.has_host()) {
        ("http", true) => Ok(url),
        ("https", _) => Err("this version speaks plain HTTP only".to_owned()),
        _ => Err("it does not begin with `http://` and a host".to_owned()),
    }
}

pub(super) fn mocks(
    node: &Node,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<MockConfig>> {
    let entries = fields::entries(node, what, diagnostics)?;
    let mut mocks = Vec::new();
    for (key, node) in entries {
        if !is_name(&key.text) || ["shop", "test"].contains(&key.text.as_str()) {
            let message = format!("`{}` cannot be the name of a mock", key.text);
            let diagnostic = key.span.error(code::WRONG_VALUE, message);
            diagnostics.push(
                diagnostic.help("names are letters, digits and `_`; `shop` and `test` are taken"),
            );
        }
        mocks.extend(mock(&key.text, &key.span, node, diagnostics));
    }
    Some(mocks)
}

/// A name that expressions can use.
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    let starts = letters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn mock(name: &str, span: &Span, node: &Node, diagnostics: &mut Diagnostics) -> Option<MockConfig> {
    const KEYS: [&str; 4] = ["port", "url", "env", "expectations"];
    let map = Fields::of(node, name, &KEYS, diagnostics)?;
    let port = map.read("port", diagnostics, |node, what, diagnostics| {
        fields::whole(node, what, &(1..=65_535), diagnostics)
    });
    let url = map.read("url", diagnostics, address);
    if let (Some(_), Some(node)) = (map.get("port"), map.get("url")) {
        let message = format!("mock `{name}` has `port` and `url`; give one of them");
        diagnostics.push(node.span.error(code::WRONG_VALUE, message));
    }
    let env = map.read("env", diagnostics, fields::texts);
    let expectations = map.get("expectations").and_then(|node| {
        let file = fields::text(node, "expectations", diagnostics)?;
        Some((file, node.span.clone()))
    });
    Some(MockConfig {
        name: name.to_owned(),
        span: span.clone(),
        place: match (port.and_then(|port| u16::try_from(port).ok()), url) {
            (Some(port), _) => MockPlace::Port(port),
            (None, Some(url)) => MockPlace::Url(url),
            (None, None) => MockPlace::Unsaid,
        },
        env: env
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
        expectations,
    })
}

/// Variables for a program: every value is text as it is written.
pub(super) fn variables(
    node: &Node,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<BTreeMap<String, String>> {
    let entries = fields::entries(node, what, diagnostics)?;
    let read = entries.iter().filter_map(|(key, node)| {
        let value = match node.value {
            NodeValue::Null => String::new(),
            _ => fields::text(node, &key.text, diagnostics)?,
        };
        Some((key.text.clone(), value))
    });
    Some(read.collect())
}

/// Values for scenarios, of any type.
pub(super) fn values(
    node: &Node,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<BTreeMap<String, Value>> {
    let entries = fields::entries(node, what, diagnostics)?;
    let read = entries
        .iter()
        .map(|(key, node)| (key.text.clone(), node.to_json()));
    Some(read.collect())
}
