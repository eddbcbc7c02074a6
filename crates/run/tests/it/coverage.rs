use styk_core::EdgeState;

use crate::support::{Folder, Shops};

const CONFIG: &str = "version: 1\nmocks: {payment: , email: }\nmatrix: matrix.yml\n\
    suites: {all: {scenarios: ['*.styk.yaml']}, foreign: {command: [sh, call.sh], junit: '${out}/*.xml'}}\n";
const MATRIX: &str = "integration_points:\n  external_services:\n    \
    generic_services: [payment, email]\n    payment_gateways: [stripe]\n  data_flows: [bare]\n";
const PAID: &str = "scenario: paid\nsteps:\n  - mock: payment\n    \
    request: {method: POST, path: /api/v1/payments}\n    reply: {status: 201, json: {}}\n  \
    - http: POST /pay\n    expect: 201\n  - http: POST /pay\n    expect: 201\n";
const UNMATCHED: &str = "scenario: unmatched\nsteps:\n  - http: POST /pay\n    expect: 404\n";
/// A foreign test that calls the shop, which calls the service.
const CALL: &str = "python3 - <<END\nimport os, urllib.request, urllib.error\n\
    try: urllib.request.urlopen(os.environ['APP_URL'] + '/pay', data=b'', timeout=10)\n\
    except urllib.error.HTTPError: pass\nEND\n\
    echo '<testsuite><testcase name=\"calls\"/></testsuite>' > \"$OUT/a.xml\"\n";

#[tokio::test]
async fn crossings_are_counted_by_scenario_and_outcome_from_what_was_observed() {
    let config = CONFIG.replace("junit:", "env: {OUT: '${out}'}, junit:");
    let folder = Folder::new(&[
        ("styk.yaml", &config),
        ("matrix.yml", MATRIX),
        ("a.styk.yaml", PAID),
        ("b.styk.yaml", UNMATCHED),
        ("call.sh", CALL),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    assert!(
        ended.outcome.result.is_success(),
        "{:?}",
        ended.outcome.result.categories
    );
    let matrix = ended.outcome.result.matrix.as_ref().expect("a matrix");
    let edges: Vec<_> = matrix
        .edges
        .iter()
        .map(|edge| (edge.edge.to_string(), edge.state, edge.crossings))
        .collect();
    assert_eq!(
        edges,
        [
            ("payments → payment".to_owned(), EdgeState::Covered, 4),
            ("notifications → email".to_owned(), EdgeState::Uncovered, 0),
            ("payments → stripe".to_owned(), EdgeState::NotReached, 0),
        ]
    );
    assert_eq!(matrix.edges[0].scenarios, ["a", "b", "foreign"]);
    assert_eq!(matrix.edges[0].outcomes["2xx"], 2);
    assert_eq!(matrix.edges[0].outcomes["unmatched"], 2);
    assert!(!matrix.flows[0].measured);
}
