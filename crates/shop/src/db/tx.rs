//! Transactions: begun to write, committed or rolled back as a whole. `transact!` (in `app`) is how they are used.

use std::ops::{Deref, DerefMut};

use super::conn::Inner;
use super::{Conn, DbError};

/// A transaction. It is rolled back when it is dropped before [`Tx::commit`].
#[derive(Debug)]
pub(crate) struct Tx {
    conn: Conn,
    outbox: Vec<String>,
}

impl Tx {
    pub(super) fn new(inner: Inner) -> Self {
        Self {
            conn: Conn(inner),
            outbox: Vec::new(),
        }
    }

    /// Remembers an outbox row that is to be handed over once this transaction is committed.
    pub(crate) fn remember_outbox(&mut self, id: String) {
        self.outbox.push(id);
    }

    /// Makes the changes last, and gives the ids of the outbox rows among them.
    pub(crate) async fn commit(self) -> Result<Vec<String>, DbError> {
        match self.conn.0 {
            Inner::SqliteTx(tx) => tx.commit().await?,
            Inner::PostgresTx(tx) => tx.commit().await?,
            // A `Tx` is only made by `Db::begin`, from a transaction.
            Inner::Sqlite(_) | Inner::Postgres(_) => {}
        }
        Ok(self.outbox)
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
