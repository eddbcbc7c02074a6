use test_case::test_case;

use super::super::tests::items;
use super::expectations as written;
use crate::formats::message::Reading;
use crate::json::Json;

fn expectations(items: &[Json]) -> String {
    written(items, Reading::Matcher)
}

const EVERYTHING: &str = r##"{"httpRequest": {"method": "POST", "path": "/x/{id}", "pathParameters": {"id": ["[0-9]+"]}, "queryStringParameters": {"q": ["1", "2"], "!n": ["!v"]}, "headers": {"Accept": ["text/plain"], "?opt": ["z"]}, "cookies": {"sid": "abc"}, "keepAlive": true, "secure": false, "body": {"type": "JSON", "json": {"a": 1, "b": [1.5, {"c": null}]}, "matchType": "STRICT"}}, "httpResponse": {"statusCode": 201, "reasonPhrase": "Made", "headers": {"X-A": ["1", "2"], "Y": ["3"]}, "cookies": {"c": "d"}, "body": {"k": "v"}, "delay": {"timeUnit": "SECONDS", "value": 2}, "connectionOptions": {"chunkSize": 5, "closeSocket": true, "contentLengthHeaderOverride": 3, "keepAliveOverride": false, "suppressConnectionHeader": true, "suppressContentLengthHeader": true}}, "id": "e-all", "priority": 5, "timeToLive": {"timeUnit": "MINUTES", "timeToLive": 7}, "times": {"remainingTimes": 3}}"##;
const EVERYTHING_IN_JAVA: &str = r##"
new MockServerClient("localhost", 1080)
.when(
        request()
                .withMethod("POST")
                .withPath("/x/{id}")
                .withHeaders(
                        new Header("Accept", "text/plain"),
                        new Header(optional("opt"), string("z"))
                )
                .withCookies(
                        new Cookie("sid", "abc")
                )
                .withQueryStringParameters(
                        new Parameter("q", "1", "2"),
                        new Parameter(not("n"), not("v"))
                )
                .withSecure(false)
                .withKeepAlive(true)
                .withBody(new JsonBody("{\n  \"a\" : 1,\n  \"b\" : [ 1.5, {\n    \"c\" : null\n  } ]\n}", JsonBodyMatchType.STRICT)),
        Times.exactly(3),
        TimeToLive.exactly(TimeUnit.MINUTES, 7L),
        5
)
.respond(
        response()
                .withStatusCode(201)
                .withReasonPhrase("Made")
                .withHeaders(
                        new Header("X-A", "1", "2"),
                        new Header("Y", "3")
                )
                .withCookies(
                        new Cookie("c", "d")
                )
                .withBody("{\n  \"k\" : \"v\"\n}")
                .withDelay(new Delay(TimeUnit.SECONDS, 2))
                .withConnectionOptions(
                        connectionOptions()
                                .withSuppressContentLengthHeader(true)
                                .withContentLengthHeaderOverride(3)
                                .withSuppressConnectionHeader(true)
                                .withChunkSize(5)
                                .withKeepAliveOverride(false)
                                .withCloseSocket(true)
                )
);

"##;

