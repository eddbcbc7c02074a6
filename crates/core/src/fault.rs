//! Faults: rules that break an edge in one named way.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A fault, and the call that it is placed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// In which way the edge breaks.
    pub kind: FaultKind,
    /// On which call.
    #[serde(default)]
    pub on: CallPoint,
    /// How many of the calls it fires on, from the one that `on` names. Default 1.
    #[serde(default = "once")]
    pub times: u32,
    /// What a kind can be told further, such as `status`, `delay` or `variant`; each kind says what it knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, serde_json::Value>,
}

fn once() -> u32 {
    1
}

/// Which call, of all calls to one fake. What is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallPoint {
    /// The operation: `POST /v1/payment_intents`, or for webhooks the event's type, `payment_intent.succeeded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What the call is about: the shop's order, or the provider's id of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// How many calls that fit otherwise pass unharmed before: 0 is the first call.
    #[serde(default)]
    pub ordinal: u32,
    /// Only this try of one operation (same idempotency key): 0 is the first try, 1 its first repetition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
}

macro_rules! fault_kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// The named ways in which an HTTP neighbour misbehaves.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum FaultKind {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl FaultKind {
            /// All of them, in the order of the handbook.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word in files, reports and the control API.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

fault_kinds! {
    /// The call never reaches the provider: the connection is reset before the request is read. No effect.
    NotSent = "not_sent",
    /// The request is read and ignored: no answer, no effect.
    RequestLost = "request_lost",
    /// The effect takes place, the answer is lost.
    ResponseLost = "response_lost",
    /// No answer; the effect takes place after the caller's next try, or after a while.
    EffectLate = "effect_late",
    /// The answer comes late, or in dribs.
    Slow = "slow",
    /// The provider fails (500, 502, 503) before it did anything.
    ErrorBeforeEffect = "error_before_effect",
    /// The provider fails (500, 504) after it did it.
    ErrorAfterEffect = "error_after_effect",
    /// 429.
    Throttled = "throttled",
    /// The provider says no, in its own format: declined, wrong key, conflict. No effect.
    Rejected = "rejected",
    /// 200 whose body says no. No effect.
    RefusedInOk = "refused_in_ok",
    /// The effect takes place, the answer cannot be read.
    Malformed = "malformed",
    /// The effect takes place, the answer has a field more, less or different.
    SchemaDrift = "schema_drift",
    /// A read gives the state from before.
    StaleRead = "stale_read",
    /// The object stays in its transient state.
    StateStuck = "state_stuck",
    /// The idempotency key is taken by another request.
    KeyConflict = "key_conflict",
    /// The provider has forgotten the idempotency key.
    KeyExpired = "key_expired",
    /// A webhook is never delivered.
    WebhookLost = "webhook_lost",
    /// A webhook is delivered only at a later try.
    WebhookLostUntil = "webhook_lost_until",
    /// A webhook comes again, later.
    WebhookDuplicated = "webhook_duplicated",
    /// A webhook comes twice at the same instant.
    WebhookDuplicatedAtOnce = "webhook_duplicated_at_once",
    /// A webhook comes late.
    WebhookLate = "webhook_late",
    /// A webhook comes after the next one of its object or order.
    WebhookReordered = "webhook_reordered",
    /// An older webhook comes again after a newer one.
    WebhookRegressed = "webhook_regressed",
    /// A webhook comes before the answer to the call that caused it.
    WebhookEarly = "webhook_early",
    /// A webhook comes with a wrong signature, or none.
    WebhookForged = "webhook_forged",
    /// A webhook comes with a signature of long ago.
    WebhookReplayed = "webhook_replayed",
    /// A webhook tells of an object that is not the shop's.
    WebhookForeign = "webhook_foreign",
    /// A webhook names another amount.
    WebhookAmountChanged = "webhook_amount_changed",
    /// A webhook of a type that nobody knows.
    WebhookUnknownType = "webhook_unknown_type",
    /// A webhook whose bytes are unusual, and mean the same.
    WebhookReencoded = "webhook_reencoded",
}

impl FaultKind {
    /// Whether it breaks a webhook, not a call.
    #[must_use]
    pub fn is_about_webhooks(self) -> bool {
        self.word().starts_with("webhook_")
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// The word is no kind of fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no fault")]
pub struct UnknownFault(String);

impl std::str::FromStr for FaultKind {
    type Err = UnknownFault;

    fn from_str(word: &str) -> Result<Self, UnknownFault> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.word() == word)
            .ok_or_else(|| UnknownFault(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_from_few_words() {
        let fault: Fault = serde_json::from_str(
            r#"{"kind": "response_lost", "on": {"operation": "POST /v1/refunds", "ordinal": 1}}"#,
        )
        .expect("a fault");
        assert_eq!(fault.kind, FaultKind::ResponseLost);
        assert_eq!((fault.times, fault.on.ordinal), (1, 1));
        assert!(serde_json::from_str::<Fault>(r#"{"kind": "response_lots"}"#).is_err());
    }

    #[test]
    fn every_kind_is_found_by_its_word() {
        for kind in FaultKind::ALL {
            assert_eq!(kind.word().parse(), Ok(*kind));
        }
        assert!(FaultKind::WebhookLate.is_about_webhooks());
        assert!(!FaultKind::StaleRead.is_about_webhooks());
    }
}
