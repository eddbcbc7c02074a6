//! What shops call beside: domains for wallets, and who they are.

use serde_json::json;

use super::error::StripeError;
use super::params::Params;
use super::reply::Reply;
use super::routes::{Endpoint, other};
use super::turn::Turn;
use crate::kit::Routes;

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
        .post("/v1/apple_pay/domains", other(register_domain))
        .get("/v1/account", other(account))
}

fn register_domain(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let domain = params.required_text("domain_name")?;
    params.finish()?;
    let id = turn.account.new_id("apwc_");
    Ok(Reply::Value(json!({
        "id": id,
        "object": "apple_pay_domain",
        "created": turn.now,
        "domain_name": domain,
        "livemode": false,
    })))
}

fn account(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    Ok(Reply::Value(json!({
        "id": turn.account.label,
        "object": "account",
        "business_type": "company",
        "charges_enabled": true,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": true,
        "email": "shop@example.com",
        "metadata": {},
        "payouts_enabled": true,
        "type": "standard",
    })))
}
