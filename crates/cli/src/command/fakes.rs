//! `styk fakes`: imitations of providers, until they are stopped.

use std::net::SocketAddr;

use serde_json::{Value, json};
use styk_core::{Clock, Diagnostic, Journal, Ledger};
use styk_fakes::kit::{Pauses, Subscription};
use styk_fakes::{Fake, FakeOptions, ProviderKind, providers};
use styk_scenario::suggest;

use crate::args::FakesArguments;
use crate::exit::Exit;
use crate::output::{log_as_asked, say};
use crate::signals::Signals;
use crate::trouble::Trouble;

pub(crate) async fn fakes(arguments: FakesArguments) -> Result<Exit, Trouble> {
    let mut signals = Signals::listen()?;
    log_as_asked()?;
    let kinds = chosen(&arguments.providers)?;
    let fakes = start(&kinds, &arguments).await?;
    if let Some(template) = &arguments.webhooks {
        subscribe(&fakes, template)?;
    }
    say(&if arguments.json {
        as_json(&fakes).to_string()
    } else {
        table(&fakes)
    })?;
    signals.next().await;
    futures_util::future::join_all(fakes.into_iter().map(Fake::stop)).await;
    Ok(Exit::OK)
}

/// The providers of these names; all when there are none.
pub(super) fn chosen(names: &[String]) -> Result<Vec<ProviderKind>, Trouble> {
    if names.is_empty() {
        return Ok(providers().to_vec());
    }
    let find = |name: &String| {
        let found = providers().iter().find(|kind| kind.name == name);
        found.copied().ok_or_else(|| unknown(name))
    };
    let found: Result<Vec<_>, _> = names.iter().map(find).collect();
    Ok(found?)
}

fn unknown(name: &str) -> Diagnostic {
    let known = || providers().iter().map(|kind| kind.name);
    let help = match suggest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known().collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(format!("there is no fake of `{name}`")).help(help)
}

async fn start(kinds: &[ProviderKind], arguments: &FakesArguments) -> Result<Vec<Fake>, Trouble> {
    let (journal, ledger) = (Journal::default(), Ledger::default());
    let mut fakes = Vec::with_capacity(kinds.len());
    for (place, kind) in (0_u16..).zip(kinds) {
        let port = match arguments.port {
            None => kind.port,
            Some(0) => 0,
            Some(first) => first.checked_add(place).ok_or_else(|| {
                Diagnostic::error(format!(
                    "there are no {} ports from {first} on",
                    kinds.len()
                ))
            })?,
        };
        let options = FakeOptions {
            bind: SocketAddr::new(arguments.host, port),
            clock: Clock::system(),
            seed: arguments.seed,
            journal: journal.clone(),
            ledger: ledger.clone(),
            pauses: match arguments.retries.as_str() {
                "real" => Pauses::Real(1.0),
                _ => Pauses::Short,
            },
            ..FakeOptions::default()
        };
        let started = Fake::start(*kind, options).await;
        fakes.push(started.map_err(|error| {
            let diagnostic = Diagnostic::error(error.to_string());
            Trouble::not_ready(
                diagnostic.help("stop what listens there, or choose: `--port 0` takes free ports"),
            )
        })?);
    }
    Ok(fakes)
}

fn subscribe(fakes: &[Fake], template: &str) -> Result<(), Trouble> {
    for fake in fakes {
        let subscription = Subscription {
            url: template.replace("{provider}", fake.name()),
            ..Subscription::default()
        };
        fake.subscribe(&subscription).map_err(|error| {
            Diagnostic::error(format!("--webhooks for {}: {error}", fake.name()))
                .help("write an address such as http://127.0.0.1:8000/api/webhooks/{provider}/")
        })?;
    }
    Ok(())
}

/// The credentials as people need them: test keys are no secrets.
fn table(fakes: &[Fake]) -> String {
    let width = fakes.iter().map(|fake| fake.name().len()).max();
    let width = width.unwrap_or_default();
    let mut lines = Vec::new();
    for fake in fakes {
        let base = fake.url().as_str().trim_end_matches('/');
        lines.push(format!(
            "{:width$}  {base}  (page: {base}/_styk/)",
            fake.name()
        ));
        for variable in fake.variables() {
            lines.push(format!(
                "{:width$}    {}={}",
                "", variable.name, variable.value
            ));
        }
    }
    lines.push(String::new());
    lines.push(
        "`styk env` in another terminal prints these for a shell; Ctrl-C ends them.".to_owned(),
    );
    lines.join("\n")
}

fn as_json(fakes: &[Fake]) -> Value {
    let fakes = fakes.iter().map(|fake| {
        let variables = fake.variables().into_iter();
        let env: serde_json::Map<String, Value> = variables
            .map(|variable| (variable.name.to_owned(), variable.value.into()))
            .collect();
        let base = fake.url().as_str().trim_end_matches('/');
        json!({
            "provider": fake.name(),
            "area": fake.area(),
            "url": base,
            "page": format!("{base}/_styk/"),
            "env": env,
        })
    });
    json!({"fakes": fakes.collect::<Vec<_>>()})
}
