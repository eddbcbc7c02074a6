//! A value for a schema: its example, its default, or one made up by its type.

use indexmap::IndexMap;

use crate::json::Json;

use super::document::Node;

mod date_time;
mod pattern;
mod scalar;
mod xml;

pub(super) use xml::to_xml;

/// How often the same reference may stand on the way to a value; a schema that holds itself appears once within itself.
const REPETITIONS_MAX: usize = 2;

/// The most values in the sample of a body, and of a header; what comes after is left out.
const BODY_VALUES_MAX: usize = 20_000;
const HEADER_VALUES_MAX: usize = 200;

/// The deepest nesting of schemas.
const DEPTH_MAX: usize = 64;

/// The most items that `minItems` brings.
const ITEMS_MAX: usize = 5;

/// A value with what XML has to know about it.
#[derive(Clone, Debug)]
pub(super) struct Sample<'a> {
    content: Content<'a>,
    schema: Node<'a>,
}

#[derive(Clone, Debug)]
enum Content<'a> {
    /// A value as the document gives it.
    Given(Json),
    /// A made up value; the kind names it in XML.
    Scalar(&'static str, Json),
    List(Vec<Sample<'a>>),
    Object(IndexMap<String, Sample<'a>>),
}

impl Sample<'_> {
    pub(super) fn to_json(&self) -> Json {
        match &self.content {
            Content::Given(value) | Content::Scalar(_, value) => value.clone(),
            Content::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Content::Object(fields) => Json::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), value.to_json()))
                    .collect(),
            ),
        }
    }
}

