//! From the command line, `-D`, the property file and the environment to the settings of a server.

use styk_core::Diagnostic;
use styk_mock::{Place, Settings, SettingsSources, SettingsWarning};
use styk_scenario::suggest;
use url::Url;

use crate::args::RunArguments;
use crate::output::tell;
use crate::trouble::Trouble;

/// One option that was given: its spelling, its setting, its value.
type Given = (&'static str, &'static str, String);

/// The settings to start with. What changes nothing is told on standard error.
pub(super) fn of(arguments: &RunArguments, colour: bool) -> Result<Settings, Trouble> {
    let server = &arguments.server;
    let sources = SettingsSources {
        options: options(arguments)?,
        system: server.definitions.clone(),
        property_file: server.property_file.clone().map(Into::into),
        environment: environment(),
    };
    let loaded = sources.load().map_err(|errors| {
        let diagnostics = errors
            .iter()
            .map(|error| Diagnostic::error(error.to_string()));
        Trouble::usage(diagnostics.collect())
    })?;
    let warnings: Vec<Diagnostic> = loaded.warnings.iter().map(warning).collect();
    tell(&warnings, colour);
    Ok(loaded.settings)
}

/// All variables of the environment whose names are text.
pub(super) fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            let value = value.to_string_lossy().into_owned();
            Some((name.into_string().ok()?, value))
        })
        .collect()
}

fn options(arguments: &RunArguments) -> Result<Vec<Given>, Diagnostic> {
    let server = &arguments.server;
    let validation = &arguments.validation;
    let texts = [
        ("--port", "serverPort", &server.port),
        ("--host", "localBoundIP", &server.host),
        ("--log-level", "logLevel", &server.log_level),
        ("--compat", "compat", &server.compat),
        ("--version-header", "versionHeader", &server.version_header),
        ("--init", "initializationJsonPath", &arguments.init),
        ("--openapi", "initializationOpenAPIPath", &arguments.openapi),
        ("--persist", "persistedExpectationsPath", &arguments.persist),
        (
            "--validate-openapi",
            "validateProxyOpenAPISpec",
            &validation.validate_openapi,
        ),
        (
            "-proxyRemoteHost",
            "proxyRemoteHost",
            &arguments.proxy_remote_host,
        ),
        (
            "-proxyRemotePort",
            "proxyRemotePort",
            &arguments.proxy_remote_port,
        ),
    ];
    let switches = [
        (
            "--persist",
            "persistExpectations",
            arguments.persist.is_some(),
        ),
        ("--watch", "watchInitializationJson", arguments.watch),
        ("--dev", "devMode", server.dev),
        ("--proxy-setup", "proxySetup", arguments.proxy_setup),
        (
            "--validate-enforce",
            "validateProxyEnforce",
            validation.validate_enforce,
        ),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(option, name, value)| Some((option, name, value.clone()?)));
    let switches = switches
        .into_iter()
        .filter(|(.., on)| *on)
        .map(|(option, name, _)| (option, name, "true".to_owned()));
    let mut given: Vec<Given> = texts.chain(switches).collect();
    if let Some(to) = &arguments.proxy_to {
        given.extend(remote(to)?);
    }
    Ok(given)
}

/// `host`, `host:port` or an URL without a path, as settings.
fn remote(text: &str) -> Result<[Given; 3], Diagnostic> {
    const OPTION: &str = "--proxy-to";
    let wrong = || {
        let message =
            format!("{OPTION}: expected a host, host:port or an URL without a path, got `{text}`");
        Diagnostic::error(message)
            .help("write `--proxy-to api.example.com:8080` or `--proxy-to https://api.example.com`")
    };
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    let url = url.map_err(|_| wrong())?;
    let secure = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return Err(wrong()),
    };
    let is_plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) if is_plain => Ok([
            (OPTION, "proxyRemoteHost", host.to_owned()),
            (OPTION, "proxyRemotePort", port.to_string()),
            (OPTION, "proxyRemoteSecure", secure.to_string()),
        ]),
        _ => Err(wrong()),
    }
}

fn warning(warning: &SettingsWarning) -> Diagnostic {
    let diagnostic = Diagnostic::warning(warning.to_string());
    let SettingsWarning::Unknown { name, place } = warning else {
        return diagnostic;
    };
    let near = match place {
        Place::Variable(_) => {
            let variables: Vec<String> = Settings::variables().collect();
            suggest(name, variables.iter().map(String::as_str)).map(str::to_owned)
        }
        _ if Settings::names().any(|known| known == name) => Some(format!("mockserver.{name}")),
        _ => suggest(name, Settings::names()).map(|near| format!("mockserver.{near}")),
    };
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_to_forward_to_is_read_from_hosts_and_urls() {
        for (text, host, port, secure) in [
            ("api.example.com", "api.example.com", "80", "false"),
            ("localhost:8080", "localhost", "8080", "false"),
            ("[::1]:8080", "[::1]", "8080", "false"),
            ("https://api.example.com", "api.example.com", "443", "true"),
            (
                "https://api.example.com:8443/",
                "api.example.com",
                "8443",
                "true",
            ),
        ] {
            let values = remote(text).expect("a server").map(|(.., value)| value);
            assert_eq!(values, [host, port, secure], "{text}");
        }
        for text in [
            "",
            "a/b",
            "ftp://a",
            "http://a/b",
            "http://u:p@a",
            "a:99999",
        ] {
            assert!(remote(text).is_err(), "{text}");
        }
    }

    #[test]
    fn unknown_settings_get_a_suggestion() {
        let unknown = |name: &str, place| {
            let name = name.to_owned();
            warning(&SettingsWarning::Unknown { name, place }).help
        };
        let system = || Place::SystemProperty("x".to_owned());
        let variable = Place::Variable("MOCKSERVER_LOGLEVEL".to_owned());
        let near = |text: &str| Some(format!("did you mean `{text}`?"));
        assert_eq!(
            unknown("maxLogEntrys", system()),
            near("mockserver.maxLogEntries")
        );
        assert_eq!(unknown("logLevel", system()), near("mockserver.logLevel"));
        assert_eq!(
            unknown("MOCKSERVER_LOGLEVEL", variable),
            near("MOCKSERVER_LOG_LEVEL")
        );
        assert_eq!(unknown("java.io.tmpdir", system()), None);
    }
}
