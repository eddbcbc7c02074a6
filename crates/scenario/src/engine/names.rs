//! The variables that a step reads.

use std::collections::BTreeSet;

use crate::ast::{
    Body, Check, CheckKind, Condition, HttpCall, Loop, PartContent, StatusCheck, Step, Verb,
    WaitSubject,
};
use crate::{Matcher, ValueTemplate};

/// The names of the lists that steps collect into, also of the steps inside them.
pub(super) fn collected(steps: &[Step]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for step in steps {
        names.extend(step.collect.iter().map(|capture| capture.name.as_str()));
        match &step.verb {
            Verb::Group { steps, .. } | Verb::Block(steps) => names.extend(collected(steps)),
            Verb::Parallel(parallel) => names.extend(collected(&parallel.steps)),
            _ => {}
        }
    }
    names
}

/// The names in everything the step itself renders or compares; steps inside it are not looked at.
pub(super) fn of_step(step: &Step) -> Vec<&str> {
    let mut names = Names::default();
    names.template(step.when.as_ref());
    if let Some(Loop::Each { items, .. }) = &step.repeat {
        names.template(Some(items));
    }
    for expectation in step.expect.iter().chain(&step.abort_if) {
        expectation
            .checks
            .iter()
            .for_each(|check| names.check(check));
    }
    match &step.verb {
        Verb::Http(call) => names.call(call),
        Verb::Use(fixture) => names.templates(fixture.with.iter().map(|binding| &binding.value)),
        Verb::Mock(setup) => names.template(Some(&setup.expectation)),
        Verb::Fake(act) => {
            names.template(Some(&act.target));
            names.template(act.with.as_ref());
        }
        Verb::Fault(setup) => {
            names.template(Some(&setup.target));
            for template in [&setup.operation, &setup.entity, &setup.params] {
                names.template(template.as_ref());
            }
        }
        Verb::Verify(verify) => {
            names.conditions(&verify.conditions);
            names.matcher(verify.count.as_ref());
        }
        Verb::Wait(wait) => {
            names.conditions(&wait.conditions);
            if let WaitSubject::Webhook(webhook) = &wait.subject {
                names.template(webhook.from.as_ref());
                names.matcher(webhook.event.as_ref());
            }
        }
        Verb::Check(check) => {
            names.template(Some(&check.value));
            names.matcher(Some(&check.matcher));
        }
        Verb::Set(bindings) => names.templates(bindings.iter().map(|binding| &binding.value)),
        Verb::Log(text) => names.template(Some(text)),
        Verb::Group { name, .. } => names.template(Some(name)),
        Verb::Sleep(_) | Verb::Parallel(_) | Verb::Block(_) => {}
    }
    names.found
}

#[derive(Debug, Default)]
struct Names<'a> {
    found: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn template(&mut self, template: Option<&'a ValueTemplate>) {
        let names = template.into_iter().flat_map(ValueTemplate::names);
        self.found.extend(names.map(|(name, _)| name));
    }

    fn templates(&mut self, templates: impl IntoIterator<Item = &'a ValueTemplate>) {
        for template in templates {
            self.template(Some(template));
        }
    }

    fn matcher(&mut self, matcher: Option<&'a Matcher>) {
        let names = matcher.into_iter().flat_map(Matcher::names);
        self.found.extend(names.map(|(name, _)| name));
    }

    fn conditions(&mut self, conditions: &'a [Condition]) {
        for condition in conditions {
            self.matcher(Some(&condition.matcher));
        }
    }

    fn check(&mut self, check: &'a Check) {
        match &check.kind {
            CheckKind::Status(StatusCheck::Matches(matcher))
            | CheckKind::Body(matcher)
            | CheckKind::Text(matcher)
            | CheckKind::Path { matcher, .. }
            | CheckKind::Header { matcher, .. }
            | CheckKind::Cookie { matcher, .. } => self.matcher(Some(matcher)),
            CheckKind::Status(StatusCheck::OneOf(_)) | CheckKind::Time(_) => {}
        }
    }

    /// A session is left out: it reads what the request itself captures.
    fn call(&mut self, call: &'a HttpCall) {
        self.templates([&call.method, &call.target]);
        let bindings = call.headers.iter().chain(&call.query);
        self.templates(bindings.map(|binding| &binding.value));
        match &call.body {
            Some(Body::Json(template) | Body::Text(template) | Body::File(template)) => {
                self.template(Some(template));
            }
            Some(Body::Form(fields)) => {
                self.templates(fields.iter().map(|binding| &binding.value));
            }
            Some(Body::Multipart(parts)) => {
                for part in parts {
                    match &part.content {
                        PartContent::Value(template) => self.template(Some(template)),
                        PartContent::File {
                            path,
                            filename,
                            media_type,
                        } => {
                            self.template(Some(path));
                            self.template(filename.as_ref());
                            self.template(media_type.as_ref());
                        }
                    }
                }
            }
            None => {}
        }
    }
}
