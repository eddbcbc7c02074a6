//! Every output here was seen on the original, but for what is said to be ours.

use test_case::test_case;

use super::*;
use crate::template::tests::{scope, tools};

fn rendered(text: &str) -> Result<String, TemplateError> {
    Mustache::compile(text)?.render(&scope(), &tools())
}

#[test_case("a", "a"; "text")]
#[test_case("é€😀 & < >", "é€😀 & < >"; "text beyond ASCII")]
#[test_case("{{request.method}} {{{request.method}}} {{&request.method}} {{& request.method }}", "POST POST POST POST"; "three ways to write a variable")]
#[test_case("{{request.method }}|{{\trequest.method\t}}|{{\nrequest.method\n}}", "POST|POST|POST"; "blanks around a name")]
#[test_case("{{ request . method }}", ""; "blanks within a name")]
#[test_case("{{request.headers.x-low.0}}", "v&lt;&amp;&quot;&#39;&#x60;&#x3D;/&gt;"; "escaped")]
#[test_case("{{{request.headers.x-low.0}}}{{&request.headers.x-low.0}}", "v<&\"'`=/>v<&\"'`=/>"; "not escaped")]
#[test_case("[{{nope}}{{request.nope}}{{foo.bar}}{{request.method.foo}}{{request.headers.foo.bar.baz}}]", "[]"; "missing")]
#[test_case("{{request.secure}} {{request.keepAlive}}", "false true"; "booleans")]
#[test_case("[{{request.jsonRpcId}}{{request.localAddress}}]{{request.pathGroups}}{{request.namedPathGroups}}", "[][]{}"; "absent and empty fields")]
#[test_case("{{&request.queryStringParameters.q}} {{{request.cookies}}} {{request.pathParameters}}", "[a b, c] {sid=s1} {id&#x3D;[42]}"; "maps and lists")]
#[test_case("{{request.headers.X-Two.1}}{{request.headers.x-two.1}}{{request.headers.HOST.0}}", "twotwoh:1"; "header names in any case")]
#[test_case("{{request.queryStringParameters.Q.0}}", ""; "other names in their case")]
#[test_case("{{request.headers.X-Two.[0]}}{{request.headers.X-Two.-1}}{{request.headers.X-Two.7}}", ""; "no such item")]
#[test_case("{{request.method.length}} {{request.method.toLowerCase}} {{request.headers.X-Two.size}} {{request.headers.X-Two.isEmpty}} {{request.body.empty}}", "4 post 2 false false"; "methods without arguments")]
#[test_case("{{request.queryStringParameters.size}}|{{request.cookies.size}}", "[sz]|"; "maps have names alone")]
#[test_case("{{request.queryStringParameters.a.b.0}}|{{#request.queryStringParameters}}{{a.b}}{{/request.queryStringParameters}}", "|[dot]"; "names with dots are found whole")]
fn variables(template: &str, expected: &str) {
    assert_eq!(rendered(template), Ok(expected.to_owned()));
}

