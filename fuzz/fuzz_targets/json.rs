#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| styk_mock::fuzzing::json(text));
