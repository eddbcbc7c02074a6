//! gRPC calls over HTTP/2, answered by `grpcStreamResponse`.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost_reflect::prost::Message;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto, ServiceDescriptorProto,
};
use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{Mock, mock};

fn field(name: &str, number: i32, kind: Type, label: Label) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(label.into()),
        r#type: Some(kind.into()),
        type_name: (kind == Type::Message).then(|| ".shop.Ping".to_owned()),
        ..FieldDescriptorProto::default()
    }
}

fn message(name: &str, field: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto {
        name: Some(name.to_owned()),
        field,
        ..DescriptorProto::default()
    }
}

/// `service Echo { rpc Stream (Ping) returns (stream Pong); rpc <unary> (Ping) returns (Pong); }`
fn descriptors(unary: &str) -> Vec<u8> {
    let text = || field("text", 1, Type::String, Label::Optional);
    let pong = vec![
        text(),
        field("num_val", 2, Type::Int32, Label::Optional),
        field("many", 3, Type::Int64, Label::Repeated),
        field("sub", 4, Type::Message, Label::Optional),
    ];
    let method = |name: &str, streams| MethodDescriptorProto {
        name: Some(name.to_owned()),
        input_type: Some(".shop.Ping".to_owned()),
        output_type: Some(".shop.Pong".to_owned()),
        server_streaming: Some(streams),
        ..MethodDescriptorProto::default()
    };
    let file = FileDescriptorProto {
        name: Some("shop.proto".to_owned()),
        package: Some("shop".to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: vec![message("Ping", vec![text()]), message("Pong", pong)],
        service: vec![ServiceDescriptorProto {
            name: Some("Echo".to_owned()),
            method: vec![method("Stream", true), method(unary, false)],
            ..ServiceDescriptorProto::default()
        }],
        ..FileDescriptorProto::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}

/// A server with the descriptors, and one answer for every path.
async fn mock_with(response: Value) -> Mock {
    let mock = mock().await;
    let loaded = mock.put("grpc/descriptors", descriptors("Unary")).await;
    assert_eq!(
        (loaded.status, &*loaded.text),
        (201, r#"{"status":"loaded"}"#)
    );
    mock.expect(json!({"grpcStreamResponse": response}));
    mock
}

struct Called {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    trailers: HeaderMap,
}

async fn call_as(mock: &Mock, path: &str, content_type: &str) -> Called {
    let stream = TokioIo::new(mock.connect().await);
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
            .await
            .expect("HTTP/2");
    tokio::spawn(connection);
    let request = Request::post(format!("http://shop.test{path}"))
        .header("content-type", content_type)
        .header("te", "trailers")
        .body(Full::new(Bytes::from_static(b"\0\0\0\0\x06\x0a\x04ping")))
        .expect("a request");
    let answer = client.send_request(request).await.expect("an answer");
    let (head, body) = answer.into_parts();
    let collected = body.collect().await.expect("a body");
    Called {
        status: head.status.as_u16(),
        headers: head.headers,
        trailers: collected.trailers().cloned().unwrap_or_default(),
        body: collected.to_bytes(),
    }
}

async fn call(mock: &Mock, path: &str) -> Called {
    call_as(mock, path, "application/grpc").await
}

#[tokio::test]
async fn messages_come_between_metadata_and_status() {
    let mock = mock_with(json!({
        "headers": {"x-meta": ["a", "b"]},
        "messages": [{"json": r#"{"text":"pong-1"}"#}, {"json": r#"{"text":"pong-2"}"#}],
        "statusName": "RESOURCE_EXHAUSTED", "statusMessage": "quota: é%",
    }))
    .await;
    let called = call(&mock, "/shop.Echo/Stream").await;
    assert_eq!(called.status, 200);
    assert_eq!(called.headers["content-type"], "application/grpc");
    let meta: Vec<_> = called.headers.get_all("x-meta").iter().collect();
    assert_eq!(meta, ["a", "b"]);
    assert_eq!(
        called.body,
        "\0\0\0\0\x08\x0a\x06pong-1\0\0\0\0\x08\x0a\x06pong-2"
    );
    assert_eq!(called.trailers["grpc-status"], "8");
    assert_eq!(called.trailers["grpc-message"], "quota: %C3%A9%25");
}

#[test_case(json!({}), b""; "no messages")]
#[test_case(json!({"messages": [{}]}), b"\0\0\0\0\0"; "an empty message")]
#[test_case(json!({"messages": [{"json": r#"{"text":"a","numVal":5,"many":[1,2,"300"],"sub":{"text":"x"}}"#}]}), b"\0\0\0\0\x10\x0a\x01a\x10\x05\x1a\x04\x01\x02\xac\x02\"\x03\x0a\x01x"; "every kind of field")]
#[test_case(json!({"messages": [{"json": r#"{"text":"","num_val":-5}"#}]}), b"\0\0\0\0\x0b\x10\xfb\xff\xff\xff\xff\xff\xff\xff\xff\x01"; "names as in the file")]
#[test_case(json!({"messages": [{"json": r#"{"zz":1}"#}]}), b"\0\0\0\0\0"; "a field that is not there")]
#[tokio::test]
async fn messages_in_protobuf(response: Value, expected: &'static [u8]) {
    let mock = mock_with(response).await;
    let called = call(&mock, "/shop.Echo/Unary").await;
    assert_eq!(called.body, expected);
    assert_eq!(called.trailers["grpc-status"], "0");
    assert!(!called.trailers.contains_key("grpc-message"));
}

#[tokio::test]
async fn messages_may_be_templates_and_take_their_time() {
    let pause = json!({"timeUnit": "MILLISECONDS", "value": 5});
    let mock = mock_with(json!({"messages": [
        {"json": r#"{"text":"{{request.method}}"}"#, "templateType": "MUSTACHE"},
        {"json": r#"{"text":"b"}"#, "delay": pause},
    ]}))
    .await;
    let called = call(&mock, "/shop.Echo/Stream").await;
    assert_eq!(called.body, "\0\0\0\0\x06\x0a\x04POST\0\0\0\0\x03\x0a\x01b");
    assert_eq!(called.trailers["grpc-status"], "0");
}

#[tokio::test]
async fn over_http_1_1_the_status_is_a_trailer_too() {
    let mock = mock_with(json!({"messages": [{}], "statusName": "not_found"})).await;
    let answer = mock
        .raw("POST /shop.Echo/Stream HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        .await;
    assert!(
        answer.ends_with("\r\n\r\n5\r\n\0\0\0\0\0\r\n0\r\ngrpc-status: 5\r\n\r\n"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_method_that_is_not_described_is_unimplemented() {
    let mock = mock_with(json!({"messages": [{"json": "{}"}]})).await;
    for path in ["/shop.Echo/Nope", "/no.Such/Nope"] {
        let called = call(&mock, path).await;
        assert_eq!((called.status, &*called.body), (200, &b""[..]));
        assert_eq!(called.headers["grpc-status"], "12");
        let message = format!("unknown gRPC method: {}", &path[1..]);
        assert_eq!(called.headers["grpc-message"], *message);
    }
}

#[tokio::test]
async fn without_a_description_messages_go_out_as_text() {
    let mock = mock_with(json!({"messages": [{"json": "{\"text\":\"a\"}"}]})).await;
    let text = "\0\0\0\0\x0c{\"text\":\"a\"}";
    let called = call_as(&mock, "/shop.Echo/Stream", "application/json").await;
    assert_eq!(called.body, text);
    assert_eq!(mock.put("grpc/clear", "").await.status, 200);
    assert_eq!(call(&mock, "/shop.Echo/Stream").await.body, text);
}

#[tokio::test]
async fn a_message_that_is_none_is_told() {
    let mock = mock_with(json!({"messages": [{"json": "nope"}]})).await;
    let called = call(&mock, "/shop.Echo/Stream").await;
    assert_eq!(called.status, 500);
    let text = String::from_utf8_lossy(&called.body);
    assert!(text.starts_with("the message is no shop.Pong: "), "{text}");
}

#[tokio::test]
async fn services_are_listed_and_replaced_and_outlive_a_reset() {
    let mock = mock().await;
    assert_eq!(mock.put("grpc/services", "").await.text, "[ ]");
    for unary in ["Unary", "Other"] {
        let loaded = mock.put("grpc/descriptors", descriptors(unary)).await;
        assert_eq!(loaded.status, 201, "{}", loaded.text);
    }
    assert_eq!(mock.put("reset", "").await.status, 200);
    let listed = mock.put("grpc/services", "").await;
    assert_eq!(
        listed.content_type.as_deref(),
        Some("application/json; charset=utf-8")
    );
    let listed: Value = serde_json::from_str(&listed.text).expect("JSON");
    let method = |name: &str, streams: bool| {
        json!({"name": name, "inputType": "shop.Ping", "outputType": "shop.Pong",
            "clientStreaming": false, "serverStreaming": streams})
    };
    let methods = [method("Stream", true), method("Other", false)];
    assert_eq!(listed, json!([{"name": "shop.Echo", "methods": methods}]));
}

#[tokio::test]
async fn scopes_have_descriptors_of_their_own_and_those_of_all() {
    let mock = mock().await;
    let url = |path: &str| format!("{}/mockserver/{path}", mock.server.url());
    let put = |path: &str, body: Vec<u8>| {
        let request = mock.client.put(url(path)).header("x-styk-scope", "a");
        request.body(body).send()
    };
    let loaded = put("grpc/descriptors", descriptors("Unary")).await;
    assert_eq!(loaded.expect("an answer").status(), 201);
    assert_eq!(mock.put("grpc/services", "").await.text, "[ ]");
    let listed = put("grpc/services", Vec::new()).await.expect("an answer");
    assert!(listed.text().await.expect("text").contains("shop.Echo"));
}

#[test_case(b"", "descriptor set body is empty"; "nothing")]
#[test_case(b"garbage", "failed to load gRPC descriptor: it is no FileDescriptorSet"; "garbage")]
#[test_case(b"\x0a\x08\x0a\x01a\x1a\x03b.p", "failed to load gRPC descriptor: "; "an import that is missing")]
#[tokio::test]
async fn descriptors_that_are_none(body: &'static [u8], told: &'static str) {
    let mock = mock().await;
    let answer = mock.put("grpc/descriptors", body).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.starts_with(told), "{}", answer.text);
}

#[test_case(json!({"messages": [{"zz": 1}]}), 400, "$.grpcStreamResponse.messages[0].zz: is not defined in the schema"; "a field of a message")]
#[test_case(json!({"statusName": 1, "q": 2}), 400, "$.grpcStreamResponse.statusName: integer found, string expected"; "a status of another kind")]
#[test_case(json!({"statusName": "WEIRD"}), 400, "$.grpcStreamResponse.statusName: does not have a value in the enumeration [\"OK\", \"CANCELLED\""; "a status that is none")]
#[test_case(json!({"messages": [{"templateType": "X"}]}), 400, "$.grpcStreamResponse.messages[0].templateType: does not have a value in the enumeration"; "a template language that is none")]
#[tokio::test]
async fn refused(response: Value, status: u16, told: &'static str) {
    let mock = mock().await;
    let expectation = json!({"grpcStreamResponse": response}).to_string();
    let answer = mock.put("expectation", expectation).await;
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains(told), "{}", answer.text);
}

#[tokio::test]
async fn it_is_written_sorted_and_without_what_is_empty() {
    let mock = mock().await;
    let text = r#"{"grpcStreamResponse": {"statusName": "OK", "statusMessage": "", "messages": [{"json": "{}"}],
        "headers": {"b": ["1"], "a": ["2"]}, "closeConnection": false}}"#;
    let written = mock.put("expectation", text).await.text;
    let expected = r#"  "grpcStreamResponse" : {
    "closeConnection" : false,
    "headers" : {
      "b" : [ "1" ],
      "a" : [ "2" ]
    },
    "messages" : [ {
      "json" : "{}"
    } ],
    "statusName" : "OK"
  },
"#;
    assert!(written.contains(expected), "{written}");
}
