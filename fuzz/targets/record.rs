//! See `langop::cli::untrusted`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| langop::cli::untrusted::record(bytes));
