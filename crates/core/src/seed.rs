//! Chance, handed in.
//!
//! A run has one [`Seed`]. Whoever needs randomness derives a generator from it by name, so that the same
//! seed gives every part the same numbers again, whatever order the parts run in.

use std::fmt;
use std::str::FromStr;

use rand::SeedableRng;
use rand::rngs::StdRng;

/// The root of all randomness of a run. Printed, and accepted again by `--seed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Seed(u64);

impl Seed {
    /// A seed with a known value, for repeating a run.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// A fresh seed from the operating system. Call it once a run, at the border.
    #[must_use]
    pub fn from_entropy() -> Self {
        Self(rand::random())
    }

    /// The value, as it is printed.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The seed of a named part: the same name gives the same seed.
    #[must_use]
    pub fn derive(self, name: &str) -> Self {
        self.mixed_with(name.as_bytes())
    }

    /// The seed of a numbered part: the same number gives the same seed.
    #[must_use]
    pub fn nth(self, number: u64) -> Self {
        self.mixed_with(&number.to_le_bytes())
    }

    fn mixed_with(self, bytes: &[u8]) -> Self {
        // FNV-1a over the parent's bytes and these: stable over versions and platforms, and good enough
        // to keep parts apart. The generator does the mixing.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in self.0.to_le_bytes().iter().chain(bytes) {
            hash ^= u64::from(*byte);
            hash = hash.wrapping_mul(0x0100_0000_01b3);
        }
        Self(hash)
    }

    /// A generator that starts at this seed.
    #[must_use]
    pub fn rng(self) -> StdRng {
        StdRng::seed_from_u64(self.0)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Seed {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn the_same_name_gives_the_same_numbers_and_another_name_others() {
        let seed = Seed::new(7);
        let draw = |name: &str| seed.derive(name).rng().random::<u64>();
        assert_eq!(draw("shop"), draw("shop"));
        assert_ne!(draw("shop"), draw("mail"));
        assert_ne!(
            draw("shop"),
            Seed::new(8).derive("shop").rng().random::<u64>()
        );
    }
}