/// A body for the schema; `None` when the schema says too little for one.
pub(super) fn body(schema: Node<'_>) -> Option<Sample<'_>> {
    bounded(schema, BODY_VALUES_MAX)
}

/// The value of a header for the schema; `None` when the schema says too little for one.
pub(super) fn header(schema: Node<'_>) -> Option<Sample<'_>> {
    bounded(schema, HEADER_VALUES_MAX)
}

fn bounded(schema: Node<'_>, values_left: usize) -> Option<Sample<'_>> {
    let mut generator = Generator {
        is_3_1: schema.is_3_1(),
        references: Vec::new(),
        values_left,
        depth: 0,
    };
    generator.sample(schema)
}

struct Generator<'a> {
    is_3_1: bool,
    /// The references on the way to the present schema.
    references: Vec<&'a str>,
    values_left: usize,
    depth: usize,
}

impl<'a> Generator<'a> {
    /// Does `visit` with the schema itself, references followed; `None` at the bounds.
    fn enter<T>(
        &mut self,
        schema: Node<'a>,
        visit: impl FnOnce(&mut Self, Node<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.values_left == 0 || self.depth == DEPTH_MAX {
            return None;
        }
        self.values_left -= 1;
        self.depth += 1;
        let known = self.references.len();
        let mut end = Some(schema);
        while let Some(reference) = end.and_then(Node::reference) {
            let seen = self.references.iter().filter(|r| **r == reference).count();
            self.references.push(reference);
            end = end
                .and_then(Node::target)
                .filter(|_| seen < REPETITIONS_MAX);
        }
        let result = end.and_then(|schema| visit(self, schema));
        self.references.truncate(known);
        self.depth -= 1;
        result
    }

    fn sample(&mut self, schema: Node<'a>) -> Option<Sample<'a>> {
        self.enter(schema, |generator, schema| {
            let content = generator.content(schema)?;
            Some(Sample { content, schema })
        })
    }

    fn content(&mut self, schema: Node<'a>) -> Option<Content<'a>> {
        let kind = kind(schema);
        if let Some(example) = self.example(schema) {
            return Some(scalar::given(kind, schema, example));
        }
        if has_alternatives(schema) && kind != "array" {
            return self.composed(schema);
        }
        match kind {
            "object" => self.object(schema).map(Content::Object),
            "array" => self.list(schema).map(Content::List),
            "" if self.is_3_1 => {
                let first = schema.raw("enum")?.items().next()?;
                Some(Content::Given(first.json().clone()))
            }
            kind => scalar::made_up(kind, schema),
        }
    }

    /// The example of a schema; in OpenAPI 3.1 also its `const`, or the first of its `examples`.
    fn example(&self, schema: Node<'a>) -> Option<&'a Json> {
        let example = schema.raw("example");
        let example = example.or_else(|| schema.raw("const").filter(|_| self.is_3_1));
        let examples = schema.raw("examples").filter(|_| self.is_3_1);
        let example = example.or_else(|| examples.and_then(|list| list.items().next()));
        example.map(Node::json)
    }

    /// All of several schemas, or the first of alternatives that has a value.
    fn composed(&mut self, schema: Node<'a>) -> Option<Content<'a>> {
        let groups = ["allOf", "oneOf", "anyOf"].map(|name| schema.list(name));
        let [all, one, any] = &groups;
        let merged = !all.is_empty() || (!one.is_empty() && !any.is_empty());
        if merged {
            let mut fields = IndexMap::new();
            self.collect(schema, &mut fields);
            if !fields.is_empty() {
                return Some(Content::Object(fields));
            }
        }
        let members = groups.into_iter().flatten();
        let first = members.into_iter().find_map(|member| self.sample(member));
        first.map(|sample| sample.content)
    }

    /// Adds the fields of a schema and of everything it is composed of.
    fn collect(&mut self, schema: Node<'a>, fields: &mut IndexMap<String, Sample<'a>>) {
        let groups = ["allOf", "oneOf", "anyOf"].map(|name| schema.list(name));
        for member in groups.into_iter().flatten() {
            self.enter(member, |generator, member| {
                generator.collect(member, fields);
                Some(())
            });
        }
        self.properties(schema, fields);
        if let Some(Json::Object(example)) = self.example(schema) {
            for (name, value) in example {
                let content = Content::Given(value.clone());
                fields.insert(name.clone(), Sample { content, schema });
            }
        }
    }

    fn properties(&mut self, schema: Node<'a>, fields: &mut IndexMap<String, Sample<'a>>) {
        let Some(properties) = schema.get("properties") else {
            return;
        };
        for (name, property) in properties.fields() {
            let write_only = property.follow().and_then(|p| p.flag("writeOnly"));
            if write_only == Some(true) {
                continue;
            }
            if let Some(sample) = self.sample(property) {
                fields.insert(name.to_owned(), sample);
            }
        }
    }

    fn object(&mut self, schema: Node<'a>) -> Option<IndexMap<String, Sample<'a>>> {
        let additional = schema.raw("additionalProperties");
        if additional.is_none() && schema.get("properties").is_none() && !self.is_3_1 {
            return None;
        }
        let mut fields = IndexMap::new();
        self.properties(schema, &mut fields);
        if let Some(sample) = additional.and_then(|schema| self.sample(schema)) {
            for number in 1..=3 {
                fields.insert(format!("additionalProp{number}"), sample.clone());
            }
        }
        Some(fields)
    }

    fn list(&mut self, schema: Node<'a>) -> Option<Vec<Sample<'a>>> {
        let count = |name| schema.number(name).and_then(|text| text.parse().ok());
        let least: usize = count("minItems").unwrap_or(1);
        let most: usize = count("maxItems").unwrap_or(ITEMS_MAX);
        let item = schema.raw("items").and_then(|items| self.sample(items));
        let Some(item) = item else {
            return self.is_3_1.then(Vec::new);
        };
        Some(vec![item; least.clamp(1, ITEMS_MAX).min(most)])
    }
}

fn has_alternatives(schema: Node<'_>) -> bool {
    ["allOf", "oneOf", "anyOf"]
        .iter()
        .any(|name| !schema.list(name).is_empty())
}

/// The type of a schema, told by its fields when it is not written; blank when nothing tells it.
fn kind<'a>(schema: Node<'a>) -> &'a str {
    let written = schema.raw("type");
    let first = written.and_then(|list| {
        let mut names = list.items().filter_map(Node::as_text);
        names.find(|name| *name != "null")
    });
    if let Some(kind) = written.and_then(Node::as_text).or(first) {
        return kind;
    }
    let has = |name: &str| schema.raw(name).is_some();
    if has("properties") || has("additionalProperties") {
        "object"
    } else if has("items") {
        "array"
    } else {
        ""
    }
}
