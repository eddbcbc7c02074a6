use test_case::test_case;

use super::*;

#[test_case(r"/orders/\d+", "/orders/12", "/orders/x")]
#[test_case(r"\d", "7", "٣"; "digits are ASCII")]
#[test_case(r"\Qa.b\E", "A.B", "axb")]
#[test_case(r"[a-z&&[^bc]]+", "ad", "ab")]
#[test_case(r"(?!abc).*", "abd", "abc")]
#[test_case(r"(a|b)\1", "aa", "ab")]
#[test_case(r"(?<x>.)-\k<x>", "q-q", "q-r")]
#[test_case(r"a{2,3}", "aaa", "a")]
#[test_case(r"\p{Lu}x", "ax", "1x")]
#[test_case(r"\p{Alpha}+", "abc", "a1")]
#[test_case(r"[\w.-]+@x", "a.b-c@x", "a b@x")]
#[test_case(r"[\x41\u0042]", "b", "c")]
#[test_case(r"a\Z", "a", "b")]
#[test_case(r"(?-i)abc", "abc", "ABC")]
#[test_case(r"[]a]+", "]a", "b")]
#[test_case(r"[a\-z]", "-", "b")]
#[test_case(r"a&b~c#d-e", "a&b~c#d-e", "abcde")]
#[test_case(r".*\Q[\E.*", "a[b", "ab")]
fn java_patterns_mean_what_java_means(pattern: &str, matching: &str, other: &str) {
    let regex = JavaRegex::compile(pattern).expect("compiles");
    assert!(regex.is_match(matching), "{regex:?}");
    assert!(!regex.is_match(other), "{regex:?}");
}

#[test_case("a++b", "aab"; "possessive")]
#[test_case("(?>a+)b", "aab"; "atomic")]
#[test_case("(?<=/)x(?=y)y", "xy"; "look behind finds nothing at the start")]
fn constructs_beyond_the_common_subset_run_on_the_other_engine(pattern: &str, text: &str) {
    let regex = JavaRegex::compile(pattern).expect("compiles");
    assert!(matches!(regex, JavaRegex::Backtracking(_)));
    assert_eq!(regex.is_match(text), text == "aab");
}

#[test_case("{id}"; "brace first")]
#[test_case("/c/{id}"; "brace after an atom")]
#[test_case("a**"; "double star")]
#[test_case("*a"; "star first")]
#[test_case("(a"; "open group")]
#[test_case("a)"; "closing only")]
#[test_case("[a"; "open class")]
#[test_case(r"\y"; "unknown escape")]
#[test_case("\\"; "backslash last")]
fn what_java_does_not_compile_is_no_pattern(pattern: &str) {
    assert_eq!(JavaRegex::compile(pattern).err(), Some(Refusal::Invalid));
}

#[test_case(r"\N{LATIN SMALL LETTER A}", r"\N{")]
#[test_case(r"\b{g}a", r"\b{")]
#[test_case(r"\p{javaMirrored}", r"\p{javaMirrored}")]
fn what_no_engine_can_do_is_named(pattern: &str, construct: &str) {
    assert_eq!(
        JavaRegex::compile(pattern).err(),
        Some(Refusal::NotSupported(construct.to_owned()))
    );
}

