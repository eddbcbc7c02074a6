// Calls every method of the npm package mockserver-client and looks at what comes of it.
//
//   node node.js <folder of the package> <port of the server> <port of an echo server>
//
// Prints one JSON line a check: {"check", "grade", "ok", "note"}.
"use strict";

const assert = require("assert");
const fs = require("fs");
const http = require("http");

const [folder, port, echoPort] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const library = require(folder);
const client = library.mockServerClient("127.0.0.1", port);
const used = new Set();
const watched = new Proxy(client, {
  get(target, name) {
    used.add(name);
    return target[name];
  },
});

function ask(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, method, path, headers: headers || {}, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.setTimeout(10000, () => request.destroy(new Error("no answer in time")));
    request.end(body);
  });
}

const within = (promise, milliseconds) =>
  Promise.race([Promise.resolve(promise), new Promise((_, fail) => setTimeout(() => fail(new Error("no answer in time")), milliseconds))]);

async function refused(promise) {
  try {
    await promise;
  } catch (reason) {
    return String((reason && reason.message) || reason);
  }
  throw new Error("should have been refused");
}

const forwardTo = (path) => ({ path, headers: { Host: [`127.0.0.1:${echoPort}`] } });

// [method the check is for, grade, what it does]
const checks = {
  mockSimpleResponse: ["CORE", async (c) => {
    await c.mockSimpleResponse("/simple", { name: "value" }, 203);
    const answer = await ask("GET", "/simple");
    assert.strictEqual(answer.status, 203);
    assert.deepStrictEqual(JSON.parse(answer.body), { name: "value" });
  }],
  mockAnyResponse: ["CORE", async (c) => {
    await c.mockAnyResponse({
      httpRequest: { method: "POST", path: "/any", queryStringParameters: { q: ["1"] }, headers: { "X-Id": ["a.*"] }, body: { type: "JSON", json: { a: 1 } } },
      httpResponse: { statusCode: 201, headers: { "X-R": ["1"] }, cookies: { k: "v" }, body: "made", delay: { timeUnit: "MILLISECONDS", value: 5 } },
      times: { remainingTimes: 1, unlimited: false },
    });
    const answer = await ask("POST", "/any?q=1", '{"a":1,"b":2}', { "X-Id": "abc" });
    assert.strictEqual(answer.status, 201);
    assert.strictEqual(answer.body, "made");
    assert.strictEqual(answer.headers["x-r"], "1");
    assert.deepStrictEqual(answer.headers["set-cookie"], ["k=v"]);
    assert.strictEqual((await ask("POST", "/any?q=1", '{"a":1}', { "X-Id": "abc" })).status, 404);
  }],
  "mockAnyResponse: array": ["CORE", async (c) => {
    await c.mockAnyResponse([{ httpRequest: { path: "/one" }, httpResponse: { body: "1" } }, { httpRequest: { path: "/two" }, httpResponse: { body: "2" }, priority: 5 }]);
    assert.strictEqual((await ask("GET", "/two")).body, "2");
  }],
  "mockAnyResponse: malformed": ["CORE", async (c) => {
    const reason = await refused(c.mockAnyResponse({ httpRequest: { nothing: 1 }, httpResponse: {} }));
    assert.match(reason, /incorrect expectation json format/);
  }],
  "mockAnyResponse: forward": ["COMMON", async (c) => {
    await c.mockAnyResponse({ httpRequest: { path: "/plain" }, httpForward: { host: "127.0.0.1", port: echoPort, scheme: "HTTP" } });
    assert.strictEqual((await ask("GET", "/plain")).body, "plain text");
  }],
  "mockAnyResponse: template": ["COMMON", async (c) => {
    await c.mockAnyResponse({ httpRequest: { path: "/t" }, httpResponseTemplate: { templateType: "VELOCITY", template: "{'statusCode': 202, 'body': '$request.method'}" } });
    const answer = await ask("PUT", "/t");
    assert.deepStrictEqual([answer.status, answer.body], [202, "PUT"]);
  }],
  "mockAnyResponse: error": ["COMMON", async (c) => {
    await c.mockAnyResponse({ httpRequest: { path: "/e" }, httpError: { dropConnection: true } });
    await assert.rejects(ask("GET", "/e"), /hang up|ECONNRESET/);
  }],
  setDefaultHeaders: ["COMMON", async (c) => {
    c.setDefaultHeaders([{ name: "X-Default", values: ["yes"] }], []);
    await c.mockSimpleResponse("/default", { a: 1 }, 200);
    c.setDefaultHeaders([{ name: "Content-Type", values: ["application/json; charset=utf-8"] }], []);
    assert.strictEqual((await ask("GET", "/default")).headers["x-default"], "yes");
  }],
  openAPIExpectation: ["COMMON", async (c) => {
    const specification = { openapi: "3.0.0", info: { title: "t", version: "1" }, paths: { "/pet": { get: { operationId: "pet", responses: { 200: { description: "d", content: { "application/json": { example: { id: 7 } } } } } } } } };
    await c.openAPIExpectation({ specUrlOrPayload: specification, operationsAndResponses: { pet: "200" } });
    assert.deepStrictEqual(JSON.parse((await ask("GET", "/pet")).body), { id: 7 });
  }],
  mockWithCallback: ["COMMON", async (c) => {
    await c.mockWithCallback({ path: "/callback" }, (request) => ({ statusCode: 202, headers: { "X-C": ["1"] }, body: request.method + " " + request.path + " " + (request.body.string || request.body) }));
    const answer = await ask("POST", "/callback", "text");
    assert.deepStrictEqual([answer.status, answer.body, answer.headers["x-c"]], [202, "POST /callback text", "1"]);
  }],
  "mockWithCallback: two and many": ["COMMON", async (c) => {
    await c.mockWithCallback({ path: "/first" }, (request) => ({ body: "first " + request.queryStringParameters.n[0] }), { unlimited: true });
    await c.mockWithCallback({ path: "/second" }, () => ({ body: "second" }), 1);
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => ask("GET", "/first?n=" + n)));
    assert.deepStrictEqual(answers.map((answer) => answer.body), [1, 2, 3, 4, 5].map((n) => "first " + n));
    assert.strictEqual((await ask("GET", "/second")).body, "second");
    assert.strictEqual((await ask("GET", "/second")).status, 404);
  }],
  mockWithForwardCallback: ["COMMON", async (c) => {
    await c.mockWithForwardCallback({ path: "/fc" }, () => forwardTo("/plain"));
    assert.strictEqual((await ask("GET", "/fc")).body, "plain text");
  }],
  mockWithForwardAndResponseCallback: ["COMMON", async (c) => {
    await c.mockWithForwardAndResponseCallback({ path: "/frc" }, () => forwardTo("/plain"), (request, response) => ({ statusCode: 207, body: "changed " + response.statusCode }));
    const answer = await ask("GET", "/frc");
    assert.deepStrictEqual([answer.status, answer.body], [207, "changed 200"]);
  }],
  when: ["CORE", async (c) => {
    await c.when({ path: "/when" }, 2).withPriority(3).withId("when-1").withTimeToLive({ unlimited: true }).respond({ statusCode: 210, body: "w" });
    assert.strictEqual((await ask("GET", "/when")).status, 210);
    const active = await c.retrieveActiveExpectations({ path: "/when" });
    assert.deepStrictEqual([active[0].id, active[0].priority, active[0].times.remainingTimes], ["when-1", 3, 1]);
  }],
  "when: forward, error, callback": ["COMMON", async (c) => {
    await c.when("/plain").forward({ host: "127.0.0.1", port: echoPort });
    await c.when("/error").withTimes(1).error({ dropConnection: true });
    await c.when({ path: "/cb" }).callback(() => ({ body: "cb" }));
    await c.when({ path: "/fcb" }).forwardCallback(() => forwardTo("/plain"));
    assert.strictEqual((await ask("GET", "/plain")).body, "plain text");
    await assert.rejects(ask("GET", "/error"));
    assert.strictEqual((await ask("GET", "/cb")).body, "cb");
    assert.strictEqual((await ask("GET", "/fcb")).body, "plain text");
  }],
  verify: ["CORE", async (c) => {
    await ask("GET", "/v");
    await ask("GET", "/v");
    await c.verify({ path: "/v" }, 2, 2);
    await c.verify({ path: "/v" }, 1);
    await c.verify({ path: "/none" }, 0, 0);
    const reason = await refused(c.verify({ path: "/v" }, 3, 3));
    assert.match(reason, /Request not found exactly 3 times/);
  }],
  verifyById: ["CORE", async (c) => {
    await c.mockAnyResponse({ id: "by-id", httpRequest: { path: "/v" }, httpResponse: { body: "v" } });
    await ask("GET", "/v");
    await c.verifyById({ id: "by-id" }, 1, 1);
    await refused(c.verifyById({ id: "by-id" }, 2, 2));
  }],
  verifySequence: ["CORE", async (c) => {
    for (const path of ["/a", "/b", "/c"]) await ask("GET", path);
    await c.verifySequence({ path: "/a" }, { path: "/c" });
    assert.match(await refused(c.verifySequence({ path: "/c" }, { path: "/a" })), /Request sequence not found/);
  }],
  verifySequenceById: ["COMMON", async (c) => {
    await c.mockAnyResponse([{ id: "s1", httpRequest: { path: "/a" }, httpResponse: {} }, { id: "s2", httpRequest: { path: "/b" }, httpResponse: {} }]);
    await ask("GET", "/a");
    await ask("GET", "/b");
    await c.verifySequenceById({ id: "s1" }, { id: "s2" });
    await refused(c.verifySequenceById({ id: "s2" }, { id: "s1" }));
  }],
  verifyResponse: ["COMMON", async (c) => {
    await c.mockAnyResponse({ httpRequest: { path: "/a" }, httpResponse: { statusCode: 201 } });
    await ask("GET", "/a");
    await c.verifyResponse({ statusCode: 201 }, 1, 1);
    await refused(c.verifyResponse({ statusCode: 500 }, 1, 1));
  }],
  verifyRequestAndResponse: ["COMMON", async (c) => {
    await c.mockAnyResponse({ httpRequest: { path: "/a" }, httpResponse: { statusCode: 201 } });
    await ask("GET", "/a");
    await c.verifyRequestAndResponse({ path: "/a" }, { statusCode: 201 }, 1, 1);
    await refused(c.verifyRequestAndResponse({ path: "/b" }, { statusCode: 201 }, 1, 1));
  }],
  verifySequenceWithResponses: ["RARE", async (c) => {
    await c.mockAnyResponse([{ httpRequest: { path: "/a" }, httpResponse: { statusCode: 201 } }, { httpRequest: { path: "/b" }, httpResponse: { statusCode: 202 } }]);
    await ask("GET", "/a");
    await ask("GET", "/b");
    const pair = (path, statusCode) => ({ request: { path }, response: { statusCode } });
    await c.verifySequenceWithResponses([pair("/a", 201), pair("/b", 202)]);
    await refused(c.verifySequenceWithResponses([pair("/b", 202), pair("/a", 201)]));
  }],
  verifyZeroInteractions: ["CORE", async (c) => {
    await c.verifyZeroInteractions();
    await ask("GET", "/v");
    await refused(c.verifyZeroInteractions());
  }],
  reset: ["CORE", async (c) => {
    await c.mockSimpleResponse("/r", {}, 200);
    await c.reset();
    assert.strictEqual((await ask("GET", "/r")).status, 404);
  }],
  clear: ["CORE", async (c) => {
    await c.mockSimpleResponse("/keep", {}, 200);
    await c.mockSimpleResponse("/gone", {}, 200);
    await ask("GET", "/gone");
    await c.clear("/gone", "EXPECTATIONS");
    assert.strictEqual((await ask("GET", "/gone")).status, 404);
    assert.strictEqual((await ask("GET", "/keep")).status, 200);
    await c.clear({ path: "/gone" }, "LOG");
    assert.strictEqual((await c.retrieveRecordedRequests({ path: "/gone" })).length, 0);
    await c.clear("/keep", "ALL");
    assert.strictEqual((await ask("GET", "/keep")).status, 404);
  }],
  clearById: ["CORE", async (c) => {
    await c.mockAnyResponse({ id: "clear-me", httpRequest: { path: "/c" }, httpResponse: {} });
    await c.clearById("clear-me", "EXPECTATIONS");
    assert.strictEqual((await ask("GET", "/c")).status, 404);
  }],
  bind: ["RARE", async (c) => {
    const answer = await c.bind([0]);
    const body = JSON.parse(answer.body || answer);
    assert.ok(body.ports[0] > 0);
  }],
  retrieveRecordedRequests: ["CORE", async (c) => {
    await ask("POST", "/rr?a=1", '{"x":1}', { "Content-Type": "application/json", "X-Id": "i" });
    const [request, ...more] = await c.retrieveRecordedRequests({ path: "/rr" });
    assert.strictEqual(more.length, 0);
    assert.deepStrictEqual([request.method, request.path, request.queryStringParameters.a, request.headers["X-Id"]], ["POST", "/rr", ["1"], ["i"]]);
    assert.deepStrictEqual(request.body.json, { x: 1 });
    assert.strictEqual((await c.retrieveRecordedRequests()).length, 1);
    assert.strictEqual((await c.retrieveRecordedRequests("/rr")).length, 1);
  }],
  retrieveRecordedRequestsAndResponses: ["CORE", async (c) => {
    await ask("GET", "/rr");
    const [exchange] = await c.retrieveRecordedRequestsAndResponses({ path: "/rr" });
    assert.deepStrictEqual([exchange.httpRequest.path, exchange.httpResponse.statusCode], ["/rr", 404]);
  }],
  retrieveRecordedRequestsAndResponsesAsHar: ["RARE", async (c) => {
    await ask("GET", "/rr");
    const har = await c.retrieveRecordedRequestsAndResponsesAsHar({ path: "/rr" });
    assert.strictEqual((typeof har === "string" ? JSON.parse(har) : har).log.entries.length, 1);
  }],
  retrieveActiveExpectations: ["CORE", async (c) => {
    await c.mockAnyResponse([{ id: "a1", httpRequest: { path: "/a" }, httpResponse: { body: "b" } }, { id: "a2", httpRequest: { path: "/b" }, httpResponse: {} }]);
    const active = await c.retrieveActiveExpectations({ path: "/a" });
    assert.deepStrictEqual(active.map((entry) => [entry.id, entry.httpResponse.body, entry.times.unlimited]), [["a1", "b", true]]);
    assert.strictEqual((await c.retrieveActiveExpectations()).length, 2);
  }],
  retrieveRecordedExpectations: ["COMMON", async (c) => {
    await c.mockAnyResponse({ httpRequest: { path: "/plain" }, httpForward: { host: "127.0.0.1", port: echoPort } });
    await ask("GET", "/plain");
    const recorded = await c.retrieveRecordedExpectations({ path: "/plain" });
    assert.strictEqual(recorded.length, 1);
    assert.strictEqual(recorded[0].httpResponse.statusCode, 200);
  }],
  retrieveLogMessages: ["COMMON", async (c) => {
    await ask("GET", "/log");
    const messages = await c.retrieveLogMessages({ path: "/log" });
    assert.ok(messages.some((message) => message.includes("received request")), JSON.stringify(messages).slice(0, 200));
  }],
  byId: ["COMMON", async (c) => {
    await c.mockAnyResponse({ id: "one", httpRequest: { path: "/one" }, httpResponse: {} });
    await ask("GET", "/one");
    await ask("GET", "/other");
    assert.strictEqual((await c.retrieveRecordedRequestsById("one")).length, 1);
    assert.strictEqual((await c.retrieveRecordedRequestsAndResponsesById("one")).length, 1);
    assert.strictEqual((await c.retrieveActiveExpectationsById("one")).length, 1);
    assert.strictEqual((await c.retrieveRecordedExpectationsById("one")).length, 0);
    assert.ok(Array.isArray(await c.retrieveLogMessagesById("one")));
  }, "retrieveRecordedRequestsById"],
  code: ["RARE", async (c) => {
    await c.mockAnyResponse({ httpRequest: { path: "/code" }, httpResponse: { body: "b" } });
    assert.ok((await c.retrieveExpectationsAsCode("JAVA", { path: "/code" })).includes("/code"));
    assert.strictEqual(typeof (await c.retrieveRecordedExpectationsAsCode("JAVASCRIPT")), "string");
  }, "retrieveExpectationsAsCode"],
  clock: ["COMMON", async (c) => {
    await c.freezeClock("2030-01-01T00:00:00Z");
    await c.advanceClock(60000);
    const status = await c.clockStatus();
    assert.match(JSON.stringify(status), /2030-01-01T00:01:00/);
    await c.resetClock();
  }, "freezeClock"],
  scenario: ["COMMON", async (c) => {
    await c.mockAnyResponse([{ httpRequest: { path: "/s" }, httpResponse: { body: "first" }, scenarioName: "n", scenarioState: "Started", newScenarioState: "B" }, { httpRequest: { path: "/s" }, httpResponse: { body: "second" }, scenarioName: "n", scenarioState: "B" }]);
    assert.strictEqual((await ask("GET", "/s")).body, "first");
    assert.match(JSON.stringify(await c.scenario("n").state()), /"B"/);
    await c.scenario("n").set("Started");
    assert.strictEqual((await ask("GET", "/s")).body, "first");
    await c.scenario("n").trigger("B");
    assert.strictEqual((await ask("GET", "/s")).body, "second");
    assert.match(JSON.stringify(await c.scenarios()), /"n"/);
  }],
  configuration: ["COMMON", async (c) => {
    const before = await c.retrieveConfiguration();
    assert.ok("maxExpectations" in (typeof before === "string" ? JSON.parse(before) : before));
    await c.updateConfiguration({ maxExpectations: 1234 });
    const after = await c.retrieveConfiguration();
    assert.strictEqual((typeof after === "string" ? JSON.parse(after) : after).maxExpectations, 1234);
  }, "retrieveConfiguration"],
  mode: ["COMMON", async (c) => {
    assert.match(JSON.stringify(await c.setMode("SIMULATE")), /SIMULATE/);
    assert.match(JSON.stringify(await c.retrieveMode()), /SIMULATE/);
    await c.setMode("SPY");
  }, "setMode"],
  metrics: ["RARE", async (c) => {
    assert.strictEqual(typeof (await c.retrieveMetrics()), "object");
  }, "retrieveMetrics"],
  scrapeMetrics: ["RARE", async (c) => {
    assert.strictEqual(typeof (await c.scrapeMetrics()), "string");
  }],
  drift: ["RARE", async (c) => {
    assert.ok("count" in (await c.retrieveDrift()));
    await c.clearDrift();
  }, "retrieveDrift"],
  files: ["RARE", async (c) => {
    await c.storeFile("f.txt", "hello");
    assert.ok((await c.listFiles()).some((name) => (name.name || name) === "f.txt"));
    assert.strictEqual(await c.retrieveFile("f.txt"), "hello");
    await c.deleteFile("f.txt");
    await c.storeBinaryFile("g.bin", Buffer.from([0, 255]));
    await c.deleteFile("g.bin");
  }, "storeFile"],
  pact: ["RARE", async (c) => {
    const pact = { consumer: { name: "c" }, provider: { name: "p" }, interactions: [{ description: "d", request: { method: "GET", path: "/pact" }, response: { status: 200, body: { a: 1 } } }], metadata: { pactSpecification: { version: "2.0.0" } } };
    assert.strictEqual((await c.pactImport(pact)).length, 1);
    assert.strictEqual((await ask("GET", "/pact")).status, 200);
    assert.ok(await c.pactExport("c", "p"));
    assert.ok(await c.pactVerify(pact));
  }, "pactImport"],
  imports: ["RARE", async (c) => {
    const har = { log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [{ request: { method: "GET", url: "http://h/har", httpVersion: "HTTP/1.1", headers: [], queryString: [], cookies: [], headersSize: -1, bodySize: 0 }, response: { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: [], cookies: [], content: { size: 1, mimeType: "text/plain", text: "h" }, redirectURL: "", headersSize: -1, bodySize: 1 }, cache: {}, timings: { send: 0, wait: 0, receive: 0 }, startedDateTime: "2020-01-01T00:00:00Z", time: 1 }] } };
    assert.strictEqual((await c.importHar(har)).length, 1);
    assert.strictEqual((await ask("GET", "/har")).body, "h");
    const collection = { info: { name: "n", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" }, item: [{ name: "i", request: { method: "GET", url: { raw: "http://h/postman", path: ["postman"] } }, response: [{ name: "r", code: 200, body: "p" }] }] };
    assert.ok((await c.importPostmanCollection(collection)).length >= 1);
    assert.strictEqual((await c.importDocument(har, "har")).length, 1);
  }, "importDocument"],
  chaos: ["RARE", async (c) => {
    await c.setServiceChaos("example.test", { errorStatus: 503, errorProbability: 1.0 });
    assert.ok("example.test" in (await c.serviceChaosStatus()).services);
    await c.removeServiceChaos("example.test");
    await c.clearServiceChaos();
  }, "setServiceChaos"],
  breakpoints: ["RARE", async (c) => {
    await c.mockSimpleResponse("/bp", { a: 1 }, 200);
    const id = await c.addRequestBreakpoint({ path: "/bp" }, (request) => request);
    assert.ok(JSON.stringify(await c.listBreakpointMatchers()).includes(id));
    assert.strictEqual((await ask("GET", "/bp")).status, 200);
    await c.removeBreakpointMatcher(id);
    await c.clearBreakpointMatchers();
  }, "addRequestBreakpoint"],
  "breakpoints: response": ["RARE", async (c) => {
    await c.mockSimpleResponse("/bp", { a: 1 }, 200);
    await c.addBreakpoint({ path: "/bp" }, ["REQUEST"], (request) => request);
    await c.clearBreakpointMatchers();
    await c.addRequestAndResponseBreakpoint({ path: "/bp" }, (request) => request, (request, response) => ({ ...response, statusCode: 207 }));
    assert.strictEqual((await ask("GET", "/bp")).status, 207);
    await c.clearBreakpointMatchers();
  }, "addRequestAndResponseBreakpoint"],
  mcpMock: ["RARE", async (c) => {
    await c.mockAnyResponse(c.mcpMock("/mcp").build());
  }],
  a2aMock: ["RARE", async (c) => {
    await c.mockAnyResponse(c.a2aMock("/a2a").build());
  }],
  startChaosExperiment: ["RARE", async (c) => {
    await c.startChaosExperiment({ name: "x", stages: [{ durationMillis: 50, profiles: { "example.test": { errorStatus: 503, errorProbability: 1.0 } } }] });
  }],
  respondWithSse: ["RARE", async (c) => {
    await c.respondWithSse("/sse", { events: [{ event: "e", data: "one" }, { data: "two" }], closeConnection: true });
    const answer = await ask("GET", "/sse");
    assert.match(answer.headers["content-type"], /event-stream/);
    assert.match(answer.body, /data: ?one/);
  }],
  respondWithBinary: ["RARE", async (c) => {
    await c.respondWithBinary({ path: "/bin" }, { binaryData: Buffer.from("raw").toString("base64") });
  }],
  respondWithWebSocket: ["RARE", async (c) => {
    await c.respondWithWebSocket("/ws", { messages: [{ text: "hi" }], closeConnection: true });
  }],
  respondWithDns: ["RARE", async (c) => {
    await c.respondWithDns({ dnsName: "a.test", dnsType: "A" }, { answerRecords: [{ name: "a.test", type: "A", value: "1.2.3.4", ttl: 60 }] });
  }],
  respondWithGrpcStream: ["RARE", async (c) => {
    await c.respondWithGrpcStream("/grpc", { messages: [{ json: "{}" }] });
  }],
  respondWithClassCallback: ["RARE", async (c) => {
    await c.respondWithClassCallback("/cc", "a.B");
  }],
  forwardWithClassCallback: ["RARE", async (c) => {
    await c.forwardWithClassCallback("/cc", "a.B");
  }],
  wsdlExpectation: ["RARE", async (c) => {
    const wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" targetNamespace="urn:t"><message name="In"/><message name="Out"/><portType name="P"><operation name="Op"><input message="t:In"/><output message="t:Out"/></operation></portType><binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Op"><soap:operation soapAction="urn:op"/></operation></binding><service name="S"><port name="Q" binding="t:B"><soap:address location="http://h/soap"/></port></service></definitions>';
    assert.ok((await c.wsdlExpectation(wsdl)).length >= 1);
  }],
  verifySLO: ["RARE", async (c) => {
    await c.verifySLO({ minimumSampleCount: 0 }).then(() => 0, () => 0);
  }],
  grpc: ["RARE", async (c) => {
    assert.ok(Array.isArray(await c.retrieveGrpcServices()));
    await c.clearGrpcDescriptors();
  }, "retrieveGrpcServices"],
  loadScenarios: ["RARE", async (c) => {
    const scenario = { name: "l", maxRequests: 2, profile: { stages: [{ type: "VU", durationMillis: 200, vus: 1 }] }, steps: [{ request: { method: "GET", path: "/load", headers: { Host: [`127.0.0.1:${echoPort}`] }, socketAddress: { host: "127.0.0.1", port: echoPort, scheme: "HTTP" } } }] };
    await c.loadScenario(scenario);
    assert.match(JSON.stringify(await c.loadScenarios()), /"l"/);
    await c.getLoadScenario("l");
    await c.startLoadScenarios("l").then(() => 0, () => 0);
    await c.stopLoadScenarios("l").then(() => 0, () => 0);
    await c.deleteLoadScenario("l");
    await c.clearLoadScenarios();
  }],
  mockWithLLM: ["RARE", async (c) => {
    const { llm } = library;
    await c.mockWithLLM(llm.llmMock("/v1/chat/completions").withProvider(llm.Provider ? llm.Provider.OPENAI : "OPENAI").respondingWith(llm.completion().withText("hello")));
    assert.match((await ask("POST", "/v1/chat/completions", '{"model":"m","messages":[{"role":"user","content":"hi"}]}')).body, /hello/);
  }],
};

async function main() {
  for (const [name, [grade, check, method]] of Object.entries(checks)) {
    const needed = method || name.split(":")[0];
    if (typeof client[needed] !== "function") continue;
    const result = { check: name, grade, ok: true, note: "" };
    try {
      await within(ask("PUT", "/mockserver/reset"), 10000);
      await within(check(watched), 20000);
    } catch (reason) {
      result.ok = false;
      result.note = String((reason && reason.message) || reason).split("\n").slice(0, 12).join(" ").slice(0, 300);
    }
    fs.writeSync(1, JSON.stringify(result) + "\n");
  }
  const missed = Object.keys(client).filter((name) => typeof client[name] === "function" && !used.has(name));
  fs.writeSync(1, JSON.stringify({ missed }) + "\n");
  process.exit(0);
}

process.on("uncaughtException", (error) => fs.writeSync(2, String(error) + "\n"));
process.on("unhandledRejection", () => {});
main();
