//! Search (Stripe API, Search): clauses of field, operator and value, joined by AND or by OR.

use std::sync::Arc;

use super::error::StripeError;
use super::list::limit;
use super::metadata::Metadata;
use super::object::{Field, Object, Snapshot};
use super::params::Params;
use super::reply::{Reply, Search};
use super::shelf::Shelf;

/// A query may have so many clauses.
const CLAUSES: usize = 10;

/// What is looked for.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    clauses: Vec<Clause>,
    /// Whether one clause is enough.
    is_any: bool,
}

/// One condition.
#[derive(Debug, PartialEq, Eq)]
struct Clause {
    is_negated: bool,
    subject: Subject,
    operator: Operator,
    /// `None` is `null`.
    value: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Subject {
    Field(String),
    Metadata(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Is,
    Like,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// A page of what a query finds on a shelf: takes `query`, `limit` and `page` from the parameters, of which nothing
/// may be left then. A clause `metadata['name']:'value'` is found by its term.
pub(super) fn search<T: Object>(
    shelf: &Shelf<T>,
    mut params: Params,
    url: &str,
) -> Result<Reply, StripeError>
where
    Arc<T>: Into<Snapshot>,
{
    let text = params.required_text("query")?;
    let limit = limit(&mut params)?;
    let page = params.text("page")?;
    params.finish()?;
    let query = Query::read(&text)?;
    let below = match page {
        Some(page) => page
            .parse()
            .map_err(|_| StripeError::invalid("Invalid page").param("page"))?,
        None => shelf.len(),
    };
    let fits = |place: &usize| match shelf.at(*place) {
        Some(object) if !object.is_gone() => query.fits(&**object),
        _ => Ok(false),
    };
    let places: Box<dyn Iterator<Item = usize>> = match query.term() {
        Some(term) => Box::new(shelf.places(term).iter().rev().map(|place| *place as usize)),
        None => Box::new((0..shelf.len()).rev()),
    };
    let mut found = Vec::new();
    for place in places.skip_while(|place| *place >= below) {
        if fits(&place)? {
            found.push(place);
        }
        if found.len() > limit {
            break;
        }
    }
    if let Some(object) = shelf.iter().next() {
        // Also where nothing is looked at, unknown fields are said to be so.
        query.fits(&**object)?;
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next_page = found.last().filter(|_| has_more).map(ToString::to_string);
    let objects = found.into_iter().filter_map(|place| shelf.at(place));
    Ok(Reply::Search(Search {
        url: url.to_owned(),
        has_more,
        next_page,
        total_count: None,
        data: objects.map(|object| Arc::clone(object).into()).collect(),
    }))
}

fn refused(why: &str) -> StripeError {
    StripeError::invalid(format!("We were unable to parse your search query. {why}")).param("query")
}

impl Query {
    fn read(text: &str) -> Result<Self, StripeError> {
        let mut rest = text.trim();
        let (mut clauses, mut joint) = (Vec::new(), None);
        loop {
            let (clause, after) = Clause::read(rest)?;
            clauses.push(clause);
            rest = after.trim_start();
            if rest.is_empty() {
                break;
            }
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let is_any = match word.to_ascii_uppercase().as_str() {
                "AND" => false,
                "OR" => true,
                _ => return Err(refused("Clauses are joined by AND or OR.")),
            };
            if joint.replace(is_any).is_some_and(|before| before != is_any) {
                return Err(refused("AND and OR cannot be mixed."));
            }
            rest = after.trim_start();
        }
        if clauses.len() > CLAUSES {
            return Err(refused("A query can have up to 10 clauses."));
        }
        Ok(Self {
            clauses,
            is_any: joint.unwrap_or(false),
        })
    }

    /// What everything that is found files itself under.
    fn term(&self) -> Option<u64> {
        if self.is_any && self.clauses.len() > 1 {
            return None;
        }
        self.clauses
            .iter()
            .find_map(|clause| match (&clause.subject, &clause.value) {
                (Subject::Metadata(name), Some(value))
                    if clause.operator == Operator::Is && !clause.is_negated =>
                {
                    Some(Metadata::term(name, value))
                }
                _ => None,
            })
    }

    fn fits(&self, object: &impl Object) -> Result<bool, StripeError> {
        let mut results = Vec::with_capacity(self.clauses.len());
        for clause in &self.clauses {
            results.push(clause.fits(object)?);
        }
        Ok(if self.is_any {
            results.contains(&true)
        } else {
            !results.contains(&false)
        })
    }
}

impl Clause {
    /// Reads a clause; gives what follows it.
    fn read(text: &str) -> Result<(Self, &str), StripeError> {
        let (is_negated, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let end = text
            .find([':', '<', '>', '~', '['])
            .ok_or_else(|| refused("A clause is written field:'value'."))?;
        let (name, rest) = text.split_at(end);
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(refused("A clause begins with the name of a field."));
        }
        let (subject, rest) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (key, rest) = quoted(rest)?;
                let rest = rest
                    .strip_prefix(']')
                    .ok_or_else(|| refused("A bracket is not closed."))?;
                if name != "metadata" {
                    return Err(refused("Only metadata has keys."));
                }
                (Subject::Metadata(key), rest)
            }
            None => (Subject::Field(name.to_owned()), rest),
        };
        let (operator, rest) = operator(rest)?;
        let (value, rest) = value(rest.trim_start())?;
        if operator == Operator::Like
            && value
                .as_deref()
                .is_none_or(|value| value.chars().count() < 3)
        {
            return Err(refused("The operator ~ needs at least 3 characters."));
        }
        let clause = Self {
            is_negated,
            subject,
            operator,
            value,
        };
        Ok((clause, rest))
    }

    fn fits(&self, object: &impl Object) -> Result<bool, StripeError> {
        let field = match &self.subject {
            Subject::Metadata(key) => match object.metadata() {
                Some(metadata) => Field::text(metadata.get(key)),
                None => Field::Unknown,
            },
            Subject::Field(name) => object.field(name),
        };
        let wanted = self.value.as_deref();
        let fits = match field {
            Field::Unknown => {
                let (Subject::Field(name) | Subject::Metadata(name)) = &self.subject;
                return Err(refused(&format!(
                    "Field `{name}` is an unsupported search field."
                )));
            }
            Field::Null => wanted.is_none(),
            Field::Text(text) => wanted.is_some_and(|wanted| self.compares(text, wanted)),
            Field::Currency(code) => {
                wanted.is_some_and(|wanted| code.code().eq_ignore_ascii_case(wanted))
            }
            Field::Number(number) => match wanted.map(str::parse::<i64>) {
                None => false,
                Some(Ok(wanted)) => self.orders(number, wanted),
                Some(Err(_)) => return Err(refused("A number is compared with a number.")),
            },
        };
        Ok(fits != self.is_negated)
    }

    fn compares(&self, text: &str, wanted: &str) -> bool {
        match self.operator {
            Operator::Like => text.to_lowercase().contains(&wanted.to_lowercase()),
            _ => text.eq_ignore_ascii_case(wanted),
        }
    }

    fn orders(&self, number: i64, wanted: i64) -> bool {
        match self.operator {
            Operator::Is | Operator::Like => number == wanted,
            Operator::Above => number > wanted,
            Operator::AtLeast => number >= wanted,
            Operator::Below => number < wanted,
            Operator::AtMost => number <= wanted,
        }
    }
}

fn operator(text: &str) -> Result<(Operator, &str), StripeError> {
    const OPERATORS: [(&str, Operator); 6] = [
        (">=", Operator::AtLeast),
        ("<=", Operator::AtMost),
        (">", Operator::Above),
        ("<", Operator::Below),
        (":", Operator::Is),
        ("~", Operator::Like),
    ];
    let found = OPERATORS
        .iter()
        .find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?)));
    found.ok_or_else(|| refused("An operator is missing: one of : ~ > >= < <=."))
}