#[test_case("{{#request.keepAlive}}y{{/request.keepAlive}}{{#request.secure}}n{{/request.secure}}{{#nope}}n{{/nope}}", "y"; "truth")]
#[test_case("{{^request.keepAlive}}n{{/request.keepAlive}}{{^request.secure}}y{{/request.secure}}{{^nope}}y{{/nope}}{{^foo.bar}}y{{/foo.bar}}", "yyy"; "inverted")]
#[test_case("{{#request.queryStringParameters.q}}{{-index}}{{-first}}{{-last}}:{{this}} {{/request.queryStringParameters.q}}", "1truefalse:a b 2falsetrue:c "; "list")]
#[test_case("{{-index}}{{-first}}{{-last}}", "0falsefalse"; "outside a list")]
#[test_case("{{#request.headers.X-Two}}{{#-first}}F{{/-first}}{{^-first}}N{{/-first}}{{#-last}}L{{/-last}}{{/request.headers.X-Two}}", "FNL"; "first and last")]
#[test_case("{{#request.headers.X-Two}}{{#request.queryStringParameters.q}}{{.}}{{-index}} {{/request.queryStringParameters.q}}{{-index}};{{/request.headers.X-Two}}", "a b1 c2 1;a b1 c2 2;"; "list in a list")]
#[test_case("{{#request}}{{method}} {{#headers}}{{host.0}}{{#X-Two}}{{.}}{{method}}{{/X-Two}}{{/headers}}{{/request}}", "POST h:1onePOSTtwoPOST"; "contexts")]
#[test_case("{{#request.method}}m{{.}}{{path}}{{/request.method}}", "mPOST"; "text is a context")]
#[test_case("{{#request.headers.entrySet}}{{key}}={{{value.0}}}{{^-last}},{{/-last}}{{/request.headers.entrySet}}", "Host=h:1,X-Two=one,x-low=v<&\"'`=/>"; "entries")]
#[test_case("{{#request.headers.values}}{{this.0}};{{0}};{{/request.headers.values}}", "h:1;h:1;one;one;v&lt;&amp;&quot;&#39;&#x60;&#x3D;/&gt;;v&lt;&amp;&quot;&#39;&#x60;&#x3D;/&gt;;"; "values")]
#[test_case("{{#request.headers.keySet}}{{.}};{{/request.headers.keySet}}", "Host;X-Two;x-low;"; "keys")]
#[test_case("{{&request.cookies.entrySet}} {{request.cookies.keySet}} {{request.cookies.values}} {{request.headers.entrySet.size}}", "[sid=s1] [sid] [s1] 3"; "sets as text")]
#[test_case("[{{request.cookies.entrySet.0.key}}{{request.headers.keySet.0}}]", "[]"; "sets have no numbers")]
#[test_case("{{#request.headers.X-Two}}{{this.length}}{{/request.headers.X-Two}} {{this.request.method}} {{#request}}{{this.method}}{{/request}}", "33 POST POST"; "this")]
#[test_case("{{#request.headers.X-Two}}{{#request}}{{-index}}{{-last}} {{/request}}{{/request.headers.X-Two}}", "1false 2true "; "a place stays known further in")]
#[test_case("{{#this}}{{request.headers.HOST.0}}{{/this}}", "h:1"; "all variables as a context")]
#[test_case("{{# request.keepAlive }}a{{/request.keepAlive}}{{#request.keepAlive}}b{{/ request.keepAlive }}", "ab"; "blanks in section tags")]
#[test_case("{{#}}x{{/}}{{^}}y{{/}}{{&}}{{{}}}", "y"; "tags without a name")]
fn sections(template: &str, expected: &str) {
    assert_eq!(rendered(template), Ok(expected.to_owned()));
}

#[test_case("a{{! c }}b{{!}}", "ab"; "comment")]
#[test_case("{{=<% %>=}}<%request.method%> {{request.method}}<%={{ }}=%>{{request.method}}", "POST {{request.method}}POST"; "delimiters")]
#[test_case("{{=| |=}}|request.method|", "POST"; "delimiters of one character")]
#[test_case("{{#request.keepAlive}}{{=<% %>=}}<%request.method%><%/request.keepAlive%>", "POST"; "delimiters within a section")]
#[test_case("{{=<% %>=}}{<%{request.method}%>}", "{}"; "braces are no tag of other delimiters")]
#[test_case("}} { {x} {{request.method}}} {{{request.method}}}}", "}} { {x} POST} POST}"; "single braces")]
#[test_case("a {{request.method", "a {{request.method"; "a tag without end is text")]
#[test_case("{{{{request.method}}}}", "{{{{request.method}}}}"; "four braces are text")]
#[test_case("{{{{{request.method}}|{{a {{request.method}}|{{#a {{{request.method}}}", "{{{POST|{{a POST|{{#a POST"; "a tag begins anew")]
#[test_case("{{request.method{b}} {{a}b}}", "{{request.method{b}} "; "a brace within a tag")]
#[test_case("{{=<% %>=}}<%a<%request.method%>", "<%aPOST"; "other delimiters begin anew")]
#[test_case("{{! a {{ b }}{{!{}}", ""; "comments hold anything")]
#[test_case("\\{{request.method}}", "\\POST"; "no escapes")]
fn comments_and_delimiters(template: &str, expected: &str) {
    assert_eq!(rendered(template), Ok(expected.to_owned()));
}

