//! `styk env`: what a shop has to be told to meet the fakes that run.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use styk_core::Diagnostic;
use url::Url;

use super::fakes::chosen;
use crate::args::EnvArguments;
use crate::exit::Exit;
use crate::output::say;
use crate::trouble::Trouble;

/// How long a fake that runs may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// One variable, as a fake's control API gives it.
#[derive(Deserialize)]
struct Told {
    name: String,
    value: String,
}

pub(crate) async fn env(arguments: EnvArguments) -> Result<Exit, Trouble> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(LIMIT)
        .build()
        .map_err(|error| Trouble::own(Diagnostic::error(error.to_string())))?;
    let must_run = !arguments.at.is_empty() || !arguments.providers.is_empty();
    let mut variables = Vec::new();
    for base in places(&arguments)? {
        match ask(&client, &base).await {
            Ok(told) => variables.extend(told),
            Err(cause) if must_run => return Err(silent(&base, &cause)),
            // Those that do not run are not asked for by name.
            Err(_) => {}
        }
    }
    if variables.is_empty() {
        let diagnostic = Diagnostic::error("no fake runs at its usual port");
        return Err(Trouble::not_ready(diagnostic.help(
            "start them with `styk fakes`; `--at URL` asks fakes at other addresses",
        )));
    }
    say(&written(&variables, &arguments))?;
    Ok(Exit::OK)
}

fn places(arguments: &EnvArguments) -> Result<Vec<Url>, Trouble> {
    if !arguments.at.is_empty() {
        return Ok(arguments.at.clone());
    }
    let kinds = chosen(&arguments.providers)?;
    let places = kinds
        .iter()
        .map(|kind| format!("http://127.0.0.1:{}/", kind.port).parse());
    let places: Result<_, url::ParseError> = places.collect();
    places.map_err(|error| Trouble::own(Diagnostic::error(error.to_string())))
}

async fn ask(client: &reqwest::Client, base: &Url) -> Result<Vec<Told>, String> {
    let address = base
        .join("/_styk/variables")
        .map_err(|error| error.to_string())?;
    let answer = client.get(address).send().await;
    let answer = answer.map_err(|error| innermost(&error))?;
    if !answer.status().is_success() {
        return Err(format!("it answers {}", answer.status()));
    }
    answer
        .json()
        .await
        .map_err(|_| "what answers there is no fake of styk".to_owned())
}

/// The cause that tells most: `Connection refused`.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn silent(base: &Url, cause: &str) -> Trouble {
    let diagnostic = Diagnostic::error(format!("no fake answers at {base}: {cause}"));
    Trouble::not_ready(diagnostic.help("start it with `styk fakes`"))
}

fn written(variables: &[Told], arguments: &EnvArguments) -> String {
    if arguments.json {
        let all = variables.iter();
        let all: Map<String, Value> = all
            .map(|variable| (variable.name.clone(), Value::from(variable.value.as_str())))
            .collect();
        return Value::Object(all).to_string();
    }
    let line = |variable: &Told| {
        if arguments.dotenv {
            format!("{}={}", variable.name, variable.value)
        } else {
            let quoted = variable.value.replace('\'', r"'\''");
            format!("export {}='{quoted}'", variable.name)
        }
    };
    variables.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(dotenv: bool, json: bool) -> EnvArguments {
        EnvArguments {
            providers: Vec::new(),
            at: Vec::new(),
            shell: !dotenv && !json,
            dotenv,
            json,
        }
    }

    #[test]
    fn values_survive_the_shell() {
        let variables = [Told {
            name: "KEY".to_owned(),
            value: "it's $HOME".to_owned(),
        }];
        let shell = written(&variables, &arguments(false, false));
        assert_eq!(shell, r"export KEY='it'\''s $HOME'");
        assert_eq!(
            written(&variables, &arguments(true, false)),
            "KEY=it's $HOME"
        );
        let json = written(&variables, &arguments(false, true));
        assert_eq!(json, r#"{"KEY":"it's $HOME"}"#);
    }
}
