//! Templates with what MockServer 8.0.0 makes of them.

use std::cell::RefCell;

use jiff::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use proptest::prelude::*;
use test_case::test_case;

use super::*;
use crate::json::{Json, parse_strict};

mod directives;
mod errors;
mod expressions;
mod methods;
mod references;
mod spaces;
mod texts;
mod tools;

/// A template and its output; none when the original fails.
struct Case(&'static str, Option<&'static str>);

const REQUEST: &str = r#"{
    "method": "POST", "path": "/some/path",
    "queryStringParameters": {"a": ["1", "2"], "b": ["x"]},
    "headers": {"X-One": ["v1", "v2"], "Host": ["localhost"]},
    "cookies": {"sid": "abc"},
    "body": "{\"id\":7,\"name\":\"Ann\",\"price\":1.50,\"tags\":[\"a\",\"b\"],\"on\":true,\"none\":null,\"sub\":{\"k\":\"v\"}}",
    "secure": false, "keepAlive": true
}"#;

fn scope() -> Scope {
    let request = parse_strict(REQUEST).expect("JSON");
    let Json::Object(variables) = Json::object([("request", request)]) else {
        panic!("no object");
    };
    Scope {
        variables,
        now: Timestamp::from_millisecond(1_700_000_000_123).expect("a moment"),
        random: RefCell::new(StdRng::seed_from_u64(7)),
    }
}

fn render(template: &str) -> Result<String, TemplateError> {
    Velocity::compile(template)?.render(&scope())
}

#[test_case(references::CASES; "references")]
#[test_case(texts::CASES; "texts")]
#[test_case(spaces::CASES; "white space")]
#[test_case(expressions::CASES; "expressions")]
#[test_case(directives::CASES; "directives")]
#[test_case(methods::CASES; "methods")]
#[test_case(tools::CASES; "tools")]
fn the_output_is_that_of_the_original(cases: &[Case]) {
    for Case(template, expected) in cases {
        match (render(template), expected) {
            (Ok(output), Some(expected)) => assert_eq!(output, *expected, "{template}"),
            (Err(_), None) => {}
            (result, _) => panic!("{template}: {result:?} in place of {expected:?}"),
        }
    }
}

#[test]
fn faults_are_found_when_a_template_is_compiled() {
    for Case(template, _) in errors::CASES {
        let result = Velocity::compile(template);
        assert!(
            matches!(result, Err(TemplateError::Invalid(_))),
            "{template}: {result:?}"
        );
    }
}

#[test]
fn a_fault_is_named_with_its_place() {
    let error = Velocity::compile("a\nb #if($x").expect_err("a fault");
    let expected =
        "the template is not valid: the end of the text where `)` should be (line 2, column 9)";
    assert_eq!(error.to_string(), expected);
}

#[test_case("#foreach($i in [1..1000000])#foreach($j in [1..1000])x#end#end"; "loops in loops")]
#[test_case("#foreach($i in [1..100000000])x#end"; "a long range")]
#[test_case("#set($s='aaaaaaaaaa')#foreach($i in [1..100])#set($s=\"$s$s\")#end"; "a growing text")]
#[test_case("#set($s='abc')$s.repeat(2000000000)"; "a repeated text")]
#[test_case("#set($l=[1])#foreach($i in [1..100])#set($x=$l.addAll($l))#end"; "a growing list")]
#[test_case("#set($l=[])#foreach($i in [1..50])#set($l=[$l,$l])#end$l"; "a list shared over and over")]
#[test_case("#set($l=[1])#set($x=$l.add($l))$l"; "a list that holds itself")]
#[test_case("#set($m={})#set($m.a=$m)$m"; "a map that holds itself")]
#[test_case("#macro(m)#m()#m()#end#m()"; "an endless macro")]
#[test_case("#set($t='#evaluate($t)')#evaluate($t)"; "an endless evaluation")]
#[test_case("#foreach($i in [1..999999])#foreach($j in [1..9])#end#end"; "many steps")]
fn a_runaway_template_is_stopped(template: &str) {
    let result = render(template);
    assert!(matches!(result, Err(TemplateError::Limit(_))), "{result:?}");
}

