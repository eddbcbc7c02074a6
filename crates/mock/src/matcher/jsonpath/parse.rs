//! Reading paths.

use super::function::Function;
use super::{Argument, Call, Path, Step};
use crate::json::parse_lenient;

mod condition;

const LENGTH_MAX: usize = 8192;
const STEPS_MAX: usize = 100;
const DEPTH_MAX: usize = 20;

/// Compiles the path that `text` is.
pub(super) fn path(text: &str) -> Result<Path, String> {
    if text.len() > LENGTH_MAX {
        return Err(format!("a path longer than {LENGTH_MAX} bytes"));
    }
    let rooted = if text.starts_with(['$', '@']) {
        text.to_owned()
    } else {
        format!("$.{text}")
    };
    let rooted = rooted.trim();
    if rooted.ends_with('.') {
        return Err("a path must not end with `.`".to_owned());
    }
    let mut parser = Parser {
        chars: rooted.chars().collect(),
        at: 0,
        depth: 0,
    };
    let path = parser.path(false)?;
    match parser.peek() {
        None => Ok(path),
        Some(c) => Err(parser.unexpected(c)),
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    /// A path from here; within a filter it ends at a blank, an operator or a closing bracket.
    fn path(&mut self, in_filter: bool) -> Result<Path, String> {
        let mut path = Path {
            from_root: self.next() == Some('$'),
            steps: Vec::new(),
            function: None,
        };
        loop {
            let after_dot = match self.peek() {
                Some('.') => {
                    self.at += 1;
                    if self.take('.') {
                        path.steps.push(Step::Descend);
                    }
                    true
                }
                // The original passes over a bracket at the end.
                Some('[') if self.at + 1 == self.chars.len() && !path.steps.is_empty() => {
                    self.at += 1;
                    break;
                }
                Some('[') => false,
                Some(c) if !in_filter => return Err(self.unexpected(c)),
                _ => break,
            };
            match self.peek() {
                Some('[') => {
                    self.at += 1;
                    let step = self.bracket()?;
                    path.steps.push(step);
                }
                Some('*') if after_dot => {
                    self.at += 1;
                    path.steps.push(Step::Wildcard);
                }
                _ => self.name_or_function(in_filter, &mut path)?,
            }
            if path.steps.len() > STEPS_MAX {
                return Err(format!("a path of more than {STEPS_MAX} steps"));
            }
            if path.function.is_some() {
                break;
            }
        }
        Ok(with_scan_as_argument(path))
    }

    fn name_or_function(&mut self, in_filter: bool, path: &mut Path) -> Result<(), String> {
        let start = self.at;
        while let Some(c) = self.peek() {
            let ends = matches!(c, '.' | '[' | '(')
                || (in_filter && (is_operator(c) || matches!(c, ' ' | ')' | '&' | '|' | ',')));
            if ends {
                break;
            }
            if c == ' ' {
                return Err("a name with blanks needs brackets: ['my name']".to_owned());
            }
            self.at += 1;
        }
        let name: String = self.chars[start..self.at].iter().collect();
        if name.is_empty() {
            return Err(format!("no name at position {start}"));
        }
        if self.take('(') {
            let function =
                Function::named(&name).ok_or_else(|| format!("no function is named `{name}`"))?;
            let arguments = self.arguments()?;
            path.function = Some(Call {
                function,
                arguments,
            });
        } else {
            path.steps.push(Step::Names(vec![name]));
        }
        Ok(())
    }

    /// The arguments of a function; the opening bracket is read. What is neither JSON nor a path is passed over, as the
    /// original does.
    fn arguments(&mut self) -> Result<Vec<Argument>, String> {
        let mut arguments = Vec::new();
        loop {
            let (text, is_last) = self.argument()?;
            let text = text.trim();
            if text.starts_with(['$', '@']) {
                let mut inner = Self {
                    chars: text.chars().collect(),
                    at: 0,
                    depth: self.depth,
                };
                inner.deeper()?;
                let mut path = inner.path(false)?;
                path.from_root = true;
                arguments.push(Argument::Path(path));
            } else if text.starts_with(['{', '"', '-'])
                || text.starts_with(|c: char| c.is_ascii_digit())
            {
                let json = parse_lenient(text).map_err(|error| error.to_string())?;
                arguments.push(Argument::Json(json));
            }
            if is_last {
                return Ok(arguments);
            }
        }
    }

    /// The text of one argument, and whether the closing bracket came behind it.
    fn argument(&mut self) -> Result<(String, bool), String> {
        let start = self.at;
        let mut open = 0_usize;
        loop {
            let end = self.at;
            match self.next().ok_or("a function without `)`")? {
                c @ ('"' | '\'') => {
                    self.quoted(c)?;
                }
                '(' | '[' | '{' => open += 1,
                c @ (')' | ',') if open == 0 => {
                    return Ok((self.chars[start..end].iter().collect(), c == ')'));
                }
                ')' | ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// What stands between brackets; the opening one is read.
    fn bracket(&mut self) -> Result<Step, String> {
        self.blanks();
        match self.peek() {
            Some('*') => {
                self.at += 1;
                self.closing(']')?;
                Ok(Step::Wildcard)
            }
            Some('?') => {
                self.at += 1;
                self.blanks();
                self.closing('(')?;
                let condition = self.any()?;
                self.closing(')')?;
                self.closing(']')?;
                Ok(Step::Filter(condition))
            }
            Some('\'' | '"') => self.names(),
            _ => self.indexes(),
        }
    }

    fn names(&mut self) -> Result<Step, String> {
        let mut names = Vec::new();
        loop {
            self.blanks();
            match self.next() {
                Some(quote @ ('\'' | '"')) => names.push(self.quoted(quote)?),
                _ => return Err("a quoted name is missing between brackets".to_owned()),
            }
            self.blanks();
            match self.next() {
                Some(',') => {}
                Some(']') => return Ok(Step::Names(names)),
                _ => return Err("neither `,` nor `]` behind a name in brackets".to_owned()),
            }
        }
    }

    fn indexes(&mut self) -> Result<Step, String> {
        let start = self.at;
        while matches!(self.peek(), Some('0'..='9' | '-' | ',' | ':' | ' ')) {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        self.closing(']')?;
        let number = |text: &str| {
            text.trim()
                .parse::<i32>()
                .map(i64::from)
                .map_err(|_no_number| format!("`{text}` is no index of a list"))
        };
        if !text.contains(':') {
            let indexes: Result<Vec<i64>, String> = text.split(',').map(number).collect();
            return indexes.map(Step::Indexes);
        }
        // A third part, the step width of other dialects, says nothing.
        let mut bounds = text.split(':').map(|bound| match bound.trim() {
            "" => Ok(None),
            bound => number(bound).map(Some),
        });
        let from = bounds.next().unwrap_or(Ok(None))?;
        let to = bounds.next().unwrap_or(Ok(None))?;
        if from.is_none() && to.is_none() {
            return Err("a slice without bounds".to_owned());
        }
        Ok(Step::Slice(from, to))
    }

    /// The rest of a text after its opening quote.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.next().ok_or("a text without end")? {
                '\\' => text.push(match self.next().ok_or("a text without end")? {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    c => c,
                }),
                c if c == quote => return Ok(text),
                c => text.push(c),
            }
        }
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} levels of nesting"));
        }
        Ok(())
    }

    fn closing(&mut self, wanted: char) -> Result<(), String> {
        self.blanks();
        if self.take(wanted) {
            Ok(())
        } else {
            Err(format!("no `{wanted}` at position {}", self.at))
        }
    }

    fn takes_twice(&mut self, c: char) -> bool {
        self.blanks();
        let is_there = self.peek() == Some(c) && self.chars.get(self.at + 1) == Some(&c);
        if is_there {
            self.at += 2;
        }
        is_there
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn blanks(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn unexpected(&self, c: char) -> String {
        format!("`{c}` at position {}", self.at)
    }
}

fn is_operator(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '~' | '!')
}

/// `$..a.sum()` means `$.sum($..a)`: the function is applied once, to all that the scan finds.
fn with_scan_as_argument(mut path: Path) -> Path {
    if matches!(path.steps.first(), Some(Step::Descend))
        && let Some(mut call) = path.function.take()
    {
        call.arguments.insert(
            0,
            Argument::Path(Path {
                from_root: true,
                steps: std::mem::take(&mut path.steps),
                function: None,
            }),
        );
        path.function = Some(call);
    }
    path
}
