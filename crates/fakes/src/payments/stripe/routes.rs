//! Which operation does what.

use super::error::StripeError;
use super::object::Kind;
use super::params::Params;
use super::reply::Reply;
use super::turn::Turn;
use super::{
    Stripe, balance, charges, checkout, customers, disputes, events, fraud, pages, payment_intents,
    payment_methods, prices, products, refunds, setup_intents, tokens, webhook_endpoints,
};
use crate::kit::{Answer, Call, Routes};

/// Does an operation of the API, with the account's lock held. It checks all parameters before it changes anything.
pub(super) type Handle = fn(&mut Turn<'_>, Params) -> Result<Reply, StripeError>;

/// Answers a payer's browser.
pub(super) type Page = fn(&Stripe, &Call) -> Answer;

/// What stands behind a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Endpoint {
    /// An operation of the API.
    Api {
        /// Does it.
        handle: Handle,
        /// What it gives, so that paths to expand are checked before anything happens.
        gives: Gives,
        /// Whether browsers may call it with a publishable key.
        is_public: bool,
    },
    /// A page for payers; not under `/v1/`.
    Page(Page),
}

/// What an operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// One object.
    One(Kind),
    /// A list or a search result; paths begin with `data.`.
    Many(Kind),
    /// Something with nothing to expand.
    Other,
}

/// An operation that gives one object.
pub(super) fn one(kind: Kind, handle: Handle) -> Endpoint {
    api(Gives::One(kind), handle)
}

/// An operation that gives a page of objects.
pub(super) fn many(kind: Kind, handle: Handle) -> Endpoint {
    api(Gives::Many(kind), handle)
}

/// An operation that gives something else.
pub(super) fn other(handle: Handle) -> Endpoint {
    api(Gives::Other, handle)
}

/// An operation that gives one object, also to browsers.
pub(super) fn public(kind: Kind, handle: Handle) -> Endpoint {
    Endpoint::Api {
        handle,
        gives: Gives::One(kind),
        is_public: true,
    }
}

fn api(gives: Gives, handle: Handle) -> Endpoint {
    Endpoint::Api {
        handle,
        gives,
        is_public: false,
    }
}

/// All operations: each module adds its own.
pub(super) fn table() -> Routes<Endpoint> {
    let modules: [fn(Routes<Endpoint>) -> Routes<Endpoint>; 17] = [
        customers::routes,
        payment_methods::routes,
        payment_intents::routes,
        setup_intents::routes,
        charges::routes,
        refunds::routes,
        balance::routes,
        tokens::routes,
        checkout::routes,
        products::routes,
        prices::routes,
        disputes::routes,
        fraud::routes,
        events::routes,
        webhook_endpoints::routes,
        pages::routes,
        super::other::routes,
    ];
    modules
        .into_iter()
        .fold(Routes::default(), |routes, add| add(routes))
}
