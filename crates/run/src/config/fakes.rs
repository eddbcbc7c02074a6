//! The block `fakes` of styk.yaml.

use std::collections::BTreeMap;
use std::time::Duration;

use styk_scenario::{
    Diagnostics, KnownAction, KnownFake, Node, NodeValue, Span, parse_duration, suggest,
};
use styk_stage::{Action, FakeSpec, OrderRules, Pauses, ProviderKind, WebhookSpec, providers};

use crate::codes::code;
use crate::fields::{self, Fields};

const KEYS: [&str; 5] = ["port", "webhooks", "retries", "order", "env"];

/// One entry of `fakes`.
#[derive(Clone, Debug)]
pub(crate) struct FakeConfig {
    pub(crate) spec: FakeSpec,
}

impl FakeConfig {
    pub(crate) fn name(&self) -> &str {
        self.spec.kind.name
    }

    /// What scenarios can make happen there.
    pub(crate) fn known(&self) -> KnownFake {
        let kind = self.spec.kind;
        let action = |action: &Action| KnownAction {
            name: action.name.to_owned(),
            parameters: action
                .parameters
                .iter()
                .map(|parameter| (parameter.name.to_owned(), parameter.required))
                .collect(),
        };
        KnownFake {
            name: kind.name.to_owned(),
            area: kind.area.to_owned(),
            actions: kind.actions.iter().map(action).collect(),
        }
    }
}

/// Reads the block: a mapping of providers to their settings, or a list of providers.
pub(super) fn fakes(
    node: &Node,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<FakeConfig>> {
    if node.as_list().is_some() {
        let names = fields::texts(node, what, diagnostics)?;
        let read = names.iter().filter_map(|(name, span)| {
            let kind = kind(name, span, diagnostics)?;
            Some(FakeConfig { spec: plain(kind) })
        });
        return Some(read.collect());
    }
    let entries = fields::entries(node, what, diagnostics)?;
    let read = entries.iter().filter_map(|(key, node)| {
        let kind = kind(&key.text, &key.span, diagnostics)?;
        fake(kind, node, diagnostics)
    });
    Some(read.collect())
}

fn kind(name: &str, span: &Span, diagnostics: &mut Diagnostics) -> Option<ProviderKind> {
    let known = || providers().iter().map(|kind| kind.name);
    let found = providers().iter().find(|kind| kind.name == name);
    if found.is_none() {
        let diagnostic = span.error(code::WRONG_VALUE, format!("there is no fake of `{name}`"));
        diagnostics.push(diagnostic.help(match suggest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", fields::listed(known())),
        }));
    }
    found.copied()
}

fn plain(kind: ProviderKind) -> FakeSpec {
    FakeSpec {
        kind,
        port: None,
        webhooks: Vec::new(),
        pauses: Pauses::default(),
        orders: OrderRules::default(),
        variables: BTreeMap::new(),
    }
}

fn fake(kind: ProviderKind, node: &Node, diagnostics: &mut Diagnostics) -> Option<FakeConfig> {
    let map = Fields::of(node, kind.name, &KEYS, diagnostics)?;
    let port = map.read("port", diagnostics, |node, what, diagnostics| {
        fields::whole(node, what, &(1..=65_535), diagnostics)
    });
    let mut spec = plain(kind);
    spec.port = port.and_then(|port| u16::try_from(port).ok());
    spec.webhooks = map
        .read("webhooks", diagnostics, webhooks)
        .unwrap_or_default();
    spec.pauses = map.read("retries", diagnostics, pauses).unwrap_or_default();
    spec.orders = map.read("order", diagnostics, orders).unwrap_or_default();
    spec.variables = map
        .read("env", diagnostics, super::outside::variables)
        .unwrap_or_default();
    Some(FakeConfig { spec })
}

