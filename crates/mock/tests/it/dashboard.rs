//! The data behind the page at `/mockserver/dashboard`, and who may read it.

use std::time::Duration;

use serde_json::{Value, json};
use styk_core::{Journal, JournalLimits};
use styk_mock::{Limits, MockServer};
use test_case::test_case;

use crate::support::{Mock, mock, mock_from, mock_with};

const PAGE: &str = "/mockserver/dashboard";
const HOSTILE: &str = "<script>alert(1)</script>";

/// The data at a path below `data/`, which has to be there.
async fn data(mock: &Mock, path: &str) -> Value {
    let answer = mock.get(&format!("{PAGE}/data/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    assert_eq!(
        answer.content_type.as_deref(),
        Some("application/json; charset=utf-8")
    );
    serde_json::from_str(&answer.text).expect("JSON")
}

async fn refusal(mock: &Mock, path: &str) -> (u16, String) {
    let answer = mock.get(&format!("{PAGE}/data/{path}")).await;
    (answer.status, answer.text)
}

/// News that have to come before the wait for them ends by itself.
async fn news(mock: &Mock, seen: &str) -> Value {
    let path = format!("news?seen={seen}&wait=30");
    let news = tokio::time::timeout(Duration::from_secs(15), data(mock, &path)).await;
    news.expect("the news come by themselves")
}

fn seqs(list: &Value) -> Vec<u64> {
    let rows = list["exchanges"].as_array().expect("rows");
    rows.iter()
        .map(|row| row["seq"].as_u64().expect("a number"))
        .collect()
}

async fn requests(mock: &Mock, count: usize) {
    for n in 1..=count {
        mock.get(&format!("/page/{n}")).await;
    }
}

#[tokio::test]
async fn the_page_is_one_document_under_a_strict_policy_and_is_not_recorded() {
    let mock = mock().await;
    for path in [PAGE.to_owned(), format!("{PAGE}/")] {
        let url = format!("{}{path}", mock.server.url());
        let answer = mock.client.get(&url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'sha256-"),
            "{policy}"
        );
        assert!(policy.contains("connect-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(
            answer
                .headers()
                .get("access-control-allow-origin")
                .is_none()
        );
        assert!(answer.text().await.expect("a body").contains("</html>"));
    }
    assert_eq!(refusal(&mock, "nothing").await.0, 404);
    assert_eq!(mock.get(&format!("{PAGE}/other.js")).await.status, 404);
    assert_eq!(data(&mock, "exchanges").await["counts"]["all"], 0);
}

#[tokio::test]
async fn other_methods_and_longer_names_are_ordinary_requests() {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {"body": "mine"}}));
    assert_eq!(mock.send("POST", PAGE, "").await.text, "mine");
    assert_eq!(mock.get("/mockserver/dashboards").await.text, "mine");
}

