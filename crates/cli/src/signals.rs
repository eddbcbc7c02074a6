//! Ctrl-C and SIGTERM.

use styk_core::Diagnostic;
use styk_scenario::Interrupt;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::trouble::Trouble;

/// The two signals by which people and supervisors end a program.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on these signals no longer end the process by themselves.
    pub(crate) fn listen() -> Result<Self, Trouble> {
        let listen = |kind| {
            signal(kind).map_err(|error| {
                Trouble::own(Diagnostic::error(format!(
                    "signals cannot be received: {error}"
                )))
            })
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for either.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// The first stops cleanly, the second at once.
    pub(crate) async fn drive(mut self, interrupt: Interrupt) {
        self.next().await;
        interrupt.stop();
        self.next().await;
        interrupt.abandon();
    }
}
