//! What a person or a scenario can make happen.

use serde_json::{Map, Value};

use super::Stripe;
use crate::kit::{Action, ActionError};

/// All of them.
pub(super) const ACTIONS: &[Action] = &[];

/// Makes it happen.
pub(super) fn act(
    stripe: &Stripe,
    action: &str,
    with: &Map<String, Value>,
) -> Result<Value, ActionError> {
    let _ = (stripe, with);
    Err(ActionError::unknown(action, ACTIONS))
}