#[test_case("a\n{{#request.secure}}\n  x\n{{/request.secure}}\nb", "a\nb"; "false section")]
#[test_case("a\n  {{#request.keepAlive}}\n  x\n  {{/request.keepAlive}}\nb", "a\n  x\nb"; "indented")]
#[test_case("a\n\t{{#request.method}}\t\nb\n{{/request.method}} \nc", "a\nb\nc"; "blanks on both sides")]
#[test_case("a\r\n{{#request.method}}\r\nb\r\n{{/request.method}}\r\nc", "a\r\nb\r\nc"; "carriage returns")]
#[test_case("{{#request.keepAlive}}\nx\n  {{/request.keepAlive}}", "x\n"; "first and last line")]
#[test_case("{{#request.nope}}\n{{/request.nope}}", ""; "nothing else")]
#[test_case("a\n{{^request.secure}}\nno\n{{/request.secure}}\n", "a\nno\n"; "inverted section")]
#[test_case("{{#request.keepAlive}}\n{{#request.keepAlive}}\nx\n{{/request.keepAlive}}\n{{/request.keepAlive}}", "x\n"; "nested")]
#[test_case("a\n  {{! c }}\nb {{! d }}\nc", "a\nb \nc"; "comment line")]
#[test_case("x {{!\nmulti\n}}y\n  {{!\nmulti\n  }}\nz", "x y\nz"; "comment of many lines")]
#[test_case("a\n{{=| |=}}\nb|request.method|\n  |={{ }}=|\nc", "a\nbPOST\nc"; "delimiters line")]
#[test_case("| {{#request.method}} {{/request.method}}\n|\n  {{#request.method}} {{/request.method}}\n|", "|  \n|\n   \n|"; "two tags on a line stay")]
#[test_case("a {{#request.method}}\nb\n{{/request.method}} x\nc", "a \nb\n x\nc"; "text beside a tag stays")]
#[test_case("a\n{{! x }}{{! y }}\nb", "a\n\nb"; "two comments on a line")]
#[test_case("a\n  {{! x }}  ", "a\n    "; "blanks at the very end stay")]
#[test_case("a\n  {{{request.nope}}}\nb", "a\n  \nb"; "variables keep their line")]
#[test_case("a\n{{#request.method}}\n\nb\n\n{{/request.method}}\n\nc", "a\n\nb\n\n\nc"; "empty lines stay")]
fn a_tag_alone_on_its_line_takes_the_line_away(template: &str, expected: &str) {
    assert_eq!(rendered(template), Ok(expected.to_owned()));
}

#[test_case("{{#jsonPath}}$.a.b{{/jsonPath}}{{jsonPathResult}}", "[1,2.5,&quot;x&quot;]"; "a list is JSON")]
#[test_case("{{#jsonPath}}$.a{{/jsonPath}}{{{jsonPathResult}}} {{#jsonPathResult}}{{{b}}}{{/jsonPathResult}} {{jsonPathResult.b.0}}", "{b=[1,2.5,\"x\"]} [1,2.5,\"x\"] 1"; "a map is not")]
#[test_case("{{#jsonPath}}$.a.b{{/jsonPath}}[{{#jsonPathResult}}{{.}};{{/jsonPathResult}}]{{#jsonPath}}$.zz{{/jsonPath}}[{{#jsonPathResult}}x{{/jsonPathResult}}{{^jsonPathResult}}none{{/jsonPathResult}}]", "[1;2.5;x;][none]"; "through the items")]
#[test_case("{{#jsonPath}}$.l2{{/jsonPath}}{{#jsonPathResult}}{{a}}/{{b}}/{{method}};{{/jsonPathResult}}", "1/x y/;2//;"; "items are contexts")]
#[test_case("{{#jsonPath}}$.ll{{/jsonPath}}{{#jsonPathResult}}{{#.}}{{.}}{{-index}};{{/.}}|{{/jsonPathResult}}", "11;22;|31;|"; "lists in lists")]
#[test_case("{{#jsonPath}}$.o2{{/jsonPath}}{{{jsonPathResult}}}", "{k=[1,{\"x\":null}], d=1.0}"; "JSON within a map")]
#[test_case("{{#jsonPath}}$.{{#request.secure}}zz{{/request.secure}}{{^request.secure}}t{{/request.secure}}{{/jsonPath}}{{jsonPathResult}}", "true"; "a path that is made")]
#[test_case("[{{jsonPathResult}}{{#jsonPath}}bad[{{/jsonPath}}{{jsonPathResult}}]", "[]"; "no result")]
#[test_case("{{^jsonPath}}x{{/jsonPath}}", ""; "inverted lambda")]
#[test_case("{{#xPath}}/a/b{{/xPath}}|{{#xPath}}/({{/xPath}}", "</a/b>|"; "an XPath is written as it is")]
#[test_case("{{#scenario.get}}x{{/scenario.get}}", "Started"; "scenario")]
fn lambdas(template: &str, expected: &str) {
    assert_eq!(rendered(template), Ok(expected.to_owned()));
}