/// `webhooks: /api/webhooks/stripe/`, or a list of `{to, events}`.
fn webhooks(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Vec<WebhookSpec>> {
    let items = match &node.value {
        NodeValue::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let read = items
        .iter()
        .filter_map(|item| webhook(item, what, diagnostics));
    Some(read.collect())
}

fn webhook(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<WebhookSpec> {
    let (target, span, events) = match &node.value {
        NodeValue::Map(_) => {
            let map = Fields::of(node, what, &["to", "events"], diagnostics)?;
            let Some(to) = map.get("to") else {
                let diagnostic = node.span.error(code::MISSING, "a webhook needs `to`");
                diagnostics.push(diagnostic.help("`to: /api/webhooks/stripe/`"));
                return None;
            };
            let events = map.read("events", diagnostics, fields::texts);
            let events = events.unwrap_or_default().into_iter();
            let events = events.map(|(event, _)| event).collect();
            (fields::text(to, "to", diagnostics)?, &to.span, events)
        }
        _ => (
            fields::text(node, what, diagnostics)?,
            &node.span,
            Vec::new(),
        ),
    };
    if !target.starts_with('/') && !target.starts_with("http://") {
        let message = format!("webhooks go to a path or an address, here is `{target}`");
        let diagnostic = span.error(code::WRONG_VALUE, message);
        diagnostics.push(diagnostic.help("begin with `/` for a path on the shop, or `http://`"));
        return None;
    }
    Some(WebhookSpec { target, events })
}

/// `retries: short`, `real`, or a list of pauses.
fn pauses(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Pauses> {
    let Some(items) = node.as_list() else {
        return match fields::word(node, what, &["short", "real"], diagnostics)? {
            "real" => Some(Pauses::Real(1.0)),
            _ => Some(Pauses::Short),
        };
    };
    let read: Option<Vec<Duration>> = items
        .iter()
        .map(|item| {
            let pause = item.as_text().and_then(parse_duration);
            pause.or_else(|| fields::duration(item, what, diagnostics))
        })
        .collect();
    read.map(Pauses::Fixed)
}

/// `order: {metadata: [cart_id], description: ['basket-(\d+)']}`.
fn orders(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<OrderRules> {
    let map = Fields::of(node, what, &["metadata", "description"], diagnostics)?;
    let mut texts = |key| -> Vec<String> {
        let read = map.read(key, diagnostics, fields::texts);
        let read = read.unwrap_or_default().into_iter();
        read.map(|(text, _)| text).collect()
    };
    let (names, patterns) = (texts("metadata"), texts("description"));
    match OrderRules::with(&names, &patterns) {
        Ok(rules) => Some(rules),
        Err(error) => {
            let diagnostic = node.span.error(code::WRONG_VALUE, error.to_string());
            diagnostics.push(diagnostic.help("its first group is the order: `basket-(\\d+)`"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use styk_scenario::Source;

    use super::*;

    fn read(text: &str) -> (Vec<FakeConfig>, Vec<String>) {
        let source = Source::new("styk.yaml", "", text);
        let mut diagnostics = Diagnostics::default();
        let documents = styk_scenario::parse(&source, &mut diagnostics);
        let read = fakes(&documents[0], "fakes", &mut diagnostics);
        let told = diagnostics.into_sorted();
        let told = told.iter().map(|told| told.message.clone()).collect();
        (read.unwrap_or_default(), told)
    }

    #[test]
    fn a_list_of_names_is_enough() {
        let (fakes, told) = read("[stripe, yookassa]\n");
        assert_eq!(told, [""; 0]);
        let names: Vec<_> = fakes.iter().map(FakeConfig::name).collect();
        assert_eq!(names, ["stripe", "yookassa"]);
    }

    #[test]
    fn all_settings_are_read() {
        let (fakes, told) = read(
            "stripe:\n  port: 12111\n  webhooks: /hook/\n  retries: [100ms, 1s]\n  \
             order: {metadata: [cart], description: ['basket-(\\d+)']}\n  env: {PAY_URL: STRIPE_API_BASE}\n\
             cloudpayments:\n  webhooks: [{to: '/cp/{type}/', events: [Pay, Check]}]\n  retries: real\n",
        );
        assert_eq!(told, [""; 0]);
        let stripe = &fakes[0].spec;
        assert_eq!(stripe.port, Some(12111));
        assert_eq!(stripe.webhooks[0].target, "/hook/");
        let pauses = vec![Duration::from_millis(100), Duration::from_secs(1)];
        assert_eq!(stripe.pauses, Pauses::Fixed(pauses));
        assert_eq!(stripe.variables["PAY_URL"], "STRIPE_API_BASE");
        assert_eq!(fakes[1].spec.webhooks[0].events, ["Pay", "Check"]);
        assert_eq!(fakes[1].spec.pauses, Pauses::Real(1.0));
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let (_, told) = read(
            "strip: {}\nyookassa: {webhooks: hook, retries: never, order: {description: ['(']}}\n",
        );
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!(told[0], "there is no fake of `strip`");
        assert!(told[1].contains("a path or an address"), "{}", told[1]);
    }
}
