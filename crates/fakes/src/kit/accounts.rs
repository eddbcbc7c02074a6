//! Accounts: whoever comes with credentials seen first opens one.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};

use super::State;

/// How many accounts one fake keeps; whoever comes later is told so.
const LIMIT: usize = 10_000;

/// The accounts of one provider, by credential. Each is locked by itself: what happens in one account happens one
/// after the other.
#[derive(Debug)]
pub struct Accounts<A> {
    by_name: RwLock<IndexMap<String, Arc<Account<A>>>>,
}

/// One account.
#[derive(Debug)]
pub struct Account<A> {
    /// A name that tells no secret.
    pub label: String,
    state: Mutex<A>,
}

impl<A> Account<A> {
    /// Its state, for as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, A> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A> Default for Accounts<A> {
    fn default() -> Self {
        Self {
            by_name: RwLock::default(),
        }
    }
}

impl<A> Accounts<A> {
    /// The account of a credential, opened when it is the first time. `None` when there are too many.
    pub fn open(
        &self,
        credential: &str,
        label: &str,
        make: impl FnOnce() -> A,
    ) -> Option<Arc<Account<A>>> {
        if let Some(account) = self.get(credential) {
            return Some(account);
        }
        let mut accounts = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(credential) {
            return Some(Arc::clone(account));
        }
        if accounts.len() >= LIMIT {
            return None;
        }
        let account = Arc::new(Account {
            label: label.to_owned(),
            state: Mutex::new(make()),
        });
        accounts.insert(credential.to_owned(), Arc::clone(&account));
        Some(account)
    }

    /// The account of a credential, when there is one.
    pub fn get(&self, credential: &str) -> Option<Arc<Account<A>>> {
        let accounts = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        accounts.get(credential).cloned()
    }

    /// All accounts with their credentials, in the order they were opened.
    pub fn all(&self) -> Vec<(String, Arc<Account<A>>)> {
        let accounts = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        accounts
            .iter()
            .map(|(credential, account)| (credential.clone(), Arc::clone(account)))
            .collect()
    }
}

type Copies<A> = Vec<(String, String, A)>;

impl<A: Clone + Serialize + Send + Sync + 'static> State for Accounts<A> {
    fn view(&self) -> Value {
        let view = |account: &Account<A>| {
            serde_json::to_value(&*account.lock())
                .unwrap_or_else(|error| Value::from(format!("cannot be shown: {error}")))
        };
        let accounts = self.all().into_iter();
        let shown: Map<String, Value> = accounts
            .map(|(_, account)| (account.label.clone(), styk_core::mask_json(&view(&account))))
            .collect();
        Value::Object(shown)
    }

    fn clear(&self) {
        let mut accounts = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        accounts.clear();
    }

    fn snapshot(&self) -> Box<dyn Any + Send + Sync> {
        let copies: Copies<A> = self
            .all()
            .into_iter()
            .map(|(credential, account)| {
                let state = account.lock().clone();
                (credential, account.label.clone(), state)
            })
            .collect();
        Box::new(copies)
    }

    fn restore(&self, snapshot: &(dyn Any + Send + Sync)) {
        let Some(copies) = snapshot.downcast_ref::<Copies<A>>() else {
            return;
        };
        let mut accounts = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        *accounts = copies
            .iter()
            .map(|(credential, label, state)| {
                let account = Account {
                    label: label.clone(),
                    state: Mutex::new(state.clone()),
                };
                (credential.clone(), Arc::new(account))
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_opens_one_account_and_a_snapshot_brings_it_back() {
        let accounts = Accounts::<Vec<u32>>::default();
        let one = accounts.open("sk_1", "one", Vec::new).expect("opened");
        one.lock().push(1);
        accounts
            .open("sk_1", "one", Vec::new)
            .expect("same")
            .lock()
            .push(2);
        let copy = accounts.snapshot();
        accounts.clear();
        assert!(accounts.get("sk_1").is_none());
        accounts.restore(&*copy);
        assert_eq!(*accounts.get("sk_1").expect("back").lock(), [1, 2]);
        assert_eq!(accounts.view(), serde_json::json!({"one": [1, 2]}));
    }
}
