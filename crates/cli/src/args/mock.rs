//! The command line of `styk mock`: MockServer's, in its older and its newer spelling, and some options of our own.

use std::ffi::{OsStr, OsString};

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};

/// `styk mock`
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "MockServer's older spelling works too:
  styk mock -serverPort 1080,1081 -logLevel INFO -proxyRemoteHost api.example.com -proxyRemotePort 80

All settings, for -D, property files and the environment: docs/mock-settings.md"
)]
pub(crate) struct MockArguments {
    #[command(subcommand)]
    pub(crate) command: Option<MockCommand>,

    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// What to do with a mock server.
#[derive(Debug, Subcommand)]
pub(crate) enum MockCommand {
    /// Run a server; this is what happens without a command too
    Run(Box<RunArguments>),
    /// Run a server that forwards what it has no expectation for
    Proxy {
        /// Where to forward to: host, host:port, or an URL without a path
        #[arg(long, value_name = "HOST[:PORT]")]
        to: String,
        #[command(flatten)]
        validation: ValidationArguments,
        #[command(flatten)]
        server: ServerArguments,
    },
    /// Run a server with expectations for an OpenAPI description
    Openapi {
        /// The description: a file or an URL
        #[arg(value_name = "SPEC")]
        spec: String,
        #[command(flatten)]
        server: ServerArguments,
    },
    /// Ask a running server whether it is ready: 0 when it is, 3 when it is not
    Health(HealthArguments),
    /// Print the version
    Version,
    /// Not in styk
    #[command(hide = true)]
    Ui(Unheard),
    /// Not in styk
    #[command(hide = true)]
    Import(Unheard),
    /// Not in styk
    #[command(hide = true)]
    Demo(Unheard),
}

/// The arguments of a command that is not there.
#[derive(Args, Debug)]
pub(crate) struct Unheard {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _arguments: Vec<String>,
}

/// `styk mock run`
#[derive(Args, Debug, Default)]
pub(crate) struct RunArguments {
    /// Files of expectations to begin with: a name, or a pattern such as 'mocks/**/*.json'
    #[arg(long, value_name = "FILES")]
    pub(crate) init: Option<String>,

    /// An OpenAPI description to begin with expectations for: a file or an URL
    #[arg(long, value_name = "SPEC")]
    pub(crate) openapi: Option<String>,

    /// Follow changes of these files
    #[arg(long)]
    pub(crate) watch: bool,

    /// Keep the expectations in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) persist: Option<String>,

    /// Forward what has no expectation to another server
    #[arg(long, value_name = "HOST[:PORT]", conflicts_with_all = ["proxy_remote_host", "proxy_remote_port"])]
    pub(crate) proxy_to: Option<String>,

    /// The older spelling of `--proxy-to`
    #[arg(long, value_name = "HOST", hide = true)]
    pub(crate) proxy_remote_host: Option<String>,

    /// The older spelling of `--proxy-to`
    #[arg(long, value_name = "PORT", hide = true)]
    pub(crate) proxy_remote_port: Option<String>,

    /// Print how to use the server as a proxy for HTTPS, with a certificate authority of its own
    #[arg(long)]
    pub(crate) proxy_setup: bool,

    #[command(flatten)]
    pub(crate) validation: ValidationArguments,

    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// How forwarded requests are checked.
#[derive(Args, Debug, Default)]
pub(crate) struct ValidationArguments {
    /// Check forwarded requests and their answers against an OpenAPI description
    #[arg(long, value_name = "SPEC")]
    pub(crate) validate_openapi: Option<String>,

    /// Refuse what fails this check, instead of only logging it
    #[arg(long)]
    pub(crate) validate_enforce: bool,
}

/// What every command that runs a server knows.
#[derive(Args, Debug, Default)]
pub(crate) struct ServerArguments {
    /// The port, or several with commas between; 0 takes a free one [default: 1080]
    #[arg(long, short, visible_alias = "server-port", value_name = "PORTS")]
    pub(crate) port: Option<String>,

    /// The address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Option<String>,

    /// How much to log: TRACE, DEBUG, INFO, WARN, ERROR or OFF [default: INFO]
    #[arg(long, short, value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,

    /// How to log
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Whose behaviour to follow where versions of MockServer differ: 5.15 or 8.0 [default: 8.0]
    #[arg(long, value_name = "VERSION")]
    pub(crate) compat: Option<String>,

    /// Say this version in the header `version` of control answers; Java clients compare it with their own
    #[arg(long, value_name = "VERSION")]
    pub(crate) version_header: Option<String>,

    /// Keep fewer expectations and log entries
    #[arg(long)]
    pub(crate) dev: bool,

    /// A property file [default: mockserver.properties, where there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) property_file: Option<Utf8PathBuf>,

    /// Any setting, such as -Dmockserver.maxLogEntries=500; may come several times
    #[arg(short = 'D', value_name = "KEY=VALUE", value_parser = definition)]
    pub(crate) definitions: Vec<(String, String)>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// `styk mock health`
#[derive(Args, Debug)]
pub(crate) struct HealthArguments {
    /// Where the server is, such as http://127.0.0.1:1080
    #[arg(long, value_name = "URL", conflicts_with = "port")]
    pub(crate) url: Option<String>,

