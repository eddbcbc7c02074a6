#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    // The first byte says where the bytes are cut in two.
    if let Some((cut, wire)) = input.split_first() {
        styk_mock::fuzzing::http1(usize::from(*cut), wire);
    }
});
