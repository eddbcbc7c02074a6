//! Actions: what an expectation does.

use super::request::{base64, constructors, lines, request};
use super::{block, chain, literal, message, moved, number, truth, with, word};
use crate::formats::message::{Message, Reading, entries};
use crate::json::{Json, Object};

/// The calls that set the action; none for actions the Java client's code cannot say.
pub(super) fn action(expectation: &Object, reading: Reading) -> Option<String> {
    let member = |name: &str| message::member(expectation, name);
    let callback = |name: &str| member(name).map(class_callback);
    let template = |name: &str| member(name).map(template);
    let respond = |code: String| block(".respond", &code);
    let forward = |code: String| block(".forward", &code);
    if let Some(Json::Array(responses)) = expectation.get("httpResponses") {
        return Some(list(responses));
    }
    member("httpResponse")
        .map(|answer| response(answer, reading))
        .or_else(|| template("httpResponseTemplate"))
        .or_else(|| callback("httpResponseClassCallback"))
        .map(respond)
        .or_else(|| {
            member("httpForward")
                .map(forward_to)
                .or_else(|| template("httpForwardTemplate"))
                .or_else(|| callback("httpForwardClassCallback"))
                .or_else(|| member("httpOverrideForwardedRequest").map(overridden))
                .map(forward)
        })
        .or_else(|| member("httpError").map(|action| block(".error", &error(action))))
        .or_else(|| impossible(expectation))
}

fn impossible(expectation: &Object) -> Option<String> {
    let names = [
        ("httpResponseObjectCallback", "OBJECT CALLBACK"),
        ("httpForwardObjectCallback", "OBJECT CALLBACK"),
        ("httpForwardWithFallback", "FORWARD WITH FALLBACK"),
    ];
    let found = names
        .into_iter()
        .find(|(name, _)| expectation.contains_key(*name));
    found.map(|(_, what)| format!("/*NOT POSSIBLE TO GENERATE CODE FOR {what}*/"))
}

fn list(responses: &[Json]) -> String {
    let responses = responses.iter().filter_map(|json| match json {
        Json::Object(object) => Some(format!(
            "{}\n{}",
            moved(""),
            moved(&moved(&response(object, Reading::Matcher)))
        )),
        _ => None,
    });
    let responses = responses.collect::<Vec<_>>().join(",\n");
    format!(".respond(java.util.Arrays.asList(\n{responses}\n))")
}

fn response(response: &Object, reading: Reading) -> String {
    let view = Message::of(response, reading);
    let body = view.body().map(|body| {
        let written = if body.kind == "BINARY" {
            base64(&body.text)
        } else {
            literal(&body.text)
        };
        with("Body", &written)
    });
    let options = message::member(response, "connectionOptions").map(connection_options);
    let calls = [
        number(response, "statusCode").map(|status| with("StatusCode", status)),
        word(response, "reasonPhrase").map(|reason| with("ReasonPhrase", &literal(reason))),
        lines(view, "headers", "Headers", "Header"),
        lines(view, "cookies", "Cookies", "Cookie"),
        body,
        delay(response),
        options.map(|options| block(".withConnectionOptions", &options)),
    ];
    chain("response()", calls)
}

fn connection_options(options: &Object) -> String {
    let truth = |name: &str, field: &str| truth(options, field).map(|value| with(name, &value));
    let number = |name: &str, field: &str| number(options, field).map(|value| with(name, value));
    let calls = [
        truth("SuppressContentLengthHeader", "suppressContentLengthHeader"),
        number("ContentLengthHeaderOverride", "contentLengthHeaderOverride"),
        truth("SuppressConnectionHeader", "suppressConnectionHeader"),
        number("ChunkSize", "chunkSize"),
        truth("KeepAliveOverride", "keepAliveOverride"),
        truth("CloseSocket", "closeSocket"),
    ];
    chain("connectionOptions()", calls)
}

