#![no_main]

libfuzzer_sys::fuzz_target!(|input: (bool, &[u8])| {
    let (assumes_http, bytes) = input;
    styk_mock::fuzzing::first_bytes(assumes_http, bytes);
});
