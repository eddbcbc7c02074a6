//! Answers made of schemas.

use test_case::test_case;

use super::*;

const SCHEMAS: &str = r##"{"schemas":{
    "A":{"type":"object","properties":{"a":{"type":"string"}}},
    "B":{"type":"object","properties":{"b":{"type":"integer"}}},
    "C":{"type":"object","properties":{"c":{"type":"integer"}}},
    "E":{"type":"string","enum":["p","q"]},
    "Ex":{"type":"object","properties":{"x":{"type":"string"}},"example":{"x":"whole"}},
    "Base":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}},"discriminator":{"propertyName":"kind"}},
    "Dog":{"allOf":[{"$ref":"#/components/schemas/Base"},{"type":"object","properties":{"bark":{"type":"boolean"}}}]},
    "Node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#/components/schemas/Node"},"kids":{"type":"array","items":{"$ref":"#/components/schemas/Node"}}}},
    "P":{"type":"object","properties":{"q":{"$ref":"#/components/schemas/Q"},"n":{"type":"integer"}}},
    "Q":{"type":"object","properties":{"p":{"$ref":"#/components/schemas/P"},"s":{"type":"string"}}},
    "Loop":{"$ref":"#/components/schemas/Loop"},
    "X":{"type":"object","xml":{"name":"ex","prefix":"p","namespace":"http://n"},"properties":{"id":{"type":"integer","xml":{"attribute":true}},"t":{"type":"string","xml":{"name":"tt"}},"l":{"type":"array","xml":{"name":"ls","wrapped":true},"items":{"type":"string","xml":{"name":"li"}}},"m":{"type":"array","items":{"type":"string"}},"o":{"$ref":"#/components/schemas/A"},"os":{"type":"array","items":{"$ref":"#/components/schemas/A"}}}}
}}"##;