#[test_case("$", 1_000_000, ""; "dollars")]
#[test_case("#", 1_000_000, ""; "hashes")]
#[test_case("\\", 1_000_000, "$x"; "backslashes")]
#[test_case("${", 500_000, ""; "braces")]
#[test_case("#{a", 300_000, ""; "names in braces")]
#[test_case("#a ", 300_000, ""; "unknown directives")]
#[test_case("#*", 500_000, ""; "comments")]
#[test_case("\\#a", 300_000, ""; "escaped directives")]
#[test_case("  ", 500_000, "#if(true)#end"; "blanks")]
#[test_case("#if(true)", 100_000, ""; "open blocks")]
#[test_case("$x[", 100_000, ""; "open brackets")]
#[test_case("$x.a(\"", 100_000, ""; "open strings")]
fn long_input_is_read_in_one_pass(piece: &str, times: usize, end: &str) {
    // That it comes back at all, and without exhausting the stack, is the test.
    let template = piece.repeat(times) + end;
    if let Ok(template) = Velocity::compile(&template) {
        let _ = template.render(&scope());
    }
}

#[test]
fn a_long_list_may_grow_item_by_item() {
    let template = "#set($l=[])#foreach($i in [1..50000])$!l.add($i)#end$l.size()";
    let output = render(template).expect("an output");
    assert!(output.ends_with("true50000"), "{output}");
}

#[test]
fn helper_objects_may_be_handed_in() {
    let helpers = |object: &str, method: &str, arguments: &[Json]| {
        let text = match (object, method, arguments) {
            ("jsonPath", "find", [Json::Text(path)]) => format!("found {path}"),
            ("faker.name", "firstName", []) => "Ann".to_owned(),
            ("jsonPath" | "faker", "toString", []) => format!("the {object}"),
            ("jsonPath", "fail", []) => return Some(Err("no luck".to_owned())),
            _ => return None,
        };
        Some(Ok(Json::Text(text)))
    };
    let render = |template: &str| {
        let template = Velocity::compile(template).expect("a template");
        template.render_with(&scope(), &helpers)
    };
    let template = "$jsonPath.find('$.id') $faker.name().firstName() $faker.name.firstName() $jsonPath $faker.x() \
                    #set($p=$jsonPath)$p.find('a').length() #if($p)t#end$p.nope(1) $other $other.nope() $!other.x";
    let expected = "found $.id Ann Ann the jsonPath $faker.x() 7 t$p.nope(1) $other $other.nope() ";
    assert_eq!(render(template), Ok(expected.to_owned()));
    let failed = TemplateError::Failed("no luck".to_owned());
    assert_eq!(render("$jsonPath.fail()"), Err(failed));
}

#[test]
fn a_long_sum_does_not_nest() {
    let template = format!("#set($x=1{})$x", "+1".repeat(300_000));
    assert_eq!(render(&template), Ok("300001".to_owned()));
}

#[test_case("$request.getClass()"; "the class of an object")]
#[test_case("$request.class.classLoader"; "a class loader")]
#[test_case("#set($x=1)$x.class.forName('java.lang.Runtime')"; "a class by its name")]
fn no_class_is_reached(template: &str) {
    let expected = template.replace("#set($x=1)", "");
    assert_eq!(render(template), Ok(expected));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = render(&text);
    }

    #[test]
    fn no_pieces_make_it_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let _ = render(&pieces.concat());
    }
}

const PIECES: &[&str] = &[
    "$",
    "#",
    "!",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "'",
    "\\",
    "|",
    ".",
    "..",
    ",",
    "=",
    "==",
    "+",
    "-",
    "*",
    "/",
    "%",
    "<",
    "&&",
    "1",
    "-1",
    "0",
    "2.5",
    "99999999999999999999",
    "true",
    "not ",
    " in ",
    " ",
    "\n",
    "é",
    "$x",
    "$!x",
    "${x",
    "$x.a",
    "$request",
    ".path",
    ".headers",
    ".get(",
    ".add(",
    ".substring(",
    ".split(",
    ".put(",
    "#if(",
    "#else",
    "#elseif(",
    "#end",
    "#set($x=",
    "#foreach($i in [1..3])",
    "#macro(m $x)",
    "#m(",
    "#@m(",
    "#define($x)",
    "#evaluate(",
    "#break",
    "#stop",
    "##",
    "#*",
    "*#",
    "#[[",
    "]]#",
    "$foreach.parent",
    "$math.add(",
    "$json.parse(",
    "$number.format(",
    "$date.format(",
    "$xml.parse(",
    "$display.printf(",
    "$collection.sort(",
    "$esc.html(",
];
