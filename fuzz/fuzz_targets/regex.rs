#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| {
    // Pattern, text and replacement on a line each.
    let mut lines = input.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (pattern, text, replacement) = (line(), line(), line());
    styk_mock::fuzzing::regex(pattern, text, replacement);
});
