//! The table itself.

use super::Kind::{
    Bool, Captures, Conditions, Count, Day, Duration, Each, Edges, Expectation, Factor, Fault,
    Later, Matcher, Method, MockBody, Name, Names, Parallel, Parts, Pattern, Poll, Reply, Request,
    Scope, Session, Skip, Slug, Status, Steps, Table, Template, Text, Texts, TimeBounds, Uses,
    Value, Values, Variables, VerifySubject, WaitSubject,
};
use super::{VerbWord, Word};

/// A document with `scenario:`.
pub(crate) const SCENARIO: &[Word] = &[
    Word::required("scenario", Text, "The title, for people."),
    Word::new(
        "id",
        Slug,
        "A stable identity. Without it the file's path serves, with an ordinal from the second document on.",
    ),
    Word::new("description", Text, "What it is about, at length."),
    Word::new("tags", Texts, "For selection: `styk test --tag smoke`."),
    Word::new("owner", Text, "Who looks after it."),
    Word::new("issue", Text, "The ticket it came from."),
    Word::new(
        "edges",
        Edges,
        "Edges it is about. Documentation only: coverage is observed, never declared.",
    ),
    Word::new(
        "timeout",
        Duration,
        "The limit of an attempt, 60s by default.",
    ),
    Word::new(
        "step_timeout",
        Duration,
        "The limit of a step, 10s by default.",
    ),
    Word::new(
        "retries",
        Count(0, 5),
        "How often it is played again after a failure. A pass after a retry is flaky.",
    ),
    Word::new(
        "exclusive",
        Names,
        "Never played at the same time as others that give one of these names.",
    ),
    Word::new("skip", Skip, "Why it is not played."),
    Word::new(
        "shop",
        Values,
        "Variables of the shop for this scenario alone. They see `run`, `env` and `row`. A shop that runs already cannot be given any: there the scenario is skipped.",
    ),
    Word::new(
        "secrets",
        Names,
        "Variables whose values are masked in reports and messages.",
    ),
    Word::new(
        "vars",
        Variables,
        "Variables, in order; each sees those before it.",
    ),
    Word::new(
        "table",
        Table,
        "One test for each row, bound to `row`. A column `case` names the row in reports.",
    ),
    Word::new("use", Uses, "Fixtures to set up before the first step."),
    Word::required("steps", Steps, "The steps."),
    Word::new(
        "finally",
        Steps,
        "Steps to play at the end, whatever happened.",
    ),
];

/// One fixture of a document with `fixtures:`.
pub(crate) const FIXTURE: &[Word] = &[
    Word::new(
        "scope",
        Scope,
        "How long it lives: one attempt (the default), a worker, the whole run on its stage.",
    ),
    Word::new(
        "args",
        Variables,
        "Arguments with their defaults. One without a default must be given.",
    ),
    Word::new(
        "vars",
        Variables,
        "Variables, in order; they see the arguments.",
    ),
    Word::required(
        "steps",
        Steps,
        "Steps that set it up. They see the fixture's own names only.",
    ),
    Word::new("outputs", Variables, "What it gives: `$buyer.token`."),
    Word::new(
        "teardown",
        Steps,
        "Steps that take it down, whatever happened.",
    ),
];

/// What every step takes.
pub(crate) const MODIFIERS: &[Word] = &[
    Word::new("id", Slug, "An identity that survives edits."),
    Word::new("name", Template, "What the step is for, in reports."),
    Word::new("note", Text, "A remark for the reader of the file."),
    Word::new(
        "when",
        Value,
        "Played only if this is true; else skipped, and the report says so.",
    ),
    Word::new(
        "timeout",
        Duration,
        "The limit of the step, 10s by default. A poll's or wait's own limit may be longer.",
    ),
    Word::new("soft", Bool, "Go on after a failure, and fail at the end."),
    Word::new(
        "each",
        Each,
        "Once for each element, bound to `item` or a name of yours; `index` counts from 0.",
    ),
    Word::new(
        "repeat",
        Count(1, 10_000),
        "So many times; `index` counts from 0.",
    ),
];

