use test_case::test_case;

use super::*;
use crate::template::tests::{scope, tools};

fn rendered(body: &str) -> Result<String, TemplateError> {
    JavaScript::compile(body)?.render(&scope(), &tools())
}

#[test_case("return {'statusCode': 200, body: request.body.length > 9};", r#"{"statusCode":200,"body":true}"#; "an object")]
#[test_case("return '{statusCode: 201}'", "{statusCode: 201}"; "a text as it is")]
#[test_case("return request.headers['x-two'][1] + request.headers.HOST[0] + request.headers['X-Two'][0]", "twoh:1one"; "headers in any case")]
#[test_case("return request.queryStringParameters['q'][0] + request.pathParameters.id[0] + request.cookies.sid", "a b42s1"; "maps")]
#[test_case("var names = ''; for (header in request.headers) { names += header + ';' } return names", "Host;X-Two;x-low;"; "a loop over an undeclared name")]
#[test_case("if (request.method === 'POST' && !request.secure) { return {statusCode: 406} } else { return {} }", r#"{"statusCode":406}"#; "a condition")]
#[test_case("return {body: JSON.parse(request.body).a.b[1], list: [undefined, 1.0, 1e21]}", r#"{"body":2.5,"list":[null,1,1e+21]}"#; "numbers")]
#[test_case("const {method, ...rest} = request; return `${method} ${rest.path ?? ''}`", "POST /some/path/42"; "modern syntax")]
#[test_case("return typeof response", "undefined"; "no response")]
#[test_case("return now + ' ' + now_epoch", "2026-11-25T22:55:33.597718842Z 1795647333"; "dynamic values")]
#[test_case("return (uuid !== uuid) + ' ' + uuid.length", "true 36"; "made anew each time")]
#[test_case("return strings.trim(' a ') + calc.max(3, 7) + calc.round(calc.ceil(1.25), 1)", "a72"; "helpers")]
#[test_case("return dates.format('yyyy-MM-dd') + ' ' + dates", "2026-11-25 2026-11-25T22:55:33.597718842Z"; "a helper as text")]
#[test_case("return csv.parse('a,b\\n1,2')[1][0] + csv.row(['x', 'y,z'])", "1x,\"y,z\""; "lists")]
#[test_case("return jwt.generate({sub: 'me'}).split('.').length + ''", "3"; "maps as arguments")]
#[test_case("return faker.name().firstName().length > 1 && faker.number().numberBetween(1, 2) === 1 ? 'y' : 'n'", "y"; "faker")]
#[test_case("return jsonPath('$.a.b')[2] + jsonPath('$.nope') + xPath('/a')", "xnull</a>"; "paths into the body")]
#[test_case("scenario.set('s', 'S2'); return scenario.get('s')", "S2"; "scenarios")]
#[test_case("return strings.replace('aXb', 'X', undefined)", "ab"; "undefined is null")]
#[test_case("return [1, , 2].join('-') + [1, 2].reverse() + (function () { return [].join.call(arguments, '+') })(3, 4)", "1--22,13+4"; "joined and reversed")]
#[test_case("return [3, 1, 2].sort().slice(1).concat([4], 5).map(x => x * 2).indexOf(8) + [].slice.call('abc', 1).join('')", "2bc"; "methods of lists")]
#[test_case("return [...new Set([1, 1, 2]), new Map([[1, 'x']]).get(1), new Set([1]) instanceof Set].join()", "1,2,x,true"; "sets and maps")]
#[test_case("// a comment\nreturn 'x' // and another", "x"; "comments")]
fn what_a_template_returns(body: &str, expected: &str) {
    assert_eq!(rendered(body), Ok(expected.to_owned()));
}

#[test_case("return {", "Invalid"; "not closed")]
#[test_case("return 1;\n}); (function () {", "Invalid"; "closed too early")]
#[test_case("let x = ;", "Invalid"; "no expression")]
fn what_is_no_function_body_is_invalid(body: &str, _kind: &str) {
    let compiled = JavaScript::compile(body);
    assert!(
        matches!(compiled, Err(TemplateError::Invalid(_))),
        "{compiled:?}"
    );
}

#[test]
fn compiling_runs_nothing() {
    assert!(JavaScript::compile("while (true) {}").is_ok());
    assert!(JavaScript::compile("throw new Error('x')").is_ok());
}

