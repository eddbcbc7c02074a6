//! Where parallel copies wait, so that their first requests leave together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// The line; opens when nobody is missing any more.
#[derive(Debug)]
struct StartLine {
    missing: AtomicUsize,
    open: watch::Sender<bool>,
}

/// One copy's place at the line. A copy that ends without a request gives its place back, so that nobody waits
/// for it.
#[derive(Debug)]
pub(super) struct Ticket {
    line: Arc<StartLine>,
}

impl Ticket {
    /// So many places at one line.
    pub(super) fn several(copies: usize) -> Vec<Arc<Self>> {
        let line = Arc::new(StartLine {
            missing: AtomicUsize::new(copies),
            open: watch::channel(false).0,
        });
        let ticket = |_| {
            Arc::new(Self {
                line: Arc::clone(&line),
            })
        };
        (0..copies).map(ticket).collect()
    }

    /// Says that this copy is ready, and waits for the others.
    pub(super) async fn start(self: Arc<Self>) {
        let mut open = self.line.open.subscribe();
        // The place counts as taken from here on: dropping the ticket says so.
        drop(self);
        let is_last = *open.borrow();
        if is_last {
            // Those who wait are woken now. Whoever came last must not be gone before they have run.
            tokio::task::yield_now().await;
            return;
        }
        // An error would mean that the line is gone, and with it everybody to wait for.
        let _ = open.wait_for(|open| *open).await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.line.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.line.open.send_replace(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn nobody_starts_before_all_are_there_or_gone() {
        let mut tickets = Ticket::several(3);
        let gone = tickets.pop();
        let (second, first) = (tickets.pop().expect("two"), tickets.pop().expect("one"));
        let mut first = Box::pin(first.start());
        assert_eq!((&mut first).now_or_never(), None);
        drop(gone);
        assert_eq!((&mut first).now_or_never(), None);
        second.start().await;
        first.await;
    }
}