#[tokio::test]
async fn pages_go_by_sequence_number_in_both_directions() {
    let mock = mock().await;
    requests(&mock, 7).await;
    let newest = data(&mock, "exchanges?limit=3").await;
    assert_eq!(seqs(&newest), [7, 6, 5]);
    assert_eq!(
        (&newest["hasNewer"], &newest["hasOlder"]),
        (&json!(false), &json!(true))
    );
    let older = data(&mock, "exchanges?limit=3&before=5").await;
    assert_eq!(seqs(&older), [4, 3, 2]);
    assert_eq!(
        (&older["hasNewer"], &older["hasOlder"]),
        (&json!(true), &json!(true))
    );
    let oldest = data(&mock, "exchanges?limit=3&before=2").await;
    assert_eq!(seqs(&oldest), [1]);
    assert_eq!(oldest["hasOlder"], false);
    let newer = data(&mock, "exchanges?limit=3&after=1").await;
    assert_eq!(
        seqs(&newer),
        [4, 3, 2],
        "the next newer ones, not the newest"
    );
    assert_eq!(
        (&newer["hasNewer"], &newer["hasOlder"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn a_list_is_bounded_and_unknown_or_malformed_parameters_are_refused() {
    let mock = mock().await;
    requests(&mock, 201).await;
    assert_eq!(
        seqs(&data(&mock, "exchanges?limit=100000").await).len(),
        200
    );
    assert_eq!(seqs(&data(&mock, "exchanges").await).len(), 50);
    let long = "x".repeat(300);
    for query in [
        "exchanges?limit=x",
        "exchanges?before=-1",
        "exchanges?before=1&after=2",
        "exchanges?sort=time",
        "exchanges?outcome=good",
        &format!("exchanges?search={long}"),
        "exchanges?search=a+b+c+d+e+f+g+h+i",
        "expectations?skip=x",
        "news?wait=soon",
        "exchanges/1?x=1",
    ] {
        let (status, text) = refusal(&mock, query).await;
        assert_eq!(status, 400, "{query}: {text}");
        assert!(text.starts_with("{\"error\":\""), "{text}");
    }
    for path in [
        "exchanges/999",
        "exchanges/0",
        "exchanges/x",
        "exchanges/",
        "expectations/none",
        "expectations/%ff",
    ] {
        assert_eq!(refusal(&mock, path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_search_looks_into_paths_headers_statuses_and_bodies_in_any_case() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"path": "/made"}, "httpResponse": {"statusCode": 201, "body": "Zebra"}}));
    mock.get("/made?color=Blue").await;
    mock.send("POST", "/other", "an Ostrich (flightless)").await;
    let url = format!("{}/third", mock.server.url());
    let request = mock.client.get(&url).header("x-animal", "Lion");
    request.send().await.expect("an answer");
    for (search, expected) in [
        ("zebra", vec![1]),
        ("color%3Dblue", vec![1]),
        ("201", vec![1]),
        ("ostrich", vec![2]),
        ("x-animal:+lion", vec![3]),
        ("get", vec![3, 1]),
        ("get+404", vec![3]),
        ("(flight", vec![2]),
        (".*", vec![]),
        ("zebra+ostrich", vec![]),
    ] {
        let found = data(&mock, &format!("exchanges?search={search}")).await;
        assert_eq!(seqs(&found), expected, "{search}");
    }
}

#[tokio::test]
async fn a_search_through_very_much_goes_on_page_by_page() {
    let mock = mock().await;
    mock.send("POST", "/first", "needle").await;
    for _ in 0..5 {
        mock.send("POST", "/large", vec![b'x'; 9 << 20]).await;
    }
    let first = data(&mock, "exchanges?search=needle").await;
    assert_eq!(seqs(&first), Vec::<u64>::new());
    assert_eq!(
        (&first["searchedTo"], &first["hasOlder"]),
        (&json!(3), &json!(true))
    );
    let second = data(&mock, "exchanges?search=needle&before=3").await;
    assert_eq!(
        (seqs(&second), &second["searchedTo"]),
        (vec![1], &Value::Null)
    );
}

#[tokio::test]
async fn results_are_counted_and_filtered_and_the_closest_miss_is_named() {
    let mock = mock().await;
    mock.expect(json!({"id": "pay", "httpRequest": {"method": "POST", "path": "/pay", "body": {"type": "JSON", "json": {"a": 1}}}, "httpResponse": {}}));
    mock.expect(json!({"id": "gone", "httpRequest": {"path": "/gone"}, "httpError": {"dropConnection": true}}));
    mock.expect(json!({"id": "away", "httpRequest": {"path": "/away"}, "httpForward": {"host": "127.0.0.1", "port": 1}}));
    mock.send("POST", "/pay", "{\"a\": 1}").await;
    mock.send("POST", "/pay", "{\"a\": 2}").await;
    mock.raw("GET /gone HTTP/1.1\r\nhost: a\r\n\r\n").await;
    mock.get("/away").await;
    let all = data(&mock, "exchanges").await;
    assert_eq!(
        all["counts"],
        json!({"all": 4, "answered": 1, "unmatched": 1, "failed": 1, "dropped": 1, "open": 0})
    );
    for (outcome, seq) in [
        ("answered", 1),
        ("unmatched", 2),
        ("dropped", 3),
        ("failed", 4),
    ] {
        let found = data(&mock, &format!("exchanges?outcome={outcome}")).await;
        assert_eq!(seqs(&found), [seq], "{outcome}");
        assert_eq!(found["counts"], all["counts"]);
    }
    assert_eq!(seqs(&data(&mock, "exchanges?expectation=gone").await), [3]);
    let row = &data(&mock, "exchanges?outcome=unmatched").await["exchanges"][0];
    assert_eq!(
        row["closest"],
        json!({"id": "pay", "scope": "", "missed": ["body"]})
    );
    let detail = data(&mock, "exchanges/2").await;
    let difference = &detail["closest"]["differences"][0];
    assert_eq!(difference["field"], "body");
    assert_eq!(difference["detail"], "$.a: expected 1, received 2");
    assert!(
        difference["expected"]
            .as_str()
            .is_some_and(|text| text.contains(r#""a":1"#)),
        "{difference}"
    );
    assert!(
        difference["received"]
            .as_str()
            .is_some_and(|text| text.contains(r#"{"a": 2}"#)),
        "{difference}"
    );
    let failed = data(&mock, "exchanges/4").await;
    assert_eq!(
        (&failed["status"], &failed["expectation"]),
        (&json!(502), &json!("away"))
    );
    assert!(
        failed["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{failed}"
    );
}

#[tokio::test]
async fn an_expectation_on_the_path_is_closer_than_one_with_fewer_conditions() {
    let mock = mock().await;
    mock.expect(
        json!({"id": "elsewhere", "httpRequest": {"path": "/elsewhere"}, "httpResponse": {}}),
    );
    mock.expect(json!({"id": "here", "httpRequest": {"method": "POST", "path": "/here", "headers": {"x-a": ["1"]}}, "httpResponse": {}}));
    mock.expect(json!({"id": "similar", "httpRequest": {"path": "/elsewhen"}, "httpResponse": {}}));
    mock.get("/here").await;
    mock.get("/elsewhen2").await;
    let rows = data(&mock, "exchanges").await;
    assert_eq!(
        rows["exchanges"][1]["closest"],
        json!({"id": "here", "scope": "", "missed": ["method", "headers"]})
    );
    assert_eq!(rows["exchanges"][0]["closest"]["id"], "similar");
}

#[tokio::test]
async fn secrets_are_masked_in_lists_details_and_expectations() {
    let mock = mock().await;
    mock.expect(json!({"id": "e", "httpRequest": {"path": "/a", "headers": {"authorization": ["Bearer hush-1"]}, "queryStringParameters": {"token": ["hush-2"]}},
        "httpResponse": {"headers": {"set-cookie": ["sid=hush-3"]}, "body": "{\"password\": \"hush-4\", \"sum\": 0.00}"}}));
    for authorization in ["Bearer hush-1", "Bearer hush-5"] {
        let url = format!("{}/a?token=hush-2&b=1", mock.server.url());
        let request = mock
            .client
            .post(&url)
            .header("authorization", authorization)
            .header("x-note", "Bearer hush-6");
        let sent = request.header("cookie", "sid=hush-7").body("{\"card\": \"4242 4242 4242 4242\", \"pin\": {\"secret\": \"hush-8\"}, \"sum\": 0.00").send();
        sent.await.expect("an answer");
    }
    for path in [
        "exchanges",
        "exchanges/1",
        "exchanges/2",
        "exchanges?search=hush-8",
        "expectations",
        "expectations/e",
    ] {
        let answer = mock.get(&format!("{PAGE}/data/{path}")).await.text;
        assert!(
            !answer.contains("hush-") && !answer.contains("4242"),
            "{path}: {answer}"
        );
        assert!(
            answer.contains("***") || path == "expectations",
            "{path}: {answer}"
        );
    }
    assert_eq!(
        seqs(&data(&mock, "exchanges?search=hush-8").await),
        [2, 1],
        "who knows a secret finds where it went"
    );
    let detail = data(&mock, "exchanges/1").await;
    let body = detail["response"]["body"]["text"].as_str().expect("text");
    assert!(
        body.contains("0.00"),
        "numbers stay as they were written: {body}"
    );
}

#[tokio::test]
async fn hostile_traffic_comes_as_data_alone() {
    let mock = mock().await;
    let url = format!("{}/{HOSTILE}?q={HOSTILE}", mock.server.url());
    let request = mock
        .client
        .post(&url)
        .header("x-evil", HOSTILE)
        .header("content-type", "text/html");
    request.body(HOSTILE).send().await.expect("an answer");
    mock.send("POST", "/bytes", vec![0xff, 0xfe, 0, 60, 0])
        .await;
    mock.send("POST", "/text", "\u{2028}</script>\u{0}\"'`")
        .await;
    let detail = data(&mock, "exchanges/1").await;
    assert_eq!(detail["request"]["body"]["text"], HOSTILE);
    let bytes = data(&mock, "exchanges/2").await;
    assert_eq!(
        bytes["request"]["body"],
        json!({"kind": "binary", "bytes": 5, "text": "ff fe 00 3c 00", "omitted": 0})
    );
    let text = data(&mock, "exchanges/3").await;
    assert_eq!(
        text["request"]["body"]["text"],
        "\u{2028}</script>\u{0}\"'`"
    );
}

#[tokio::test]
async fn large_bodies_are_cut_and_say_so_and_lists_carry_none() {
    let mock = mock().await;
    mock.send("POST", "/large", "x".repeat(1 << 20)).await;
    let list = mock.get(&format!("{PAGE}/data/exchanges")).await.text;
    assert!(list.len() < 2_000, "{}", list.len());
    let body = &data(&mock, "exchanges/1").await["request"]["body"];
    assert_eq!(body["bytes"], 1 << 20);
    assert_eq!(body["text"].as_str().map(str::len), Some(256 << 10));
    assert_eq!(body["omitted"], (1 << 20) - (256 << 10));
}

#[tokio::test]
async fn expectations_come_with_what_is_left_of_them() {
    let mock = mock().await;
    mock.expect(
        json!({"id": "low", "httpRequest": {"path": "/low"}, "httpResponse": {"statusCode": 202}}),
    );
    mock.expect(json!({"id": "high", "priority": 5, "httpRequest": {"method": "GET", "path": "/high", "headers": {"x-a": ["1"]}},
        "httpResponse": {}, "times": {"remainingTimes": 2}, "timeToLive": {"timeUnit": "HOURS", "timeToLive": 1},
        "scenarioName": "s", "scenarioState": "Started", "newScenarioState": "Next"}));
    mock.get("/low").await;
    let list = data(&mock, "expectations").await;
    let [high, low] = list["expectations"].as_array().expect("rows").as_slice() else {
        panic!("two: {list}");
    };
    assert_eq!(
        (&high["id"], &high["priority"], &high["usesLeft"]),
        (&json!("high"), &json!(5), &json!(2))
    );
    assert_eq!(
        high["scenario"],
        json!({"name": "s", "state": "Started", "next": "Next", "now": "Started"})
    );
    assert_eq!(
        (&high["conditions"], &high["actions"]),
        (&json!(["headers"]), &json!(["httpResponse"]))
    );
    assert!(
        high["millisLeft"]
            .as_u64()
            .is_some_and(|left| left > 0 && left <= 3_600_000),
        "{high}"
    );
    assert_eq!(
        (&low["usesLeft"], &low["millisLeft"], &low["answered"]),
        (&Value::Null, &Value::Null, &json!(1))
    );
    let second = data(&mock, "expectations?skip=1&limit=1").await;
    assert_eq!(
        (&second["expectations"][0]["id"], &second["total"]),
        (&json!("low"), &json!(2))
    );
    assert_eq!(data(&mock, "expectations?search=202").await["total"], 1);
    let detail = data(&mock, "expectations/low").await;
    assert!(
        detail["json"]
            .as_str()
            .is_some_and(|text| text.contains("\"statusCode\" : 202")),
        "{detail}"
    );
}

#[tokio::test]
async fn scopes_are_listed_and_filter_both_lists() {
    let mock = mock().await;
    let scoped = |method: &str, path: &str| {
        let url = format!("{}{path}", mock.server.url());
        mock.client
            .request(method.parse().expect("a method"), url)
            .header("x-styk-scope", "test a")
    };
    let expectation = r#"{"id": "mine", "httpRequest": {"path": "/mine"}, "httpResponse": {}}"#;
    scoped("PUT", "/mockserver/expectation")
        .body(expectation)
        .send()
        .await
        .expect("registered");
    scoped("GET", "/mine").send().await.expect("an answer");
    mock.get("/common").await;
    let all = data(&mock, "exchanges").await;
    assert_eq!(
        (seqs(&all), &all["scopes"]),
        (vec![2, 1], &json!(["test a"]))
    );
    let own = data(&mock, "exchanges?scope=test+a").await;
    assert_eq!((seqs(&own), &own["counts"]["all"]), (vec![1], &json!(1)));
    assert_eq!(seqs(&data(&mock, "exchanges?scope=").await), [2]);
    assert_eq!(
        seqs(&data(&mock, "exchanges?scope=none").await),
        Vec::<u64>::new()
    );
    assert_eq!(data(&mock, "exchanges/1").await["answeredIn"], "test a");
    assert_eq!(data(&mock, "expectations?scope=test+a").await["total"], 1);
    assert_eq!(data(&mock, "expectations?scope=").await["total"], 0);
    assert_eq!(
        data(&mock, "expectations/mine?scope=test+a").await["answered"],
        1
    );
    assert_eq!(refusal(&mock, "expectations/mine").await.0, 404);
    scoped("PUT", "/mockserver/reset")
        .send()
        .await
        .expect("reset");
    let after = data(&mock, "exchanges").await;
    assert_eq!((seqs(&after), &after["scopes"]), (vec![2], &json!([])));
}

#[tokio::test]
async fn what_was_cleared_is_gone_and_what_other_servers_saw_is_not_shown() {
    let journal = Journal::default();
    let mock = mock_from(MockServer::builder("payment").journal(journal.clone())).await;
    let other = mock_from(MockServer::builder("shipping").journal(journal)).await;
    other.get("/theirs").await;
    mock.get("/a").await;
    mock.get("/b").await;
    assert_eq!(seqs(&data(&mock, "exchanges").await), [3, 2]);
    assert_eq!(refusal(&mock, "exchanges/1").await.0, 404);
    mock.put("clear", r#"{"path": "/a"}"#).await;
    assert_eq!(seqs(&data(&mock, "exchanges").await), [3]);
    assert_eq!(refusal(&mock, "exchanges/2").await.0, 404);
    mock.put("reset", "").await;
    assert_eq!(data(&mock, "exchanges").await["counts"]["all"], 0);
}

#[tokio::test]
async fn refused_requests_and_dropped_exchanges_are_told() {
    let limits = Limits {
        body_bytes_max: 10,
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    mock.send("POST", "/large", "x".repeat(11)).await;
    let row = &data(&mock, "exchanges").await["exchanges"][0];
    assert_eq!(
        (&row["outcome"], &row["status"]),
        (&json!("failed"), &json!(413))
    );
    let bounds = JournalLimits {
        exchanges_max: 3,
        bytes_max: 1 << 20,
    };
    let small = mock_from(MockServer::builder("payment").journal(Journal::new(bounds))).await;
    requests(&small, 5).await;
    let list = data(&small, "exchanges").await;
    assert_eq!((seqs(&list), &list["dropped"]), (vec![5, 4, 3], &json!(2)));
}

#[tokio::test]
async fn news_come_at_once_when_something_has_changed() {
    let mock = mock().await;
    let version = |json: &Value| json["version"].as_str().expect("a version").to_owned();
    let first = version(&data(&mock, "exchanges").await);
    let quiet = data(&mock, &format!("news?seen={first}&wait=0")).await;
    assert_eq!(quiet, json!({"changed": false, "version": first}));
    let (told, _) = tokio::join!(news(&mock, &first), mock.get("/x"));
    assert_eq!(told["changed"], true);
    let second = version(&data(&mock, "exchanges").await);
    assert_ne!(second, first);
    mock.expect_get("/y", "y");
    let third = news(&mock, &second).await;
    assert_eq!(third["changed"], true, "an expectation is news too");
    let path = format!("news?seen={}&wait=30", version(&third));
    let stopped = async {
        tokio::time::timeout(Duration::from_secs(10), mock.server.stop())
            .await
            .expect("stopped");
    };
    let url = format!("{}{PAGE}/data/{path}", mock.server.url());
    let waiting = mock.client.get(&url).send();
    let (waited, ()) = tokio::join!(waiting, stopped);
    assert!(
        waited.is_err(),
        "who waits for news does not hold up the end"
    );
}

#[test_case(&[("origin", "http://evil.test")], 403; "a page of another origin")]
#[test_case(&[("host", "evil.test")], 403; "a name that was made to mean this machine")]
#[test_case(&[("sec-fetch-site", "cross-site")], 403; "a script tag of another site")]
#[test_case(&[("host", "localhost:1"), ("origin", "http://localhost:1")], 200; "the page itself")]
#[tokio::test]
async fn pages_of_others_cannot_read_it(headers: &[(&str, &str)], expected: u16) {
    let mock = mock().await;
    for path in [
        "",
        "/data/exchanges",
        "/data/expectations",
        "/data/news?wait=0",
    ] {
        let mut request = mock
            .client
            .get(format!("{}{PAGE}{path}", mock.server.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), expected, "{path}");
        assert!(
            answer
                .headers()
                .get("access-control-allow-origin")
                .is_none()
        );
    }
}
