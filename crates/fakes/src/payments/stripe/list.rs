//! Lists, page by page (Stripe API, Pagination).

use std::sync::Arc;

use super::error::StripeError;
use super::object::{Object, Snapshot};
use super::params::Params;
use super::reply::Reply;
use super::shelf::Shelf;

/// A page of a shelf: takes `limit`, `starting_after`, `ending_before` and `created` from the parameters, of which
/// nothing may be left then. `term` is what the wanted objects file themselves under, where there is such a term;
/// `is_wanted` decides in any case.
pub(super) fn list<T: Object>(
    shelf: &Shelf<T>,
    params: Params,
    url: &str,
    term: Option<u64>,
    is_wanted: impl Fn(&T) -> bool,
) -> Result<Reply, StripeError>
where
    Arc<T>: Into<Snapshot>,
{
    let _ = (shelf, params, url, term, is_wanted);
    Err(StripeError::invalid("not yet"))
}
