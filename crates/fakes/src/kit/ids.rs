//! Ids and secrets that look like the provider's, the same for the same seed.

use rand::rngs::SmallRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use styk_core::Seed;
use uuid::Uuid;

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8] = b"0123456789abcdef";

/// Makes the ids of one account: a seed of its own, so that parallel accounts do not change each other's ids. A copy
/// goes on where the original stands.
#[derive(Clone, Debug)]
pub struct Ids {
    seed: Seed,
    drawn: u64,
}

impl Ids {
    /// The ids of the account with this credential.
    #[must_use]
    pub fn new(seed: Seed, credential: &str) -> Self {
        Self {
            seed: seed.derive(credential),
            drawn: 0,
        }
    }

    /// A prefix and `length` letters and digits.
    pub fn alphanumeric(&mut self, prefix: &str, length: usize) -> String {
        self.of(ALPHANUMERIC, prefix, length)
    }

    /// A prefix and `length` hexadecimal digits.
    pub fn hex(&mut self, prefix: &str, length: usize) -> String {
        self.of(HEX, prefix, length)
    }

    /// A random UUID.
    pub fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.next().fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A number below `limit` (0 when the limit is).
    pub fn below(&mut self, limit: u64) -> u64 {
        match limit {
            0 => 0,
            limit => self.next().random_range(0..limit),
        }
    }

    /// A generator for the next id. Ids are no secrets, and many: the small one will do.
    fn next(&mut self) -> SmallRng {
        self.drawn += 1;
        SmallRng::seed_from_u64(self.seed.nth(self.drawn).value())
    }

    fn of(&mut self, alphabet: &[u8], prefix: &str, length: usize) -> String {
        let mut id = String::with_capacity(prefix.len() + length);
        id.push_str(prefix);
        let mut random = self.next();
        for _ in 0..length {
            let at = random.random_range(0..alphabet.len());
            id.push(char::from(alphabet[at]));
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_ids_again_and_accounts_do_not_share_them() {
        let first = |account| {
            let mut ids = Ids::new(Seed::new(7), account);
            (ids.alphanumeric("pi_", 24), ids.uuid(), ids.hex("tk_", 4))
        };
        assert_eq!(first("a"), first("a"));
        assert_ne!(first("a"), first("b"));
        let (id, _, hex) = first("a");
        assert!(id.starts_with("pi_") && id.len() == 27 && hex.len() == 7);
    }
}