    /// Its port on this machine [default: that of the settings a server would start with]
    #[arg(long, short, value_name = "PORT")]
    pub(crate) port: Option<u16>,
}

/// `key=value`; a key alone has an empty value, as it has for Java.
fn definition(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    if key.is_empty() {
        return Err("a key and a value are expected, such as mockserver.logLevel=INFO".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// MockServer's older options, and ours for them.
const OLDER: [(&str, &str); 4] = [
    ("-serverPort", "--port"),
    ("-logLevel", "--log-level"),
    ("-proxyRemotePort", "--proxy-remote-port"),
    ("-proxyRemoteHost", "--proxy-remote-host"),
];

/// MockServer's older options as ours, for `styk mock` alone.
pub(crate) fn translated(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let after_mock = arguments.iter().position(|argument| argument == "mock");
    let after_mock = after_mock.map_or(arguments.len(), |place| place + 1);
    for argument in arguments.iter_mut().skip(after_mock) {
        if let Some(ours) = translation(argument) {
            *argument = ours;
        }
    }
    arguments
}

/// Upper and lower case do not matter, and `=` may stand before the value.
fn translation(argument: &OsStr) -> Option<OsString> {
    let text = argument.to_str()?;
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let (_, ours) = OLDER
        .iter()
        .find(|(theirs, _)| theirs.eq_ignore_ascii_case(name))?;
    Some(match value {
        Some(value) => format!("{ours}={value}").into(),
        None => (*ours).into(),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use clap::error::ErrorKind;

    use super::*;
    use crate::args::{Arguments, Command};

    fn parse(line: &str) -> Result<MockArguments, clap::Error> {
        let words = line.split(' ').map(OsString::from);
        match Arguments::try_parse_from(translated(words))?.command {
            Command::Mock(mock) => Ok(*mock),
            other => panic!("the mock command, not {other:?}"),
        }
    }

    fn run(line: &str) -> RunArguments {
        let arguments = parse(line).expect("a command line");
        match arguments.command {
            None => arguments.run,
            Some(MockCommand::Run(run)) => *run,
            Some(other) => panic!("run, not {other:?}"),
        }
    }

    #[test]
    fn the_older_spelling_is_understood() {
        for line in [
            "styk mock -serverPort 1090,1091 -logLevel FINE -proxyRemotePort 80 -proxyRemoteHost a",
            "styk mock -SERVERPORT=1090,1091 -loglevel=FINE -proxyremoteport=80 -proxyRemotehost=a",
            "styk mock run -serverPort 1090,1091 -logLevel FINE -proxyRemotePort 80 -proxyRemoteHost a",
        ] {
            let run = run(line);
            assert_eq!(run.server.port.as_deref(), Some("1090,1091"), "{line}");
            assert_eq!(run.server.log_level.as_deref(), Some("FINE"), "{line}");
            assert_eq!(run.proxy_remote_port.as_deref(), Some("80"), "{line}");
            assert_eq!(run.proxy_remote_host.as_deref(), Some("a"), "{line}");
        }
    }

    #[test]
    fn the_newer_spelling_is_understood() {
        let run = run(
            "styk mock run -p 1080 -l WARN --init a.json --openapi b.yaml --persist c.json --proxy-to d:81 \
             --validate-openapi e.yaml --validate-enforce --watch --dev --proxy-setup -D mockserver.x=1 \
             -Dmockserver.y=2=3 -D mockserver.z",
        );
        assert_eq!(run.server.port.as_deref(), Some("1080"));
        assert_eq!(run.persist.as_deref(), Some("c.json"));
        assert!(run.watch && run.proxy_setup && run.server.dev && run.validation.validate_enforce);
        let definitions = [
            ("mockserver.x", "1"),
            ("mockserver.y", "2=3"),
            ("mockserver.z", ""),
        ];
        let expected = definitions.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(run.server.definitions, expected);
    }

    #[test]
    fn the_other_commands_are_understood() {
        let command = |line| {
            parse(line)
                .expect("a command line")
                .command
                .expect("a command")
        };
        let proxy = command("styk mock proxy --to https://api.example.com -p 1080");
        assert!(matches!(proxy, MockCommand::Proxy { to, .. } if to == "https://api.example.com"));
        let openapi = command("styk mock openapi petstore.yaml -p 1080");
        assert!(matches!(openapi, MockCommand::Openapi { spec, .. } if spec == "petstore.yaml"));
        assert!(matches!(command("styk mock version"), MockCommand::Version));
        assert!(matches!(
            command("styk mock demo -p 1080 --x y"),
            MockCommand::Demo(_)
        ));
    }

    #[test]
    fn wrong_command_lines_are_refused() {
        for (line, kind) in [
            ("styk mock -foo", ErrorKind::UnknownArgument),
            ("styk mock -serverPort", ErrorKind::InvalidValue),
            ("styk mock proxy", ErrorKind::MissingRequiredArgument),
            (
                "styk mock --proxy-to a -proxyRemotePort 1",
                ErrorKind::ArgumentConflict,
            ),
            ("styk mock -D =1", ErrorKind::ValueValidation),
            ("styk mock --port 1 run", ErrorKind::ArgumentConflict),
        ] {
            assert_eq!(
                parse(line).expect_err("a wrong line").kind(),
                kind,
                "{line}"
            );
        }
    }

    #[test]
    fn other_commands_are_left_alone() {
        let line = ["styk", "test", "-serverPort"].map(OsString::from);
        assert_eq!(translated(line.clone()), line);
    }
}
