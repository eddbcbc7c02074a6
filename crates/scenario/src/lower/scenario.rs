//! Documents: a scenario, or fixtures.

use std::sync::Arc;

use super::Lower;
use crate::ast::{Fixture, FixtureScope, Scenario, Skip};
use crate::codes::code;
use crate::tree::{Key, Node};
use crate::words::{FIXTURE, SCENARIO, SKIP};

/// Lowers a document with `scenario:`. The id is left empty where the file has none.
pub(crate) fn document_scenario(node: &Node, lower: &mut Lower<'_>) -> Option<Scenario> {
    let fields = lower.fields(node, "a scenario", SCENARIO)?;
    let title = fields
        .get("scenario")
        .and_then(|node| lower.text_as(node, "text: the title"));
    let text =
        |lower: &mut Lower<'_>, name: &str| fields.get(name).and_then(|node| lower.text(node));
    let duration =
        |lower: &mut Lower<'_>, name: &str| fields.get(name).and_then(|node| lower.duration(node));
    let names = |lower: &mut Lower<'_>, name: &str| {
        fields
            .get(name)
            .map(|node| lower.names(node))
            .unwrap_or_default()
    };
    let steps = |lower: &mut Lower<'_>, name: &str| {
        fields
            .get(name)
            .map(|node| lower.steps(node))
            .unwrap_or_default()
    };
    let edges = fields.get("edges").map(|node| {
        let items = lower.list(node, "a list of edges");
        items.iter().filter_map(|item| lower.edge(item)).collect()
    });
    let scenario = Scenario {
        span: fields
            .get("scenario")
            .map_or_else(|| node.span.clone(), |node| node.span.clone()),
        id: fields
            .get("id")
            .and_then(|node| lower.slug(node))
            .unwrap_or_default(),
        title: title.clone().unwrap_or_default(),
        description: text(lower, "description"),
        tags: fields
            .get("tags")
            .map(|node| lower.texts(node))
            .unwrap_or_default(),
        owner: text(lower, "owner"),
        issue: text(lower, "issue"),
        edges: edges.unwrap_or_default(),
        timeout: duration(lower, "timeout"),
        step_timeout: duration(lower, "step_timeout"),
        retries: fields
            .get("retries")
            .and_then(|node| lower.count(node, 0, 5)),
        exclusive: names(lower, "exclusive"),
        skip: fields.get("skip").and_then(|node| lower.skip(node)),
        shop: fields
            .get("shop")
            .map(|node| lower.values(node, "a mapping of variables to values"))
            .unwrap_or_default(),
        secrets: names(lower, "secrets"),
        vars: fields
            .get("vars")
            .map(|node| lower.variables(node))
            .unwrap_or_default(),
        table: fields
            .get("table")
            .map(|node| lower.table(node))
            .unwrap_or_default(),
        uses: fields
            .get("use")
            .map(|node| lower.uses(node))
            .unwrap_or_default(),
        steps: steps(lower, "steps"),
        finally: steps(lower, "finally"),
        fixtures: Arc::default(),
    };
    lower.check_secrets(&scenario, node);
    title.map(|_| scenario)
}

/// Lowers a document with `fixtures:`.
pub(crate) fn document_fixtures(node: &Node, lower: &mut Lower<'_>) -> Vec<Fixture> {
    let entries = node.as_map().unwrap_or_default();
    for (key, _) in entries.iter().filter(|(key, _)| key.text != "fixtures") {
        lower.unknown_key(key, "a document of fixtures", ["fixtures"]);
    }
    let Some(fixtures) = node.get("fixtures") else {
        return Vec::new();
    };
    let fixtures = lower.entries(fixtures, "a mapping of names to fixtures");
    fixtures
        .iter()
        .filter_map(|(key, node)| lower.fixture(key, node))
        .collect()
}

impl Lower<'_> {
    fn fixture(&mut self, key: &Key, node: &Node) -> Option<Fixture> {
        let is_name = self.key_name(key);
        let fields = self.fields(node, &format!("the fixture `{}`", key.text), FIXTURE)?;
        let scopes = [
            ("scenario", FixtureScope::Scenario),
            ("worker", FixtureScope::Worker),
            ("run", FixtureScope::Run),
        ];
        let fixture = Fixture {
            span: key.span.clone(),
            name: key.text.clone(),
            scope: fields
                .get("scope")
                .and_then(|node| self.choice(node, &scopes))
                .unwrap_or_default(),
            args: fields
                .get("args")
                .map(|node| self.arguments(node))
                .unwrap_or_default(),
            vars: fields
                .get("vars")
                .map(|node| self.variables(node))
                .unwrap_or_default(),
            steps: fields
                .get("steps")
                .map(|node| self.steps(node))
                .unwrap_or_default(),
            outputs: fields
                .get("outputs")
                .map(|node| self.outputs(node))
                .unwrap_or_default(),
            teardown: fields
                .get("teardown")
                .map(|node| self.steps(node))
                .unwrap_or_default(),
        };
        is_name.then_some(fixture)
    }

    fn skip(&mut self, node: &Node) -> Option<Skip> {
        if node.as_map().is_none() {
            let reason = self.text_as(node, "text: the reason, or a mapping")?;
            return Some(Skip {
                reason,
                until: None,
                when: None,
            });
        }
        let fields = self.fields(node, "`skip`", SKIP)?;
        let reason = fields.get("reason").and_then(|node| self.text(node));
        let until = fields.get("until").and_then(|node| self.day(node));
        let when = fields.get("when").map(|node| self.value(node));
        Some(Skip {
            reason: reason?,
            until,
            when,
        })
    }

    fn check_secrets(&mut self, scenario: &Scenario, node: &Node) {
        for name in &scenario.secrets {
            let is_declared = scenario.vars.iter().any(|variable| variable.name == *name);
            if is_declared {
                continue;
            }
            let place = node.get("secrets").map_or(&node.span, |node| &node.span);
            let known = scenario.vars.iter().map(|variable| variable.name.as_str());
            let message = format!("`secrets` names `{name}`, and `vars` has no such variable");
            let mut diagnostic = place.error(code::UNKNOWN_NAME, message);
            diagnostic.help = crate::suggest::suggestion(name, known.collect::<Vec<_>>());
            self.diagnostics.push(diagnostic);
        }
    }
}
