//! No document makes the reader panic, or run without end.

use proptest::prelude::*;

use super::*;

const SHOP: &str = include_str!("shop.yaml");

/// Does everything that can be done with a document.
fn use_up(payload: &str) -> usize {
    let files = files(&[]);
    let Ok(spec) = Spec::parse(payload, &files) else {
        return 0;
    };
    let expectations = spec.expectations(None, Some("/p")).unwrap_or_default();
    let matchers = spec.matchers(None, Some("/p")).unwrap_or_default();
    expectations.len() + matchers.len()
}

/// All values of a tree, as the paths to them.
fn places(json: &Json, here: &mut Vec<usize>, out: &mut Vec<Vec<usize>>) {
    out.push(here.clone());
    let children: Vec<&Json> = match json {
        Json::Array(items) => items.iter().collect(),
        Json::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    for (at, child) in children.into_iter().enumerate() {
        here.push(at);
        places(child, here, out);
        here.pop();
    }
}

fn place_mut<'a>(json: &'a mut Json, place: &[usize]) -> Option<&'a mut Json> {
    let Some((first, rest)) = place.split_first() else {
        return Some(json);
    };
    let child = match json {
        Json::Array(items) => items.get_mut(*first)?,
        Json::Object(fields) => fields.get_index_mut(*first)?.1,
        _ => return None,
    };
    place_mut(child, rest)
}

fn get(json: &Json, place: &[usize]) -> Json {
    let mut json = json.clone();
    place_mut(&mut json, place).cloned().unwrap_or(Json::Null)
}

#[test]
fn the_shop_is_read_whole() {
    assert_eq!(use_up(SHOP), 6 + 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_shop_with_values_out_of_place_is_no_danger(
        swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
        odd in prop::sample::select(vec!["null", "true", "-1", "1e999", "\"\"", "\"$ref\"", "[]", "{}", r##"{"$ref":"#"}"##, r##"{"$ref":"#/paths"}"##, r##"{"allOf":[{"$ref":"#/components/schemas/Order"}]}"##]),
    ) {
        let mut shop = yaml::parse(SHOP).expect("YAML");
        for (from, to) in swaps {
            let mut all = Vec::new();
            places(&shop, &mut Vec::new(), &mut all);
            let value = get(&shop, &all[from.index(all.len())]);
            if let Some(place) = place_mut(&mut shop, &all[to.index(all.len())]) {
                *place = value;
            }
        }
        let mut all = Vec::new();
        places(&shop, &mut Vec::new(), &mut all);
        if let Some(place) = all.get(all.len() / 2).and_then(|place| place_mut(&mut shop, place)) {
            *place = json(odd);
        }
        use_up(&super::super::response::compact(&shop));
    }

    #[test]
    fn a_shop_with_changed_text_is_no_danger(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), ".{0,4}"), 1..6),
    ) {
        let mut shop = SHOP.to_owned();
        for (at, text) in cuts {
            let at = at.index(shop.len());
            if shop.is_char_boundary(at) && shop.is_char_boundary(at + 1) {
                shop.replace_range(at..=at, &text);
            }
        }
        use_up(&shop);
    }

    #[test]
    fn any_text_is_no_danger(text in ".{0,200}") {
        use_up(&text);
        use_up(&format!("openapi: 3.0.0\npaths:\n  {text}"));
    }
}

#[test]
fn schemas_that_multiply_have_a_bound() {
    let mut schemas = Vec::new();
    for level in 0..30 {
        let next = format!(r##"{{"$ref":"#/components/schemas/S{}"}}"##, level + 1);
        schemas.push(format!(
            r#""S{level}":{{"type":"object","properties":{{"a":{next},"b":{next}}},"allOf":[{next},{next}]}}"#
        ));
    }
    schemas.push(r#""S30":{"type":"object","properties":{"z":{"type":"integer"}}}"#.to_owned());
    let use_it =
        r##"{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S0"}}}}"##;
    let paths =
        format!(r#"{{"/a":{{"post":{{"requestBody":{use_it},"responses":{{"200":{use_it}}}}}}}}}"#);
    let components = format!(r#"{{"schemas":{{{}}}}}"#, schemas.join(","));
    assert_eq!(use_up(&document("3.0.0", &paths, &components)), 2);
}

#[test]
fn server_variables_that_multiply_have_a_bound() {
    let variables: Vec<String> = (0..40)
        .map(|n| format!(r#""v{n}":{{"default":"{{v{m}}}{{v{m}}}"}}"#, m = n + 1))
        .collect();
    let payload = format!(
        r#"{{"openapi":"3.0.0","servers":[{{"url":"/{{v0}}","variables":{{{}}}}}],"paths":{{"/a":{{"get":{{}}}}}}}}"#,
        variables.join(",")
    );
    assert_eq!(use_up(&payload), 2);
}

#[test]
fn a_long_document_is_not_repeated_without_end() {
    let paths: Vec<String> = (0..100)
        .map(|n| format!(r#""/{n}":{{"get":{{}}}}"#))
        .collect();
    let long = "x".repeat(1 << 20);
    let payload = document(
        "3.0.0",
        &format!("{{{}}}", paths.join(",")),
        &format!(r#"{{"x":"{long}"}}"#),
    );
    let error = spec(&payload)
        .expectations(None, None)
        .expect_err("a limit");
    assert!(
        error.to_string().contains("name its file or URL"),
        "{error}"
    );
    let files = Files(HashMap::from([("/long.json", &*payload.leak())]));
    let spec = Spec::parse("/long.json", &files).expect("a document");
    assert_eq!(
        spec.expectations(None, None).map(|list| list.len()),
        Ok(100)
    );
}

#[test]
fn an_operation_has_a_bounded_number_of_parts() {
    let parameter = r#"{"name":"a","in":"query","schema":{}}"#;
    let parameters = vec![parameter; 201].join(",");
    let paths = format!(r#"{{"/a":{{"get":{{"parameters":[{parameters}]}}}}}}"#);
    let error = spec(&document("3.0.0", &paths, "{}"))
        .matchers(None, None)
        .expect_err("a limit");
    assert!(
        error.to_string().contains("more than 200 parameters"),
        "{error}"
    );
}

#[test]
fn deep_documents_are_refused() {
    let deep = format!(
        r#"{{"openapi":"3.0.0","x":{}1{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert_eq!(use_up(&deep), 0);
}
