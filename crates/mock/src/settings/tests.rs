//! The table through all its doors. The answers to changes are those of MockServer 8.0.0.

use std::collections::BTreeSet;

use test_case::test_case;

use super::*;

mod documentation;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    owned.collect()
}

/// Sources without a property file: the folder the tests run in must not matter.
fn sources() -> (tempfile::TempDir, SettingsSources) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mockserver.properties");
    std::fs::write(&file, "").expect("a file");
    let sources = SettingsSources {
        property_file: Some(file),
        ..SettingsSources::default()
    };
    (folder, sources)
}

fn write_file(sources: &SettingsSources, text: &str) {
    let file = sources.property_file.as_ref().expect("a property file");
    std::fs::write(file, text).expect("a file");
}

fn shown(settings: &Settings, name: &str) -> Option<Json> {
    match settings.to_json() {
        Json::Object(fields) => fields.get(name).cloned(),
        _ => None,
    }
}

fn answer_to(body: &str) -> String {
    let error = Settings::default().change_by(body).expect_err("a refusal");
    error.to_string()
}

#[test]
fn the_stronger_source_wins() {
    let (_folder, mut sources) = sources();
    sources.environment = pairs(&[
        ("MOCKSERVER_MAX_LOG_ENTRIES", "1"),
        ("MOCKSERVER_MAX_EXPECTATIONS", "1"),
        ("MOCKSERVER_LOG_LEVEL", "WARN"),
        ("MOCKSERVER_METRICS_ENABLED", "true"),
    ]);
    write_file(
        &sources,
        "mockserver.maxExpectations=2\nmockserver.logLevel: ERROR\nmockserver.corsAllowOrigin *\n",
    );
    sources.system = pairs(&[
        ("mockserver.logLevel", "TRACE"),
        ("mockserver.corsAllowOrigin", ""),
    ]);
    sources.options = vec![("--log-level", "logLevel", "fine".to_owned())];
    let LoadedSettings { settings, warnings } = sources.load().expect("settings");
    assert_eq!(warnings, []);
    assert_eq!(
        (settings.max_log_entries, settings.max_expectations),
        (1, 2)
    );
    assert_eq!(settings.log_level, LogLevel::Debug);
    assert_eq!(settings.cors_allow_origin, "*");
    assert!(settings.metrics_enabled);
}

#[test_case("MOCKSERVER_SERVER_PORT"; "with prefix")]
#[test_case("SERVER_PORT"; "without prefix")]
fn ports_come_from_the_environment(variable: &str) {
    let (_folder, mut sources) = sources();
    sources.environment = pairs(&[(variable, "1090, 1091")]);
    let settings = sources.load().expect("settings").settings;
    assert_eq!(settings.server_port, Ports(vec![1090, 1091]));
}

#[test_case(&[("SERVER_PORT", "1"), ("MOCKSERVER_SERVER_PORT", "2")]; "the usual variable last")]
#[test_case(&[("MOCKSERVER_SERVER_PORT", "2"), ("SERVER_PORT", "1")]; "the usual variable first")]
fn the_usual_variable_wins_in_any_order(environment: &[(&str, &str)]) {
    let (_folder, mut sources) = sources();
    sources.environment = pairs(environment);
    let settings = sources.load().expect("settings").settings;
    assert_eq!(settings.server_port, Ports(vec![2]));
}

