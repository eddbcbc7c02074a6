#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| {
    // The path stands on the first line, the document below.
    if let Some((path, text)) = input.split_once('\n') {
        styk_mock::fuzzing::paths(text, path);
    }
});