/// What a step takes whose verb has a result.
pub(crate) const RESULT_MODIFIERS: &[Word] = &[
    Word::new(
        "expect",
        Expectation,
        "What must hold. Without it a request must be answered below 400.",
    ),
    Word::new("poll", Poll, "Again until `expect` holds."),
    Word::new(
        "abort_if",
        Expectation,
        "Ends a poll at once, as a failure.",
    ),
    Word::new("capture", Captures, "Names to bind from the result."),
    Word::new(
        "collect",
        Captures,
        "Names of lists to append to from the result.",
    ),
];

/// `poll:` at length.
pub(crate) const POLL: &[Word] = &[
    Word::required("for", Duration, "How long to go on."),
    Word::new("every", Duration, "The first pause, 20ms by default."),
    Word::new(
        "backoff",
        Factor,
        "What each pause is multiplied with, 1.5 by default.",
    ),
    Word::new(
        "max_every",
        Duration,
        "The longest pause, 500ms by default.",
    ),
];

/// `skip:` at length.
pub(crate) const SKIP: &[Word] = &[
    Word::required("reason", Text, "Why."),
    Word::new("until", Day, "The first day on which it is played again."),
    Word::new(
        "when",
        Value,
        "Skipped only if this is true. It sees `stage`, `run`, `env` and `row`.",
    ),
];

/// `http:` at length.
pub(crate) const HTTP_LONG: &[Word] = &[
    Word::required("method", Method, "The method."),
    Word::new("path", Template, "A path at the shop."),
    Word::new("url", Template, "A whole URL."),
];

/// `session:` at length.
pub(crate) const SESSION: &[Word] = &[
    Word::new("bearer", Value, "A token for `Authorization: Bearer …`."),
    Word::new(
        "basic",
        Values,
        "`{user: …, password: …}` for `Authorization: Basic …`.",
    ),
    Word::new("headers", Values, "Headers to send with each request."),
];

/// A file in `multipart:`.
pub(crate) const MULTIPART_FILE: &[Word] = &[
    Word::required("file", Template, "The path, from the scenario's folder."),
    Word::new(
        "filename",
        Template,
        "The name to send; the path's last part by default.",
    ),
    Word::new("type", Template, "The media type."),
];

/// `request:` of a mock.
pub(crate) const PATTERN: &[Word] = &[
    Word::new("method", Template, "The method; any by default."),
    Word::new(
        "path",
        Template,
        "The path, literal or a regular expression; any by default.",
    ),
    Word::new("query", Values, "Parameters that must be there."),
    Word::new("headers", Values, "Headers that must be there."),
    Word::new("body", MockBody, "What the body must be."),
];

/// `reply:` of a mock.
pub(crate) const REPLY: &[Word] = &[
    Word::new("status", Value, "The status, 200 by default."),
    Word::new("headers", Values, "Headers."),
    Word::new("json", Value, "A JSON body."),
    Word::new("text", Template, "A text body."),
    Word::new(
        "file",
        Text,
        "A file's content as the body; the path starts at the scenario's folder.",
    ),
    Word::new("delay", Duration, "Wait so long before answering."),
    Word::new("drop", Bool, "Close the connection without an answer."),
];

/// `parallel:`.
pub(crate) const PARALLEL: &[Word] = &[
    Word::new(
        "times",
        Count(2, 256),
        "So many copies of all the steps leave together. Captures become lists in copy order. Without it the steps themselves run side by side.",
    ),
    Word::required("steps", Steps, "The steps."),
];

/// The keys of an expectation, besides `$.path`, `header.<name>` and `cookie.<name>`.
pub(crate) const EXPECTATION: &[Word] = &[
    Word::new("status", Status, "The status."),
    Word::new("time", TimeBounds, "How long the answer took."),
    Word::new("body", Matcher, "The JSON body as a whole."),
    Word::new("text", Matcher, "The body as text."),
];

const NONE: &[&str] = &[];
const ALL: &[&str] = &["expect", "poll", "abort_if", "capture", "collect"];
const CAPTURES: &[&str] = &["capture", "collect"];

