//! No text, however odd, makes the loader panic.

use proptest::prelude::*;
use styk_scenario::{LoadOptions, SourceFile, load, parse};

fn load_text(text: String) {
    let file = SourceFile {
        name: "a.styk.yaml".to_owned(),
        path: "a.styk.yaml".into(),
        text,
    };
    for diagnostic in load(&[file], &LoadOptions::default()).diagnostics {
        assert!(!diagnostic.render().is_empty());
        assert!(diagnostic.location.is_some(), "{}", diagnostic.message);
    }
}

/// Pieces that scenarios are made of, put together without sense.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "scenario: A\n",
            "steps:\n",
            "  - ",
            "    ",
            "http: GET /x\n",
            "http: ",
            "use: buyer\n",
            "each: ",
            "{",
            "}",
            "[",
            "]",
            ": ",
            "$",
            "${",
            "$.a[0]",
            "$x",
            "\"",
            "'",
            "|\n",
            ">-\n",
            "expect: ",
            "capture: ",
            "verify: ",
            "email\n",
            "where: ",
            "fixtures:\n",
            "  buyer:\n",
            "args: ",
            "table: ",
            "mock: ",
            "reply: ",
            "parallel: ",
            "times: 2\n",
            "poll: 5s\n",
            "---\n",
            "\n",
            "# c\n",
            "é",
            "→",
            "\t",
            "- ",
            "&a ",
            "*a",
            "!t ",
            "<<: ",
            "1",
            "-0",
            "1e5",
            "null\n",
            "matches: '('\n",
            "status: 2xx\n",
            "body: ",
            "a: b\n",
            "vars: ",
            "\u{feff}",
            "\r\n",
            ", ",
            "? ",
        ])
        .prop_map(str::to_owned),
        "[a-z$ {}:\\-\\n]{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_text_loads_without_a_panic(text in any::<String>()) {
        load_text(text);
    }

    #[test]
    fn any_heap_of_pieces_loads_without_a_panic(pieces in prop::collection::vec(piece(), 0..60)) {
        load_text(pieces.concat());
    }

    #[test]
    fn a_sound_scenario_with_a_cut_or_a_doubling_loads_without_a_panic(
        at in 0..2000_usize, length in 0..40_usize, doubled in any::<bool>(),
    ) {
        let sound = include_str!("../../../../../suites/payment_integration/outage.styk.yaml");
        let start = sound.floor_char_boundary(at);
        let end = sound.floor_char_boundary(start + length);
        let text = if doubled {
            format!("{}{}", &sound[..end], &sound[start..])
        } else {
            format!("{}{}", &sound[..start], &sound[end..])
        };
        load_text(text);
    }

    #[test]
    fn every_span_lies_in_the_text(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let source = styk_scenario::Source::new("a", "", text);
        let mut diagnostics = styk_scenario::Diagnostics::default();
        for node in parse(&source, &mut diagnostics) {
            prop_assert!(source.text().get(node.span.range()).is_some());
        }
    }
}
