//! OpenAPI documents as request matchers.

use serde_json::json;
use test_case::test_case;

use crate::support::mock;

fn document() -> serde_json::Value {
    json!({
        "openapi": "3.0.0",
        "info": {"title": "Payments", "version": "1"},
        "paths": {"/payments/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "show",
                "responses": {"200": {"description": "fine"}},
            },
            "post": {
                "operationId": "capture",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                    "type": "object", "required": ["amount"], "properties": {"amount": {"type": "number"}},
                }}}},
                "responses": {"200": {"description": "fine"}},
            },
        }},
    })
}

#[tokio::test]
async fn an_operation_of_a_document_is_a_matcher() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": {"specUrlOrPayload": document(), "operationId": "show"},
        "httpResponse": {"body": "shown"},
    }));
    assert_eq!(mock.get("/payments/7").await.text, "shown");
    assert_eq!(mock.get("/payments/seven").await.status, 404);
    assert_eq!(mock.send("POST", "/payments/7", "").await.status, 404);
}

#[tokio::test]
async fn a_whole_document_matches_any_of_its_operations() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"specUrlOrPayload": document()}, "httpResponse": {}}));
    assert_eq!(mock.get("/payments/7").await.status, 200);
    let post = mock
        .client
        .post(format!("{}/payments/7", mock.server.url()));
    let post = post.header("content-type", "application/json");
    let wrong = post
        .try_clone()
        .expect("a request")
        .body("{\"amount\":\"many\"}");
    assert_eq!(wrong.send().await.expect("an answer").status(), 404);
    let right = post.body("{\"amount\":10}");
    assert_eq!(right.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_document_that_is_none_is_400() {
    let mock = mock().await;
    let answer = mock
        .put(
            "expectation",
            r#"{"httpRequest":{"specUrlOrPayload":"nonsense: ["},"httpResponse":{}}"#,
        )
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text.starts_with("Unable to load API spec"),
        "{}",
        answer.text
    );
}

#[test_case(json!({"specUrlOrPayload": {"openapi": "3.0.0"}}); "a document without operations")]
#[test_case(json!({"specUrlOrPayload": document(), "operationsAndResponses": {"nope": "200"}}); "an operation that is not there")]
#[tokio::test]
async fn a_document_of_which_nothing_is_wanted_becomes_nothing(body: serde_json::Value) {
    let mock = mock().await;
    let answer = mock.put("openapi", body.to_string()).await;
    assert_eq!((answer.status, answer.text.as_str()), (201, "[]"));
}

#[tokio::test]
async fn a_document_becomes_expectations() {
    let mock = mock().await;
    let answer = mock
        .put(
            "openapi",
            json!({"specUrlOrPayload": document()}).to_string(),
        )
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let mounted: serde_json::Value = serde_json::from_str(&answer.text).expect("JSON");
    assert_eq!(mounted.as_array().map(Vec::len), Some(2));
    assert_eq!(mock.get("/payments/7").await.status, 200);
}

#[tokio::test]
async fn documents_behind_urls_are_fetched_with_what_they_refer_to() {
    let (files, mock) = (mock().await, mock().await);
    let mut referring = document();
    referring["paths"]["/payments/{id}"]["post"]["requestBody"]["content"]["application/json"]["schema"] =
        json!({"$ref": "parts.json#/Amount"});
    let parts = json!({"Amount": {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "number"}}}});
    for (path, content) in [("/spec.json", &referring), ("/parts.json", &parts)] {
        files.expect(json!({"httpRequest": {"path": path}, "httpResponse": {"body": content}}));
    }
    let url = format!("{}/spec.json", files.server.url());
    let answer = mock
        .put("openapi", json!({"specUrlOrPayload": url}).to_string())
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let post = mock
        .client
        .post(format!("{}/payments/7", mock.server.url()));
    let post = post.header("content-type", "application/json");
    let wrong = post
        .try_clone()
        .expect("a request")
        .body("{}")
        .send()
        .await
        .expect("an answer");
    assert_eq!(wrong.status(), 404);
    assert_eq!(
        post.body("{\"amount\":10}")
            .send()
            .await
            .expect("an answer")
            .status(),
        200
    );
    let missing = format!("{}/nothing.json", files.server.url());
    let answer = mock
        .put("openapi", json!({"specUrlOrPayload": missing}).to_string())
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("404"), "{}", answer.text);
}