#[test]
fn older_names_are_understood() {
    let (_folder, mut sources) = sources();
    sources.system = pairs(&[("mockserver.maxSocketTimeout", "5")]);
    sources.environment = pairs(&[("MOCKSERVER_MAX_FUTURE_TIMEOUT", "7")]);
    let settings = sources.load().expect("settings").settings;
    let read = (
        settings.max_socket_timeout_in_millis,
        settings.max_future_timeout_in_millis,
    );
    assert_eq!(read, (5, 7));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let (_folder, mut sources) = sources();
    write_file(&sources, "# limits\nmockserver.maxExpectations=many\n");
    sources.environment = pairs(&[("MOCKSERVER_METRICS_ENABLED", "maybe")]);
    sources.system = pairs(&[
        ("mockserver.maxLogEntries", "-1"),
        ("mockserver.dataPlaneAuthenticationRequired", "true"),
    ]);
    let errors = sources.load().expect_err("mistakes");
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts[0],
        "MOCKSERVER_METRICS_ENABLED: metricsEnabled: expected true or false, got `maybe`"
    );
    assert!(texts[1].ends_with(
        "mockserver.properties:2: maxExpectations: expected a whole number, got `many`"
    ));
    assert_eq!(
        texts[2],
        "-Dmockserver.maxLogEntries: maxLogEntries: expected a number from 0 to 1000000, got `-1`"
    );
    assert!(
        texts[3].contains("dataPlaneAuthenticationRequired: styk does not have this protection")
    );
    assert_eq!(texts.len(), 4);
}

#[test]
fn what_changes_nothing_is_told() {
    let (_folder, mut sources) = sources();
    write_file(
        &sources,
        "mockserver.maxLogEntrys=5\nlogLevel=INFO\nmockserver.ringBufferSize=9",
    );
    sources.environment = pairs(&[
        ("MOCKSERVER_MAX_LOGENTRIES", "5"),
        ("MOCKSERVER_CONTROL_PLANE_TLS_PRIVATE_KEY_PATH", "key.pem"),
        ("MOCKSERVER_PORT_1080_TCP_ADDR", "10.0.0.1"),
        ("MOCKSERVER_SERVICE_HOST", "10.0.0.1"),
        ("PATH", "/bin"),
    ]);
    let warnings = sources.load().expect("settings").warnings;
    let texts: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts[0],
        "MOCKSERVER_MAX_LOGENTRIES: there is no setting `MOCKSERVER_MAX_LOGENTRIES`"
    );
    assert!(
        texts[1].contains("controlPlanePrivateKeyPath has no effect"),
        "{}",
        texts[1]
    );
    assert!(texts[2].ends_with(":1: there is no setting `maxLogEntrys`"));
    assert!(texts[3].ends_with(":2: there is no setting `logLevel`"));
    assert!(
        texts[4]
            .ends_with(":3: ringBufferSize has no effect: there is no JVM and no Netty to tune")
    );
    assert_eq!(texts.len(), 5);
}

#[test]
fn a_property_file_that_was_named_has_to_be_there() {
    let (folder, mut sources) = sources();
    sources.property_file = None;
    let missing = folder
        .path()
        .join("missing.properties")
        .display()
        .to_string();
    for place in ["system", "environment"] {
        let mut sources = sources.clone();
        match place {
            "system" => sources.system = pairs(&[("mockserver.propertyFile", &missing)]),
            _ => sources.environment = pairs(&[("MOCKSERVER_PROPERTY_FILE", &missing)]),
        }
        let errors = sources.load().expect_err("no such file");
        assert!(
            matches!(errors.as_slice(), [SettingsError::Unreadable { .. }]),
            "{errors:?}"
        );
    }
}

#[test]
fn developers_get_lower_limits_unless_they_set_them() {
    let (_folder, mut sources) = sources();
    sources.system = pairs(&[
        ("mockserver.devMode", "true"),
        ("mockserver.maxLogEntries", "5"),
    ]);
    let settings = sources.load().expect("settings").settings;
    assert_eq!(
        (settings.max_expectations, settings.max_log_entries),
        (1000, 5)
    );
}

