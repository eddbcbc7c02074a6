//! `fake` and `fault`: the stateful imitations of providers.

use styk_core::FaultKind;

use super::{Fields, Lower};
use crate::ast::{FakeAct, FaultSetup};
use crate::codes::code;
use crate::suggest::suggestion;
use crate::tree::Node;

impl Lower<'_> {
    pub(super) fn fake(&mut self, subject: &Node, fields: Fields<'_>) -> Option<FakeAct> {
        let with = fields.get("with").map(|node| {
            self.entries(node, "a mapping of names to values");
            self.value(node)
        });
        Some(FakeAct {
            target: self.template(subject)?,
            with,
        })
    }

    pub(super) fn fault(&mut self, subject: &Node, fields: Fields<'_>) -> Option<FaultSetup> {
        let is_cleared = fields.get("clear").and_then(|node| self.bool(node));
        let kind = match (fields.get("kind"), is_cleared) {
            (Some(node), None | Some(false)) => Some(self.fault_kind(node)?),
            (None, Some(true)) => None,
            _ => {
                let diagnostic = subject
                    .span
                    .error(code::MISSING_KEY, "`fault` needs `kind`, or `clear: true`")
                    .help("`kind: response_lost` breaks the edge; `clear: true` mends it");
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        let count = |lower: &mut Self, name: &str, min: u32| {
            let node = fields.get(name)?;
            lower.count(node, min, 1_000_000)
        };
        let params = fields.get("params").map(|node| {
            self.entries(node, "a mapping of names to values");
            self.value(node)
        });
        Some(FaultSetup {
            target: self.template(subject)?,
            kind,
            operation: fields.get("operation").and_then(|node| self.template(node)),
            entity: fields.get("entity").and_then(|node| self.template(node)),
            ordinal: count(self, "ordinal", 0).unwrap_or(0),
            attempt: count(self, "attempt", 0),
            times: count(self, "times", 1).unwrap_or(1),
            params,
        })
    }

    fn fault_kind(&mut self, node: &Node) -> Option<FaultKind> {
        let word = self.text_as(node, "the name of a fault")?;
        if let Ok(kind) = word.parse() {
            return Some(kind);
        }
        let words = FaultKind::ALL.iter().map(|kind| kind.word());
        let mut diagnostic = node
            .span
            .error(code::BAD_NAME, format!("there is no fault `{word}`"));
        diagnostic.help = suggestion(&word, words);
        self.diagnostics.push(diagnostic);
        None
    }
}