const OVERRIDDEN: &str = r##"{"httpOverrideForwardedRequest": {"delay": {"timeUnit": "SECONDS", "value": 2}, "requestOverride": {"path": "/o", "body": "bb"}, "requestModifier": {"path": {"regex": "a", "substitution": "b"}, "queryStringParameters": {"add": {"a": ["1"]}, "replace": {"b": ["2"]}, "remove": ["c"]}, "headers": {"add": {"a": ["1"]}, "replace": {"b": ["2"]}, "remove": ["c"]}, "cookies": {"add": {"a": "1"}, "replace": {"b": "2"}, "remove": ["c"]}}, "responseOverride": {"statusCode": 202, "body": {"x": 1}}, "responseModifier": {"headers": {"add": {"a": ["1"]}}, "cookies": {"remove": ["c"]}}}, "httpRequest": {"path": "/7", "body": {"type": "PARAMETERS", "parameters": {"a": ["1", "2"], "b": ["3"]}}}, "id": "7", "priority": 0, "timeToLive": {"unlimited": true}, "times": {"unlimited": true}}"##;
const OVERRIDDEN_IN_JAVA: &str = r##"
new MockServerClient("localhost", 1080)
.when(
        request()
                .withPath("/7")
                .withBody(
                        new ParameterBody(
                                new Parameter("a", "1", "2"),
                                new Parameter("b", "3")
                        )
                ),
        Times.unlimited(),
        TimeToLive.unlimited(),
        0
)
.forward(
        forwardOverriddenRequest()
                .withRequestOverride(
                        request()
                                .withPath("/o")
                                .withBody(new StringBody("bb"))
                )
                .withRequestModifier(
                        requestModifier()
                                .withPath("a","b")
                                .withQueryStringParameters(
                                        parameters(
                                                new Parameter("a", "1")
                                        ),
                                        parameters(
                                                new Parameter("b", "2")
                                        ),
                                        ImmutableList.of("c")
                                )
                                .withHeaders(
                                        headers(
                                                new Header("a", "1")
                                        ),
                                        headers(
                                                new Header("b", "2")
                                        ),
                                        ImmutableList.of("c")
                                )
                                .withCookies(
                                        cookies(
                                                new Cookie("a", "1")
                                        ),
                                        cookies(
                                                new Cookie("b", "2")
                                        ),
                                        ImmutableList.of("c")
                                )
                )
                .withResponseOverride(
                        response()
                                .withStatusCode(202)
                                .withBody("{\n  \"x\" : 1\n}")
                )
                .withResponseModifier(
                        responseModifier()
                                .withHeaders(
                                        headers(
                                                new Header("a", "1")
                                        ),
                                        null,
                                        null
                                )
                                .withCookies(
                                        null,
                                        null,
                                        ImmutableList.of("c")
                                )
                )
                .withDelay(new Delay(TimeUnit.SECONDS, 2))
);

"##;

#[test_case(EVERYTHING, EVERYTHING_IN_JAVA; "a response with everything")]
#[test_case(OVERRIDDEN, OVERRIDDEN_IN_JAVA; "an overridden forward")]
fn an_expectation_becomes_code(expectation: &str, code: &str) {
    assert_eq!(expectations(&items(expectation)), code);
}

/// What stands between `.when(` and the times.
#[test_case(r#"{"method":"?GET","headers":{"x":["!v","w"],"?y":["z"]},"cookies":{"!a":"!b","?c":"d"}}"#,
    "request()\n                .withMethod(\"GET\")\n                .withHeaders(\n                        new Header(\"x\", not(\"v\"), \"w\"),\n                        new Header(optional(\"y\"), string(\"z\"))\n                )\n                .withCookies(\n                        new Cookie(not(\"a\"), not(\"b\")),\n                        new Cookie(optional(\"c\"), \"d\")\n                )"; "marks")]
#[test_case(r#"{"protocol":"HTTP_2","body":{"type":"REGEX","regex":"a.*"}}"#,
    "request()\n                .withProtocol(Protocol.HTTP_2)\n                .withBody(new RegexBody(\"a.*\"))"; "regex")]
#[test_case(r#"{"body":{"type":"JSON_SCHEMA","jsonSchema":{"a":1.0}}}"#,
    "request()\n                .withBody(new JsonSchemaBody(\"{\\n  \\\"a\\\" : 1.0\\n}\"))"; "schema")]
#[test_case(r#"{"body":{"type":"BINARY","base64Bytes":"AQID"}}"#,
    "request()\n                .withBody(new Base64Converter().base64StringToBytes(\"AQID\"))"; "bytes")]
#[test_case(r#"{"body":{"x":true}}"#,
    "request()\n                .withBody(new JsonBody(\"{\\n  \\\"x\\\" : true\\n}\", JsonBodyMatchType.ONLY_MATCHING_FIELDS))"; "json")]
#[test_case(r#"{"socketAddress":{"host":"h","port":1,"scheme":"HTTPS"}}"#,
    "request()\n                .withSocketAddress(\n                        new SocketAddress()\n                                .withHost(\"h\")\n                                .withPort(1)\n                                .withScheme(SocketAddress.Scheme.HTTPS)\n                )"; "socket address")]
