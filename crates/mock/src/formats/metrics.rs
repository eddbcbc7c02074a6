//! The counters of a server, as `retrieve?type=metrics` shows them and as Prometheus reads them.
//!
//! What the original counts about its Java machine is left out, and so is everything about features that are not here.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::{Rendered, VERSION};

/// The content type of the form for Prometheus.
const PROMETHEUS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper ends of the classes of durations, in nanoseconds and as they are written.
const CLASSES: [(u64, &str); 14] = [
    (500_000, "5.0E-4"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1.0"),
    (2_500_000_000, "2.5"),
    (5_000_000_000, "5.0"),
    (10_000_000_000, "10.0"),
];

/// How many requests came, and how many were answered by what.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// All requests, those to the control plane too.
    pub(crate) requests_received: u64,
    pub(crate) not_matched: u64,
    /// Matched by an expectation that answers itself; errors count here.
    pub(crate) response_matched: u64,
    /// Matched by an expectation that forwards.
    pub(crate) forward_matched: u64,
}

/// How many expectations are active, by their action.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Actions {
    pub(crate) response: u64,
    pub(crate) response_template: u64,
    pub(crate) response_object_callback: u64,
    pub(crate) forward: u64,
    pub(crate) forward_template: u64,
    pub(crate) forward_object_callback: u64,
    pub(crate) forward_replace: u64,
    pub(crate) forward_with_fallback: u64,
    pub(crate) error: u64,
}

/// How long requests took, in classes; counted by many at once.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    /// Those of each class alone; beyond the last class nowhere.
    classes: [AtomicU64; CLASSES.len()],
    count: AtomicU64,
    nanos: AtomicU64,
}

/// How long requests took, at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CountedDurations {
    /// Those of each class and of all shorter ones.
    classes: [u64; CLASSES.len()],
    count: u64,
    sum: Duration,
}

impl Durations {
    /// Counts one request.
    pub(crate) fn record(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let class = CLASSES.partition_point(|(end, _)| *end < nanos);
        if let Some(count) = self.classes.get(class) {
            count.fetch_add(1, Relaxed);
        }
        self.count.fetch_add(1, Relaxed);
        self.nanos.fetch_add(nanos, Relaxed);
    }

    /// What was counted so far.
    pub(crate) fn counted(&self) -> CountedDurations {
        let mut counted = CountedDurations {
            count: self.count.load(Relaxed),
            sum: Duration::from_nanos(self.nanos.load(Relaxed)),
            ..CountedDurations::default()
        };
        let mut sum = 0;
        for (class, count) in counted.classes.iter_mut().zip(&self.classes) {
            sum += count.load(Relaxed);
            *class = sum;
        }
        counted
    }
}

/// Everything that is counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Metrics {
    /// Since the last reset.
    pub(crate) since_reset: Traffic,
    /// Since the start.
    pub(crate) in_total: Traffic,
    pub(crate) active: Actions,
    pub(crate) callback_clients: u64,
    pub(crate) callback_response_handlers: u64,
    pub(crate) callback_forward_handlers: u64,
    /// Exchanges that the journal let go.
    pub(crate) evicted_log_entries: u64,
    pub(crate) durations: CountedDurations,
}

/// A counter by its name in JSON, what it is, and its value.
type Counter = (&'static str, &'static str, u64);

