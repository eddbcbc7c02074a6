//! Pages for payers: 3-D Secure and checkout.

use super::Stripe;
use super::object::Id;
use super::routes::Endpoint;
use crate::kit::Routes;

/// The address of the page that asks the payer of an intent (payment or setup) to authenticate.
pub(super) fn authentication_page(stripe: &Stripe, account: &str, intent: &Id) -> String {
    stripe.ground.address(&format!("/3ds/{account}/{intent}"))
}

/// The pages.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