/// A quoted text, a number, or `null`.
fn value(text: &str) -> Result<(Option<String>, &str), StripeError> {
    if text.starts_with(['\'', '"']) {
        let (value, rest) = quoted(text)?;
        return Ok((Some(value), rest));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    match word {
        "" => Err(refused("A value is missing.")),
        word if word.eq_ignore_ascii_case("null") => Ok((None, rest)),
        word => Ok((Some(word.to_owned()), rest)),
    }
}

/// A text in single or double quotes; a backslash takes the next character as it is.
fn quoted(text: &str) -> Result<(String, &str), StripeError> {
    let mut letters = text.char_indices();
    let quote = letters.next().map(|(_, letter)| letter);
    let quote = quote.filter(|letter| matches!(letter, '\'' | '"'));
    let quote = quote.ok_or_else(|| refused("A text stands in quotes."))?;
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, letter) in letters {
        match letter {
            _ if is_escaped => {
                value.push(letter);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            letter if letter == quote => return Ok((value, &text[at + letter.len_utf8()..])),
            letter => value.push(letter),
        }
    }
    Err(refused("A quote is not closed."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_read_with_their_operators() {
        let query = Query::read(r#"metadata['order_id']:'A\'1' AND amount>=1000 AND -email~"amy""#)
            .expect("a query");
        assert!(!query.is_any);
        assert_eq!(query.clauses[0].value.as_deref(), Some("A'1"));
        assert_eq!(query.clauses[1].operator, Operator::AtLeast);
        assert!(query.clauses[2].is_negated);
        assert!(query.term().is_some());
        let query = Query::read("name:null OR status:'succeeded'").expect("a query");
        assert!(query.is_any && query.clauses[0].value.is_none() && query.term().is_none());
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in [
            "",
            "amount",
            "amount>",
            "name:'x",
            "a:'1' AND b:'2' OR c:'3'",
            "email~'ab'",
            "x['y']:'z'",
            "a:'1' b:'2'",
        ] {
            assert!(Query::read(text).is_err(), "{text}");
        }
    }
}
