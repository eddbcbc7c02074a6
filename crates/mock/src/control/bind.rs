//! `PUT /mockserver/bind`: more ports for the same server.

use std::sync::Arc;

use super::server::status;
use super::{Reply, parse};
use crate::json::Json;
use crate::server::Shared;

/// Ports that one request may ask for.
const PORTS_MAX: usize = 100;

pub(super) async fn bind(shared: &Arc<Shared>, text: &str) -> Result<Reply, Reply> {
    let mut bound = Vec::new();
    for port in ports(text)? {
        match shared.listen(port).await {
            Ok(port) => bound.push(port),
            Err(error) => {
                tracing::warn!(port, %error, "a port cannot be listened on");
                let reason = format!("Exception while binding MockServer to port {port}");
                return Err(Reply::bad_request(reason));
            }
        }
    }
    Ok(status(shared, &bound))
}

fn ports(text: &str) -> Result<Vec<u16>, Reply> {
    const WHAT: &str = "port binding";
    let refused = |reason: &str| Reply::bad_request(format!("incorrect {WHAT}: {reason}"));
    let json = parse(WHAT, text)?;
    let Json::Object(object) = &json else {
        return Err(refused(
            "write {\"ports\": [1090]}, where 0 is any free port",
        ));
    };
    let ports = match object.get("ports") {
        None => return Ok(Vec::new()),
        Some(Json::Array(ports)) => ports.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    if ports.len() > PORTS_MAX {
        return Err(refused(&format!("at most {PORTS_MAX} ports at once")));
    }
    let number = |json: &Json| match json {
        Json::Number(text) => text.parse().ok(),
        _ => None,
    };
    let numbers: Option<Vec<u16>> = ports.iter().map(number).collect();
    numbers.ok_or_else(|| refused("ports are numbers from 0 to 65535"))
}
