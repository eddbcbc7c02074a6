//! Expectations as code for the clients that register the JSON as it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Format;
use super::message::{encoded, typed, with_bodies};
use crate::json::{Json, pretty};

/// How one client's code is put together.
pub(super) struct Language {
    pub(super) content_type: &'static str,
    head: &'static str,
    /// The call for one expectation, around its JSON.
    call: fn(&str) -> String,
    tail: &'static str,
}

impl Language {
    /// The language of a format, if it is one of these.
    pub(super) fn of(format: Format) -> Option<&'static Self> {
        Some(match format {
            Format::Javascript => &JAVASCRIPT,
            Format::Python => &PYTHON,
            Format::Go => &GO,
            Format::Csharp => &CSHARP,
            Format::Ruby => &RUBY,
            Format::Rust => &RUST,
            Format::Php => &PHP,
            _ => return None,
        })
    }

    /// The code that registers the expectations.
    pub(super) fn code(&self, expectations: &[Json]) -> String {
        let mut out = self.head.to_owned();
        for expectation in expectations {
            let json = pretty(&with_bodies(expectation, &long_body));
            out += &(self.call)(&json);
        }
        out += self.tail;
        out
    }
}

const JAVASCRIPT: Language = Language {
    content_type: "application/javascript; charset=utf-8",
    head: "const { mockServerClient } = require('mockserver-client');\n",
    call: |json| format!("\nmockServerClient(\"localhost\", 1080).mockAnyResponse({json});\n"),
    tail: "",
};

const PYTHON: Language = Language {
    content_type: "text/x-python; charset=utf-8",
    head: "import json\nfrom mockserver import MockServerClient, Expectation\n\nclient = MockServerClient(\"localhost\", 1080)\n",
    call: |json| {
        format!("\nclient.upsert(Expectation.from_dict(json.loads(\"\"\"{json}\"\"\")))\n")
    },
    tail: "",
};

const GO: Language = Language {
    content_type: "text/x-go; charset=utf-8",
    head: "package main\n\nimport (\n\t\"encoding/json\"\n\n\tmockserver \"github.com/mock-server/mockserver-monorepo/mockserver-client-go/v7\"\n)\n\nfunc main() {\n\tclient := mockserver.New(\"localhost\", 1080)\n",
    call: |json| {
        let literal = go_literal(json);
        format!(
            "\n\tvar e mockserver.Expectation\n\t_ = json.Unmarshal([]byte({literal}), &e)\n\tclient.Upsert(e)\n"
        )
    },
    tail: "}\n",
};

const CSHARP: Language = Language {
    content_type: "text/x-csharp; charset=utf-8",
    head: "using System.Text.Json;\nusing System.Text.Json.Serialization;\nusing MockServer.Client;\nusing MockServer.Client.Models;\n\nvar jsonOptions = new JsonSerializerOptions\n{\n    PropertyNamingPolicy = JsonNamingPolicy.CamelCase,\n    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull\n};\n\nvar client = new MockServerClient(\"localhost\", 1080);\n",
    call: |json| {
        let json = json.replace('"', "\"\"");
        format!(
            "\nclient.Upsert(JsonSerializer.Deserialize<Expectation>(@\"{json}\", jsonOptions));\n"
        )
    },
    tail: "",
};

const RUBY: Language = Language {
    content_type: "text/x-ruby; charset=utf-8",
    head: "require 'mockserver-client'\nrequire 'json'\n\nclient = MockServer::Client.new('localhost', 1080)\n",
    call: |json| {
        format!(
            "\nclient.upsert(MockServer::Expectation.from_hash(JSON.parse(<<JSON)))\n{json}\nJSON\n"
        )
    },
    tail: "",
};

const RUST: Language = Language {
    content_type: "text/x-rust; charset=utf-8",
    head: "use mockserver_client::{ClientBuilder, Expectation};\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {\n    let client = ClientBuilder::new(\"localhost\", 1080).build()?;\n",
    call: |json| {
        let hashes = rust_hashes(json);
        format!(
            "\n    client.upsert(&[serde_json::from_str::<Expectation>(r{hashes}\"{json}\"{hashes})?])?;\n"
        )
    },
    tail: "\n    Ok(())\n}\n",
};

const PHP: Language = Language {
    content_type: "application/x-httpd-php; charset=utf-8",
    head: "<?php\n\nuse MockServer\\MockServerClient;\nuse MockServer\\Expectation;\n\n$client = new MockServerClient('localhost', 1080);\n",
    call: |json| {
        format!(
            "\n$client->upsertExpectation(Expectation::fromArray(json_decode(<<<'JSON'\n{json}\nJSON, true)));\n"
        )
    },
    tail: "",
};

