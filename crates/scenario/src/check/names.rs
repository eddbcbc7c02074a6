//! Names, in the order of playing: unknown ones, and those that hide another.

use std::collections::{BTreeSet, HashMap};

use super::Surroundings;
use super::bound::{Bound, BoundKind};
use super::walk::{each_step, inner_steps};
use crate::Diagnostics;
use crate::ast::{
    Binding, Body, CheckKind, Expectation, Fixture, HttpCall, Loop, PartContent, Scenario, Session,
    StatusCheck, Step, Use, Verb, WaitSubject,
};
use crate::codes::code;
use crate::suggest::suggestion;
use crate::tree::Span;
use crate::value::{FUNCTIONS, Matcher, ValueTemplate};

/// Walks one scenario or fixture.
pub(super) struct NameCheck<'a, 'd> {
    around: Surroundings<'a>,
    diagnostics: &'d mut Diagnostics,
    bound: Vec<Bound<'a>>,
    actors: Vec<&'a str>,
    /// The columns of the table, when there is one.
    columns: Option<BTreeSet<String>>,
    /// Where captures will be bound, for names that are used too early.
    later: HashMap<&'a str, &'a Span>,
}

impl<'a, 'd> NameCheck<'a, 'd> {
    pub(super) fn new(around: Surroundings<'a>, diagnostics: &'d mut Diagnostics) -> Self {
        let stage = ["stage", "run", "env"].map(|name| Bound {
            name,
            kind: BoundKind::Stage,
            span: None,
        });
        Self {
            around,
            diagnostics,
            bound: stage.to_vec(),
            actors: vec![HttpCall::ANONYMOUS],
            columns: None,
            later: HashMap::new(),
        }
    }

    pub(super) fn scenario(&mut self, scenario: &'a Scenario) {
        for row in &scenario.table {
            self.template(&row.value);
        }
        if let Some(first) = scenario.table.first() {
            self.bind("row", Some(&first.span), BoundKind::Row);
            self.columns = columns(scenario);
        }
        if let Some(when) = scenario.skip.as_ref().and_then(|skip| skip.when.as_ref()) {
            self.template(when);
        }
        for variable in &scenario.shop {
            self.template(&variable.value);
        }
        self.note_captures(scenario.steps.iter().chain(&scenario.finally));
        self.variables(&scenario.vars);
        for used in &scenario.uses {
            self.use_fixture(used);
        }
        self.steps(&scenario.steps);
        self.steps(&scenario.finally);
    }

    pub(super) fn fixture(&mut self, fixture: &'a Fixture) {
        for argument in &fixture.args {
            if let Some(default) = &argument.default {
                self.template(default);
            }
            self.bind(&argument.name, Some(&argument.span), BoundKind::Variable);
        }
        self.note_captures(fixture.steps.iter().chain(&fixture.teardown));
        self.variables(&fixture.vars);
        self.steps(&fixture.steps);
        self.bindings(&fixture.outputs);
        self.steps(&fixture.teardown);
    }

    fn note_captures(&mut self, steps: impl Iterator<Item = &'a Step>) {
        for step in steps {
            each_step(step, &mut |step| {
                for capture in step.capture.iter().chain(&step.collect) {
                    self.later.entry(&capture.name).or_insert(&capture.span);
                }
                if let Verb::Set(bindings) = &step.verb {
                    for binding in bindings {
                        self.later.entry(&binding.name).or_insert(&binding.span);
                    }
                }
            });
        }
    }

    fn variables(&mut self, variables: &'a [Binding]) {
        for variable in variables {
            self.template(&variable.value);
            self.bind(&variable.name, Some(&variable.span), BoundKind::Variable);
        }
    }

    fn steps(&mut self, steps: &'a [Step]) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &'a Step) {
        for template in step.when.iter() {
            self.template(template);
        }
        let loops = self.open_loop(step);
        if let Some(name) = &step.name {
            self.template(name);
        }
        self.verb(step);
        for expectation in step.expect.iter().chain(&step.abort_if) {
            self.expectation(expectation);
        }
        for capture in step.capture.iter().chain(&step.collect) {
            self.bind(&capture.name, Some(&capture.span), BoundKind::Capture);
        }
        if let Verb::Http(call) = &step.verb {
            self.session(call);
        }
        self.close_loop(loops);
    }

