//! Which requests an expectation answers: the traps that tests fall into.

use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{Mock, mock};

async fn expecting(request: Value) -> Mock {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": request, "httpResponse": {"statusCode": 200}}));
    mock
}

#[test_case(json!({"path": "/a.c"}), "/abc", 200; "a path is a pattern")]
#[test_case(json!({"path": "/A"}), "/a", 200; "case is ignored")]
#[test_case(json!({"path": "/some"}), "/some/more", 404; "the whole path counts")]
#[test_case(json!({"path": "/a b"}), "/a%20b", 404; "escapes are not decoded")]
#[test_case(json!({"path": "/a%20b"}), "/a%20b", 200; "escapes match themselves")]
#[test_case(json!({"path": "/a"}), "/a/", 404; "a slash at the end counts")]
#[test_case(json!({"path": "/a"}), "/a?x=1", 200; "the query is no part of the path")]
#[test_case(json!({"path": "a"}), "/a", 404; "a slash at the start counts")]
#[test_case(json!({"path": "/c/{id}"}), "/c/12", 404; "braces are literal")]
#[test_case(json!({"path": "/c/{id}", "pathParameters": {"id": ["[0-9]+"]}}), "/c/12/", 200; "braces with parameters are not")]
#[test_case(json!({"path": "/c/{id}", "pathParameters": {"id": ["[0-9]+"]}}), "/c/x", 404; "parameters are matched")]
#[test_case(json!({"path": "/c/{id}", "pathParameters": {"other": [".*"]}}), "/c/12", 404; "a parameter needs its place")]
#[test_case(json!({"path": "!/a"}), "/b", 200; "a notted path")]
#[test_case(json!({"path": "/orders/\\d+(?!0)x?"}), "/orders/12", 200; "look ahead")]
#[test_case(json!({"path": ""}), "/any", 200; "blank matches all")]
#[test_case(json!({"method": "P.*T"}), "/a", 404; "a method is a pattern")]
#[test_case(json!({"method": "!POST"}), "/a", 200; "a notted method")]
#[test_case(json!({"queryStringParameters": {"a": ["!1"]}}), "/?b=2", 404; "a notted value needs its key")]
#[test_case(json!({"queryStringParameters": {"!a": [".*"]}}), "/?b=2", 200; "a notted key is absent")]
#[test_case(json!({"queryStringParameters": {"a": "x y"}}), "/?A=x+y", 200; "queries are decoded")]
#[test_case(json!({"headers": {"X-Token": "a+b(c)"}}), "/", 404; "headers are needed")]
#[test_case(json!({"headers": {"!x-token": ".*"}}), "/", 200; "headers can be unwanted")]
#[test_case(json!({"secure": true}), "/", 404; "plain HTTP is not secure")]
#[test_case(json!({"keepAlive": true}), "/", 200; "keep alive")]
#[test_case(json!({"headers": {"Content-Length": ["0"]}}), "/", 200; "no body has a length too")]
#[test_case(json!({"method": "!"}), "/", 404; "not anything")]
#[test_case(json!({"if": {"path": "/a"}, "then": {"method": "POST"}}), "/a", 404; "a choice whose condition holds")]
#[test_case(json!({"if": {"path": "/a"}, "then": {"method": "POST"}}), "/b", 200; "a choice without the other branch")]
#[test_case(json!({"if": {"path": "/a"}, "else": {"method": "POST"}}), "/b", 404; "a choice whose condition fails")]
#[test_case(json!({"not": true, "if": {"path": "/a"}, "then": {"method": "POST"}}), "/a", 200; "a notted choice")]
#[test_case(json!({"path": "/a", "respondBeforeBody": true}), "/a", 200; "an early answer")]
#[tokio::test]
async fn a_get_is_answered(request: Value, target: &'static str, status: u16) {
    let mock = expecting(request).await;
    assert_eq!(mock.get(target).await.status, status);
}