/// The body that answers for a schema. `@A` stands for a reference to the schema `A`.
fn body(version: &str, content_type: &str, schema: &str) -> Option<Json> {
    let mut schema = schema.to_owned();
    for name in [
        "A", "B", "C", "E", "Ex", "Dog", "Node", "P", "Loop", "Nope", "X",
    ] {
        let reference = format!(r##"{{"$ref":"#/components/schemas/{name}"}}"##);
        schema = schema.replace(&format!("@{name}@"), &reference);
    }
    let paths = format!(
        r#"{{"/a":{{"get":{{"responses":{{"200":{{"content":{{"{content_type}":{{"schema":{schema}}}}}}}}}}}}}}}"#
    );
    let found = expectations(&document(version, &paths, SCHEMAS));
    at(&found[0], "httpResponse.body").cloned()
}

fn check(version: &str, schema: &str, expected: &str) {
    let found = body(version, "application/json", schema);
    let found = found.as_ref().map(|body| match at(body, "json") {
        Some(Json::Text(text)) => text.clone(),
        Some(value) => super::super::response::compact(value),
        None => panic!("{body:?}"),
    });
    assert_eq!(found.as_deref().unwrap_or("none"), expected, "{schema}");
}

#[test_case(r#"{"type":"string"}"#, r#""some_string_value""#; "string")]
#[test_case(r#"{"type":"integer","format":"int64"}"#, "0"; "integer")]
#[test_case(r#"{"type":"number"}"#, "1.5"; "number")]
#[test_case(r#"{"type":"number","format":"float"}"#, "1.1"; "float")]
#[test_case(r#"{"type":"boolean"}"#, "true"; "boolean")]
#[test_case(r#"{"type":"file"}"#, "none"; "unknown type")]
#[test_case("{}", "none"; "no type")]
#[test_case(r#"{"type":"string","format":"date"}"#, r#""2018-11-13""#; "date")]
#[test_case(r#"{"type":"string","format":"date-time"}"#, r#""2018-11-13T20:20:39+00:00""#; "date time")]
#[test_case(r#"{"type":"string","format":"uuid"}"#, r#""3fa85f64-5717-4562-b3fc-2c963f66afa6""#; "uuid")]
#[test_case(r#"{"type":"string","format":"email"}"#, r#""some_email@mockserver.com""#; "email")]
#[test_case(r#"{"type":"string","format":"byte"}"#, r#""c29tZV9ieXRlX3ZhbHVl""#; "byte")]
#[test_case(r#"{"type":"string","format":"uri"}"#, r#""some_string_value""#; "uri")]
#[test_case(r#"{"type":"string","enum":["x","y"]}"#, r#""x""#; "enum")]
#[test_case(r#"{"type":"string","enum":["a","b"],"default":"b"}"#, r#""b""#; "default before enum")]
#[test_case(r#"{"type":"string","enum":[null,"b"]}"#, r#""some_string_value""#; "enum with null")]
#[test_case(r#"{"type":"string","example":"e","default":"d"}"#, r#""e""#; "example before default")]
#[test_case(r#"{"type":"string","example":5}"#, r#""5""#; "a number as example of a string")]
#[test_case(r#"{"type":"string","default":7}"#, r#""7""#; "a number as default of a string")]
#[test_case(r#"{"type":"string","format":"date","default":"2021-02-03"}"#, r#""2018-11-13""#; "default of a date")]
#[test_case(r#"{"type":"string","format":"uuid","example":"nope"}"#, r#""3fa85f64-5717-4562-b3fc-2c963f66afa6""#; "no uuid")]
#[test_case(r#"{"type":"string","format":"uuid","example":"A1B2C3D4-0000-0000-0000-000000000001"}"#, r#""a1b2c3d4-0000-0000-0000-000000000001""#; "a uuid in capitals")]
#[test_case(r#"{"type":"string","format":"date-time","example":"2020-01-01T00:00:00Z"}"#, r#""2020-01-01T00:00Z""#; "example of a date time")]
#[test_case(r#"{"type":"string","format":"binary","example":"abc"}"#, r#""YWJj""#; "example of binary")]
#[test_case(r#"{"type":"string","pattern":"^abc$"}"#, r#""abc""#; "pattern")]
#[test_case(r#"{"type":"string","pattern":"["}"#, r#""some_string_value""#; "no pattern")]
#[test_case(r#"{"type":"integer","minimum":5}"#, "5"; "minimum")]
#[test_case(r#"{"type":"integer","maximum":-5}"#, "-5"; "maximum")]
#[test_case(r#"{"type":"integer","minimum":5,"exclusiveMinimum":true}"#, "6"; "exclusive minimum")]
#[test_case(r#"{"type":"integer","minimum":0,"exclusiveMinimum":true,"maximum":0}"#, "0"; "no room")]
#[test_case(r#"{"type":"integer","minimum":2.5}"#, "2"; "a fraction as minimum")]
#[test_case(r#"{"type":"integer","example":"12"}"#, "12"; "a text as example of an integer")]
#[test_case(r#"{"type":"integer","example":1.5}"#, "0"; "a fraction as example of an integer")]
#[test_case(r#"{"type":"integer","default":"7"}"#, "0"; "a text as default of an integer")]
#[test_case(r#"{"type":"integer","default":1,"minimum":3}"#, "1"; "default before minimum")]
#[test_case(r#"{"type":"number","minimum":2,"exclusiveMinimum":true}"#, "2.01"; "exclusive minimum of a number")]
#[test_case(r#"{"type":"number","minimum":0.5,"maximum":0.7}"#, "0.7"; "bounds of a number")]
#[test_case(r#"{"type":"number","format":"float","minimum":3}"#, "3.0"; "minimum of a float")]
#[test_case(r#"{"type":"number","minimum":1e999}"#, "1.5"; "a bound beyond all")]
#[test_case(r#"{"type":"number","example":0.00}"#, "0.00"; "the text of a number stays")]
#[test_case(r#"{"type":"number","example":"1.50"}"#, "1.50"; "a text as example of a number")]
#[test_case(r#"{"type":"boolean","example":"x"}"#, "false"; "a text as example of a boolean")]
#[test_case(r#"{"type":"boolean","enum":[false]}"#, "true"; "enum of a boolean")]
fn plain_types(schema: &str, expected: &str) {
    check("3.0.3", schema, expected);
}

#[test_case(r#"{"type":"object"}"#, "none"; "an object of anything")]
#[test_case(r#"{"type":"object","properties":{}}"#, "{}"; "an object of nothing")]
#[test_case(r#"{"type":"object","additionalProperties":true}"#, "{}"; "anything more")]
#[test_case(r#"{"type":"object","additionalProperties":{"type":"integer"}}"#, r#"{"additionalProp1":0,"additionalProp2":0,"additionalProp3":0}"#; "more of a type")]
#[test_case(r#"{"type":"object","properties":{"w":{"type":"string","writeOnly":true},"r":{"type":"integer","readOnly":true}}}"#, r#"{"r":0}"#; "write only")]
#[test_case(r#"{"type":"object","properties":{"o":{"type":"object"},"e":{"type":"object","properties":{}},"n":{"type":"integer","nullable":true}}}"#, r#"{"e":{},"n":0}"#; "what says nothing is left out")]
#[test_case(r#"{"properties":{"a":{"type":"integer"}}}"#, r#"{"a":0}"#; "the type is told by the properties")]
#[test_case(r#"{"type":"array","items":{"type":"integer"}}"#, "[0]"; "a list")]
#[test_case(r#"{"type":"array"}"#, "none"; "a list of anything")]
#[test_case(r#"{"type":"array","items":{"type":"integer"},"minItems":3}"#, "[0,0,0]"; "at least")]
#[test_case(r#"{"type":"array","items":{"type":"integer"},"minItems":1000}"#, "[0,0,0,0,0]"; "at least too many")]
#[test_case(r#"{"type":"array","items":{"type":"integer"},"maxItems":0}"#, "[]"; "at most none")]
#[test_case(r#"{"type":"array","items":{"type":"integer"},"example":[4,5]}"#, "[4,5]"; "example of a list")]
#[test_case(r#"{"type":"array","items":{"type":"integer"},"default":[7]}"#, "[0]"; "default of a list")]
#[test_case("@Ex@", r#"{"x":"whole"}"#; "example of an object")]
#[test_case("@Node@", r#"{"v":0,"next":{"v":0},"kids":[{"v":0}]}"#; "a schema that holds itself")]
#[test_case("@P@", r#"{"q":{"p":{"q":{"s":"some_string_value"},"n":0},"s":"some_string_value"},"n":0}"#; "two that hold each other")]
#[test_case("@Loop@", "none"; "a reference to itself")]
#[test_case("@Nope@", "none"; "a reference to nothing")]
#[test_case(r##"{"$ref":"#/components/schemas/A/properties/a"}"##, r#""some_string_value""#; "a reference into a schema")]
#[test_case(r#"{"allOf":[@A@,@B@],"properties":{"d":{"type":"boolean"}}}"#, r#"{"a":"some_string_value","b":0,"d":true}"#; "all of")]
#[test_case(r#"{"allOf":[@A@,{"properties":{"a":{"type":"integer"}}}]}"#, r#"{"a":0}"#; "the last of equal fields")]
#[test_case(r#"{"allOf":[@A@,@B@],"example":{"top":1}}"#, r#"{"top":1}"#; "example of all of")]
#[test_case(r#"{"allOf":[{"oneOf":[@A@,@C@]},@B@]}"#, r#"{"a":"some_string_value","c":0,"b":0}"#; "one of within all of")]
#[test_case("@Dog@", r#"{"kind":"some_string_value","bark":true}"#; "inheritance")]
#[test_case(r#"{"oneOf":[@B@,@A@],"type":"object","properties":{"z":{"type":"string"}}}"#, r#"{"b":0}"#; "one of")]
#[test_case(r#"{"anyOf":[{"type":"integer"},{"type":"string"}]}"#, "0"; "any of")]
#[test_case(r#"{"oneOf":[{},{"type":"integer"}]}"#, "0"; "the first that has a value")]
#[test_case(r#"{"anyOf":[@A@],"oneOf":[@C@]}"#, r#"{"c":0,"a":"some_string_value"}"#; "one of and any of")]
fn composed_types(schema: &str, expected: &str) {
    check("3.0.3", schema, expected);
}

// Deliberately different: MockServer answers with a list of the members' examples, and with nothing.
#[test_case(r#"{"allOf":[@Ex@,@B@]}"#, r#"{"x":"whole","b":0}"#; "examples of members are merged")]
#[test_case(r#"{"allOf":[@E@]}"#, r#""p""#; "all of one plain type")]
fn composed_types_that_mockserver_gets_wrong(schema: &str, expected: &str) {
    check("3.0.3", schema, expected);
}

#[test_case(r#"{"type":["null","integer"]}"#, "0"; "several types")]
#[test_case(r#"{"type":"object"}"#, "{}"; "an object of anything")]
#[test_case(r#"{"type":"array"}"#, "[]"; "a list of anything")]
#[test_case(r#"{"enum":["u","v"]}"#, r#""u""#; "enum without a type")]
#[test_case(r#"{"type":"string","format":"uuid","example":"nope"}"#, r#""nope""#; "examples are taken as they are")]
#[test_case(r#"{"type":"string","format":"date","default":"2021-02-03"}"#, r#""2021-02-03""#; "default of a date")]
#[test_case(r#"{"type":"integer","exclusiveMinimum":5}"#, "6"; "exclusive minimum")]
#[test_case(r#"{"type":"string","const":"k"}"#, r#""k""#; "a constant")]
#[test_case(r#"{"type":"string","examples":["e1","e2"]}"#, r#""e1""#; "examples")]
#[test_case(r#"{"allOf":[@A@,@B@]}"#, r#"{"a":"some_string_value","b":0}"#; "all of")]
fn types_of_3_1(schema: &str, expected: &str) {
    check("3.1.0", schema, expected);
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

#[test_case("@A@", "<object><a>some_string_value</a></object>"; "an object")]
#[test_case("@X@", "<p:ex xmlns:p=\"http://n\" id=\"0\"><tt>some_string_value</tt><ls><li>some_string_value</li></ls><m>some_string_value</m><o><a>some_string_value</a></o><os><a>some_string_value</a></os></p:ex>"; "names and attributes")]
#[test_case(r#"{"type":"array","xml":{"name":"list","wrapped":true},"items":@A@}"#, "<list><object><a>some_string_value</a></object></list>"; "a wrapped list")]
#[test_case(r#"{"type":"array","items":@A@}"#, "<object><a>some_string_value</a></object>"; "a list")]
#[test_case(r#"{"type":"integer"}"#, "<integer>0</integer>"; "an integer")]
#[test_case(r#"{"type":"object","additionalProperties":{"type":"string"}}"#, "<object><string>some_string_value</string><string>some_string_value</string><string>some_string_value</string></object>"; "more of a type")]
#[test_case(r#"{"type":"object","properties":{"t":{"type":"object","example":{"z":1,"y":[1,2]}},"s":{"type":"string","example":"a<b"}}}"#, "<object><t><z>1</z><y>1</y><y>2</y></t><s>a&lt;b</s></object>"; "examples within")]
fn xml(schema: &str, expected: &str) {
    let found = body("3.0.3", "application/xml", schema);
    assert_eq!(
        found,
        Some(Json::Text(format!("{HEAD}{expected}"))),
        "{schema}"
    );
}

#[test_case(r#"{"type":"string"}"#, Some("some_string_value"); "a text")]
#[test_case(r#"{"type":"object"}"#, None; "nothing")]
#[test_case(r#"{"type":"object","example":{"k":[1]}}"#, Some("{\n  \"k\" : [ 1 ]\n}"); "an example")]
fn what_is_no_xml(schema: &str, expected: Option<&str>) {
    assert_eq!(
        body("3.0.3", "application/xml", schema),
        expected.map(Json::text)
    );
}
