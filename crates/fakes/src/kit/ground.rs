//! What a fake stands on.

use std::time::Duration;

use futures_util::future::BoxFuture;
use styk_core::{Clock, Effect, Journal, Ledger, LedgerEntry, Money, Movement, Seed};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::{Call, OrderRules, Outbox};

/// Time, chance, the books and the address of one fake, handed to its provider. Cheap to clone; clones share all.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The provider's name.
    pub provider: &'static str,
    /// The fake's own address, `http://127.0.0.1:12111/`, for the pages it sends payers to.
    pub base: Url,
    /// Its time.
    pub clock: Clock,
    /// Its chance.
    pub seed: Seed,
    /// The witness of every call.
    pub journal: Journal,
    /// What truly happened.
    pub ledger: Ledger,
    /// Webhooks on their way.
    pub webhooks: Outbox,
    /// What happens later by itself.
    pub timers: Timers,
    /// How the shop's order is found.
    pub orders: OrderRules,
}

/// A movement of money, for [`Ground::book_money`].
#[derive(Clone, Debug)]
pub struct Movements<'a> {
    /// The account's name that tells no secret.
    pub account: &'a str,
    /// Which way.
    pub movement: Movement,
    /// How much.
    pub amount: Money,
    /// The provider's id of the payment.
    pub payment: &'a str,
    /// The provider's id of the charge or refund.
    pub act: Option<&'a str>,
    /// The shop's order.
    pub order: Option<&'a str>,
    /// The call that did it; none for what happens by itself.
    pub call: Option<&'a Call>,
}

impl Ground {
    /// The address of a path on this fake.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    /// Writes a movement of money into the ledger.
    pub fn book_money(&self, money: &Movements<'_>) {
        let written = self.ledger.write(LedgerEntry {
            seq: 0,
            at: self.clock.now(),
            provider: self.provider.to_owned(),
            account: money.account.to_owned(),
            effect: Effect::Money {
                movement: money.movement,
                amount: money.amount,
            },
            object: money.payment.to_owned(),
            act: money.act.map(str::to_owned),
            order: money.order.map(str::to_owned),
            key: money.call.and_then(|call| call.notes().key),
            exchange: money.call.map(|call| call.exchange.seq()),
        });
        if written.is_none() {
            tracing::error!(provider = self.provider, "the ledger is full");
        }
    }
}

/// Things that happen later by themselves: a pending refund succeeds, a bank disputes. They end with the fake.
#[derive(Clone, Debug)]
pub struct Timers {
    clock: Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Timers {
    pub(crate) fn new(clock: Clock, stop: CancellationToken) -> Self {
        Self {
            clock,
            tasks: TaskTracker::new(),
            stop,
        }
    }

    /// Runs `act` when `delay` has passed on the stage's clock.
    pub fn later(&self, delay: Duration, act: impl FnOnce() + Send + 'static) {
        let clock = self.clock.clone();
        self.run(Box::pin(async move {
            clock.sleep(delay).await;
            act();
        }));
    }

    /// Runs a task that ends with the fake at the latest.
    pub(crate) fn run(&self, task: BoxFuture<'static, ()>) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        });
    }
}
