use serde_json::{Value, json};

use super::*;

fn read(text: &str) -> (Vec<Node>, String) {
    let source = Source::new("a.styk.yaml", "", text);
    let mut diagnostics = Diagnostics::default();
    let documents = parse(&source, &mut diagnostics);
    let rendered: Vec<String> = diagnostics
        .into_sorted()
        .iter()
        .map(Diagnostic::render)
        .collect();
    (documents, rendered.join("\n"))
}

fn json_of(text: &str) -> Value {
    let (documents, errors) = read(text);
    assert_eq!(errors, "");
    documents.iter().map(Node::to_json).collect()
}

#[test]
fn only_json_scalars_are_typed_and_quotes_make_text() {
    let plain = "[NO, on, 0123, 12_000, +79991234567, 1.50, -3, 1e3, .5, 0x1f, True, null, ~, true, 2026-11-23]";
    assert_eq!(
        json_of(plain),
        json!([[
            "NO",
            "on",
            "0123",
            "12_000",
            "+79991234567",
            1.5,
            -3,
            1e3,
            ".5",
            "0x1f",
            "True",
            null,
            null,
            true,
            "2026-11-23"
        ]])
    );
    assert_eq!(
        json_of("{a: '1', b: \"true\", c: '', d: }"),
        json!([{"a": "1", "b": "true", "c": "", "d": null}])
    );
    assert_eq!(
        json_of("a: |\n  1\nb: >-\n  x\n  y\n"),
        json!([{"a": "1\n", "b": "x y"}])
    );
}

#[test]
fn documents_without_content_are_left_out() {
    assert_eq!(
        json_of("{a: 1}\n---\n---\n# c\n---\nb: 2\n"),
        json!([{"a": 1}, {"b": 2}])
    );
    assert_eq!(json_of(""), json!([]));
    assert_eq!(json_of("\u{feff}a: 1"), json!([{"a": 1}]));
}

#[test]
fn every_node_knows_its_text() {
    let (documents, _) = read("a: {x: [1, 'é'], y: ${z}}\n");
    assert!(documents.is_empty());
    let (documents, _) = read("# é\nb:\n  - c: 1\n    d: [1, 'é']\n  - f\ng: \"h\"\n");
    let root = &documents[0];
    let b = root.get("b").expect("b");
    assert_eq!(b.span.text(), "- c: 1\n    d: [1, 'é']\n  - f");
    let d = b.as_list().expect("a list")[0].get("d").expect("d");
    assert_eq!(d.span.text(), "[1, 'é']");
    let location = d.as_list().expect("a list")[1].span.location();
    assert_eq!(
        (location.line, location.column, location.length),
        (4, 12, 3)
    );
    assert_eq!(root.get("g").expect("g").span.text(), "\"h\"");
}

#[test]
fn a_part_of_a_scalar_is_found_in_the_file() {
    let (documents, _) = read("a: 'x ${b} y'\nc: |\n  line\n  ${d}\ne: \"\\t${f}\"\n");
    for (key, part) in [("a", "${b}"), ("c", "${d}"), ("e", "${f}")] {
        let node = documents[0].get(key).expect("the key");
        let start = node
            .as_text()
            .and_then(|text| text.find(part))
            .expect("the part");
        assert_eq!(node.part(start..start + part.len()).text(), part);
    }
}

#[test]
fn an_unquoted_expression_in_braces_gets_the_hint() {
    let (_, errors) = read("a:\n  b: {c: 1,\n      email: ${email}}\n");
    let expected = "\
error[E0101]: YAML does not allow `${` unquoted inside `{ }` or `[ ]`
 --> a.styk.yaml:3:14
  |
3 |       email: ${email}}
  |              ^^^^^^^^
  = help: write `$email`, or quote it: `\"${email}\"`";
    assert_eq!(errors, expected);
    let (_, errors) = read("a: [$x, ${x + 1}]\n");
    assert!(errors.ends_with("= help: quote it"), "{errors}");
}

#[test]
fn after_a_syntax_error_the_next_document_is_read() {
    let (documents, errors) = read("a: b: c\n---\nd: 1\n---\ne: @\n");
    let json: Vec<Value> = documents.iter().map(Node::to_json).collect();
    assert_eq!(json, [json!({"d": 1})]);
    assert_eq!(errors.matches("error[E0101]").count(), 2, "{errors}");
}

#[test]
fn what_yaml_has_beyond_the_language_is_refused_in_one_go() {
    let text = "a: *x\nb: &y 1\nc: *y\nd: !foo 1\n<<: {a: 1}\na: 2\n? [a]\n: 1\ne: 12345678901234567890123\n";
    let (documents, errors) = read(text);
    for message in [
        "error[E0106]: aliases are not part of the scenario language\n --> a.styk.yaml:1:4",
        "error[E0106]: anchors are not part of the scenario language\n --> a.styk.yaml:2:7",
        "error[E0106]: aliases are not part of the scenario language\n --> a.styk.yaml:3:4",
        "error[E0107]: the tag `!foo` is not part of the scenario language\n --> a.styk.yaml:4:4",
        "error[E0108]: merge keys are not part of the scenario language\n --> a.styk.yaml:5:1",
        "error[E0104]: `a` is given twice\n --> a.styk.yaml:6:1",
        "  = the first one stands in line 1",
        "error[E0105]: a key must be text\n --> a.styk.yaml:7:3",
        "error[E0109]: this number has more digits than can be kept\n --> a.styk.yaml:9:4",
    ] {
        assert!(errors.contains(message), "{message}\n---\n{errors}");
    }
    assert_eq!(documents.len(), 1);
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!(
        "a: {}{}",
        "[".repeat(DEPTH_MAX + 1),
        "]".repeat(DEPTH_MAX + 1)
    );
    assert!(read(&deep).1.contains("E0103"), "{}", read(&deep).1);
    let deeper = "[".repeat(100_000);
    assert!(!read(&deeper).1.is_empty());
    let large = format!("a: {}", "x".repeat(SIZE_MAX));
    assert!(read(&large).1.contains("E0102"));
    let long = format!("a: {}", "x".repeat(LINE_MAX));
    assert!(read(&long).1.contains("a line of more than 64 KiB"));
    let many: String = (0..=ENTRIES_MAX).map(|n| format!("k{n}: 1\n")).collect();
    assert!(
        read(&many)
            .1
            .contains("a mapping of more than 10000 entries")
    );
}
