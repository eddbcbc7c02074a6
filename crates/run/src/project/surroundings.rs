//! The stage of a project: what styk.yaml says, and what the environment says over it.

use std::sync::Arc;

use camino::Utf8Path;
use serde_json::Value;
use styk_core::Diagnostic;
use styk_scenario::{Diagnostics, Source, Span};
use styk_stage::{MockAddress, MockSpec, ShopSpec, StageSpec};
use url::Url;

use super::{FILE_BYTES_MAX, LoadSettings};
use crate::codes::code;
use crate::config::{Config, MockConfig, MockPlace, StageKind, read_address};
use crate::files::read_text;

/// The variable that names a running shop.
const SHOP_VARIABLE: &str = "APP_URL";
/// Mocks that exist on an attached stage when only the environment names them.
const USUAL_MOCKS: [&str; 3] = ["payment", "shipping", "email"];

/// Which stage to use, whatever styk.yaml says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageChoice {
    /// The shop is started by styk.
    Embedded,
    /// The shop runs already.
    Attached,
}

/// The stage, resolved. `None` after an error.
pub(super) fn stage_spec(
    config: &Config,
    root: &Utf8Path,
    settings: &LoadSettings<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<StageSpec> {
    let variable = |name: &str| (settings.variable)(name).filter(|value| !value.is_empty());
    let app_url = variable(SHOP_VARIABLE);
    let kind = match settings.stage {
        Some(StageChoice::Embedded) => StageKind::Embedded,
        Some(StageChoice::Attached) => StageKind::Attached,
        None => config.shop.stage.unwrap_or({
            if config.shop.base.is_some() || app_url.is_some() {
                StageKind::Attached
            } else {
                StageKind::Embedded
            }
        }),
    };
    let mut reader = Reader {
        root,
        variable: &variable,
        diagnostics,
    };
    let (shop, mocks) = match kind {
        StageKind::Embedded => {
            if app_url.is_some() {
                let message = format!("{SHOP_VARIABLE} is set, but the stage is embedded");
                reader.diagnostics.push(
                    Diagnostic::warning(message)
                        .help("play on the running shop with `--stage attached`"),
                );
            }
            let variables = config.shop.env.clone();
            let mocks = config.mocks.iter();
            let mocks = mocks.map(|mock| reader.mock(mock, MockAddress::Free));
            (Some(ShopSpec::Embedded { variables }), mocks.collect())
        }
        StageKind::Attached => {
            let base = reader.shop_address(config.shop.base.as_ref(), app_url.as_deref());
            (
                base.map(|base| ShopSpec::Attached { base }),
                reader.attached_mocks(config),
            )
        }
    };
    let is_attached = kind == StageKind::Attached;
    let fakes = config.fakes.iter().map(|fake| {
        let mut spec = fake.spec.clone();
        // A shop that runs already calls a fixed address; on an embedded stage many fakes stand side by side.
        spec.port = is_attached.then(|| spec.port.unwrap_or(spec.kind.port));
        spec
    });
    Some(StageSpec {
        shop: shop?,
        mocks,
        fakes: fakes.collect(),
        ready: config.shop.ready.clone(),
    })
}

struct Reader<'a> {
    root: &'a Utf8Path,
    variable: &'a dyn Fn(&str) -> Option<String>,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn shop_address(&mut self, base: Option<&Url>, app_url: Option<&str>) -> Option<Url> {
        match (app_url, base) {
            (Some(text), _) => self.address(SHOP_VARIABLE, text),
            (None, Some(base)) => Some(base.clone()),
            (None, None) => {
                self.diagnostics.push(
                    Diagnostic::error("the attached shop has no address")
                        .code(code::MISSING)
                        .help(format!(
                            "write it to `shop.base` in styk.yaml, or set {SHOP_VARIABLE}"
                        )),
                );
                None
            }
        }
    }

    fn address(&mut self, name: &str, text: &str) -> Option<Url> {
        match read_address(text) {
            Ok(url) => Some(url),
            Err(cause) => {
                self.diagnostics.push(
                    Diagnostic::error(format!("{name} is no address: `{text}`: {cause}"))
                        .code(code::WRONG_VALUE)
                        .help("write it like `http://127.0.0.1:8000`"),
                );
                None
            }
        }
    }

    fn attached_mocks(&mut self, config: &Config) -> Vec<MockSpec> {
        let mut mocks = Vec::new();
        for mock in &config.mocks {
            let variable = variable_of(&mock.name);
            let address = match ((self.variable)(&variable), &mock.place) {
                (Some(text), _) => self.address(&variable, &text).map(MockAddress::At),
                (None, MockPlace::Port(port)) => Some(MockAddress::Port(*port)),
                (None, MockPlace::Url(url)) => Some(MockAddress::At(url.clone())),
                (None, MockPlace::Unsaid) => {
                    let message =
                        format!("mock `{}` of an attached shop has no address", mock.name);
                    let diagnostic = mock.span.error(code::MISSING, message);
                    self.diagnostics.push(diagnostic.help(format!(
                        "give it the `port` or `url` that the shop calls, or set {variable}"
                    )));
                    None
                }
            };
            mocks.extend(address.map(|address| self.mock(mock, address)));
        }
        for name in USUAL_MOCKS {
            let variable = variable_of(name);
            let is_new = config.mocks.iter().all(|mock| mock.name != name);
            if let Some(text) = (self.variable)(&variable).filter(|_| is_new) {
                mocks.extend(self.address(&variable, &text).map(|url| MockSpec {
                    name: name.to_owned(),
                    address: MockAddress::At(url),
                    variables: Vec::new(),
                    expectations: Vec::new(),
                }));
            }
        }
        mocks
    }

    fn mock(&mut self, mock: &MockConfig, address: MockAddress) -> MockSpec {
        let expectations = mock
            .expectations
            .as_ref()
            .and_then(|(file, span)| self.expectations(file, span));
        MockSpec {
            name: mock.name.clone(),
            address,
            variables: mock.env.clone(),
            expectations: expectations.unwrap_or_default(),
        }
    }

    /// A file with one expectation or a list of them.
    fn expectations(&mut self, file: &str, span: &Span) -> Option<Vec<Value>> {
        let text = match read_text(&self.root.join(file), FILE_BYTES_MAX) {
            Ok(text) => text,
            Err(cause) => {
                let message = format!("the expectations {file} cannot be read: {cause}");
                self.diagnostics.push(span.error(code::UNREADABLE, message));
                return None;
            }
        };
        match serde_json::from_str(&text) {
            Ok(Value::Array(items)) => Some(items),
            Ok(Value::Object(members)) => Some(vec![Value::Object(members)]),
            Ok(_) => {
                let message = format!("{file} holds neither an expectation nor a list of them");
                self.diagnostics
                    .push(span.error(code::WRONG_VALUE, message));
                None
            }
            Err(error) => {
                let source = Source::new(file, self.root.to_owned(), text);
                let at = json_place(&source, error.line(), error.column());
                let message = format!("{file} is not JSON: {error}");
                self.diagnostics.push(at.error(code::UNREADABLE, message));
                None
            }
        }
    }
}

/// `PAYMENT_MOCK_URL` for `payment`.
fn variable_of(mock: &str) -> String {
    format!("{}_MOCK_URL", mock.to_uppercase())
}

/// The place that a JSON parser names by line and column (in bytes, from 1).
fn json_place(source: &Arc<Source>, line: usize, column: usize) -> Span {
    let lines = source.text().split_inclusive('\n');
    let before: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
    let at = before + column.saturating_sub(1);
    Span::new(source, at..at + 1)
}