#[test_case("{}", "request()"; "nothing")]
fn a_matcher_becomes_code(matcher: &str, code: &str) {
    let written = expectations(&items(&format!(r#"{{"httpRequest":{matcher}}}"#)));
    let expected = format!(
        "\nnew MockServerClient(\"localhost\", 1080)\n.when(\n        {code},\n        Times.unlimited(),\n        TimeToLive.unlimited(),\n        0\n);\n\n"
    );
    assert_eq!(written, expected);
}

/// What stands after the matcher and the limits.
#[test_case(r#""httpError":{"dropConnection":true,"responseBytes":"AQID","delay":{"timeUnit":"MILLISECONDS","value":1}}"#,
    "\n.error(\n        error()\n                .withDelay(new Delay(TimeUnit.MILLISECONDS, 1))\n                .withDropConnection(true)\n                .withResponseBytes(new Base64Converter().base64StringToBytes(\"AQID\"))\n)"; "error")]
#[test_case(r#""httpForward":{"host":"127.0.0.1","port":18000,"scheme":"HTTP"}"#,
    "\n.forward(\n        forward()\n                .withHost(\"127.0.0.1\")\n                .withPort(18000)\n                .withScheme(HttpForward.Scheme.HTTP)\n)"; "forward")]
#[test_case(r#""httpResponseTemplate":{"template":"{'a':\"$x\"}","templateType":"VELOCITY"}"#,
    "\n.respond(\n        template(HttpTemplate.TemplateType.VELOCITY)\n                .withTemplate(\"{'a':\\\"$x\\\"}\")\n)"; "response template")]
#[test_case(r#""httpForwardTemplate":{"template":"{}","templateType":"MUSTACHE"}"#,
    "\n.forward(\n        template(HttpTemplate.TemplateType.MUSTACHE)\n                .withTemplate(\"{}\")\n)"; "forward template")]
#[test_case(r#""httpForwardClassCallback":{"callbackClass":"a.C"}"#,
    "\n.forward(\n        callback()\n                .withCallbackClass(\"a.C\")\n)"; "class callback")]
#[test_case(r#""httpResponseObjectCallback":{"clientId":"c"}"#, "\n/*NOT POSSIBLE TO GENERATE CODE FOR OBJECT CALLBACK*/"; "object callback")]
#[test_case(r#""httpForwardWithFallback":{}"#, "\n/*NOT POSSIBLE TO GENERATE CODE FOR FORWARD WITH FALLBACK*/"; "fallback")]
#[test_case(r#""httpSseResponse":{}"#, ""; "an action without a form")]
#[test_case(r#""httpResponses":[{"statusCode":200},{"statusCode":500}],"responseMode":"WEIGHTED","responseWeights":[1,2],"percentage":50,"namespace":"ns","scenarioName":"sc","scenarioState":"Started","newScenarioState":"Two""#,
    "\n.withPercentage(50)\n.withNamespace(\"ns\")\n.withScenarioName(\"sc\")\n.withScenarioState(\"Started\")\n.withNewScenarioState(\"Two\")\n.withResponseMode(org.mockserver.mock.ResponseMode.WEIGHTED)\n.withResponseWeights(java.util.Arrays.asList(1, 2))\n.respond(java.util.Arrays.asList(\n        \n                response()\n                        .withStatusCode(200),\n        \n                response()\n                        .withStatusCode(500)\n))"; "responses and scenario")]
#[test_case("\"httpResponse\":{\"body\":\"\\u0001\u{80}€😀/'\"}",
    "\n.respond(\n        response()\n                .withBody(\"\\u0001\\u0080\\u20AC\\uD83D\\uDE00/'\")\n)"; "escapes")]
fn an_action_becomes_code(action: &str, code: &str) {
    let written = expectations(&items(&format!(
        r#"{{"httpRequest":{{}},"times":{{"remainingTimes":1}},{action}}}"#
    )));
    let expected = format!(
        "\nnew MockServerClient(\"localhost\", 1080)\n.when(\n        request(),\n        Times.once(),\n        TimeToLive.unlimited(),\n        0\n){code};\n\n"
    );
    assert_eq!(written, expected);
}

#[test]
fn marks_of_records_are_text() {
    let recorded = items(r#"[{"httpRequest":{"headers":{"S":["?0"],"N":["!x"]}}}]"#);
    let code = written(&recorded, Reading::Record);
    let headers = "\n                        new Header(\"S\", string(\"?0\", false)),\n                        new Header(\"N\", string(\"!x\", false))\n";
    assert!(code.contains(headers), "{code}");
}
