use http::Uri;
use test_case::test_case;

use super::*;

fn resources(strategy: IdStrategy, first: &str) -> Resources {
    let Ok(Json::Array(first)) = parse_strict(first) else {
        panic!("a list");
    };
    let objects = first.into_iter().filter_map(|item| match item {
        Json::Object(object) => Some(object),
        _ => None,
    });
    let resources = Resources::new(Seed::new(1));
    let resource = Resource::new("/u/", "id".to_owned(), strategy, objects.collect());
    resources.add(resource).expect("room");
    resources
}

fn send(resources: &Resources, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let request = Request::new(
        method.parse().expect("a method"),
        path.parse::<Uri>().expect("a path"),
        Headers::new(),
        Bytes::from(body.to_owned()),
    );
    let answer = resources.answer(&request)?;
    let text = String::from_utf8(answer.body.to_vec()).expect("text");
    Some((answer.status.as_u16(), text))
}

#[test]
fn items_are_created_read_changed_and_deleted() {
    let resources = resources(IdStrategy::AutoIncrement, "[]");
    let send = |method, path, body| send(&resources, method, path, body).expect("an answer");
    let is = |status, text: &str| (status, text.to_owned());
    assert_eq!(send("GET", "/u", ""), is(200, "[]"));
    assert_eq!(
        send("POST", "/u", r#"{"id":7,"p":0.00}"#),
        is(201, r#"{"id":1,"p":0.00}"#)
    );
    assert_eq!(
        send("POST", "/u?x=1", r#"{"n":"b"}"#),
        is(201, r#"{"n":"b","id":2}"#)
    );
    assert_eq!(
        send("PUT", "/u/1", r#"{"n":"A"}"#),
        is(200, r#"{"n":"A","id":1}"#)
    );
    assert_eq!(
        send("PATCH", "/u/1", r#"{"x":null,"id":9}"#),
        is(200, r#"{"n":"A","id":1,"x":null}"#)
    );
    assert_eq!(
        send("GET", "/u/1/", ""),
        is(200, r#"{"n":"A","id":1,"x":null}"#)
    );
    assert_eq!(send("DELETE", "/u/1", ""), is(204, ""));
    assert_eq!(
        send("DELETE", "/u/1", ""),
        is(404, r#"{"error":"not found"}"#)
    );
    assert_eq!(send("GET", "/u/", ""), is(200, r#"[{"n":"b","id":2}]"#));
}

#[test_case("POST", "/u", "", 400, r#"{"error":"request body is required"}"#)]
#[test_case("POST", "/u", "[1]", 400, r#"{"error":"invalid request body"}"#)]
#[test_case("PUT", "/u/9", "nope", 400, r#"{"error":"invalid request body"}"#)]
#[test_case("PATCH", "/u/9", "{}", 404, r#"{"error":"not found"}"#)]
#[test_case("GET", "/u/z", "", 200, r#"{"id":"z"}"#)]
#[test_case("POST", "/u", "{}", 201, r#"{"id":6}"#)]
fn answers(method: &str, path: &str, body: &str, status: u16, text: &str) {
    let resources = resources(
        IdStrategy::AutoIncrement,
        r#"[{"id":5},{"n":1},{"id":"z"}]"#,
    );
    let answer = send(&resources, method, path, body);
    assert_eq!(answer, Some((status, text.to_owned())));
}

#[test_case("PUT", "/u")]
#[test_case("POST", "/u/7")]
#[test_case("GET", "/u/7/x")]
#[test_case("GET", "/U")]
#[test_case("GET", "/ux")]
#[test_case("HEAD", "/u")]
fn the_rest_is_left_to_expectations(method: &str, path: &str) {
    let resources = resources(IdStrategy::AutoIncrement, "[]");
    assert_eq!(send(&resources, method, path, "{}"), None);
}

#[test]
fn ids_may_be_uuids() {
    let resources = resources(IdStrategy::Uuid, "[]");
    let (_, first) = send(&resources, "POST", "/u", "{}").expect("an answer");
    let (_, second) = send(&resources, "POST", "/u", "{}").expect("an answer");
    assert_eq!(first.len(), r#"{"id":""}"#.len() + 36);
    assert_ne!(first, second);
}

#[test]
fn what_resources_hold_is_bounded() {
    let resources = resources(IdStrategy::AutoIncrement, "[]");
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(BYTES_MAX / 2));
    assert_eq!(
        send(&resources, "POST", "/u", &large).map(|(status, _)| status),
        Some(201)
    );
    assert_eq!(
        send(&resources, "POST", "/u", &large).map(|(status, _)| status),
        Some(507)
    );
    assert_eq!(
        send(&resources, "PUT", "/u/1", "{}").map(|(status, _)| status),
        Some(200)
    );
    assert_eq!(
        send(&resources, "POST", "/u", &large).map(|(status, _)| status),
        Some(201)
    );
}