#[test_case(json!("text"), "text", 200; "text")]
#[test_case(json!("text"), "TEXT", 404; "text minds its case")]
#[test_case(json!("!text"), "other", 200; "notted text")]
#[test_case(json!("?text"), "text", 200; "a mark of optional text is no part of it")]
#[test_case(json!("text"), "!other", 200; "a body is notted by its mark too")]
#[test_case(json!({"type": "REGEX", "regex": "t.*"}), "!text", 404; "a notted body and a pattern")]
#[test_case(json!({"type": "REGEX", "regex": "!"}), "text", 404; "not anything in a body")]
#[test_case(json!({"type": "STRING", "string": "ex", "subString": true}), "text", 200; "part of a text")]
#[test_case(json!({"type": "REGEX", "regex": "T.XT"}), "text", 200; "a regular expression")]
#[test_case(json!({"type": "REGEX", "regex": "ex"}), "text", 404; "over the whole body")]
#[test_case(json!({"a": 1}), "{\"b\":2,\"a\":1}", 200; "bare JSON is partial")]
#[test_case(json!({"a": 1}), "{\"a\":1.0}", 404; "an integer is no decimal")]
#[test_case(json!({"a": 1}), "{a: 1} rest", 200; "bodies are read leniently")]
#[test_case(json!({"a": 1}), "{\"a\":1", 404; "malformed JSON matches nothing")]
#[test_case(json!({"type": "JSON", "json": {"a": [1, 2]}}), "{\"a\":[2,1,3]}", 200; "partial arrays")]
#[test_case(json!({"type": "JSON", "json": "{'a':[1,2]}", "matchType": "STRICT"}), "{\"a\":[2,1]}", 404; "strict arrays")]
#[test_case(json!({"type": "JSON", "json": "{'a':[1,2]}", "matchType": "STRICT"}), " {\"a\" : [1,2]} ", 200; "strict ignores blanks")]
#[test_case(json!({"type": "JSON", "json": {"a": 1}, "not": true}), "{\"a\":2}", 200; "notted JSON")]
#[test_case(json!({"type": "card", "sum": 1}), "{\"type\":\"card\",\"sum\":1,\"x\":0}", 200; "a JSON body may have a type of its own")]
#[test_case(json!({"type": "PARAMETERS", "parameters": {"a": ["1"]}}), "b=2&a=1", 200; "a form")]
#[test_case(json!({"type": "BINARY", "base64Bytes": "AAH/"}), "x", 404; "bytes")]
#[test_case(json!({"type": "STRING", "string": "x", "optional": true}), "", 200; "an optional body")]
#[tokio::test]
async fn a_body_is_matched(body: Value, sent: &'static str, status: u16) {
    let mock = expecting(json!({"method": "POST", "body": body})).await;
    assert_eq!(mock.send("POST", "/", sent).await.status, status);
}

#[tokio::test]
async fn a_form_is_an_object_to_json_matchers() {
    let mock = expecting(json!({"body": {"a": 1, "b": "x y", "c": true}})).await;
    let url = format!("{}/", mock.server.url());
    let form = async |body: &'static str| {
        let request = mock
            .client
            .post(&url)
            .header("content-type", "application/x-www-form-urlencoded");
        request
            .body(body)
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!(form("a=1&b=x+y&c=true&d=4").await, 200);
    assert_eq!(form("a=2&b=x+y&c=true").await, 404);
    assert_eq!(
        mock.send("POST", "/", "a=1&b=x+y&c=true").await.status,
        404,
        "without the content type"
    );
}

#[tokio::test]
async fn cookies_and_headers_are_matched_by_the_same_rule() {
    let mock = expecting(json!({"cookies": {"sid": "a.*"}, "headers": {"x-a": ["1", "2"]}})).await;
    let url = format!("{}/", mock.server.url());
    let request = mock.client.get(&url).header("X-A", "1").header("x-a", "2");
    let answer = request
        .header("cookie", "other=1; sid=\"abc\"")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let without = mock
        .client
        .get(&url)
        .header("X-A", "1")
        .header("cookie", "sid=abc");
    assert_eq!(without.send().await.expect("an answer").status(), 404);
}

#[tokio::test]
async fn priority_comes_first_and_age_second() {
    let mock = mock().await;
    let expectation = |path: &str, priority: i64, body: &str| json!({"httpRequest": {"path": path}, "priority": priority, "httpResponse": {"body": body}});
    mock.expect(expectation("/p.*", 0, "pattern"));
    mock.expect(expectation("/p", 0, "literal"));
    assert_eq!(mock.get("/p").await.text, "pattern", "the older one");
    mock.expect(expectation("/p", 5, "high"));
    assert_eq!(mock.get("/p").await.text, "high");
    mock.expect(expectation(".*", 9, "highest"));
    assert_eq!(mock.get("/p").await.text, "highest");
}

#[tokio::test]
async fn a_thousand_expectations_find_theirs() {
    let mock = mock().await;
    let all: Vec<Value> = (0..1000)
        .map(|n| {
            let path = if n % 2 == 0 {
                format!("/item/{n}")
            } else {
                format!("/item/{n}/[a-z]+")
            };
            json!({"httpRequest": {"path": path}, "httpResponse": {"body": format!("item {n}")}})
        })
        .collect();
    assert_eq!(
        mock.server.expect(Value::Array(all)).expect("valid").len(),
        1000
    );
    assert_eq!(mock.get("/item/998").await.text, "item 998");
    assert_eq!(mock.get("/item/999/x").await.text, "item 999");
    assert_eq!(mock.get("/item/999/9").await.status, 404);
}