    /// Binds loop variables, and gives their names.
    fn open_loop(&mut self, step: &'a Step) -> Vec<&'a str> {
        let mut names: Vec<(&'a str, &'a Span)> = Vec::new();
        match &step.repeat {
            Some(Loop::Each { name, span, items }) => {
                self.template(items);
                names.extend([(name.as_str(), span), ("index", span)]);
            }
            Some(Loop::Times(_)) => names.extend([("item", &step.span), ("index", &step.span)]),
            None => {}
        }
        if matches!(&step.verb, Verb::Parallel(parallel) if parallel.times.is_some()) {
            names.push(("index", &step.span));
        }
        for (name, span) in &names {
            self.bind(name, Some(*span), BoundKind::Loop);
        }
        names.into_iter().map(|(name, _)| name).collect()
    }

    /// Loop variables end with the loop; what was captured inside stays.
    fn close_loop(&mut self, names: Vec<&'a str>) {
        for name in names.into_iter().rev() {
            let place = self
                .bound
                .iter()
                .rposition(|bound| bound.name == name && bound.kind == BoundKind::Loop);
            if let Some(place) = place {
                self.bound.remove(place);
            }
        }
    }

    fn verb(&mut self, step: &'a Step) {
        match &step.verb {
            Verb::Http(call) => self.http(call),
            Verb::Use(used) => self.use_fixture(used),
            Verb::Mock(mock) => self.template(&mock.expectation),
            Verb::Fake(act) => {
                self.template(&act.target);
                act.with.iter().for_each(|with| self.template(with));
            }
            Verb::Fault(setup) => {
                self.template(&setup.target);
                let told = [&setup.operation, &setup.entity, &setup.params];
                told.into_iter()
                    .flatten()
                    .for_each(|told| self.template(told));
            }
            Verb::Verify(verify) => {
                verify
                    .conditions
                    .iter()
                    .for_each(|condition| self.matcher(&condition.matcher));
                verify.count.iter().for_each(|count| self.matcher(count));
            }
            Verb::Wait(wait) => {
                wait.conditions
                    .iter()
                    .for_each(|condition| self.matcher(&condition.matcher));
                if let WaitSubject::Webhook(webhook) = &wait.subject {
                    webhook.from.iter().for_each(|from| self.template(from));
                    webhook.event.iter().for_each(|event| self.matcher(event));
                }
            }
            Verb::Check(check) => {
                self.template(&check.value);
                self.matcher(&check.matcher);
            }
            Verb::Set(bindings) => {
                for binding in bindings {
                    self.template(&binding.value);
                    self.bind(&binding.name, Some(&binding.span), BoundKind::Capture);
                }
            }
            Verb::Log(text) => self.template(text),
            Verb::Group { name, .. } => {
                self.template(name);
                self.steps(inner_steps(step));
            }
            Verb::Parallel(parallel) if parallel.times.is_none() => {
                self.branches(inner_steps(step));
            }
            Verb::Parallel(_) | Verb::Block(_) => self.steps(inner_steps(step)),
            Verb::Sleep(_) => {}
        }
    }

    /// Steps side by side: what one binds, the others do not see; afterwards everything is there.
    fn branches(&mut self, steps: &'a [Step]) {
        let start = self.bound.len();
        let mut bound_inside = Vec::new();
        for step in steps {
            self.step(step);
            bound_inside.extend(self.bound.split_off(start));
        }
        self.bound.extend(bound_inside);
    }

    fn use_fixture(&mut self, used: &'a Use) {
        self.bindings(&used.with);
        self.bind(
            &used.alias,
            Some(&used.span),
            BoundKind::Fixture(&used.fixture),
        );
        let has_session = self
            .around
            .fixtures
            .get(&used.fixture)
            .is_none_or(|fixture| opens_session(fixture));
        if has_session {
            self.actors.push(&used.alias);
        }
    }

    fn http(&mut self, call: &'a HttpCall) {
        self.template(&call.method);
        self.template(&call.target);
        self.bindings(&call.headers);
        self.bindings(&call.query);
        match &call.body {
            Some(Body::Json(value) | Body::Text(value) | Body::File(value)) => self.template(value),
            Some(Body::Form(fields)) => self.bindings(fields),
            Some(Body::Multipart(parts)) => {
                for part in parts {
                    match &part.content {
                        PartContent::Value(value) => self.template(value),
                        PartContent::File {
                            path,
                            filename,
                            media_type,
                        } => {
                            self.template(path);
                            filename
                                .iter()
                                .chain(media_type)
                                .for_each(|value| self.template(value));
                        }
                    }
                }
            }
            None => {}
        }
        if let Some(actor) = &call.actor {
            self.actor(actor, call);
        }
    }

    fn actor(&mut self, actor: &'a str, call: &'a HttpCall) {
        if self.actors.contains(&actor) || self.around.maybe_bound.contains(actor) {
            return;
        }
        if call.session.is_some() {
            self.actors.push(actor);
            return;
        }
        let span = call.actor_span.as_ref().unwrap_or(call.target.span());
        let is_fixture = self
            .bound
            .iter()
            .any(|bound| bound.name == actor && matches!(bound.kind, BoundKind::Fixture(_)));
        let message = if is_fixture {
            format!("`{actor}` has no session: none of its steps says `session`")
        } else {
            format!("there is no actor `{actor}` here")
        };
        let mut diagnostic = span.error(code::UNKNOWN_ACTOR, message);
        diagnostic.help = suggestion(actor, self.actors.clone());
        self.diagnostics.push(diagnostic);
    }

    fn session(&mut self, call: &'a HttpCall) {
        match &call.session {
            Some(Session::Bearer(token)) => self.template(token),
            Some(Session::Basic { user, password }) => {
                self.template(user);
                self.template(password);
            }
            Some(Session::Headers(headers)) => self.bindings(headers),
            Some(Session::Cookies) | None => {}
        }
    }

    fn expectation(&mut self, expectation: &Expectation) {
        for check in &expectation.checks {
            match &check.kind {
                CheckKind::Status(StatusCheck::Matches(matcher))
                | CheckKind::Body(matcher)
                | CheckKind::Text(matcher)
                | CheckKind::Path { matcher, .. }
                | CheckKind::Header { matcher, .. }
                | CheckKind::Cookie { matcher, .. } => self.matcher(matcher),
                CheckKind::Status(StatusCheck::OneOf(_)) | CheckKind::Time(_) => {}
            }
        }
    }

    fn bindings(&mut self, bindings: &[Binding]) {
        for binding in bindings {
            self.template(&binding.value);
        }
    }

    fn template(&mut self, template: &ValueTemplate) {
        template
            .names()
            .for_each(|(name, span)| self.known(name, span));
    }

    fn matcher(&mut self, matcher: &Matcher) {
        matcher
            .names()
            .for_each(|(name, span)| self.known(name, span));
    }

    /// A name that is read.
    fn known(&mut self, name: &str, span: &Span) {
        let Some(bound) = self.bound.iter().rev().find(|bound| bound.name == name) else {
            if !self.around.maybe_bound.contains(name) {
                self.unknown(name, span);
            }
            return;
        };
        let Some(member) = member_behind(name, span) else {
            return;
        };
        let members: Vec<&str> = match bound.kind {
            BoundKind::Fixture(fixture) => match self.around.fixtures.get(fixture) {
                Some(fixture) => fixture
                    .outputs
                    .iter()
                    .map(|output| output.name.as_str())
                    .collect(),
                None => return,
            },
            BoundKind::Row => match &self.columns {
                Some(columns) => columns.iter().map(String::as_str).collect(),
                None => return,
            },
            _ => return,
        };
        if members.contains(&member) {
            return;
        }
        let what = match bound.kind {
            BoundKind::Row => "column",
            _ => "output",
        };
        let message = format!("`{name}` has no {what} `{member}`");
        let place = Span::new(
            span.source(),
            span.range().start..span.range().end + 1 + member.len(),
        );
        let mut diagnostic = place.error(code::UNKNOWN_NAME, message);
        diagnostic.help = suggestion(member, members);
        self.diagnostics.push(diagnostic);
    }

    fn unknown(&mut self, name: &str, span: &Span) {
        let mut diagnostic = span.error(code::UNKNOWN_NAME, format!("there is no `{name}` here"));
        if let Some(later) = self.later.get(name) {
            diagnostic =
                diagnostic.note(format!("it gets its value later, in line {}", later.line()));
        } else if FUNCTIONS.contains(&name) {
            diagnostic.help = Some(format!("`{name}` is a function: write `${{{name}(…)}}`"));
        } else if name == "row" {
            diagnostic.help = Some("`row` needs a `table`".to_owned());
        } else if name == "item" || name == "index" {
            diagnostic.help = Some(format!("`{name}` exists inside `each` and `repeat`"));
        } else {
            let mut names: Vec<&str> = self.bound.iter().map(|bound| bound.name).collect();
            names.sort_unstable();
            names.dedup();
            diagnostic.help = suggestion(name, names);
        }
        self.diagnostics.push(diagnostic);
    }

    /// A name that is given.
    fn bind(&mut self, name: &'a str, span: Option<&'a Span>, kind: BoundKind<'a>) {
        let hidden = self.bound.iter().find(|bound| bound.name == name);
        let may_hide = name == "index"
            || hidden.is_some_and(|hidden| {
                hidden.kind == BoundKind::Capture && kind == BoundKind::Capture
            });
        if let (Some(span), false) = (span, may_hide) {
            if FUNCTIONS.contains(&name) {
                let diagnostic = span
                    .error(
                        code::SHADOWED,
                        format!("`{name}` is a function of expressions"),
                    )
                    .help("take another name");
                self.diagnostics.push(diagnostic);
            } else if let Some(hidden) = hidden {
                let diagnostic = shadowed(name, span, hidden, kind);
                self.diagnostics.push(diagnostic);
            }
        }
        if !(may_hide && hidden.is_some() && kind == BoundKind::Capture) {
            self.bound.push(Bound { name, kind, span });
        }
    }
}

fn shadowed(
    name: &str,
    span: &Span,
    hidden: &Bound<'_>,
    kind: BoundKind<'_>,
) -> styk_core::Diagnostic {
    let message = format!("`{name}` hides {} of the same name", hidden.kind.words());
    let mut diagnostic = span.error(code::SHADOWED, message);
    if let Some(first) = hidden.span {
        diagnostic = diagnostic.note(format!("it is bound in line {}", first.line()));
    }
    let help = match kind {
        BoundKind::Fixture(_) => "give this one another name with `as`",
        BoundKind::Loop => "name the loop variable: `each: {other: [...]}`",
        _ => "take another name",
    };
    diagnostic.help(help)
}

/// `email` in `buyer.email`, when the span is that of the root in the file, and no method is called.
fn member_behind<'s>(root: &str, span: &'s Span) -> Option<&'s str> {
    if span.text() != root {
        return None;
    }
    let rest = span
        .source()
        .text()
        .get(span.range().end..)?
        .strip_prefix('.')?;
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    let member = rest.get(..end)?;
    let is_called = rest.get(end..).is_some_and(|rest| rest.starts_with('('));
    (!member.is_empty() && !is_called).then_some(member)
}

/// A fixture whose own steps say `session` is an actor.
fn opens_session(fixture: &Fixture) -> bool {
    let mut opens = false;
    for step in &fixture.steps {
        each_step(step, &mut |step| {
            if let Verb::Http(call) = &step.verb {
                opens |= call.session.is_some();
            }
        });
    }
    opens
}

/// The columns that every row has.
fn columns(scenario: &Scenario) -> Option<BTreeSet<String>> {
    let mut common: Option<BTreeSet<String>> = None;
    for row in &scenario.table {
        let columns: BTreeSet<String> = row.columns.iter().cloned().collect();
        common = Some(match common {
            None => columns,
            Some(common) => common.union(&columns).cloned().collect(),
        });
    }
    common
}