/// Outcomes of MockServer 8.0.0; the last two say which texts match and which do not, parted by bars.
#[test_case(r"(?x)a b # c", "ab", "a b|abc")]
#[test_case(r"(?x) [a b]+ ", "ab", "a b"; "blanks in classes")]
#[test_case(r"(?x)a\ b", "a b", "ab")]
#[test_case(r"(?x: a b )c d", "abc d", "a bc d"; "only in the group")]
#[test_case(r"((?x)a b)c d", "abc d", "abcd"; "to the end of the group")]
#[test_case("(?x)a{2} b", "aab", "aa b")]
#[test_case("(?x)a b*\n#x\nc", "abbc", "")]
#[test_case("(?i-x)a b", "A b", "ab")]
#[test_case(r"(?U)\w+", "é|a", "-")]
#[test_case(r"\w+", "a", "é")]
#[test_case(r"(?U)\d", "٣|3", "x")]
#[test_case(r"(?U)\s", "\u{a0}| ", "x")]
#[test_case(r"(?U)\W", "-", "é")]
#[test_case(r"(?U)[\w]+", "éa", "-")]
#[test_case(r"(?U:\w)\w", "éa", "éé")]
#[test_case(r"(?U)\p{Lower}", "é", "1")]
#[test_case(r"(?U)\p{Alpha}", "é", "1")]
#[test_case(r"\p{Alpha}", "a", "é")]
#[test_case(r"\Ga", "a", "b")]
#[test_case(r"a\Gb", "", "ab")]
#[test_case(r"a*\Ga", "a", "aa")]
#[test_case(r"\X", "e\u{301}|a|👨\u{200d}👩|🇩🇪|각", "ab")]
#[test_case(r"\X\X", "e\u{301}a|ab", "e\u{301}")]
#[test_case(r"a\X+", "ae\u{301}\u{301}x", "a")]
#[test_case(r"\p{InGreek}+", "λδ", "a")]
#[test_case(r"\p{InGREEK}+", "λ", "a")]
#[test_case(r"\p{InCyrillic}", "я", "a")]
#[test_case(r"\p{InBasic_Latin}", "a", "é")]
#[test_case(r"\p{InLatin-1Supplement}", "é", "a")]
#[test_case(r"\p{block=Greek}|\p{blk=Greek}", "λ", "a")]
#[test_case(r"[\p{InGreek}a]+", "λa", "b")]
#[test_case(r"\P{InGreek}", "a", "λ")]
#[test_case(r"\p{InHiragana}", "あ", "a")]
#[test_case(r"\p{javaLowerCase}", "a|A", "1"; "the case is ignored")]
#[test_case(r"\p{javaLetter}", "é", "1")]
#[test_case(r"\p{javaDigit}", "1", "a")]
#[test_case(r"\p{L1}", "é", "λ")]
#[test_case(r"\p{LD}", "a", "-")]
#[test_case(r"\p{all}", "a", "")]
#[test_case(r"(?-s)a.b", "axb", "a\nb|a\rb|a\u{2028}b")]
#[test_case(r"(?-s)(?d)a.b", "a\rb", "a\nb")]
#[test_case("[[:alpha:]]", "a|:", "b")]
#[test_case("[&&a]", "a", "b")]
#[test_case("[a&&]", "a", "b")]
#[test_case("[a&&&&a]", "a", "b")]
#[test_case("(?=a)*a", "a", "b"; "a repeated assertion")]
#[test_case("(?!b)*?a", "a", "b")]
#[test_case(r"b|\Z*\x41", "b|A", "a\n")]
#[test_case(r"a\Z{1,2}$+", "a", "ab")]
#[test_case("b*?$+", "b|bb", "a")]
#[test_case(r"\1b|a", "a", "b"; "a reference to no group")]
#[test_case("(a)(b)\\2", "abb", "aba")]
#[test_case(r"b|\1*", "b", "a"; "a repeated reference to no group")]
#[test_case("a{2}{1,2}", "aa|aaaa", "a|aaa")]
fn more_patterns_mean_what_java_means(pattern: &str, matching: &str, other: &str) {
    let regex = JavaRegex::compile(pattern).expect("compiles");
    let texts = |texts: &str| -> Vec<String> {
        let texts = texts.split('|').filter(|text| !text.is_empty());
        texts.map(str::to_owned).collect()
    };
    for text in texts(matching) {
        assert!(regex.is_match(&text), "{text}: {regex:?}");
    }
    for text in texts(other) {
        assert!(!regex.is_match(&text), "{text}: {regex:?}");
    }
}

#[test_case(r"\p{InNoSuch}")]
#[test_case(r"\p{gc=Nope}")]
#[test_case(r"\N")]
#[test_case("(?<a_b>x)")]
#[test_case("(?z)a")]
fn other_texts_are_no_patterns(pattern: &str) {
    assert_eq!(JavaRegex::compile(pattern).err(), Some(Refusal::Invalid));
}

/// Patterns that take a naive engine exponential time.
#[test_case("(a+)+b")]
#[test_case("(a|aa)+$")]
#[test_case("(a|a?)+b")]
#[test_case("(.*)*x")]
#[test_case("(.*a){20}b")]
#[test_case("([a-z]+)*[0-9]")]
#[test_case("(?=(a+)+b)a")]
#[test_case(r"(a*)*\1b")]
#[test_case(r"(a+)+\1{5}c")]
#[test_case("(?>(a+)+)b")]
#[test_case("(?<=a)(a+)+b")]
#[test_case("(?!(a+)+b)(a|aa)+c")]
#[test_case(r"(\X+)+b")]
fn nasty_patterns_end(pattern: &str) {
    if let Ok(regex) = JavaRegex::compile(pattern) {
        assert!(!regex.is_match(&"a".repeat(5000)) || pattern.ends_with('$'));
    }
}

#[test]
fn nasty_repetitions_are_no_patterns() {
    for pattern in [
        "(((a{1000}){1000}){1000})",
        r"((\p{L}{500}){500})",
        r"(?=x)((\p{L}{500}){500})",
    ] {
        if let Ok(regex) = JavaRegex::compile(pattern) {
            assert!(!regex.is_match("b"));
        }
    }
}

#[test]
fn a_pattern_that_blows_up_is_given_up() {
    let regex = JavaRegex::compile(r"(?=(a+)+b)(a+)+\2c").expect("compiles");
    assert!(!regex.is_match(&"a".repeat(64)));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_translator_panic(pattern in "[\\\\a-c()\\[\\]{}?*+|^$&~0-9pQE<>:=!,. -]{0,24}", text in "[a-c(){}0-9]{0,8}") {
        if let Ok(regex) = JavaRegex::compile(&pattern) {
            let _ = regex.is_match(&text);
        }
    }
}
