//! The discovery document of a mocked identity provider.

use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{Mock, mock};

const PATH: &str = "/.well-known/openid-configuration";

async fn discovery(mock: &Mock, path: &str) -> Value {
    let answer = mock.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let content_type = answer.content_type.as_deref();
    assert_eq!(content_type, Some("application/json; charset=utf-8"));
    serde_json::from_str(&answer.text).expect("JSON")
}

#[tokio::test]
async fn the_document_of_the_original() {
    let mock = mock().await;
    let set = r#"{"issuer": "https://idp.test/x/", "jwksPath": "/jwks", "scopes": ["a"]}"#;
    let set = mock.put("oidc", set).await;
    assert_eq!(set.status, 201, "{}", set.text);
    assert!(set.text.contains("\"oidc.discovery\""), "{}", set.text);
    let expected = json!({
        "issuer": "https://idp.test/x",
        "authorization_endpoint": "https://idp.test/x/authorize",
        "token_endpoint": "https://idp.test/x/token",
        "userinfo_endpoint": "https://idp.test/x/userinfo",
        "jwks_uri": "https://idp.test/x/jwks",
        "introspection_endpoint": "https://idp.test/x/introspect",
        "revocation_endpoint": "https://idp.test/x/revoke",
        "end_session_endpoint": "https://idp.test/x/logout",
        "device_authorization_endpoint": "https://idp.test/x/device_authorization",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["a"],
        "subject_types_supported": ["public"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "at_hash", "name",
            "preferred_username", "email", "email_verified", "scope"],
    });
    assert_eq!(discovery(&mock, PATH).await, expected);
}

#[tokio::test]
async fn without_an_issuer_it_is_the_server_itself() {
    let mock = mock().await;
    assert_eq!(mock.put("oidc", "").await.status, 201);
    let document = discovery(&mock, PATH).await;
    assert_eq!(document["issuer"], mock.server.url());
    assert_eq!(
        document["jwks_uri"],
        format!("{}/.well-known/jwks.json", mock.server.url())
    );
    assert_eq!(
        document["scopes_supported"],
        json!(["openid", "profile", "email"])
    );
}

#[tokio::test]
async fn its_class_answers_at_any_path_until_a_reset() {
    let mock = mock().await;
    let class = "org.mockserver.oidc.OidcDiscoveryCallback";
    let expectation = json!({
        "httpRequest": {"path": "/x"}, "httpResponseClassCallback": {"callbackClass": class},
    });
    mock.expect(expectation.clone());
    let none = mock.get("/x").await;
    assert_eq!(
        (none.status, &*none.text),
        (404, r#"{"error":"no OIDC provider configured"}"#)
    );
    assert_eq!(
        mock.put("oidc", r#"{"issuer": "https://a"}"#).await.status,
        201
    );
    assert_eq!(discovery(&mock, "/x").await["issuer"], "https://a");
    assert_eq!(mock.put("reset", "").await.status, 200);
    mock.expect(expectation);
    assert_eq!(mock.get("/x").await.status, 404);
    assert_eq!(mock.get(PATH).await.text, "");
}

#[test_case("expectation", json!({"httpResponseClassCallback": {"callbackClass": "a.B"}}), 501, "httpResponseClassCallback"; "another class")]
#[test_case("oidc", json!({"clientSecret": "s"}), 501, "clientSecret"; "what tokens are about")]
#[test_case("oidc", json!({"issuer": 5}), 400, "$.issuer: integer found, string expected"; "another kind")]
#[test_case("oidc", json!([]), 400, "$: array found, object expected"; "a list")]
#[tokio::test]
async fn refused(operation: &'static str, body: Value, status: u16, told: &'static str) {
    let mock = mock().await;
    let answer = mock.put(operation, body.to_string()).await;
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains(told), "{}", answer.text);
    assert_eq!(mock.get(PATH).await.status, 404);
}
