//! Verbs: from their word to what they do.

use super::scalar::RESERVED;
use super::{Fields, Lower};
use crate::ast::{Binding, Parallel, Use, ValueCheck, Verb};
use crate::codes::code;
use crate::tree::{Key, Node, NodeValue};
use crate::words::{PARALLEL, VerbWord};

impl Lower<'_> {
    pub(super) fn verb(
        &mut self,
        word: &VerbWord,
        subject: &Node,
        fields: Fields<'_>,
    ) -> Option<Verb> {
        if matches!(subject.value, NodeValue::Null) && word.name != "check" {
            if !super::is_unwritten(subject) {
                self.wrong_type(subject, &word.subject.describe());
            }
            return None;
        }
        match word.name {
            "http" => self.http(subject, fields).map(Box::new).map(Verb::Http),
            "use" => self.use_step(subject, fields).map(Verb::Use),
            "mock" => self.mock(subject, fields).map(Verb::Mock),
            "fake" => self.fake(subject, fields).map(Verb::Fake),
            "fault" => self.fault(subject, fields).map(Box::new).map(Verb::Fault),
            "verify" => self.verify(subject, fields).map(Verb::Verify),
            "wait" => self.wait(subject, fields).map(Verb::Wait),
            "check" => Some(Verb::Check(Box::new(self.value_check(subject, fields)))),
            "set" => Some(Verb::Set(self.variables(subject))),
            "log" => self.template(subject).map(Verb::Log),
            "sleep" => {
                let warning = subject
                    .span
                    .warning(code::SLEEP, "a sleep makes tests slow and fragile")
                    .help(
                        "wait for what you need: `poll` asks until it holds, `wait: call` listens",
                    );
                self.diagnostics.push(warning);
                self.duration(subject).map(Verb::Sleep)
            }
            "parallel" => self.parallel(subject).map(Verb::Parallel),
            "group" => {
                let name = self.template(subject);
                let steps = fields.get("steps").map(|node| self.steps(node));
                Some(Verb::Group {
                    name: name?,
                    steps: steps?,
                })
            }
            _ => None,
        }
    }

    fn use_step(&mut self, subject: &Node, fields: Fields<'_>) -> Option<Use> {
        let fixture = self.name(subject);
        let with = fields.get("with").map(|node| self.variables(node));
        let alias = fields.get("as").map(|node| self.name(node));
        let fixture = fixture?;
        let alias = alias.unwrap_or_else(|| Some(fixture.clone()))?;
        Some(Use {
            span: subject.span.clone(),
            fixture,
            with: with.unwrap_or_default(),
            alias,
        })
    }

    /// `use:` of a scenario: `[buyer, {product: {price: 5}, as: mug}]`.
    pub(super) fn uses(&mut self, node: &Node) -> Vec<Use> {
        let items = self.list(node, "a list of fixtures");
        items
            .iter()
            .filter_map(|item| self.use_item(item))
            .collect()
    }

    fn use_item(&mut self, node: &Node) -> Option<Use> {
        let Some(entries) = node.as_map() else {
            let fixture = self.name(node)?;
            return Some(Use {
                span: node.span.clone(),
                alias: fixture.clone(),
                fixture,
                with: Vec::new(),
            });
        };
        let alias = match entries.iter().find(|(key, _)| key.text == "as") {
            Some((_, node)) => Some(self.name(node)?),
            None => None,
        };
        let fixtures: Vec<&(Key, Node)> =
            entries.iter().filter(|(key, _)| key.text != "as").collect();
        let [(key, arguments)] = fixtures.as_slice() else {
            let diagnostic = node
                .span
                .error(
                    code::WRONG_TYPE,
                    format!("expected one fixture, found {}", fixtures.len()),
                )
                .help("write `{buyer: {role: admin}, as: alice}`, and one entry for each fixture");
            self.diagnostics.push(diagnostic);
            return None;
        };
        self.key_name(key).then_some(())?;
        let with = match arguments.value {
            NodeValue::Null => Vec::new(),
            _ => self.variables(arguments),
        };
        Some(Use {
            span: key.span.clone(),
            fixture: key.text.clone(),
            with,
            alias: alias.unwrap_or_else(|| key.text.clone()),
        })
    }

    fn value_check(&mut self, subject: &Node, fields: Fields<'_>) -> ValueCheck {
        let expected = fields.entries.iter().find(|(key, _)| key.text == "is");
        let value = self.value(subject);
        let matcher_node = expected.map_or_else(
            || Node {
                span: subject.span.clone(),
                value: NodeValue::Bool(true),
            },
            |(_, node)| node.clone(),
        );
        ValueCheck {
            value,
            span: matcher_node.span.clone(),
            matcher: self.matcher(&matcher_node),
        }
    }

    fn parallel(&mut self, node: &Node) -> Option<Parallel> {
        let fields = self.fields(node, "`parallel`", PARALLEL)?;
        let times = fields.get("times").map(|node| self.count(node, 2, 256));
        let steps = fields.get("steps").map(|node| self.steps(node));
        Some(Parallel {
            times: times.unwrap_or(None),
            steps: steps?,
        })
    }

    /// The arguments of a fixture, each with its default or none.
    pub(super) fn arguments(&mut self, node: &Node) -> Vec<crate::ast::FixtureArg> {
        let entries = self.entries(node, "a mapping of names to defaults");
        let mut arguments = Vec::new();
        for (key, value) in entries {
            if !self.key_name(key) {
                continue;
            }
            let is_required = matches!(value.value, NodeValue::Null);
            arguments.push(crate::ast::FixtureArg {
                name: key.text.clone(),
                span: key.span.clone(),
                default: (!is_required).then(|| self.value(value)),
            });
        }
        arguments
    }

    /// Outputs may be called anything a name can be, also `index`.
    pub(super) fn outputs(&mut self, node: &Node) -> Vec<Binding> {
        let bindings = self.values(node, "a mapping of names to values");
        for binding in &bindings {
            let is_name =
                super::is_name(&binding.name) || RESERVED.contains(&binding.name.as_str());
            if !is_name {
                let message = format!("`{}` is no name", binding.name);
                self.error(&binding.span, code::BAD_NAME, message);
            }
        }
        bindings
    }
}