#[test_case("", "argument \"content\" is null"; "nothing")]
#[test_case("{", INVALID; "no JSON")]
#[test_case("null", INVALID; "null")]
#[test_case("[]", INVALID; "an array")]
#[test_case("{maxLogEntries:'abc'}", INVALID; "no number")]
#[test_case("{maxLogEntries:'5.7'}", INVALID; "a fraction as text")]
#[test_case("{maxLogEntries:true}", INVALID; "a truth for a number")]
#[test_case("{maxLogEntries:99999999999}", INVALID; "too large for Java")]
#[test_case("{maxLogEntries:-3}", "maxLogEntries must be between 0 and 1000000, got: -3"; "too small")]
#[test_case("{maxExpectations:-1}", "maxExpectations must be between 0 and 100000, got: -1"; "another range")]
#[test_case("{metricsEnabled:'yes'}", INVALID; "no truth")]
#[test_case("{metricsEnabled:0.0}", INVALID; "a fraction for a truth")]
#[test_case("{corsAllowOrigin:['a']}", INVALID; "an array for a text")]
#[test_case("{sslSubjectAlternativeNameIps:[1,'b',null]}", INVALID; "null in a list")]
#[test_case("{logLevel:'debug'}", "Invalid logLevel: \"debug\", valid values are TRACE, DEBUG, INFO, WARN, ERROR"; "no level")]
#[test_case("{forwardHttpProxy:'nope'}", "Invalid host:port format: \"nope\", expected format \"host:port\""; "no port")]
#[test_case("{forwardSocksProxy:'a:70000'}", "port out of range:70000"; "no such port")]
#[test_case(
    "{forwardProxyTLSX509CertificatesTrustManagerType:'zz'}",
    "Invalid forwardProxyTLSX509CertificatesTrustManagerType: \"zz\""; "no such trust"
)]
fn refused_changes_are_answered_as_the_original_answers(body: &str, expected: &str) {
    assert_eq!(answer_to(body), expected);
}

#[test_case("{maxLogEntries:'77'}", "maxLogEntries", "77"; "a number as text")]
#[test_case("{maxLogEntries:5.7}", "maxLogEntries", "5"; "a fraction is cut off")]
#[test_case("{maxLogEntries:null}", "maxLogEntries", "100000"; "null says nothing")]
#[test_case("{maxLogEntries:''}", "maxLogEntries", "100000"; "an empty text is no number")]
#[test_case("{metricsEnabled:'TRUE'}", "metricsEnabled", "true"; "a truth as text")]
#[test_case("{metricsEnabled:1}", "metricsEnabled", "true"; "a truth as number")]
#[test_case("{METRICSENABLED:true}", "metricsEnabled", "true"; "another case")]
#[test_case("{metricsEnabled:true} x", "metricsEnabled", "true"; "text behind")]
#[test_case("{corsAllowOrigin:5}", "corsAllowOrigin", "\"5\""; "a number for a text")]
#[test_case("{corsAllowOrigin:true}", "corsAllowOrigin", "\"true\""; "a truth for a text")]
#[test_case(
    "{sslSubjectAlternativeNameDomains:'a,b'}",
    "sslSubjectAlternativeNameDomains", "[ \"a,b\" ]"; "one text for a list"
)]
#[test_case("{forwardHttpProxy:'127.0.0.1:80'}", "forwardHttpProxy", "\"127.0.0.1:80\""; "an address")]
fn changes_are_read_as_the_original_reads_them(body: &str, name: &str, expected: &str) {
    let change = Settings::default().change_by(body).expect("a change");
    let value = shown(&change.settings, name).expect("shown");
    assert_eq!(crate::json::pretty(&value), expected);
}

#[test]
fn a_change_with_one_mistake_changes_nothing_and_unknown_names_are_passed_over() {
    assert_eq!(
        answer_to("{metricsEnabled:true, maxLogEntries:'x'}"),
        INVALID
    );
    let change = Settings::default()
        .change_by("{fooBar:1, ringBufferSize:2}")
        .expect("a change");
    assert_eq!(change.settings, Settings::default());
    assert_eq!(change.warnings.len(), 2);
}

#[test]
fn secrets_can_be_set_and_are_never_shown() {
    let body = "{proxyAuthenticationPassword:'swordfish'}";
    let settings = Settings::default()
        .change_by(body)
        .expect("a change")
        .settings;
    assert_eq!(settings.proxy_authentication_password.reveal(), "swordfish");
    let origins = crate::json::pretty(&settings.to_origins_json());
    for text in [
        format!("{settings:?}"),
        crate::json::pretty(&settings.to_json()),
        origins.clone(),
    ] {
        assert!(!text.contains("swordfish"), "{text}");
    }
    assert!(origins.contains("***REDACTED***") && origins.contains("runtime-set"));
}

