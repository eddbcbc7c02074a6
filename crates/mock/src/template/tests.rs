//! What the tests of all engines share, and the tests of what the engines share.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rand::SeedableRng as _;

use super::*;
use crate::json::parse_strict;

const BODY: &str = r#"{"a": {"b": [1, 2.50, "x"]}, "t": true, "z": 0, "zf": 0.0, "e": "", "o": {}, "n": null, "zs": "0",
    "l": [], "l2": [{"a": 1, "b": "x y"}, {"a": 2}], "ll": [[1, 2], [3]], "o2": {"k": [1, {"x": null}], "d": 1.0}}"#;

/// A request with something of everything.
pub(super) fn scope() -> Scope {
    let request = request_variables(&RequestParts {
        method: "POST",
        path: "/some/path/42",
        path_parameters: &[("id", "42")],
        query: &[
            ("q", "a b"),
            ("q", "c"),
            ("n", "1"),
            ("a.b", "dot"),
            ("size", "sz"),
        ],
        headers: &[
            ("Host", "h:1"),
            ("X-Two", "one"),
            ("X-Two", "two"),
            ("x-low", "v<&\"'`=/>"),
        ],
        cookies: &[("sid", "s1")],
        body: BODY,
        keep_alive: true,
        ..RequestParts::default()
    });
    Scope {
        variables: Object::from([("request".to_owned(), request)]),
        now: "2026-11-25T22:55:33.597718842Z"
            .parse()
            .expect("an instant"),
        random: RefCell::new(StdRng::seed_from_u64(1)),
    }
}

#[derive(Debug, Default)]
struct States(Mutex<BTreeMap<String, String>>);

impl ScenarioStates for States {
    fn state(&self, scenario: &str) -> String {
        let states = self.0.lock().expect("a lock");
        states
            .get(scenario)
            .map_or("Started", String::as_str)
            .to_owned()
    }

    fn set_state(&self, scenario: &str, state: &str) {
        let mut states = self.0.lock().expect("a lock");
        states.insert(scenario.to_owned(), state.to_owned());
    }
}

/// JSONPath with names alone, and an XPath that finds its own text.
pub(super) fn tools() -> Tools {
    Tools {
        json_path: |text, path| {
            let path = path.strip_prefix("$").ok_or("no path")?;
            let mut value = parse_strict(text).map_err(|error| error.to_string())?;
            for name in path.split('.').skip(1) {
                value = match value {
                    Json::Object(mut fields) => fields.swap_remove(name).unwrap_or(Json::Null),
                    _ => Json::Null,
                };
            }
            Ok(value)
        },
        xpath: |_, expression| match expression {
            "/(" => Err("no path".to_owned()),
            expression => Ok(format!("<{expression}>")),
        },
        scenarios: Arc::new(States::default()),
    }
}

#[test]
fn objects_that_need_tools_get_them() {
    let (scope, tools) = (scope(), tools());
    let call = |object: &str, method: &str, arguments: &[&str]| {
        let arguments: Vec<_> = arguments.iter().map(|text| Json::text(*text)).collect();
        tools.call(&scope, object, method, &arguments)
    };
    assert_eq!(
        call("jsonPath", "find", &["$.t"]),
        Some(Ok(Json::Bool(true)))
    );
    assert_eq!(call("jsonPath", "find", &["t"]), Some(Ok(Json::Null)));
    assert_eq!(call("xPath", "find", &["/a"]), Some(Ok(Json::text("</a>"))));
    assert_eq!(
        call("xpath", "evaluate", &["<a/>", "/a"]),
        Some(Ok(Json::text("</a>")))
    );
    assert_eq!(
        call("xpath", "evaluate", &["<a/>", "/("]),
        Some(Ok(Json::text("")))
    );
    assert_eq!(
        call("scenario", "get", &["s"]),
        Some(Ok(Json::text("Started")))
    );
    assert_eq!(
        call("scenario", "set", &["s", "S2"]),
        Some(Ok(Json::text("")))
    );
    assert_eq!(
        call("scenario", "matches", &["s", "S2"]),
        Some(Ok(Json::Bool(true)))
    );
    assert_eq!(call("strings", "trim", &[" a "]), Some(Ok(Json::text("a"))));
}

#[test]
fn every_helper_object_prints_something() {
    let (scope, tools) = (scope(), tools());
    for object in helpers::names() {
        let printed = tools.call(&scope, object, "toString", &[]);
        assert!(matches!(printed, Some(Ok(Json::Text(_)))), "{object}");
    }
    assert_eq!(
        scope.call("dates", "toString", &[]),
        Some(Ok(Json::text("2026-11-25T22:55:33.597718842Z")))
    );
    assert_eq!(scope.call("nope", "toString", &[]), None);
}

#[test]
fn a_template_knows_its_language() {
    let (scope, tools) = (scope(), tools());
    for (engine, text) in [
        (
            Engine::Mustache,
            "{'statusCode': 200, 'body': '{{request.method}}'}",
        ),
        (
            Engine::JavaScript,
            "return \"{'statusCode': 200, 'body': '\" + request.method + \"'}\"",
        ),
    ] {
        let template = Template::compile(engine, text).expect("a template");
        let expected = Ok("{'statusCode': 200, 'body': 'POST'}".to_owned());
        assert_eq!(template.render(&scope, &tools), expected);
    }
}
