//! The state machine of an order: what may follow what, and the words the API derives from a state.

use std::str::FromStr;

/// Where an order stands. The only truth about it; `status` and `payment_status` are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Stock is reserved, nothing is paid.
    Placed,
    /// A charge was sent, its outcome is not known.
    Paying,
    /// The money is there.
    Paid,
    /// Stock is committed, the parcel is registered.
    Fulfilling,
    /// With the carrier.
    Shipped,
    Delivered,
    /// All the money is to go back, and has not arrived yet.
    Refunding,
    Refunded,
    Cancelled,
    /// Not paid in time.
    Expired,
}

impl State {
    const ALL: [Self; 10] = [
        Self::Placed,
        Self::Paying,
        Self::Paid,
        Self::Fulfilling,
        Self::Shipped,
        Self::Delivered,
        Self::Refunding,
        Self::Refunded,
        Self::Cancelled,
        Self::Expired,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::Fulfilling => "fulfilling",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// What may come next. Everything else is refused.
    fn next(self) -> &'static [Self] {
        match self {
            Self::Placed => &[Self::Paying, Self::Paid, Self::Cancelled, Self::Expired],
            Self::Paying => &[Self::Paid, Self::Placed, Self::Cancelled],
            Self::Paid => &[Self::Fulfilling, Self::Refunding],
            Self::Fulfilling => &[Self::Shipped, Self::Refunding],
            Self::Shipped => &[Self::Delivered, Self::Refunding],
            Self::Delivered => &[Self::Refunding],
            // A refund that fails takes the order back to where it was.
            Self::Refunding => &[
                Self::Refunded,
                Self::Paid,
                Self::Fulfilling,
                Self::Shipped,
                Self::Delivered,
                Self::Cancelled,
                Self::Expired,
            ],
            Self::Refunded => &[],
            // Money that comes late buys the order again if stock is left, else it goes back.
            Self::Cancelled | Self::Expired => &[Self::Paid, Self::Refunding],
        }
    }

    pub(crate) fn allows(self, to: Self) -> bool {
        self.next().contains(&to)
    }

    /// The word for customers.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Placed => "pending",
            Self::Paying | Self::Fulfilling => "processing",
            Self::Paid => "confirmed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Refunding | Self::Refunded => "refunded",
            Self::Cancelled | Self::Expired => "cancelled",
        }
    }

    /// Whether the money of the order is with us.
    pub(crate) fn is_paid(self) -> bool {
        matches!(
            self,
            Self::Paid | Self::Fulfilling | Self::Shipped | Self::Delivered
        )
    }
}

/// What is known about the money of an order, for [`payment_status`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MoneyFacts {
    pub(crate) paid_minor: i64,
    pub(crate) refunded_minor: i64,
    /// The last attempt was declined and none is under way.
    pub(crate) last_attempt_failed: bool,
}

/// The word for the money of an order.
pub(crate) fn payment_status(state: State, facts: MoneyFacts) -> &'static str {
    match state {
        State::Refunding | State::Refunded => "refunded",
        _ if state.is_paid() && facts.refunded_minor > 0 => "partially_refunded",
        _ if state.is_paid() => "paid",
        _ if facts.paid_minor > 0 && facts.refunded_minor == facts.paid_minor => "refunded",
        _ if facts.last_attempt_failed => "failed",
        _ => "pending",
    }
}

/// The word is no state of an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnknownState;

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_as_its_state() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>().unwrap(), state);
        }
    }

    #[test]
    fn a_refunded_order_stays_refunded_and_money_is_never_forgotten() {
        assert!(State::ALL.iter().all(|to| !State::Refunded.allows(*to)));
        for paid in [
            State::Paid,
            State::Fulfilling,
            State::Shipped,
            State::Delivered,
        ] {
            assert!(paid.allows(State::Refunding));
            assert!(
                !paid.allows(State::Placed)
                    && !paid.allows(State::Cancelled)
                    && !paid.allows(State::Expired)
            );
        }
    }

    #[test]
    fn the_payment_status_follows_state_and_money() {
        let none = MoneyFacts::default();
        assert_eq!(payment_status(State::Placed, none), "pending");
        assert_eq!(
            payment_status(
                State::Placed,
                MoneyFacts {
                    last_attempt_failed: true,
                    ..none
                }
            ),
            "failed"
        );
        assert_eq!(
            payment_status(
                State::Paid,
                MoneyFacts {
                    paid_minor: 100,
                    ..none
                }
            ),
            "paid"
        );
        let part = MoneyFacts {
            paid_minor: 100,
            refunded_minor: 40,
            ..none
        };
        assert_eq!(payment_status(State::Shipped, part), "partially_refunded");
        assert_eq!(payment_status(State::Refunding, part), "refunded");
        let all = MoneyFacts {
            paid_minor: 100,
            refunded_minor: 100,
            ..none
        };
        assert_eq!(payment_status(State::Cancelled, all), "refunded");
        assert_eq!(payment_status(State::Expired, none), "pending");
    }
}