#[test_case("let a = 1;\nlet b = ;", "unexpected token in expression: ';' (line 2)"; "syntax")]
fn a_syntax_error_has_its_line(body: &str, expected: &str) {
    let expected = TemplateError::Invalid(expected.to_owned());
    assert_eq!(JavaScript::compile(body).err(), Some(expected));
}

#[test_case("return nope.x", "nope is not defined (line 1)"; "unknown name")]
#[test_case("\n\nthrow new Error('three')", "three (line 3)"; "thrown")]
#[test_case("throw 'text'", "text"; "thrown text")]
#[test_case("return request.headers.nope[0]", "cannot read property '0' of undefined (line 1)"; "no such header")]
#[test_case("let x = 1", "the template returned nothing"; "nothing returned")]
#[test_case("return strings.nope('x')", "strings has no method nope for these arguments (line 1)"; "no such method")]
#[test_case("\nreturn strings.urlDecode('%zz')", "strings.urlDecode: an escape (%) without two hexadecimal digits (line 2)"; "a helper that fails")]
fn what_fails_says_why_and_where(body: &str, expected: &str) {
    assert_eq!(
        rendered(body),
        Err(TemplateError::Failed(expected.to_owned()))
    );
}

#[test_case("let all = []; while (true) { all.push('x'.repeat(100000) + all.length) }"; "memory")]
#[test_case("function f() { return f() + 1 } return f()"; "stack")]
#[test_case("return 'x'.repeat(11000000)"; "output")]
fn too_much_is_stopped(body: &str) {
    let result = rendered(body);
    assert!(matches!(result, Err(TemplateError::Limit(_))), "{result:?}");
}

#[test_case("return Array(1e9).join('x')")]
#[test_case("return '' + Array(1e9)")]
#[test_case("return [].join.call({length: 2 ** 53 - 1})")]
#[test_case("let list = []; list.length = 2 ** 32 - 1; return list.reverse()")]
#[test_case("return [].reverse.call({length: 2 ** 53 - 1})")]
#[test_case("return [].slice.call({length: 2 ** 32 - 1}, 0).length")]
#[test_case("return [].concat(Array(1e9), Array(1e9)).length")]
#[test_case("return Array(1e9).flat().length")]
#[test_case("return Array(1e9).indexOf(5)")]
#[test_case("Array(1e9).forEach(() => 1); return ''")]
#[test_case("return [].shift.call({length: 2 ** 53 - 1})")]
#[test_case("let list = Array(2 ** 32 - 1); list.splice(0, 1); return list.length")]
#[test_case("return new Set(Array(2 ** 32 - 1)).size")]
fn loops_that_the_engine_would_not_leave_are_refused(body: &str) {
    let result = rendered(body);
    assert!(
        matches!(
            result,
            Err(TemplateError::Failed(_) | TemplateError::Limit(_))
        ),
        "{result:?}"
    );
}

#[test]
fn too_long_is_stopped() {
    let engine = Engine::start(Duration::from_millis(20)).expect("an engine");
    let result =
        engine.run(|ctx| eval::<()>(ctx, FILE, "try { while (true) {} } catch (error) { }"));
    assert_eq!(
        result,
        Err(TemplateError::Limit("more than 0 s".to_owned()))
    );
}

#[test_case("return typeof require + typeof process + typeof std + typeof os + typeof print + typeof console + typeof setTimeout + typeof fetch", "undefined".repeat(8).as_str())]
#[test_case("return typeof Java + typeof Packages + typeof host + typeof helpers", "undefined".repeat(4).as_str())]
#[test_case("return typeof eval('globalThis').fetch", "undefined")]
fn nothing_of_the_host_is_there(body: &str, expected: &str) {
    assert_eq!(rendered(body), Ok(expected.to_owned()));
}

#[test]
fn modules_cannot_be_loaded() {
    let result = rendered(
        "let state = 'waiting'; import('os').then(() => { state = 'loaded' }); return state",
    );
    assert_eq!(result, Ok("waiting".to_owned()));
}

#[test]
fn nothing_is_left_for_the_next_rendering() {
    let template = JavaScript::compile("globalThis.n = (globalThis.n || 0) + 1; return '' + n")
        .expect("a template");
    for _ in 0..2 {
        assert_eq!(template.render(&scope(), &tools()), Ok("1".to_owned()));
    }
}
