#![no_main]

use styk_mock::fuzzing::ControlPlane;

thread_local! {
    static PLANE: ControlPlane = ControlPlane::start().expect("a server");
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| PLANE.with(|plane| plane.play(input)));
