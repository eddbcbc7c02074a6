//! Lists, page by page (Stripe API, Pagination).

use std::sync::Arc;

use super::error::StripeError;
use super::object::{Kind, Object, Snapshot};
use super::params::Params;
use super::reply::{List, Reply};
use super::shelf::Shelf;

/// How many objects a page may have.
const LIMITS: std::ops::RangeInclusive<i64> = 1..=100;
/// How many it has when nobody says.
const USUAL: usize = 10;

/// Which page of a list.
struct Page {
    limit: usize,
    from: From,
    /// The earliest and the latest second, both included.
    created: (i64, i64),
}

/// Where a page begins.
#[derive(Clone, Copy)]
enum From {
    /// With the newest object.
    Newest,
    /// With the next older than the one at this place.
    After(usize),
    /// It ends with the next newer than the one at this place.
    Before(usize),
}

/// A page of a shelf: takes `limit`, `starting_after`, `ending_before` and `created` from the parameters, of which
/// nothing may be left then. `term` is what the wanted objects file themselves under, where there is such a term;
/// `is_wanted` decides in any case.
pub(super) fn list<T: Object>(
    shelf: &Shelf<T>,
    mut params: Params,
    url: &str,
    term: Option<u64>,
    is_wanted: impl Fn(&T) -> bool,
) -> Result<Reply, StripeError>
where
    Arc<T>: Into<Snapshot>,
{
    let page = Page::read(shelf, &mut params)?;
    params.finish()?;
    let fits = |place: &usize| {
        let object = shelf.at(*place);
        object.is_some_and(|object| page.has_time_of(&**object) && is_wanted(object))
    };
    let mut places = match term {
        Some(term) => {
            let filed = shelf.places(term).iter().map(|place| *place as usize);
            page.cut(filed, fits)
        }
        None => page.cut(0..shelf.len(), fits),
    };
    let has_more = places.len() > page.limit;
    places.truncate(page.limit);
    if matches!(page.from, From::Before(_)) {
        places.reverse();
    }
    let objects = places.into_iter().filter_map(|place| shelf.at(place));
    Ok(Reply::List(List {
        url: url.to_owned(),
        has_more,
        data: objects.map(|object| Arc::clone(object).into()).collect(),
    }))
}

impl Page {
    fn read<T: Object>(shelf: &Shelf<T>, params: &mut Params) -> Result<Self, StripeError> {
        let (after, before) = (
            params.text("starting_after")?,
            params.text("ending_before")?,
        );
        let place = |id: &str, param| {
            let kind = Kind::of_id(id).unwrap_or(Kind::Product);
            shelf
                .place(id)
                .ok_or_else(|| StripeError::no_such(kind, id, param))
        };
        let from = match (after, before) {
            (Some(_), Some(_)) => {
                let message =
                    "You can only provide one of these parameters: starting_after, ending_before.";
                return Err(StripeError::invalid(message)
                    .code("parameters_exclusive")
                    .param("starting_after"));
            }
            (Some(id), None) => From::After(place(&id, "starting_after")?),
            (None, Some(id)) => From::Before(place(&id, "ending_before")?),
            (None, None) => From::Newest,
        };
        Ok(Self {
            limit: limit(params)?,
            from,
            created: span(params, "created")?,
        })
    }

    /// The places on the page and one more, in the order that they are come upon from where the page begins.
    fn cut(
        &self,
        places: impl DoubleEndedIterator<Item = usize>,
        fits: impl Fn(&usize) -> bool,
    ) -> Vec<usize> {
        let many = self.limit + 1;
        match self.from {
            From::Newest => places.rev().filter(fits).take(many).collect(),
            From::After(last) => {
                let older = places.rev().skip_while(|place| *place >= last);
                older.filter(fits).take(many).collect()
            }
            From::Before(first) => {
                let newer = places.skip_while(|place| *place <= first);
                newer.filter(fits).take(many).collect()
            }
        }
    }

    fn has_time_of(&self, object: &impl Object) -> bool {
        let (from, to) = self.created;
        (from..=to).contains(&object.created())
    }
}

/// The parameter `limit`.
pub(super) fn limit(params: &mut Params) -> Result<usize, StripeError> {
    let Some(limit) = params.int("limit")? else {
        return Ok(USUAL);
    };
    let error = || {
        let message = "This value must be between 1 and 100 (inclusive).";
        StripeError::invalid(message)
            .code("parameter_invalid_integer")
            .param("limit")
    };
    let limit = LIMITS.contains(&limit).then_some(limit).ok_or_else(error)?;
    usize::try_from(limit).map_err(|_| error())
}

/// A span of time: one second as a number, or `[gt]`, `[gte]`, `[lt]` and `[lte]`.
fn span(params: &mut Params, name: &str) -> Result<(i64, i64), StripeError> {
    if !params.has_hash(name) {
        let second = params.int(name)?;
        return Ok(second.map_or((i64::MIN, i64::MAX), |second| (second, second)));
    }
    let mut given = params.hash(name)?.unwrap_or_default();
    let (mut from, mut to) = (i64::MIN, i64::MAX);
    if let Some(bound) = given.int("gt")? {
        from = from.max(bound.saturating_add(1));
    }
    if let Some(bound) = given.int("gte")? {
        from = from.max(bound);
    }
    if let Some(bound) = given.int("lt")? {
        to = to.min(bound.saturating_sub(1));
    }
    if let Some(bound) = given.int("lte")? {
        to = to.min(bound);
    }
    given.finish()?;
    Ok((from, to))
}
