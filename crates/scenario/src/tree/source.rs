//! Source files and places in them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use styk_core::{Diagnostic, Location, SourceLine};

/// Longer lines are not shown in messages: the place has to do.
const SHOWN_MAX: usize = 1000;

/// One file, with the beginnings of its lines.
#[derive(Debug)]
pub struct Source {
    name: String,
    folder: Utf8PathBuf,
    text: String,
    line_starts: Vec<usize>,
}

impl Source {
    /// A file with its name for people, the folder that relative paths in it start from, and its text. A byte
    /// order mark is dropped.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        folder: impl Into<Utf8PathBuf>,
        text: impl Into<String>,
    ) -> Arc<Self> {
        let mut text: String = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let mut line_starts = vec![0];
        line_starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Arc::new(Self {
            name: name.into(),
            folder: folder.into(),
            text,
            line_starts,
        })
    }

    /// The name for people, relative to the project where possible.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder that relative paths in this file start from.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The index of the line that holds a byte offset, from 0.
    fn line_index(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    fn line_text(&self, index: usize) -> &str {
        let start = self.line_starts.get(index).copied().unwrap_or_default();
        let end = self
            .line_starts
            .get(index + 1)
            .copied()
            .unwrap_or(self.text.len());
        self.text
            .get(start..end)
            .unwrap_or_default()
            .trim_end_matches(['\n', '\r'])
    }

    /// The longest line, in bytes.
    pub(super) fn longest_line(&self) -> usize {
        let ends = self.line_starts.iter().skip(1).copied();
        let ends = ends.chain([self.text.len()]);
        let lengths = self
            .line_starts
            .iter()
            .zip(ends)
            .map(|(start, end)| end - start);
        lengths.max().unwrap_or_default()
    }

    fn source_line(&self, index: usize) -> Option<SourceLine> {
        let text = self.line_text(index);
        (text.len() <= SHOWN_MAX).then(|| SourceLine {
            number: number(index + 1),
            text: text.to_owned(),
        })
    }
}

/// A byte range of a file. Cheap to clone; holds the file alive.
#[derive(Clone)]
pub struct Span {
    source: Arc<Source>,
    start: usize,
    end: usize,
}

impl Span {
    /// The bytes `start..end` of a file; clamped to the file and to whole characters.
    #[must_use]
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let start = source.text.floor_char_boundary(range.start);
        let end = source.text.floor_char_boundary(range.end.max(start));
        Self {
            source: Arc::clone(source),
            start,
            end,
        }
    }

    /// The file.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The byte range in the file.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The text as it stands in the file.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source
            .text
            .get(self.start..self.end)
            .unwrap_or_default()
    }

    /// The line the span begins on, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        number(self.source.line_index(self.start) + 1)
    }

    /// The place for a message, with its line.
    #[must_use]
    pub fn location(&self) -> Location {
        self.location_under(self)
    }

    /// The place for a message, with the line `head` begins on above it: the step a value belongs to.
    #[must_use]
    pub fn location_under(&self, head: &Self) -> Location {
        let index = self.source.line_index(self.start);
        let line_start = self.source.line_starts.get(index).copied().unwrap_or(0);
        let before = self.source.text.get(line_start..self.start).unwrap_or("");
        // The mark covers the first line of a span over several.
        let marked = self.text().lines().next().unwrap_or_default().trim_end();
        let mut lines = Vec::new();
        let head_index = head.source.line_index(head.start);
        if Arc::ptr_eq(&head.source, &self.source) && head_index < index {
            lines.extend(self.source.source_line(head_index));
        }
        lines.extend(self.source.source_line(index));
        Location {
            file: self.source.name.clone(),
            line: number(index + 1),
            column: number(before.chars().count() + 1),
            length: number(marked.chars().count().max(1)),
            lines,
        }
    }

    /// An error at this place with a code of [`crate::explain`].
    #[must_use]
    pub fn error(&self, code: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).code(code).at(self.location())
    }

    /// A warning at this place.
    #[must_use]
    pub fn warning(&self, code: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(message).code(code).at(self.location())
    }

    /// The place of a part of `text`, which is what the scalar at this span says: exact where the file has the
    /// text verbatim, or the part exactly once; else the whole span.
    pub(crate) fn part(&self, text: &str, range: Range<usize>) -> Self {
        let raw = self.text();
        let quote = usize::from(raw.starts_with(['"', '\'']));
        let at = |start: usize| {
            Self::new(
                &self.source,
                self.start + start..self.start + start + range.len(),
            )
        };
        if raw.get(quote..quote + text.len()) == Some(text) {
            return at(quote + range.start);
        }
        let wanted = text.get(range.clone()).unwrap_or_default();
        let mut hits = raw.match_indices(wanted);
        match (hits.next(), hits.next()) {
            (Some((start, _)), None) if !wanted.is_empty() => at(start),
            _ => self.clone(),
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}..{}",
            self.source.name, self.start, self.end
        )
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
