//! Cards: what a cryptogram tells in clear, and how the test cards behave (CloudPayments, Testing).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// What is kept of a card. The full number and the code are never kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Card {
    first_six: Box<str>,
    last_four: Box<str>,
    /// The month it ends with, 1 to 12.
    pub(super) month: u8,
    /// The year without its century.
    pub(super) year: u8,
}

/// How a card behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Behaviour {
    /// It asks for 3-D Secure.
    pub(super) is_secure: bool,
    /// What a payment comes to.
    pub(super) first: u16,
    /// What a payment by its token comes to.
    pub(super) by_token: u16,
}

const NO_MONEY: u16 = 5051;
const NO_CARD: u16 = 5014;
const EXPIRED: u16 = 5054;

type TestCard = (&'static str, &'static str, bool, u16, u16);

/// First six, last four; secure; first; by token.
const TEST_CARDS: [TestCard; 15] = [
    ("424242", "4242", true, 0, 0),
    ("555555", "4444", true, 0, 0),
    ("220000", "0004", true, 0, 0),
    ("401288", "1881", true, NO_MONEY, NO_MONEY),
    ("510510", "5100", true, NO_MONEY, NO_MONEY),
    ("220220", "2200", true, NO_MONEY, NO_MONEY),
    ("400000", "3055", false, 0, 0),
    ("520500", "3055", false, 0, 0),
    ("220200", "3055", false, 0, 0),
    ("411111", "1111", false, 0, NO_MONEY),
    ("520082", "8210", false, 0, NO_MONEY),
    ("220000", "2222", false, 0, NO_MONEY),
    ("400005", "5556", false, NO_MONEY, NO_MONEY),
    ("540400", "0043", false, NO_MONEY, NO_MONEY),
    ("220300", "0043", false, NO_MONEY, NO_MONEY),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Packet {
    card_info: CardInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CardInfo {
    first_six_digits: String,
    last_four_digits: String,
    exp_date_year: String,
    exp_date_month: String,
}

impl Card {
    /// Reads the clear head of a cryptogram in either of its forms.
    pub(super) fn from_packet(packet: &str) -> Option<Self> {
        let packet: String = packet.chars().filter(|c| !c.is_whitespace()).collect();
        Self::from_head(&packet).or_else(|| Self::from_json(&packet))
    }

    /// `01`, first six, last four, year, month, and then what is encrypted.
    fn from_head(packet: &str) -> Option<Self> {
        let head = packet.strip_prefix("01")?;
        head.get(14..).filter(|rest| !rest.is_empty())?;
        Self::of(
            head.get(..6)?,
            head.get(6..10)?,
            head.get(10..12)?,
            head.get(12..14)?,
        )
    }

    fn from_json(packet: &str) -> Option<Self> {
        let bytes = STANDARD.decode(packet.as_bytes()).ok()?;
        let info = serde_json::from_slice::<Packet>(&bytes).ok()?.card_info;
        let year = info.exp_date_year.as_str();
        Self::of(
            &info.first_six_digits,
            &info.last_four_digits,
            year.get(year.len().checked_sub(2)?..)?,
            &info.exp_date_month,
        )
    }

    /// Reads what a payer types: number, month, and year with or without its century.
    pub(super) fn typed(number: &str, month: &str, year: &str) -> Option<Self> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if !(13..=19).contains(&digits.len()) {
            return None;
        }
        let (year, month) = (year.trim(), month.trim());
        let short = year.get(year.len().checked_sub(2)?..)?;
        let last = digits.get(digits.len() - 4..)?;
        Self::of(digits.get(..6)?, last, short, month)
    }

    fn of(first: &str, last: &str, year: &str, month: &str) -> Option<Self> {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_whole = first.len() == 6 && last.len() == 4 && year.len() == 2;
        if !is_whole || ![first, last, year, month].into_iter().all(is_number) {
            return None;
        }
        let month: u8 = month.parse().ok()?;
        let card = Self {
            first_six: first.into(),
            last_four: last.into(),
            month,
            year: year.parse().ok()?,
        };
        (1..=12).contains(&month).then_some(card)
    }

    /// What it does. Cards that are no test cards do not exist on a test terminal.
    pub(super) fn behaviour(&self, now: Timestamp) -> Behaviour {
        let is_it = |card: &&TestCard| card.0 == self.first_six() && card.1 == self.last_four();
        let always = |code| Behaviour {
            is_secure: false,
            first: code,
            by_token: code,
        };
        match TEST_CARDS.iter().find(is_it) {
            _ if self.is_over(now) => always(EXPIRED),
            None => always(NO_CARD),
            Some((_, _, is_secure, first, by_token)) => Behaviour {
                is_secure: *is_secure,
                first: *first,
                by_token: *by_token,
            },
        }
    }

    /// A card is good to the end of its month.
    fn is_over(&self, now: Timestamp) -> bool {
        let today = now.to_zoned(TimeZone::UTC).date();
        let month = i32::from(self.year) * 12 + i32::from(self.month);
        let this = (i32::from(today.year()) - 2000) * 12 + i32::from(today.month());
        month < this
    }

    pub(super) fn first_six(&self) -> &str {
        &self.first_six
    }

    pub(super) fn last_four(&self) -> &str {
        &self.last_four
    }

    /// `12/34`.
    pub(super) fn expiry(&self) -> String {
        format!("{:02}/{:02}", self.month, self.year)
    }

    /// `4242 42****** 4242`.
    pub(super) fn mask(&self) -> String {
        let (bank, rest) = self.first_six.split_at(4);
        format!("{bank} {rest}****** {}", self.last_four)
    }

    /// The payment system with its number (CloudPayments API, Reference books).
    pub(super) fn system(&self) -> (&'static str, u8) {
        match self.first_six.as_bytes() {
            [b'4', ..] => ("Visa", 0),
            [b'2', b'2', b'0', b'0'..=b'4', ..] => ("Mir", 3),
            [b'5', b'1'..=b'5', ..] | [b'2', ..] => ("MasterCard", 1),
            _ => ("Maestro", 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clear_head_of_both_cryptograms_is_read() {
        let old = Card::from_packet("014242424242341204QUJDREVG").expect("a card");
        assert_eq!((old.first_six(), old.last_four()), ("424242", "4242"));
        assert_eq!(old.expiry(), "12/34");
        let json = r#"{"Type":"CloudCard","CardInfo":{"FirstSixDigits":"400005","LastFourDigits":"5556","ExpDateYear":"34","ExpDateMonth":"12"},"KeyVersion":"1","Format":1,"Value":"QUJD"}"#;
        let new = Card::from_packet(&STANDARD.encode(json)).expect("a card");
        assert_eq!(new.mask(), "4000 05****** 5556");
        for bad in [
            "",
            "01",
            "garbage",
            "0142424242423413",
            "01424242424234130QUJD",
            "ыыыыыыыы",
        ] {
            assert_eq!(Card::from_packet(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month() {
        let card = Card::typed("4000 0000 0000 3055", "11", "2026").expect("a card");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert_eq!(card.behaviour(at("2026-11-30T23:59:59Z")).first, 0);
        assert_eq!(card.behaviour(at("2026-12-01T00:00:00Z")).first, EXPIRED);
    }
}
