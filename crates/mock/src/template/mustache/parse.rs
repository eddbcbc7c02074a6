//! The text of a template as nodes.

const DEPTH_MAX: usize = 100;

#[derive(Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    Variable { name: Name, escaped: bool },
    Section { name: Name, nodes: Vec<Node> },
    Inverted { name: Name, nodes: Vec<Node> },
}

/// A name as it is written, and split at its dots.
#[derive(Debug, PartialEq)]
pub(super) struct Name {
    pub(super) whole: String,
    /// The parts; only one for a name without dots.
    pub(super) parts: Vec<String>,
}

/// Reads a template.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    let mut parser = Parser {
        text,
        at: 0,
        open: "{{".to_owned(),
        close: "}}".to_owned(),
        nodes: Vec::new(),
        sections: Vec::new(),
    };
    parser.run()?;
    Ok(parser.nodes)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    open: String,
    close: String,
    /// The nodes of the innermost open section.
    nodes: Vec<Node>,
    sections: Vec<OpenSection>,
}

struct OpenSection {
    name: String,
    is_inverted: bool,
    /// What stands before the section, in the section around it.
    before: Vec<Node>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(length) = self.text[self.at..].find(&self.open) {
            let start = self.at + length;
            self.push_text(self.at, start);
            self.at = start;
            if !self.tag(start)? {
                break;
            }
        }
        self.push_text(self.at, self.text.len());
        match self.sections.pop() {
            None => Ok(()),
            Some(section) => {
                let kind = if section.is_inverted {
                    "inverted section"
                } else {
                    "section"
                };
                Err(self.error(&format!("the {kind} `{}` is not closed", section.name)))
            }
        }
    }

    /// Reads the tag that begins at `start`. `false`: it never ends, so that it is text.
    fn tag(&mut self, start: usize) -> Result<bool, String> {
        let inside = start + self.open.len();
        let rest = &self.text[inside..];
        let in_braces = self.open == "{{";
        let close = rest.find(&self.close);
        if let Some(again) = self.opened_again(rest, in_braces)
            && close.is_none_or(|close| again < close)
        {
            self.push_text(start, inside + again);
            self.at = inside + again;
            return Ok(true);
        }
        let Some(length) = close else {
            return Ok(false);
        };
        let mut end = inside + length + self.close.len();
        let tag = &rest[..length];
        if in_braces && tag.starts_with('{') {
            if !self.text[end..].starts_with('}') {
                return Err(self.error("a tag of three braces that ends with fewer"));
            }
            end += 1;
        }
        let trimmed = tag.trim_start();
        let kind = trimmed.chars().next();
        let name = trimmed
            .get(kind.map_or(0, char::len_utf8)..)
            .unwrap_or_default()
            .trim();
        match kind {
            None => return Err(self.error("a tag with nothing in it")),
            Some('#' | '^' | '/' | '!' | '=') => {
                let delimiters = if kind == Some('=') {
                    self.delimiters(tag)?
                } else {
                    None
                };
                end = self.end_of_standalone_line(start, end);
                self.structure(kind, name)?;
                if let Some((open, close)) = delimiters {
                    (self.open, self.close) = (open, close);
                }
            }
            Some('>' | '<' | '$') => {
                return Err(self.error("partials and inheritance are not supported: there is nothing to load them from"));
            }
            Some('{' | '&') => self.variable(name, false)?,
            Some(_) => self.variable(trimmed.trim_end(), true)?,
        }
        self.at = end;
        Ok(true)
    }

    /// Where another tag begins within this one, which then is no tag but text. Comments may hold anything.
    fn opened_again(&self, tag: &str, in_braces: bool) -> Option<usize> {
        if tag.starts_with('!') {
            return None;
        }
        let first = self.open.chars().next()?;
        let from = usize::from(in_braces && tag.starts_with('{'));
        tag[from..].find(first).map(|at| from + at)
    }

    fn variable(&mut self, name: &str, escaped: bool) -> Result<(), String> {
        let name = self.name(name)?;
        self.nodes.push(Node::Variable { name, escaped });
        Ok(())
    }

    fn structure(&mut self, kind: Option<char>, name: &str) -> Result<(), String> {
        match kind {
            Some('#' | '^') => {
                if self.sections.len() == DEPTH_MAX {
                    return Err(self.error("sections within sections too deep"));
                }
                self.sections.push(OpenSection {
                    name: name.to_owned(),
                    is_inverted: kind == Some('^'),
                    before: std::mem::take(&mut self.nodes),
                });
                Ok(())
            }
            Some('/') => self.close_section(name),
            _ => Ok(()),
        }
    }

    fn close_section(&mut self, name: &str) -> Result<(), String> {
        let Some(section) = self.sections.pop() else {
            return Err(self.error(&format!("`{name}` is closed but was not opened")));
        };
        if section.name != name {
            let opened = &section.name;
            return Err(self.error(&format!("`{name}` is closed where `{opened}` is open")));
        }
        let nodes = std::mem::replace(&mut self.nodes, section.before);
        let name = self.name(name)?;
        self.nodes.push(if section.is_inverted {
            Node::Inverted { name, nodes }
        } else {
            Node::Section { name, nodes }
        });
        Ok(())
    }

    fn name(&self, whole: &str) -> Result<Name, String> {
        let parts: Vec<String> = match whole {
            "." | "" => vec![whole.to_owned()],
            _ => whole.split('.').map(ToOwned::to_owned).collect(),
        };
        if whole.contains('\n') {
            return Err(self.error("a name with a line break in it"));
        }
        if parts.len() > 1 && parts.iter().any(String::is_empty) {
            return Err(self.error(&format!("the name `{whole}` has an empty part")));
        }
        Ok(Name {
            whole: whole.to_owned(),
            parts,
        })
    }

    /// The delimiters of a tag such as `{{=<% %>=}}`: one or two characters each.
    fn delimiters(&self, tag: &str) -> Result<Option<(String, String)>, String> {
        let inner = tag.strip_prefix('=').and_then(|tag| tag.strip_suffix('='));
        let words: Vec<_> = inner.unwrap_or_default().split(' ').collect();
        let is_delimiter =
            |word: &str| (1..=2).contains(&word.chars().count()) && !word.contains('=');
        match words.as_slice() {
            [open, close]
                if is_delimiter(open)
                    && is_delimiter(close)
                    && open.chars().count() == close.chars().count() =>
            {
                Ok(Some(((*open).to_owned(), (*close).to_owned())))
            }
            _ => Err(self.error("delimiters must have the form {{=1 2=}} or {{=12 34=}}")),
        }
    }

    /// Where the template goes on after a tag that writes nothing. When it stands alone on its line, the line goes with it.
    fn end_of_standalone_line(&mut self, start: usize, end: usize) -> usize {
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let is_blank = |text: &str| text.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
        let rest = &self.text[end..];
        let line_end = match rest.find('\n') {
            Some(at) if is_blank(rest[..at].trim_end_matches('\r')) => end + at + 1,
            None if rest.is_empty() => end,
            _ => return end,
        };
        let indent = &self.text[line_start..start];
        if !is_blank(indent) {
            return end;
        }
        if let Some(Node::Text(text)) = self.nodes.last_mut() {
            text.truncate(text.len().saturating_sub(indent.len()));
        }
        line_end
    }

    fn push_text(&mut self, start: usize, end: usize) {
        if start < end {
            self.nodes
                .push(Node::Text(self.text[start..end].to_owned()));
        }
    }

    fn error(&self, what: &str) -> String {
        let line = self.text[..self.at].matches('\n').count() + 1;
        format!("{what} (line {line})")
    }
}
