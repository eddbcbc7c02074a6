"""Calls every method of the PyPI package mockserver-client and looks at what comes of it.

    python python.py <port of the server> <port of an echo server>

Prints one JSON line a check: {"check", "grade", "ok", "note"}. Needs the package on the path.
"""

import concurrent.futures
import http.client
import inspect
import json
import os
import sys

import mockserver
from mockserver import (
    Delay, Expectation, HttpChaosProfile, HttpError, HttpForward, HttpOverrideForwardedRequest, HttpRequest,
    HttpResponse, HttpTemplate,
    OpenAPIExpectation, SocketAddress, Times, TimeToLive, VerificationTimes,
)

PORT, ECHO = int(sys.argv[1]), int(sys.argv[2])
CHECKS, USED = [], set()


class Watched:
    """The client, noting which of its methods were called."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        USED.add(name)
        return getattr(self._client, name)


def check(grade, needs=None):
    def add(function):
        CHECKS.append((function.__name__, grade, needs or function.__name__, function))
        return function

    return add


def ask(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8")
    finally:
        connection.close()


def refused(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except Exception as error:
        return str(error)
    raise AssertionError("should have been refused")


def expectation(value):
    return Expectation.from_dict(value)


def simple(path, body="b", **more):
    return expectation({"httpRequest": {"path": path}, "httpResponse": {"body": body}, **more})


def to_echo(path):
    return HttpRequest(path=path, headers={"Host": [f"127.0.0.1:{ECHO}"]},
        socket_address=SocketAddress(host="127.0.0.1", port=ECHO, scheme="HTTP"))


@check("CORE")
def upsert(client):
    stored = client.upsert(
        expectation({"id": "u1", "httpRequest": {"method": "POST", "path": "/u", "headers": {"X-Id": ["a.*"]},
            "queryStringParameters": {"q": ["1"]}, "body": {"type": "JSON", "json": {"a": 1}}},
            "httpResponse": {"statusCode": 201, "headers": {"X-R": ["1"]}, "cookies": {"k": "v"},
            "body": {"made": True}, "delay": {"timeUnit": "MILLISECONDS", "value": 5}},
            "times": {"remainingTimes": 1, "unlimited": False}}),
        simple("/u2", priority=3),
    )
    assert [entry.id for entry in stored][0] == "u1" and len(stored) == 2 and stored[1].priority == 3, stored
    status, headers, body = ask("POST", "/u?q=1", '{"a": 1, "b": 2}', {"X-Id": "abc"})
    assert (status, headers["X-R"], headers["set-cookie"], json.loads(body)) == (201, "1", "k=v", {"made": True})
    assert ask("POST", "/u?q=1", '{"a": 1}', {"X-Id": "abc"})[0] == 404


@check("CORE", "upsert")
def upsert_malformed(client):
    message = refused(client.upsert, Expectation(http_request=HttpRequest(path="/x")))
    assert "incorrect expectation json format" in message, message


@check("COMMON")
def open_api_expectation(client):
    specification = {"openapi": "3.0.0", "info": {"title": "t", "version": "1"},
        "paths": {"/pet": {"get": {"operationId": "pet",
        "responses": {"200": {"description": "d", "content": {"application/json": {"example": {"id": 7}}}}}}}}}
    client.open_api_expectation(OpenAPIExpectation(spec_url_or_payload=json.dumps(specification),
        operations_and_responses={"pet": "200"}))
    assert json.loads(ask("GET", "/pet")[2]) == {"id": 7}


@check("CORE")
def when(client):
    (stored,) = client.when(HttpRequest(path="/w"), Times.exactly(2), TimeToLive.unlimited(),
        4).with_id("w1").with_priority(6).respond(HttpResponse(status_code=210, body="w"))
    assert (stored.id, stored.priority) == ("w1", 6)
    assert ask("GET", "/w")[::2] == (210, "w")
    client.when(HttpRequest(path="/d")).respond_with_delay(HttpResponse(body="d"), Delay("MILLISECONDS", 5))
    assert ask("GET", "/d")[2] == "d"


@check("COMMON", "when")
def when_forward(client):
    client.when(HttpRequest(path="/plain")).forward(HttpForward(host="127.0.0.1", port=ECHO, scheme="HTTP"))
    assert ask("GET", "/plain")[2] == "plain text"
    client.when(HttpRequest(path="/late")).forward_with_delay(HttpForward(host="127.0.0.1", port=ECHO, scheme="HTTP"),
        Delay("MILLISECONDS", 5))
    assert ask("GET", "/late")[0] == 200
    client.when(HttpRequest(path="/over")).forward(HttpOverrideForwardedRequest(request_override=to_echo("/plain"),
        response_override=HttpResponse(status_code=207)))
    assert ask("GET", "/over")[::2] == (207, "plain text")


@check("COMMON", "when")
def when_template(client):
    client.when(HttpRequest(path="/t")).respond(HttpTemplate(template_type="VELOCITY",
        template="{'statusCode': 202, 'body': '$request.method'}"))
    assert ask("PUT", "/t")[::2] == (202, "PUT")
    client.when(HttpRequest(path="/ft")).forward_with_template(HttpTemplate(template_type="MUSTACHE",
        template="{'path':'/plain','headers':{'Host':['127.0.0.1:%d']}}" % ECHO))
    assert ask("GET", "/ft")[2] == "plain text"


@check("COMMON", "when")
def when_error(client):
    client.when(HttpRequest(path="/e")).error(HttpError(drop_connection=True))
    refused(ask, "GET", "/e")


@check("COMMON", "when")
def when_callback(client):
    client.when(HttpRequest(path="/cb")).respond(lambda request: HttpResponse(status_code=202,
        body="cb " + request.method))
    assert ask("GET", "/cb")[::2] == (202, "cb GET")
    client.when(HttpRequest(path="/fcb")).forward(lambda request: to_echo("/plain"))
    assert ask("GET", "/fcb")[2] == "plain text"


@check("COMMON")
def mock_with_callback(client):
    client.mock_with_callback(HttpRequest(path="/m"), lambda request: HttpResponse(body=request.path),
        Times.unlimited())
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: ask("GET", "/m")[2], range(20)))
    assert answers == ["/m"] * 20, answers


@check("COMMON")
def mock_with_forward_callback(client):
    client.mock_with_forward_callback(HttpRequest(path="/f"), lambda request: to_echo("/plain"))
    assert ask("GET", "/f")[2] == "plain text"
    client.reset()
    client.mock_with_forward_callback(HttpRequest(path="/g"), lambda request: to_echo("/plain"), lambda request,
        response: HttpResponse(status_code=207, body="changed"))
    assert ask("GET", "/g")[::2] == (207, "changed")


@check("CORE")
def clear(client):
    client.upsert(simple("/keep"), simple("/gone"))
    ask("GET", "/gone")
    client.clear(HttpRequest(path="/gone"), "EXPECTATIONS")
    assert (ask("GET", "/gone")[0], ask("GET", "/keep")[0]) == (404, 200)
    client.clear(HttpRequest(path="/gone"), "LOG")
    assert client.retrieve_recorded_requests(HttpRequest(path="/gone")) == []
    client.clear()
    assert ask("GET", "/keep")[0] == 404


@check("CORE")
def clear_by_id(client):
    client.upsert(simple("/c", id="c1"))
    client.clear_by_id("c1", "EXPECTATIONS")
    assert ask("GET", "/c")[0] == 404
    refused(client.clear_by_id, "none")


@check("CORE")
def reset(client):
    client.upsert(simple("/r"))
    client.reset()
    assert ask("GET", "/r")[0] == 404


@check("CORE")
def verify(client):
    ask("GET", "/v")
    ask("GET", "/v")
    client.verify(HttpRequest(path="/v"), VerificationTimes.exactly(2))
    client.verify(HttpRequest(path="/v"), VerificationTimes.at_least(1))
    client.verify(HttpRequest(path="/v"), VerificationTimes.at_most(2))
    client.verify(HttpRequest(path="/v"), VerificationTimes.between(1, 3))
    refused(client.verify, HttpRequest(path="/v"))  # no times: exactly once
    client.verify(HttpRequest(path="/none"), VerificationTimes.exactly(0))
    assert "Request not found exactly 3 times" in refused(client.verify, HttpRequest(path="/v"),
        VerificationTimes.exactly(3))


@check("COMMON", "verify")
def verify_response(client):
    client.upsert(expectation({"httpRequest": {"path": "/v"}, "httpResponse": {"statusCode": 201}}))
    ask("GET", "/v")
    client.verify(HttpRequest(path="/v"), VerificationTimes.exactly(1), response=HttpResponse(status_code=201))
    client.verify(response=HttpResponse(status_code=201))
    refused(client.verify, response=HttpResponse(status_code=500))


@check("CORE")
def verify_sequence(client):
    for path in ("/a", "/b", "/c"):
        ask("GET", path)
    client.verify_sequence(HttpRequest(path="/a"), HttpRequest(path="/c"))
    assert "Request sequence not found" in refused(client.verify_sequence, HttpRequest(path="/c"),
        HttpRequest(path="/a"))


@check("CORE")
def verify_zero_interactions(client):
    client.verify_zero_interactions()
    ask("GET", "/v")
    refused(client.verify_zero_interactions)


@check("CORE")
def retrieve_recorded_requests(client):
    ask("POST", "/rr?a=1", '{"x": 1}', {"Content-Type": "application/json", "X-Id": "i"})
    (request,) = client.retrieve_recorded_requests(HttpRequest(path="/rr"))
    assert (request.method, request.path) == ("POST", "/rr")
    assert len(client.retrieve_recorded_requests()) == 1


@check("CORE")
def retrieve_recorded_requests_and_responses(client):
    ask("GET", "/rr")
    (exchange,) = client.retrieve_recorded_requests_and_responses(HttpRequest(path="/rr"))
    assert (exchange.http_request.path, exchange.http_response.status_code) == ("/rr", 404)


@check("CORE")
def retrieve_active_expectations(client):
    client.upsert(simple("/a", id="a1"), simple("/b", id="a2"))
    assert [entry.id for entry in client.retrieve_active_expectations(HttpRequest(path="/a"))] == ["a1"]
    assert len(client.retrieve_active_expectations()) == 2


@check("COMMON")
def retrieve_recorded_expectations(client):
    client.upsert(expectation({"httpRequest": {"path": "/plain"}, "httpForward": {"host": "127.0.0.1", "port": ECHO}}))
    ask("GET", "/plain")
    (recorded,) = client.retrieve_recorded_expectations(HttpRequest(path="/plain"))
    assert recorded.http_response.status_code == 200


@check("COMMON")
def retrieve_log_messages(client):
    ask("GET", "/log")
    assert any("received request" in message for message in client.retrieve_log_messages(HttpRequest(path="/log")))


@check("COMMON", "retrieve_recorded_requests_by_id")
def retrieve_by_id(client):
    client.upsert(simple("/one", id="one"))
    ask("GET", "/one")
    ask("GET", "/other")
    assert len(client.retrieve_recorded_requests_by_id("one")) == 1
    assert len(client.retrieve_recorded_requests_and_responses_by_id("one")) == 1
    assert len(client.retrieve_active_expectations_by_id("one")) == 1
    assert client.retrieve_recorded_expectations_by_id("one") == []
    assert isinstance(client.retrieve_log_messages_by_id("one"), list)


@check("RARE", "retrieve_expectations_as_code")
def retrieve_code(client):
    client.upsert(simple("/code"))
    assert "/code" in client.retrieve_expectations_as_code("JAVA", HttpRequest(path="/code"))
    assert isinstance(client.retrieve_recorded_expectations_as_code("PYTHON"), str)


@check("COMMON", "freeze_clock")
def clock(client):
    client.freeze_clock("2030-01-01T00:00:00Z")
    client.advance_clock(60000)
    assert "2030-01-01T00:01:00" in json.dumps(client.clock_status())
    client.reset_clock()


@check("COMMON")
def scenario(client):
    client.upsert(
        simple("/s", "first", scenarioName="n", scenarioState="Started", newScenarioState="B"),
        simple("/s", "second", scenarioName="n", scenarioState="B"),
    )
    assert ask("GET", "/s")[2] == "first"
    assert client.scenario("n").state() == "B"
    client.scenario("n").set("Started")
    assert ask("GET", "/s")[2] == "first"
    client.scenario("n").trigger("Started")
    assert ask("GET", "/s")[2] == "first"
    assert "n" in json.dumps(client.scenarios())


@check("COMMON", "retrieve_configuration")
def configuration(client):
    assert "maxExpectations" in json.loads(client.retrieve_configuration())
    client.update_configuration('{"maxExpectations": 1234}')
    assert json.loads(client.retrieve_configuration())["maxExpectations"] == 1234


@check("COMMON", "set_mode")
def mode(client):
    assert "SIMULATE" in json.dumps(client.set_mode("SIMULATE"))
    assert "SIMULATE" in json.dumps(client.retrieve_mode())
    client.set_mode("SPY")


@check("COMMON")
def debug_mismatch(client):
    client.upsert(simple("/a", id="d1"))
    result = client.debug_mismatch(HttpRequest(path="/b"))
    assert result is not None


@check("COMMON")
def explain_unmatched(client):
    client.upsert(simple("/a"))
    ask("GET", "/b")
    assert client.explain_unmatched() is not None


@check("COMMON")
def has_started(client):
    assert client.has_started() is True


@check("RARE")
def bind(client):
    assert client.bind(0)[0] > 0


@check("RARE", "retrieve_metrics")
def metrics(client):
    assert isinstance(client.retrieve_metrics(), dict)


@check("RARE")
def scrape_metrics(client):
    assert isinstance(client.scrape_metrics(), str)


@check("RARE", "retrieve_drift")
def drift(client):
    assert "count" in client.retrieve_drift()
    client.clear_drift()


@check("RARE", "store_file")
def files(client):
    client.store_file("f.txt", "hello")
    assert "f.txt" in json.dumps(client.list_files())
    assert client.retrieve_file("f.txt") == "hello"
    client.store_file("g.bin", b"\x00\xff")
    client.delete_file("f.txt")
    client.delete_file("g.bin")


@check("RARE", "pact_import")
def pact(client):
    text = json.dumps({"consumer": {"name": "c"}, "provider": {"name": "p"},
        "interactions": [{"description": "d", "request": {"method": "GET", "path": "/pact"},
        "response": {"status": 200, "body": {"a": 1}}}], "metadata": {"pactSpecification": {"version": "2.0.0"}}})
    client.pact_import(text)
    assert ask("GET", "/pact")[0] == 200
    client.pact_export("c", "p")
    client.pact_verify(text)


@check("RARE", "import_document")
def imports(client):
    har = json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"},
        "entries": [{"request": {"method": "GET", "url": "http://h/har", "httpVersion": "HTTP/1.1", "headers": [],
        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [],
        "content": {"size": 1, "mimeType": "text/plain", "text": "h"}, "redirectURL": "", "headersSize": -1,
        "bodySize": 1}, "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0},
        "startedDateTime": "2020-01-01T00:00:00Z", "time": 1}]}})
    assert len(client.import_har(har)) == 1
    assert ask("GET", "/har")[2] == "h"
    collection = json.dumps({"info": {"name": "n",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": [{"name": "i", "request": {"method": "GET", "url": {"raw": "http://h/postman", "path": ["postman"]}},
        "response": [{"name": "r", "code": 200, "body": "p"}]}]})
    assert len(client.import_postman_collection(collection)) >= 1
    assert len(client.import_document(har, "har")) == 1


@check("RARE", "set_service_chaos")
def chaos(client):
    client.set_service_chaos("example.test", HttpChaosProfile.from_dict({"errorStatus": 503, "errorProbability": 1.0}))
    assert "example.test" in json.dumps(client.service_chaos_status())
    client.remove_service_chaos("example.test")
    client.clear_service_chaos()


@check("RARE", "add_request_breakpoint")
def breakpoints(client):
    client.upsert(simple("/bp"))
    identity = client.add_request_breakpoint(HttpRequest(path="/bp"), lambda request: request)
    assert identity in json.dumps(client.list_breakpoint_matchers())
    assert ask("GET", "/bp")[0] == 200
    client.remove_breakpoint_matcher(identity)
    client.add_breakpoint(HttpRequest(path="/x"), ["REQUEST"], lambda request: request)
    client.add_request_and_response_breakpoint(HttpRequest(path="/y"), lambda request: request, lambda request,
        response: response)
    client.clear_breakpoint_matchers()


@check("RARE")
def wsdl_expectation(client):
    wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" targetNamespace="urn:t"><message name="In"/><message name="Out"/><portType name="P"><operation name="Op"><input message="t:In"/><output message="t:Out"/></operation></portType><binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Op"><soap:operation soapAction="urn:op"/></operation></binding><service name="S"><port name="Q" binding="t:B"><soap:address location="http://h/soap"/></port></service></definitions>'
    assert len(client.wsdl_expectation(wsdl)) >= 1


@check("RARE", "load_scenarios")
def load_scenarios(client):
    client.load_scenario({"name": "l", "maxRequests": 2,
        "profile": {"stages": [{"type": "VU", "durationMillis": 200, "vus": 1}]},
        "steps": [{"request": {"method": "GET", "path": "/load",
        "socketAddress": {"host": "127.0.0.1", "port": ECHO, "scheme": "HTTP"}}}]})
    assert "l" in json.dumps(client.load_scenarios())
    client.get_load_scenario("l")
    client.stop_load_scenarios()
    client.delete_load_scenario("l")
    client.clear_load_scenarios()


@check("RARE", "retrieve_grpc_services")
def grpc(client):
    assert isinstance(client.retrieve_grpc_services(), list)
    client.clear_grpc_descriptors()


@check("RARE", "retrieve_active_expectations_by_metadata")
def metadata(client):
    client.when(HttpRequest(path="/meta")).with_metadata("owner", "team").respond(HttpResponse(body="m"))
    assert len(client.retrieve_active_expectations_by_metadata("owner", "team")) == 1
    assert len(client.retrieve_active_expectations_by_metadata_key("owner")) == 1
    client.clear_by_metadata("owner", "team")
    client.clear_by_metadata_key("owner")


@check("RARE", "retrieve_unmatched_expectations")
def unmatched_expectations(client):
    client.upsert(simple("/never"))
    assert len(client.retrieve_unmatched_expectations()) == 1
    client.clear_unmatched_expectations()


def play(function):
    """One check with a client and a server state of its own."""
    client = mockserver.MockServerClient("127.0.0.1", PORT)
    try:
        # 8.0.0 now and then refuses a reset while a callback's socket is closing.
        while ask("PUT", "/mockserver/reset")[0] != 200:
            pass
        function(Watched(client))
    finally:
        client.close()


def main():
    methods = [name for name, _ in inspect.getmembers(mockserver.MockServerClient,
        callable) if not name.startswith("_")]
    for name, grade, needs, function in CHECKS:
        if needs not in methods:
            continue
        result = {"check": name, "grade": grade, "ok": True, "note": ""}
        try:
            pool = concurrent.futures.ThreadPoolExecutor(1)
            pool.submit(play, function).result(40)
        except Exception as error:
            result["ok"] = False
            result["note"] = f"{type(error).__name__}: {error}"[:300]
        print(json.dumps(result), flush=True)
    print(json.dumps({"missed": sorted(set(methods) - USED - {"close", "stop"})}), flush=True)
    sys.stdout.flush()
    os._exit(0)  # a check that hangs must not keep the process alive


if __name__ == "__main__":
    main()
