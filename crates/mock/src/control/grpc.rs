//! `grpc`: the descriptors of the services that are mocked.

use http::StatusCode;
use prost_reflect::MethodDescriptor;

use super::Reply;
use crate::grpc::Descriptors;
use crate::json::{Json, pretty};

pub(super) fn add(descriptors: &Descriptors, body: &[u8]) -> Result<Reply, Reply> {
    if body.is_empty() {
        return Err(Reply::bad_request("descriptor set body is empty"));
    }
    match descriptors.add(body) {
        Ok(()) => Ok(Reply::json(
            StatusCode::CREATED,
            r#"{"status":"loaded"}"#.to_owned(),
        )),
        Err(error) => Err(Reply::bad_request(format!(
            "failed to load gRPC descriptor: {error}"
        ))),
    }
}

pub(super) fn services(descriptors: &Descriptors) -> Reply {
    let services = descriptors.services().into_iter();
    let services = services.map(|(name, methods)| {
        let methods = methods.iter().map(method).collect();
        Json::object([
            ("name", Json::Text(name)),
            ("methods", Json::Array(methods)),
        ])
    });
    Reply::json(StatusCode::OK, pretty(&Json::Array(services.collect())))
}

fn method(method: &MethodDescriptor) -> Json {
    Json::object([
        ("name", Json::text(method.name())),
        ("inputType", Json::text(method.input().full_name())),
        ("outputType", Json::text(method.output().full_name())),
        ("clientStreaming", Json::Bool(method.is_client_streaming())),
        ("serverStreaming", Json::Bool(method.is_server_streaming())),
    ])
}

pub(super) fn clear(descriptors: &Descriptors) -> Reply {
    descriptors.clear();
    Reply::empty(StatusCode::OK)
}