impl Metrics {
    /// The counters in the order of the original's JSON.
    fn counters(&self) -> [Counter; 27] {
        let (traffic, active) = (&self.since_reset, &self.active);
        [
            (
                "REQUESTS_RECEIVED_COUNT",
                "Total requests received count",
                traffic.requests_received,
            ),
            (
                "EXPECTATIONS_NOT_MATCHED_COUNT",
                "Expectation not matched count",
                traffic.not_matched,
            ),
            (
                "RESPONSE_EXPECTATIONS_MATCHED_COUNT",
                "Response expectation matched count",
                traffic.response_matched,
            ),
            (
                "FORWARD_EXPECTATIONS_MATCHED_COUNT",
                "Forward expectation matched count",
                traffic.forward_matched,
            ),
            (
                "FORWARD_ACTIONS_COUNT",
                "Action forward count",
                active.forward,
            ),
            (
                "FORWARD_TEMPLATE_ACTIONS_COUNT",
                "Action forward template count",
                active.forward_template,
            ),
            (
                "FORWARD_CLASS_CALLBACK_ACTIONS_COUNT",
                "Action forward class callback count",
                0,
            ),
            (
                "FORWARD_OBJECT_CALLBACK_ACTIONS_COUNT",
                "Action forward object callback count",
                active.forward_object_callback,
            ),
            (
                "FORWARD_REPLACE_ACTIONS_COUNT",
                "Action forward replace count",
                active.forward_replace,
            ),
            (
                "FORWARD_VALIDATE_ACTIONS_COUNT",
                "Action forward validate count",
                0,
            ),
            (
                "FORWARD_WITH_FALLBACK_ACTIONS_COUNT",
                "Action forward with fallback count",
                active.forward_with_fallback,
            ),
            (
                "RESPONSE_ACTIONS_COUNT",
                "Action response count",
                active.response,
            ),
            (
                "RESPONSE_TEMPLATE_ACTIONS_COUNT",
                "Action response template count",
                active.response_template,
            ),
            (
                "RESPONSE_CLASS_CALLBACK_ACTIONS_COUNT",
                "Action response class callback count",
                0,
            ),
            (
                "RESPONSE_OBJECT_CALLBACK_ACTIONS_COUNT",
                "Action response object callback count",
                active.response_object_callback,
            ),
            ("SSE_RESPONSE_ACTIONS_COUNT", "Action SSE response count", 0),
            ("LLM_RESPONSE_ACTIONS_COUNT", "Action LLM response count", 0),
            (
                "LLM_CHAOS_INJECTED_COUNT",
                "Action LLM chaos injected count",
                0,
            ),
            (
                "WEBSOCKET_RESPONSE_ACTIONS_COUNT",
                "Action WebSocket response count",
                0,
            ),
            (
                "GRPC_STREAM_RESPONSE_ACTIONS_COUNT",
                "Action gRPC stream response count",
                0,
            ),
            (
                "GRPC_BIDI_RESPONSE_ACTIONS_COUNT",
                "Action gRPC bidi response count",
                0,
            ),
            (
                "BINARY_RESPONSE_ACTIONS_COUNT",
                "Action binary response count",
                0,
            ),
            ("DNS_RESPONSE_ACTIONS_COUNT", "Action DNS response count", 0),
            ("ERROR_ACTIONS_COUNT", "Action error count", active.error),
            (
                "WEBSOCKET_CALLBACK_CLIENTS_COUNT",
                "Websocket callback client count",
                self.callback_clients,
            ),
            (
                "WEBSOCKET_CALLBACK_RESPONSE_HANDLERS_COUNT",
                "Websocket callback response handler count",
                self.callback_response_handlers,
            ),
            (
                "WEBSOCKET_CALLBACK_FORWARD_HANDLERS_COUNT",
                "Websocket callback forward handler count",
                self.callback_forward_handlers,
            ),
        ]
    }

    fn totals(&self) -> [Counter; 4] {
        let traffic = &self.in_total;
        [
            (
                "expectations_not_matched",
                "Expectation not matched",
                traffic.not_matched,
            ),
            (
                "forward_expectations_matched",
                "Forward expectation matched",
                traffic.forward_matched,
            ),
            (
                "requests_received",
                "Total requests received",
                traffic.requests_received,
            ),
            (
                "response_expectations_matched",
                "Response expectation matched",
                traffic.response_matched,
            ),
        ]
    }
}

/// The answer to `retrieve?type=metrics`: one line of JSON, in every format. `None` stands for metrics that are not
/// enabled.
pub(crate) fn metrics_json(metrics: Option<&Metrics>) -> Rendered {
    let counters = metrics.map(Metrics::counters).into_iter().flatten();
    let fields = counters.map(|(name, _, value)| format!("\"{name}\":{value}"));
    Rendered::json(format!("{{{}}}", fields.collect::<Vec<_>>().join(",")))
}

/// The answer to `GET /mockserver/metrics`, families sorted by name.
pub(crate) fn metrics_text(metrics: &Metrics) -> Rendered {
    let mut families: Vec<(String, String)> = Vec::new();
    for (name, help, value) in metrics.counters() {
        families.push(family(&name.to_ascii_lowercase(), help, "gauge", value));
    }
    for (name, help, value) in metrics.totals() {
        let name = format!("mock_server_{name}_total");
        let help = format!(
            "{help} count (monotonic counter; use rate()/increase() on this _total series)"
        );
        families.push(family(&name, &help, "counter", value));
    }
    families.push(family(
        "mock_server_evicted_log_entries_total",
        "Number of event log entries evicted because the event log reached its maximum size",
        "counter",
        metrics.evicted_log_entries,
    ));
    families.push(build_info());
    families.push(durations(&metrics.durations));
    families.sort();
    let text: String = families.into_iter().map(|(_, text)| text).collect();
    Rendered::text(PROMETHEUS_TYPE, text)
}

fn head(name: &str, help: &str, kind: &str) -> String {
    format!("# HELP {name} {help}\n# TYPE {name} {kind}\n")
}

fn family(name: &str, help: &str, kind: &str, value: u64) -> (String, String) {
    let head = head(name, help, kind);
    (name.to_owned(), format!("{head}{name} {}\n", double(value)))
}

