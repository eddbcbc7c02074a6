//! Chance, handed in: ids, tokens, order numbers, jitter.
//!
//! The generator is cryptographically strong. With a seed everything it gives can be repeated, and guessed: a seed
//! is for tests with a fresh database.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rand::rngs::{StdRng, SysError, SysRng};
use rand::{Rng, SeedableRng};
use uuid::Builder;

/// The shop's only source of randomness.
#[derive(Debug)]
pub(crate) struct Random(Mutex<StdRng>);

/// Crockford's alphabet: no I, L, O, U, so a number can be read out on the telephone.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Random {
    /// From `seed`, or from the operating system.
    pub(crate) fn new(seed: Option<u64>) -> Result<Self, SysError> {
        let generator = match seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => StdRng::try_from_rng(&mut SysRng)?,
        };
        Ok(Self(Mutex::new(generator)))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut bytes);
        bytes
    }

    /// A fraction from 0 (included) to 1 (not included), for jitter.
    pub(crate) fn fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }

    /// A UUIDv7: ids made later sort later, to the microsecond.
    pub(crate) fn id(&self, now: Timestamp) -> String {
        let mut tail: [u8; 10] = self.bytes();
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        // The 12 bits after the version carry the fraction of the millisecond (RFC 9562, method 3).
        let micros = u64::try_from(now.as_microsecond().rem_euclid(1000)).unwrap_or(0);
        let [_, _, _, _, _, _, high, low] = (micros * 4096 / 1000).to_be_bytes();
        tail[0] = high;
        tail[1] = low;
        Builder::from_unix_timestamp_millis(millis, &tail)
            .into_uuid()
            .to_string()
    }

    /// A secret of 256 bits, as text that is safe in a header, a cookie and a link.
    pub(crate) fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// The number people know an order by, like `S-7K3F-9QXM-2B`: 50 random bits.
    pub(crate) fn order_number(&self) -> String {
        let mut number = String::from("S-");
        for (index, byte) in self.bytes::<10>().into_iter().enumerate() {
            if index == 4 || index == 8 {
                number.push('-');
            }
            number.push(char::from(LETTERS[usize::from(byte % 32)]));
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_seed_gives_others() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let id = |seed| Random::new(Some(seed)).unwrap().id(now);
        assert_eq!(id(1), id(1));
        assert_ne!(id(1), id(2));
    }

    #[test]
    fn ids_sort_by_the_microsecond_they_were_made_in() {
        let random = Random::new(Some(7)).unwrap();
        let at = |micros: i64| {
            random.id(Timestamp::from_microsecond(1_800_000_000_000_000 + micros).unwrap())
        };
        let ids: Vec<String> = (0..2_000).map(at).collect();
        assert!(ids.is_sorted());
        assert_eq!(uuid::Uuid::parse_str(&ids[0]).unwrap().get_version_num(), 7);
    }

    #[test]
    fn a_token_is_43_letters_and_an_order_number_can_be_read_aloud() {
        let random = Random::new(None).unwrap();
        assert_eq!(random.token().len(), 43);
        let number = random.order_number();
        assert_eq!(number.len(), 14, "{number}");
        assert!((0.0..1.0).contains(&random.fraction()));
    }
}