#[test]
fn the_origins_are_told() {
    let (_folder, mut sources) = sources();
    sources.system = pairs(&[("mockserver.logLevel", "FINE")]);
    let settings = sources.load().expect("settings").settings;
    let origins = crate::json::pretty(&settings.to_origins_json());
    let set = "{\n    \"name\" : \"mockserver.logLevel\",\n    \"value\" : \"DEBUG\",\n    \"source\" : \"system-property\"\n  }";
    let unset = "\"name\" : \"mockserver.maxLogEntries\",\n    \"value\" : \"(default)\",\n    \"source\" : \"default\"";
    for part in [set, unset] {
        let part = part.replace("\n    ", "\n  ").replace("\n  }", "\n}");
        assert!(origins.contains(&part), "{part}\n{origins}");
    }
}

#[test]
fn a_default_configuration_shows_no_settings_without_a_value() {
    let settings = Settings::default();
    for name in [
        "forwardHttpProxy",
        "globalResponseDelayMillis",
        "logLevelOverrides",
        "proxyPass",
        "proxyRemotePort",
        "serverPort",
        "proxyAuthenticationPassword",
    ] {
        assert_eq!(shown(&settings, name), None, "{name}");
    }
    assert_eq!(
        shown(&settings, "maxRequestBodySize"),
        Some(Json::number(10_485_760))
    );
    let Json::Object(fields) = settings.to_json() else {
        panic!("an object");
    };
    assert!(fields.keys().is_sorted());
}

#[test_case("X-A=1", &[("X-A", "1")]; "one")]
#[test_case(" X-A = 1 | X-B=2 ", &[("X-A", "1"), ("X-B", "2")]; "several, with blanks")]
#[test_case("X-A=1|x-a=2", &[("X-A", "1")]; "the first of equal names")]
#[test_case("X-A=a=b", &[("X-A", "a=b")]; "an equals sign in the value")]
#[test_case("X-A=1||X-C=", &[("X-A", "1"), ("X-C", "")]; "empty parts and values")]
#[test_case("X-A: 1|=1|X A=1", &[]; "no headers")]
#[test_case("X-A=1\nX-D: 2", &[("X-A", "1X-D: 2")]; "a line break")]
fn default_headers_are_read_as_the_original_reads_them(text: &str, expected: &[(&str, &str)]) {
    let settings = Settings {
        default_response_headers: text.to_owned(),
        ..Settings::default()
    };
    assert_eq!(settings.response_headers(), pairs(expected));
}

#[test]
fn the_remote_server_is_what_was_set_of_it() {
    let remote = |body| {
        Settings::default()
            .change_by(body)
            .expect("a change")
            .settings
            .remote()
    };
    assert_eq!(remote("{}"), None);
    let address = |host: &str, port| {
        Some(HostPort {
            host: host.to_owned(),
            port,
        })
    };
    assert_eq!(remote("{proxyRemotePort:81}"), address("localhost", 81));
    assert_eq!(remote("{proxyRemoteHost:'a'}"), address("a", 80));
    assert_eq!(
        remote("{proxyRemoteHost:'a',proxyRemoteSecure:true}"),
        address("a", 443)
    );
}

#[test]
fn every_default_reads_back_and_no_name_or_variable_stands_for_two_settings() {
    let mut seen = BTreeSet::new();
    for key in KEYS {
        let mut settings = Settings::default();
        if let Some(json) = (key.write)(&settings) {
            (key.read_json)(&mut settings, &json, &key.range)
                .unwrap_or_else(|_| panic!("{}", key.name));
        }
        let text = (key.text)(&settings);
        if !text.is_empty() {
            (key.read_text)(&mut settings, &text, &key.range)
                .unwrap_or_else(|_| panic!("{}", key.name));
        }
        assert_eq!(settings, Settings::default(), "{}", key.name);
        let names = key.variables().into_iter().chain([key.name.to_owned()]);
        for name in names.chain(key.alias.map(str::to_owned)) {
            assert!(
                ignored::find(&name).is_none() && ignored::named_by(&name).is_none(),
                "{name}"
            );
            assert!(seen.insert(name.clone()), "{name} twice");
        }
    }
}