fn build_info() -> (String, String) {
    const NAME: &str = "mock_server_build_info";
    let minor = VERSION.rsplit_once('.').map_or(VERSION, |(minor, _)| minor);
    let head = head(NAME, "Mock Server build information", "gauge");
    let labels = format!(
        "artifact_id=\"mockserver-core\",group_id=\"org.mock-server\",major_minor_version=\"{minor}\",version=\"{VERSION}\""
    );
    (NAME.to_owned(), format!("{head}{NAME}{{{labels}}} 1.0\n"))
}

fn durations(durations: &CountedDurations) -> (String, String) {
    const NAME: &str = "mock_server_request_duration_seconds";
    let mut text = head(
        NAME,
        "MockServer request handling duration in seconds",
        "histogram",
    );
    for (count, (_, end)) in durations.classes.iter().zip(CLASSES) {
        text += &format!("{NAME}_bucket{{le=\"{end}\"}} {count}\n");
    }
    let (count, sum) = (durations.count, durations.sum.as_secs_f64());
    text += &format!(
        "{NAME}_bucket{{le=\"+Inf\"}} {count}\n{NAME}_count {count}\n{NAME}_sum {sum:?}\n"
    );
    (NAME.to_owned(), text)
}

/// A count as Java writes a floating-point number.
fn double(value: u64) -> String {
    if value < 10_000_000 {
        return format!("{value}.0");
    }
    let digits = value.to_string();
    let exponent = digits.len() - 1;
    let (first, rest) = digits.split_at(1);
    let rest = rest.trim_end_matches('0');
    let rest = if rest.is_empty() { "0" } else { rest };
    format!("{first}.{rest}E{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        let mut metrics = Metrics::default();
        metrics.since_reset.requests_received = 5;
        metrics.in_total.requests_received = 86;
        metrics.active.error = 1;
        let durations = Durations::default();
        durations.record(Duration::from_micros(600));
        durations.record(Duration::from_secs(11));
        metrics.durations = durations.counted();
        metrics
    }

    fn text(rendered: Rendered) -> String {
        String::from_utf8(rendered.body).expect("UTF-8")
    }

    #[test]
    fn json_is_one_line() {
        let json = text(metrics_json(Some(&metrics())));
        let start = "{\"REQUESTS_RECEIVED_COUNT\":5,\"EXPECTATIONS_NOT_MATCHED_COUNT\":0,\"RESPONSE_EXPECTATIONS_MATCHED_COUNT\":0,\"FORWARD_EXPECTATIONS_MATCHED_COUNT\":0,\"FORWARD_ACTIONS_COUNT\":0,";
        assert!(json.starts_with(start), "{json}");
        let end = ",\"DNS_RESPONSE_ACTIONS_COUNT\":0,\"ERROR_ACTIONS_COUNT\":1,\"WEBSOCKET_CALLBACK_CLIENTS_COUNT\":0,\"WEBSOCKET_CALLBACK_RESPONSE_HANDLERS_COUNT\":0,\"WEBSOCKET_CALLBACK_FORWARD_HANDLERS_COUNT\":0}";
        assert!(json.ends_with(end), "{json}");
        assert_eq!(text(metrics_json(None)), "{}");
    }

    #[test]
    fn prometheus_reads_sorted_families() {
        let rendered = metrics_text(&metrics());
        assert_eq!(
            rendered.content_type,
            "text/plain; version=0.0.4; charset=utf-8"
        );
        let text = text(rendered);
        let start = "# HELP binary_response_actions_count Action binary response count\n# TYPE binary_response_actions_count gauge\nbinary_response_actions_count 0.0\n# HELP dns_response_actions_count";
        assert!(text.starts_with(start), "{text}");
        for part in [
            "\nerror_actions_count 1.0\n",
            "\nrequests_received_count 5.0\n",
            "\n# TYPE mock_server_requests_received_total counter\nmock_server_requests_received_total 86.0\n",
            "\nmock_server_request_duration_seconds_bucket{le=\"5.0E-4\"} 0\nmock_server_request_duration_seconds_bucket{le=\"0.001\"} 1\n",
            "_bucket{le=\"10.0\"} 1\nmock_server_request_duration_seconds_bucket{le=\"+Inf\"} 2\nmock_server_request_duration_seconds_count 2\nmock_server_request_duration_seconds_sum 11.0006\n",
            "\nmock_server_build_info{artifact_id=\"mockserver-core\",group_id=\"org.mock-server\",major_minor_version=\"8.0\",version=\"8.0.0\"} 1.0\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.ends_with("\nwebsocket_response_actions_count 0.0\n"));
    }

    #[test]
    fn large_counts_are_written_with_an_exponent() {
        for (value, written) in [
            (0, "0.0"),
            (9_999_999, "9999999.0"),
            (10_000_000, "1.0E7"),
            (12_345_600, "1.23456E7"),
        ] {
            assert_eq!(double(value), written);
        }
    }
}
