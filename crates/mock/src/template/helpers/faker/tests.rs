use std::cell::RefCell;

use rand::SeedableRng as _;
use test_case::test_case;

use super::*;
use crate::json::Object;
use crate::pattern::JavaRegex;

fn scope() -> Scope {
    Scope {
        variables: Object::new(),
        now: "2026-11-25T22:55:33Z".parse().expect("an instant"),
        random: RefCell::new(StdRng::seed_from_u64(7)),
    }
}

#[test_case("faker.name", "firstName", r"[A-Z][a-z]+")]
#[test_case("faker.name", "fullName", r"[A-Z][a-z]+ [A-Z][a-z]+")]
#[test_case("faker.internet", "emailAddress", r"[a-z]+\.[a-z]+@[a-z]+\.com")]
#[test_case("faker.internet", "safeEmailAddress", r"[a-z]+\.[a-z]+@example\.com")]
#[test_case("faker.internet", "url", r"https://www\.[a-z]+\.[a-z]+/[a-z]+")]
#[test_case("faker.internet", "uuid", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
#[test_case("faker.internet", "ipV4Address", r"\d+(\.\d+){3}")]
#[test_case("faker.internet", "macAddress", r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")]
#[test_case("faker.address", "zipCode", r"\d{5}")]
#[test_case("faker.address", "streetAddress", r"\d+ [A-Za-z]+ [A-Za-z]+")]
#[test_case("faker.address", "latitude", r"-?\d{1,2}\.\d{8}")]
#[test_case("faker.phoneNumber", "cellPhone", r"\(\d{3}\) \d{3}-\d{4}")]
#[test_case("faker.lorem", "sentence", r"[A-Z][a-z]*( [a-z]+)*\.")]
#[test_case("faker.commerce", "price", r"\d+\.\d{2}")]
#[test_case("faker.color", "hex", r"#[0-9A-F]{6}")]
#[test_case("faker.number", "digit", r"\d")]
#[test_case("faker.finance", "creditCard", r"\d{4}(-\d{4}){3}")]
#[test_case("faker.code", "isbn13", r"978\d{10}")]
#[test_case("faker.timeAndDate", "birthday", r"(19|20)\d\d-\d\d-\d\d")]
fn texts_have_the_forms_of_the_original(object: &str, method: &str, pattern: &str) {
    let pattern = JavaRegex::compile(pattern).expect("a pattern");
    let scope = scope();
    for _ in 0..20 {
        match call(&scope, object, method, &[]) {
            Some(Ok(Json::Text(text))) => assert!(pattern.is_match(&text), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_upper_bound_of_a_number_does_not_come() {
    let scope = scope();
    let bounds = [Json::number(1), Json::number(2)];
    for _ in 0..20 {
        let number = call(&scope, "faker.number", "numberBetween", &bounds);
        assert_eq!(number, Some(Ok(Json::number(1))));
    }
}

#[test]
fn check_digits_are_right() {
    let mut random = StdRng::seed_from_u64(3);
    for _ in 0..50 {
        let iban = business::iban(&mut random);
        let moved = format!("{}1314{}", &iban[4..], &iban[2..4]);
        let rest = moved
            .chars()
            .filter_map(|c| c.to_digit(10))
            .fold(0, |rest, digit| (rest * 10 + digit) % 97);
        assert_eq!(rest, 1, "{iban}");
        let card: Vec<_> = business::card(&mut random)
            .chars()
            .filter_map(|c| c.to_digit(10))
            .collect();
        let doubled = |digit: &u32| digit * 2 / 10 + digit * 2 % 10;
        let sum: u32 = card.iter().step_by(2).map(doubled).sum::<u32>()
            + card.iter().skip(1).step_by(2).sum::<u32>();
        assert_eq!(sum % 10, 0);
    }
}

#[test]
fn patterns_are_filled() {
    let scope = scope();
    let filled = call(&scope, "faker", "bothify", &[Json::text("x-?#")]);
    let Some(Ok(Json::Text(text))) = filled else {
        panic!("{filled:?}");
    };
    assert!(
        JavaRegex::compile("x-[a-z]\\d")
            .expect("a pattern")
            .is_match(&text)
    );
}

#[test]
fn what_is_not_there_is_no_method_and_too_much_is_refused() {
    let scope = scope();
    assert_eq!(call(&scope, "faker.name", "nope", &[]), None);
    assert_eq!(call(&scope, "faker.nope", "firstName", &[]), None);
    let many = call(&scope, "faker.lorem", "words", &[Json::number(1_000_000)]);
    assert!(matches!(many, Some(Err(_))));
}