/// A raw string, or an escaped one where the raw form would end early.
fn go_literal(json: &str) -> String {
    if !json.contains('`') {
        return format!("`{json}`");
    }
    let escaped = json
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// As many `#` as keep the raw string from ending early, one at least.
fn rust_hashes(json: &str) -> String {
    let mut hashes = "#".to_owned();
    while json.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    hashes
}

/// A body with its type spelled out.
fn long_body(body: &Json) -> Json {
    if typed(body).is_some() {
        return body.clone();
    }
    match body {
        Json::Text(text) => Json::object([
            ("type", Json::text("STRING")),
            ("string", Json::text(text)),
            ("rawBytes", Json::Text(STANDARD.encode(encoded(text, None)))),
        ]),
        other => Json::object([("type", Json::text("JSON")), ("json", other.clone())]),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::tests::{items, text};
    use super::super::{Format, RetrieveType};

    const PLAIN: &str =
        r#"[{"httpRequest":{"path":"/a","body":"é"},"httpResponse":{"body":{"k":"v"}},"id":"x"}]"#;
    const LONG: &str = r#"{
  "httpRequest" : {
    "path" : "/a",
    "body" : {
      "type" : "STRING",
      "string" : "é",
      "rawBytes" : "6Q=="
    }
  },
  "httpResponse" : {
    "body" : {
      "type" : "JSON",
      "json" : {
        "k" : "v"
      }
    }
  },
  "id" : "x"
}"#;

    #[test_case(
        "javascript",
        "\nmockServerClient(\"localhost\", 1080).mockAnyResponse(",
        ");\n"
    )]
    #[test_case(
        "python",
        "\nclient.upsert(Expectation.from_dict(json.loads(\"\"\"",
        "\"\"\")))\n"
    )]
    #[test_case(
        "go",
        "\n\tvar e mockserver.Expectation\n\t_ = json.Unmarshal([]byte(`",
        "`), &e)\n\tclient.Upsert(e)\n}\n"
    )]
    #[test_case(
        "ruby",
        "\nclient.upsert(MockServer::Expectation.from_hash(JSON.parse(<<JSON)))\n",
        "\nJSON\n"
    )]
    #[test_case(
        "rust",
        "\n    client.upsert(&[serde_json::from_str::<Expectation>(r#\"",
        "\"#)?])?;\n\n    Ok(())\n}\n"
    )]
    #[test_case(
        "php",
        "\n$client->upsertExpectation(Expectation::fromArray(json_decode(<<<'JSON'\n",
        "\nJSON, true)));\n"
    )]
    fn the_json_stands_in_a_call(format: &str, before: &str, after: &str) {
        let format = Format::named(format).expect("format");
        let code = text(RetrieveType::ActiveExpectations, format, &items(PLAIN));
        assert!(code.ends_with(&format!("{before}{LONG}{after}")), "{code}");
    }

    #[test]
    fn a_header_named_body_is_none() {
        let items = items(r#"[{"httpRequest":{"headers":{"body":["x"]}}}]"#);
        let code = text(RetrieveType::ActiveExpectations, Format::Javascript, &items);
        assert!(code.contains("\"body\" : [ \"x\" ]"), "{code}");
    }

    #[test]
    fn csharp_doubles_quotes() {
        let code = text(
            RetrieveType::ActiveExpectations,
            Format::Csharp,
            &items(PLAIN),
        );
        let json = LONG.replace('"', "\"\"");
        let call = format!(
            "\nclient.Upsert(JsonSerializer.Deserialize<Expectation>(@\"{json}\", jsonOptions));\n"
        );
        assert!(code.ends_with(&call), "{code}");
    }

    #[test]
    fn literals_do_not_end_early() {
        let items = items(r###"[{"a":"`b` \"# \"##"}]"###);
        let go = text(RetrieveType::ActiveExpectations, Format::Go, &items);
        let literal = r###"[]byte("{\n  \"a\" : \"`b` \\\"# \\\"##\"\n}"), &e)"###;
        assert!(go.contains(literal), "{go}");
        let rust = text(RetrieveType::ActiveExpectations, Format::Rust, &items);
        assert!(
            rust.contains("(r###\"{") && rust.contains("}\"###)?])?;"),
            "{rust}"
        );
    }
}
