//! The key that cryptograms are made with.
//!
//! Nobody here ever decrypts a cryptogram, so that there is no private key: the modulus is random.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use rand::Rng as _;
use serde::Serialize;
use styk_core::Seed;

use crate::kit::Answer;

/// The key's number in cryptograms.
const VERSION: u32 = 4;
/// RSA-2048.
const MODULUS_BYTES: usize = 256;

/// `SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { INTEGER modulus …` (RFC 5280, RFC 8017).
const HEAD: [u8; 33] = [
    0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01,
    0x00,
];
/// `INTEGER 65537`.
const EXPONENT: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    pem: String,
    version: u32,
}

/// `GET /payments/publickey`.
pub(super) fn answer(seed: Seed) -> Answer {
    let key = Key {
        pem: pem(seed),
        version: VERSION,
    };
    Answer::json(StatusCode::OK, &key)
}

fn pem(seed: Seed) -> String {
    let mut modulus = [0; MODULUS_BYTES];
    seed.derive("public key").rng().fill_bytes(&mut modulus);
    // As long as it shall be, and odd.
    modulus[0] |= 0x80;
    modulus[MODULUS_BYTES - 1] |= 1;
    let code = STANDARD.encode([&HEAD[..], &modulus, &EXPONENT].concat());
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in code.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}
