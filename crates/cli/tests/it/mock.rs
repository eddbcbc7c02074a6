//! The command line and the settings of `styk mock`.

use crate::support::{Folder, Running};

/// The port of a mock that was told to take a free one.
fn port(mock: &mut Running) -> String {
    let line = mock.line_with("started on port: ");
    let port = line.rsplit(' ').next().unwrap_or_default().to_owned();
    assert_ne!(port, "1080", "the default, not the setting");
    port
}

#[test]
fn the_port_comes_from_every_source() {
    let file = ("mockserver.properties", "mockserver.serverPort = 0\n");
    let named = ("other.properties", "mockserver.serverPort:0");
    for (files, arguments, variable) in [
        (vec![], vec!["mock", "run", "-p", "0"], None),
        (
            vec![],
            vec!["mock", "-serverPort=0", "-logLevel", "SEVERE"],
            None,
        ),
        (vec![], vec!["mock", "-Dmockserver.serverPort=0"], None),
        (vec![], vec!["mock"], Some("SERVER_PORT")),
        (vec![], vec!["mock"], Some("MOCKSERVER_SERVER_PORT")),
        (vec![file], vec!["mock"], None),
        (
            vec![named],
            vec!["mock", "--property-file", "other.properties"],
            None,
        ),
    ] {
        let folder = Folder::new(&files);
        let mut command = folder.command(&arguments);
        if let Some(variable) = variable {
            command.env(variable, "0");
        }
        port(&mut Running::of(command));
    }
}

#[test]
fn several_ports_have_a_line_each() {
    let folder = Folder::new(&[]);
    let mut mock = folder.start(&["mock", "-serverPort", "0,0"]);
    assert_ne!(port(&mut mock), port(&mut mock));
}

#[test]
fn the_authority_is_made_in_its_folder_when_it_is_shown() {
    let folder = Folder::new(&[]);
    let arguments = [
        "mock",
        "-p",
        "0",
        "--proxy-setup",
        "-Dmockserver.directoryToSaveDynamicSSLCertificate=trust",
    ];
    let mut mock = folder.start(&arguments);
    port(&mut mock);
    let line = mock.line_with("export SSL_CERT_FILE=");
    assert!(
        line.ends_with("CertificateAuthorityCertificate.pem"),
        "{line}"
    );
    let public = folder
        .path()
        .join("trust/CertificateAuthorityCertificate.pem");
    let public = std::fs::read_to_string(public).expect("the certificate");
    assert!(public.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!public.contains("PRIVATE"));
}

#[test]
fn mistakes_in_settings_are_wrong_usage_with_their_places() {
    let folder = Folder::new(&[(
        "mockserver.properties",
        "# limits\nmockserver.maxExpectations=many\n",
    )]);
    let said = folder.styk(&[
        "mock",
        "-p",
        "0",
        "-l",
        "LOUD",
        "-D",
        "mockserver.metricsEnabled=1",
    ]);
    assert_eq!(said.exit, Some(2), "{said:?}");
    for part in [
        "mockserver.properties:2: maxExpectations: expected a whole number, got `many`",
        "--log-level: logLevel: expected TRACE, DEBUG",
        "-Dmockserver.metricsEnabled: metricsEnabled: expected true or false, got `1`",
        "3 errors",
    ] {
        assert!(said.stderr.contains(part), "{part} in {}", said.stderr);
    }
    assert_eq!(said.stdout, "");
}

#[test]
fn settings_that_change_nothing_are_told() {
    let folder = Folder::new(&[]);
    let mut command = folder.command(&[
        "mock",
        "-serverPort",
        "0",
        "-Dmockserver.maxLogEntrys=5",
        "-Dmockserver.nioEventLoopThreadCount=2",
    ]);
    command.env("MOCKSERVER_LOGLEVEL", "WARN");
    let mut mock = Running::of(command);
    port(&mut mock);
    mock.signal("TERM");
    let said = mock.end();
    assert_eq!(said.exit, Some(0), "{said:?}");
    for part in [
        "did you mean `mockserver.maxLogEntries`?",
        "did you mean `MOCKSERVER_LOG_LEVEL`?",
        "nioEventLoopThreadCount has no effect",
    ] {
        assert!(said.stderr.contains(part), "{part} in {}", said.stderr);
    }
}

#[test]
fn the_health_of_a_server_is_an_exit_code() {
    let folder = Folder::new(&[]);
    let mut mock = folder.start(&["mock", "-p", "0"]);
    let port = port(&mut mock);
    let url = format!("http://127.0.0.1:{port}");
    for arguments in [
        ["mock", "health", "--port", &port],
        ["mock", "health", "--url", &url],
    ] {
        let said = folder.styk(&arguments);
        assert_eq!(
            (said.exit, said.stdout.as_str()),
            (Some(0), "ready\n"),
            "{said:?}"
        );
    }
    let mut command = folder.command(&["mock", "health"]);
    let output = command.env("MOCKSERVER_SERVER_PORT", &port).output();
    assert_eq!(output.expect("styk runs").status.code(), Some(0));

    mock.signal("TERM");
    assert_eq!(mock.end().exit, Some(0));
    let said = folder.styk(&["mock", "health", "--port", &port]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    assert!(said.stderr.contains("is not ready"), "{said:?}");
    let said = folder.styk(&["mock", "health", "--url", "https://127.0.0.1"]);
    assert_eq!(said.exit, Some(2), "{said:?}");
}

#[test]
fn the_log_can_be_json() {
    let folder = Folder::new(&[]);
    let mut mock = folder.start(&["mock", "-p", "0", "--log-format", "json"]);
    let port = port(&mut mock);
    let url = format!("http://127.0.0.1:{port}/nowhere");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let answer = runtime.block_on(reqwest::get(url)).expect("an answer");
    assert_eq!(answer.status(), 404);
    mock.signal("TERM");
    let said = mock.end();
    assert!(!said.stderr.is_empty(), "the unmatched request is logged");
    for line in said.stderr.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(
            entry["level"].is_string() && entry["message"].is_string(),
            "{line}"
        );
    }
}

#[test]
fn commands_of_the_original_that_are_not_there_say_so() {
    let folder = Folder::new(&[]);
    for line in [
        vec!["mock", "ui", "-p", "1080"],
        vec!["mock", "import", "expectations.json", "-p", "1080"],
        vec!["mock", "demo"],
    ] {
        let said = folder.styk(&line);
        assert_eq!(said.exit, Some(2), "{said:?}");
        assert!(
            said.stderr
                .contains(&format!("`{}` is not in styk", line[1])),
            "{said:?}"
        );
    }
    let said = folder.styk(&["mock", "version"]);
    assert_eq!(said.exit, Some(0));
    assert!(said.stdout.contains(env!("CARGO_PKG_VERSION")), "{said:?}");
}
