//! What shops call beside: domains for wallets, and helpers of the test mode.

use super::routes::Endpoint;
use crate::kit::Routes;

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
