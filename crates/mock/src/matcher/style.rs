//! How lists are written in one value: the parameter styles of OpenAPI, as the original reads them.

use crate::json::Json;
use crate::schema::Complaints;

/// One style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ParameterStyle {
    name: &'static str,
    separator: Separator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    /// One value stays one value: the list is written as several parameters.
    None,
    /// A character.
    Char(char),
    /// `;name=` before every value.
    Named,
}

const STYLES: &[ParameterStyle] = &[
    style("SIMPLE", Separator::Char(',')),
    style("SIMPLE_EXPLODED", Separator::Char(',')),
    style("LABEL", Separator::Char(',')),
    style("LABEL_EXPLODED", Separator::Char('.')),
    style("MATRIX", Separator::Char(',')),
    style("MATRIX_EXPLODED", Separator::Named),
    style("FORM_EXPLODED", Separator::None),
    style("FORM", Separator::Char(',')),
    style("SPACE_DELIMITED_EXPLODED", Separator::None),
    style("SPACE_DELIMITED", Separator::Char(' ')),
    style("PIPE_DELIMITED_EXPLODED", Separator::None),
    style("PIPE_DELIMITED", Separator::Char('|')),
    style("DEEP_OBJECT", Separator::None),
];

const fn style(name: &'static str, separator: Separator) -> ParameterStyle {
    ParameterStyle { name, separator }
}

impl ParameterStyle {
    /// Reads the name of a style that stands at `path`.
    pub(super) fn read(
        json: &Json,
        path: &str,
        complaints: &mut Complaints,
    ) -> Option<&'static Self> {
        let names: Vec<&str> = STYLES.iter().map(|style| style.name).collect();
        let name = complaints.word(path, json, &names)?;
        STYLES.iter().find(|style| style.name == name)
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The values that `value`, given under `name`, holds.
    pub(super) fn split<'v>(&self, name: &str, value: &'v str) -> Vec<&'v str> {
        match self.separator {
            Separator::None => vec![value],
            Separator::Char(separator) => {
                // Labels begin with their separator.
                let list = match separator {
                    '.' => value.strip_prefix('.').unwrap_or(value),
                    _ => value,
                };
                list.split(separator).collect()
            }
            Separator::Named => {
                let mark = format!(";{name}=");
                let parts = value.split(mark.as_str());
                parts.filter(|part| !part.is_empty()).collect()
            }
        }
    }

    /// The values of a path segment: `.1.2`, `;a=1,2` and `1,2` in one go, since the original takes off the mark of a label
    /// or a matrix whatever the style.
    pub(super) fn split_segment<'v>(&self, name: &str, value: &'v str) -> Vec<&'v str> {
        if self.separator == Separator::Named {
            return self
                .split(name, value)
                .into_iter()
                .flat_map(|part| part.trim_start_matches('.').split(','))
                .collect();
        }
        let unmarked = value.strip_prefix('.').unwrap_or_else(|| {
            let named = value
                .strip_prefix(';')
                .and_then(|rest| rest.strip_prefix(name));
            named
                .and_then(|rest| rest.strip_prefix('='))
                .unwrap_or(value)
        });
        match self.separator {
            Separator::Char('.') => unmarked.split(['.', ',']).collect(),
            _ => self.split(name, unmarked),
        }
    }
}
