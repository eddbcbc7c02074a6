//! HMAC-SHA256, by which most providers sign what they send.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Whether `claimed` is the code of `parts`, one after another, under `secret`. Compares in constant time.
pub(super) fn is_genuine(secret: &str, parts: &[&[u8]], claimed: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(claimed).is_ok()
}

/// The code itself, for tests that play the provider.
#[cfg(test)]
pub(super) fn code(secret: &str, message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_known_text_is_the_known_one() {
        // RFC 4231, test case 2.
        let known = hex::decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        assert!(is_genuine("Jefe", &parts, &known.unwrap()));
        assert!(!is_genuine("jefe", &parts, &[0; 32]));
        assert_eq!(code("Jefe", b"what do ya want for nothing?").len(), 32);
    }
}