/// The verbs.
pub(crate) const VERBS: &[VerbWord] = &[
    VerbWord {
        name: "http",
        subject: Request,
        doc: "Sends a request to the shop.",
        arguments: &[
            Word::new(
                "by",
                Name,
                "The actor: the alias of a fixture with a session, or `anonymous`. The latest session by default.",
            ),
            Word::new("headers", Values, "Headers."),
            Word::new(
                "query",
                Values,
                "Parameters added to the path. A list repeats one, `null` leaves it out.",
            ),
            Word::new("json", Value, "A JSON body."),
            Word::new("form", Values, "A form as body."),
            Word::new("multipart", Parts, "A form with files as body."),
            Word::new("text", Template, "Text as body."),
            Word::new(
                "file",
                Template,
                "A file as body; the path starts at the scenario's folder.",
            ),
            Word::new(
                "session",
                Session,
                "How the actor authorizes itself from the next request on.",
            ),
            Word::new(
                "follow",
                Bool,
                "Follow redirects; they are not followed by default.",
            ),
        ],
        results: ALL,
        example: "- http: POST /api/orders/\n  json: {product_id: $product.id, quantity: 1}\n  expect: {status: 201, $.status: pending}\n  capture: {order: $.id}\n",
        is_supported: true,
    },
    VerbWord {
        name: "use",
        subject: Name,
        doc: "Sets a fixture up and binds its outputs to its name.",
        arguments: &[
            Word::new("with", Variables, "Values for its arguments."),
            Word::new("as", Name, "Another name for its outputs and its actor."),
        ],
        results: NONE,
        example: "- use: buyer\n  as: alice\n",
        is_supported: true,
    },
    VerbWord {
        name: "mock",
        subject: Name,
        doc: "Teaches a mock an answer, until the scenario ends. The latest that matches a request answers it.",
        arguments: &[
            Word::new("request", Pattern, "Which requests; any by default."),
            Word::new(
                "httpRequest",
                Value,
                "Which requests, in MockServer's own words.",
            ),
            Word::required("reply", Reply, "The answer."),
            Word::new(
                "times",
                Count(1, 1_000_000),
                "How often; without end by default.",
            ),
        ],
        results: NONE,
        example: "- mock: shipping\n  request: {method: POST, path: /api/v1/shipping/orders, body: {service: standard}}\n  reply: {status: 201, json: {tracking_number: TRACK1}, delay: 50ms}\n  times: 1\n",
        is_supported: true,
    },
    VerbWord {
        name: "fault",
        subject: Template,
        doc: "Breaks the edge to a fake in one named way, until the scenario ends. A fault that never fires fails the scenario: it tested nothing.",
        arguments: &[
            Word::new("kind", Fault, "In which way."),
            Word::new(
                "operation",
                Template,
                "On which operation (`POST /v1/refunds`), or for webhooks on which event. Any by default.",
            ),
            Word::new(
                "entity",
                Template,
                "On calls about this: an order of the shop, or an id of the provider.",
            ),
            Word::new(
                "ordinal",
                Count(0, 1_000_000),
                "How many calls that fit pass unharmed before; 0 by default.",
            ),
            Word::new(
                "attempt",
                Count(0, 1000),
                "Only this try of one operation: 0 is the first, 1 its first repetition.",
            ),
            Word::new(
                "times",
                Count(1, 1_000_000),
                "How often it fires; once by default.",
            ),
            Word::new("params", Values, "What the kind is told further."),
            Word::new(
                "clear",
                Bool,
                "Takes this scenario's faults at the fake back.",
            ),
        ],
        results: NONE,
        example: "- fault: orders>stripe\n  kind: response_lost\n  operation: POST /v1/payment_intents\n",
        is_supported: true,
    },
    VerbWord {
        name: "fake",
        subject: Template,
        doc: "Makes something happen at the stateful imitation of a provider: a payer pays, a bank disputes. Written `provider.action`, or `area.provider.action`.",
        arguments: &[Word::new("with", Values, "What the action is told.")],
        results: CAPTURES,
        example: "- fake: payments.stripe.confirm\n  with: {order: $order, card: \"4242424242424242\"}\n",
        is_supported: true,
    },
    VerbWord {
        name: "wait",
        subject: WaitSubject,
        doc: "Waits for a call, for a webhook, or until nothing is going on. It listens to the journal and does not ask the shop.",
        arguments: &[
            Word::new(
                "from",
                VerifySubject,
                "The mock that sees the call, or the edge it crosses; `wait: call` needs it. For `wait: webhook` the fake it comes from.",
            ),
            Word::new(
                "event",
                Matcher,
                "The type of the webhook, in the provider's words.",
            ),
            Word::new("delivered", Status, "What the shop answered the webhook."),
            Word::new("where", Conditions, "Which call will do."),
            Word::new("for", Duration, "How long to wait."),
        ],
        results: CAPTURES,
        example: "- wait: call\n  from: email\n  where: {to: $buyer.email, template: order_confirmation}\n  for: 5s\n",
        is_supported: true,
    },
    VerbWord {
        name: "verify",
        subject: VerifySubject,
        doc: "Asks the journal what was called, and how often.",
        arguments: &[
            Word::new("where", Conditions, "Which calls count."),
            Word::new(
                "count",
                Matcher,
                "How many there must be, at least one by default. A number means exactly.",
            ),
            Word::new("settle", Duration, "How long to look for late ones."),
        ],
        results: CAPTURES,
        example: "- verify: email\n  where: {to: $buyer.email, subject: {contains: \"#${order}\"}}\n  count: 1\n",
        is_supported: true,
    },
    VerbWord {
        name: "trace",
        subject: Later,
        doc: "Asks the journal about edges and their order.",
        arguments: &[],
        results: NONE,
        example: "",
        is_supported: false,
    },
    VerbWord {
        name: "sql",
        subject: Later,
        doc: "Asks the shop's database.",
        arguments: &[],
        results: NONE,
        example: "",
        is_supported: false,
    },
    VerbWord {
        name: "exec",
        subject: Later,
        doc: "Runs a program.",
        arguments: &[],
        results: NONE,
        example: "",
        is_supported: false,
    },
    VerbWord {
        name: "clock",
        subject: Later,
        doc: "Moves a virtual clock.",
        arguments: &[],
        results: NONE,
        example: "",
        is_supported: false,
    },
    VerbWord {
        name: "check",
        subject: Value,
        doc: "Compares a value.",
        arguments: &[Word::new(
            "is",
            Matcher,
            "What it must be; `true` by default.",
        )],
        results: NONE,
        example: "- check: ${ids | length}\n  is: {gte: 2}\n",
        is_supported: true,
    },
    VerbWord {
        name: "set",
        subject: Variables,
        doc: "Binds names, in order.",
        arguments: &[],
        results: NONE,
        example: "- set: {total: \"${price * 3}\"}\n",
        is_supported: true,
    },
    VerbWord {
        name: "parallel",
        subject: Parallel,
        doc: "Plays steps side by side.",
        arguments: &[],
        results: NONE,
        example: "- parallel:\n    times: 2\n    steps:\n      - http: POST /api/orders/\n        expect: {status: [201, 409]}\n        capture: {answers: status}\n",
        is_supported: true,
    },
    VerbWord {
        name: "group",
        subject: Template,
        doc: "Plays steps under a name; reports nest them.",
        arguments: &[Word::required("steps", Steps, "The steps.")],
        results: NONE,
        example: "- group: The payment\n  steps:\n    - http: POST /api/payments/\n",
        is_supported: true,
    },
    VerbWord {
        name: "log",
        subject: Template,
        doc: "Leaves a line in the report.",
        arguments: &[],
        results: NONE,
        example: "- log: the order is ${order}\n",
        is_supported: true,
    },
    VerbWord {
        name: "sleep",
        subject: Duration,
        doc: "Lets time pass. `poll` and `wait` are better: the loader warns.",
        arguments: &[],
        results: NONE,
        example: "- sleep: 100ms\n",
        is_supported: true,
    },
];
