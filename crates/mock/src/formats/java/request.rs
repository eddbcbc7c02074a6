//! Request matchers and their bodies.

use super::{block, chain, literal, message, number, truth, with, word, written_word};
use crate::formats::message::{Body, Entry, Message, Reading, entries};
use crate::json::{Json, Object, pretty};

/// The matcher; an absent one matches everything.
pub(super) fn request(request: Option<&Object>, reading: Reading) -> String {
    let Some(request) = request else {
        return "request()".to_owned();
    };
    if let Some(specification) = word(request, "specUrlOrPayload") {
        let operation = word(request, "operationId").map(literal);
        let calls = [
            Some(with("SpecUrlOrPayload", &literal(specification))),
            operation.map(|operation| with("OperationId", &operation)),
        ];
        return chain("openAPIMatcher()", calls);
    }
    let view = Message::of(request, reading);
    let text = |name: &str| view.field(name).map(|_| literal(&view.text(name)));
    let protocol = word(request, "protocol").map(|name| format!("Protocol.{name}"));
    let calls = [
        text("method").map(|method| with("Method", &method)),
        text("path").map(|path| with("Path", &path)),
        lines(view, "headers", "Headers", "Header"),
        lines(view, "cookies", "Cookies", "Cookie"),
        lines(
            view,
            "queryStringParameters",
            "QueryStringParameters",
            "Parameter",
        ),
        truth(request, "secure").map(|value| with("Secure", &value)),
        truth(request, "keepAlive").map(|value| with("KeepAlive", &value)),
        protocol.map(|protocol| with("Protocol", &protocol)),
        message::member(request, "socketAddress").map(socket_address),
        view.body().and_then(|body| body_call(&body)),
    ];
    chain("request()", calls)
}

/// The call that takes a multi-value map, one line a name.
pub(super) fn lines(message: Message<'_>, name: &str, call: &str, class: &str) -> Option<String> {
    let written = constructors(class, &message.entries(name));
    (!written.is_empty()).then(|| block(&format!(".with{call}"), &written))
}

/// One constructor a name, each on its line.
pub(super) fn constructors(class: &str, entries: &[Entry<'_>]) -> String {
    let written = entries.iter().map(|entry| constructor(class, entry));
    written.collect::<Vec<_>>().join(",\n")
}

fn constructor(class: &str, (name, values): &Entry<'_>) -> String {
    // The constructors of multi-value maps take texts alone or marked words alone.
    let wraps = !name.is_plain() && class != "Cookie";
    let values = values.iter().map(|value| {
        let written = written_word(value);
        if wraps && value.is_plain() {
            format!("string({written})")
        } else {
            written
        }
    });
    let words: Vec<String> = std::iter::once(written_word(name)).chain(values).collect();
    format!("new {class}({})", words.join(", "))
}

fn socket_address(address: &Object) -> String {
    let scheme = word(address, "scheme").map(|scheme| format!("SocketAddress.Scheme.{scheme}"));
    let calls = [
        word(address, "host").map(|host| with("Host", &literal(host))),
        number(address, "port").map(|port| with("Port", port)),
        scheme.map(|scheme| with("Scheme", &scheme)),
    ];
    block(".withSocketAddress", &chain("new SocketAddress()", calls))
}

fn body_call(body: &Body<'_>) -> Option<String> {
    let member = |name: &str| body.object.and_then(|object| object.get(name));
    let constructor = match body.kind {
        "STRING" => format!("new StringBody({})", literal(&body.text)),
        "JSON" => {
            let style = body.object.and_then(|object| word(object, "matchType"));
            let style = style.unwrap_or("ONLY_MATCHING_FIELDS");
            format!(
                "new JsonBody({}, JsonBodyMatchType.{style})",
                literal(&body.text)
            )
        }
        "XML" => format!("new XmlBody({})", literal(&body.text)),
        "BINARY" => base64(&body.text),
        "REGEX" => format!("new RegexBody({})", source(member("regex"))),
        "XPATH" => format!("new XPathBody({})", source(member("xpath"))),
        "JSON_PATH" => format!("new JsonPathBody({})", source(member("jsonPath"))),
        "JSON_SCHEMA" => format!("new JsonSchemaBody({})", source(member("jsonSchema"))),
        "XML_SCHEMA" => format!("new XmlSchemaBody({})", source(member("xmlSchema"))),
        "GRAPHQL" => format!("GraphQLBody.graphQL({})", source(member("query"))),
        "PARAMETERS" => {
            let parameters = entries(member("parameters"), Reading::Matcher);
            let parameters = constructors("Parameter", &parameters);
            return Some(block(".withBody", &block("new ParameterBody", &parameters)));
        }
        _ => return None,
    };
    Some(with("Body", &constructor))
}

/// Bytes, from their base64.
pub(super) fn base64(text: &str) -> String {
    format!(
        "new Base64Converter().base64StringToBytes({})",
        literal(text)
    )
}

/// What a matcher was written with: a text, or JSON.
fn source(json: Option<&Json>) -> String {
    match json {
        Some(Json::Text(text)) => literal(text),
        Some(json) => literal(&pretty(json)),
        None => literal(""),
    }
}