#[test_case("z", false; "zero")]
#[test_case("zf", false; "zero as a decimal")]
#[test_case("e", false; "an empty text")]
#[test_case("n", false; "null")]
#[test_case("l", false; "an empty list")]
#[test_case("o", true; "an empty map")]
#[test_case("zs", true; "a zero in quotes")]
#[test_case("t", true; "true")]
fn what_is_true(field: &str, expected: bool) {
    let template = format!(
        "{{{{#jsonPath}}}}$.{field}{{{{/jsonPath}}}}{{{{#jsonPathResult}}}}T{{{{/jsonPathResult}}}}{{{{^jsonPathResult}}}}F{{{{/jsonPathResult}}}}"
    );
    assert_eq!(
        rendered(&template).as_deref(),
        Ok(if expected { "T" } else { "F" })
    );
}

#[test_case("{{now}} {{now_epoch}} {{now_rfc_1123}}", "2026-11-25T22:55:33.597718842Z 1795647333 Wed, 25 Nov 2026 22:55:33 GMT"; "time")]
#[test_case("[{{uuid.length}}{{now_epoch.length}}]", "[]"; "dynamic values have no parts")]
#[test_case("{{dates}}|{{dates.epochSeconds}}|{{strings}}|{{calc}}", "2026-11-25T22:55:33.597718842Z|1795647333|StringTemplateHelper|MathTemplateHelper"; "helpers print")]
#[test_case("[{{strings.trim}}{{#strings}}{{trim}}{{/strings}}{{crypto.md5}}{{faker.nope}}{{faker.name.nope}}]", "[]"; "methods with arguments cannot be called")]
fn dynamic_values_and_helpers(template: &str, expected: &str) {
    assert_eq!(rendered(template), Ok(expected.to_owned()));
}

#[test]
fn chance_and_tokens_can_be_had() {
    let length = |template: &str| rendered(template).expect("a text").len();
    assert_eq!(length("{{{rand_bytes_16}}}"), 24);
    assert!(length("{{faker.name.firstName}}") > 1);
    assert!(length("{{jwt}}") > 200);
    assert!(
        rendered("{{{jwt.jwks}}}")
            .expect("a text")
            .contains("\"kty\" : \"EC\"")
    );
}

#[test]
fn a_whole_request_prints_as_json() {
    let text = rendered("{{{request}}}").expect("a text");
    assert!(text.starts_with("{\n  \"body\" : "), "{text}");
    assert!(
        text.contains("\"headers\" : {\n    \"Host\" : [ \"h:1\" ]"),
        "{text}"
    );
    assert!(!text.contains("pathGroups"), "{text}");
}

#[test_case(
    "a\n{{#request.keepAlive}}x",
    "the section `request.keepAlive` is not closed (line 2)"
)]
#[test_case("{{^a}}x", "the inverted section `a` is not closed (line 1)")]
#[test_case("{{#a}}{{#b}}{{/a}}{{/b}}", "`a` is closed where `b` is open (line 1)")]
#[test_case("x\n\n{{/a}}", "`a` is closed but was not opened (line 3)")]
#[test_case(
    "a {{{request.method}} b",
    "a tag of three braces that ends with fewer (line 1)"
)]
#[test_case("{{}}", "a tag with nothing in it (line 1)")]
#[test_case("{{a..b}}", "the name `a..b` has an empty part (line 1)")]
#[test_case("{{{a\nb}}}", "a name with a line break in it (line 1)"; "a name over two lines")]
#[test_case("{{= | | =}}", "delimiters must have the form {{=1 2=}} or {{=12 34=}} (line 1)"; "blanks around delimiters")]
#[test_case("{{=}}", "delimiters must have the form {{=1 2=}} or {{=12 34=}} (line 1)"; "no delimiters")]
#[test_case("{{> part}}", "partials and inheritance are not supported: there is nothing to load them from (line 1)"; "a partial")]
fn what_is_no_template_is_named_with_its_line(template: &str, expected: &str) {
    assert_eq!(
        Mustache::compile(template).err(),
        Some(TemplateError::Invalid(expected.to_owned()))
    );
}

#[test]
fn output_and_depth_are_bounded() {
    // Ours: seven lists within each other would make two to the power of 7 million texts.
    let inner = "{{#request.headers.X-Two}}".repeat(24);
    let outer = "{{/request.headers.X-Two}}".repeat(24);
    let endless = rendered(&format!("{inner}x{outer}"));
    assert!(
        matches!(endless, Err(TemplateError::Limit(_))),
        "{endless:?}"
    );
    let deep = Mustache::compile(&"{{#a}}".repeat(200));
    assert!(matches!(deep, Err(TemplateError::Invalid(_))));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_engine_panic(text in "[{}#^/!&=. a<>%|\n\ré-]{0,40}") {
        if let Ok(template) = Mustache::compile(&text) {
            let _ = template.render(&scope(), &tools());
        }
    }
}
