//! Search (Stripe API, Search).

use std::sync::Arc;

use super::error::StripeError;
use super::object::{Object, Snapshot};
use super::params::Params;
use super::reply::Reply;
use super::shelf::Shelf;

/// A page of what a query finds on a shelf: takes `query`, `limit` and `page` from the parameters, of which nothing
/// may be left then. Fields are asked by [`Object::field`] and [`Object::metadata`]; a clause
/// `metadata['name']:'value'` is found by its term.
pub(super) fn search<T: Object>(
    shelf: &Shelf<T>,
    params: Params,
    url: &str,
) -> Result<Reply, StripeError>
where
    Arc<T>: Into<Snapshot>,
{
    let _ = (shelf, params, url);
    Err(StripeError::invalid("not yet"))
}