/// The delay of an action. One that is drawn from a distribution has no form here.
fn delay(action: &Object) -> Option<String> {
    let delay = message::member(action, "delay")?;
    let (unit, value) = (word(delay, "timeUnit")?, number(delay, "value")?);
    Some(with(
        "Delay",
        &format!("new Delay(TimeUnit.{unit}, {value})"),
    ))
}

fn error(error: &Object) -> String {
    let bytes = word(error, "responseBytes").map(base64);
    let calls = [
        delay(error),
        truth(error, "dropConnection").map(|value| with("DropConnection", &value)),
        bytes.map(|bytes| with("ResponseBytes", &bytes)),
    ];
    chain("error()", calls)
}

fn forward_to(forward: &Object) -> String {
    let scheme = word(forward, "scheme").map(|scheme| format!("HttpForward.Scheme.{scheme}"));
    let calls = [
        word(forward, "host").map(|host| with("Host", &literal(host))),
        number(forward, "port").map(|port| with("Port", port)),
        scheme.map(|scheme| with("Scheme", &scheme)),
        delay(forward),
    ];
    chain("forward()", calls)
}

fn template(template: &Object) -> String {
    let engine = word(template, "templateType").unwrap_or_default();
    let text = word(template, "template").map(literal);
    let head = format!("template(HttpTemplate.TemplateType.{engine})");
    chain(
        &head,
        [text.map(|text| with("Template", &text)), delay(template)],
    )
}

fn class_callback(callback: &Object) -> String {
    let class = word(callback, "callbackClass").map(literal);
    let class = class.map(|class| with("CallbackClass", &class));
    chain("callback()", [class, delay(callback)])
}

fn overridden(forward: &Object) -> String {
    let member = |names: [&str; 2]| {
        let mut names = names.into_iter();
        names.find_map(|name| message::member(forward, name))
    };
    let calls = [
        member(["requestOverride", "httpRequest"]).map(|matcher| {
            block(
                ".withRequestOverride",
                &request(Some(matcher), Reading::Matcher),
            )
        }),
        message::member(forward, "requestModifier").map(|change| {
            block(
                ".withRequestModifier",
                &modifier("requestModifier()", change),
            )
        }),
        member(["responseOverride", "httpResponse"])
            .map(|answer| block(".withResponseOverride", &response(answer, Reading::Matcher))),
        message::member(forward, "responseModifier").map(|change| {
            block(
                ".withResponseModifier",
                &modifier("responseModifier()", change),
            )
        }),
        delay(forward),
    ];
    chain("forwardOverriddenRequest()", calls)
}

fn modifier(head: &str, modifier: &Object) -> String {
    let path = message::member(modifier, "path").map(|path| {
        let text = |name: &str| literal(word(path, name).unwrap_or_default());
        with(
            "Path",
            &format!("{},{}", text("regex"), text("substitution")),
        )
    });
    let change = |name: &str, call: &str, function: &str, class: &str| {
        let change = message::member(modifier, name)?;
        Some(block(
            &format!(".with{call}"),
            &changes(change, function, class),
        ))
    };
    let calls = [
        path,
        change(
            "queryStringParameters",
            "QueryStringParameters",
            "parameters",
            "Parameter",
        ),
        change("headers", "Headers", "headers", "Header"),
        change("cookies", "Cookies", "cookies", "Cookie"),
    ];
    chain(head, calls)
}

/// What is added, replaced and removed.
fn changes(change: &Object, function: &str, class: &str) -> String {
    let map = |name: &str| match change.get(name) {
        Some(map @ (Json::Object(_) | Json::Array(_))) => block(
            function,
            &constructors(class, &entries(Some(map), Reading::Matcher)),
        ),
        _ => "null".to_owned(),
    };
    let removed = match change.get("remove") {
        Some(Json::Array(names)) => {
            let names = names.iter().filter_map(|name| match name {
                Json::Text(name) => Some(literal(name)),
                _ => None,
            });
            format!("ImmutableList.of({})", names.collect::<Vec<_>>().join(", "))
        }
        _ => "null".to_owned(),
    };
    [map("add"), map("replace"), removed].join(",\n")
}
