//! The kept corpus of the fuzz targets, and damage to each of its files: no reader panics, and none takes long.
//!
//! `cargo fuzz` looks further (`fuzz/`, CONTRIBUTING.md); what it finds is kept there and runs here from then on.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use langop::cli::untrusted::READERS;

use crate::bench::repository;
use crate::fire::day;

/// Damages of a file.
const DAMAGES: u64 = 60;
/// Longer than any of these files takes a debug build on a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// The files of a target, in their order.
fn corpus(name: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository("fuzz/corpus").join(name)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A sequence of numbers that follows from its beginning (Steele, Lea and Flood, *Fast splittable pseudorandom number
/// generators*).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap()
    }
}

/// What means something to some reader.
const WORDS: [&[u8]; 18] = [
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\n",
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"\\u0000",
    b"\xff\xfe",
    b"\xf0\x9f\xa6\x80",
    b"&a *a",
    b"<<: *a",
    b"--- !!binary",
];

/// The bytes with a few of them taken out, doubled or replaced.
fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.next(4) {
        let from = numbers.next(bytes.len() + 1);
        let to = (from + numbers.next(12)).min(bytes.len());
        let put: Vec<u8> = match numbers.next(4) {
            0 => Vec::new(),
            1 => bytes[from..to].repeat(2),
            2 => vec![u8::try_from(numbers.next(256)).unwrap()],
            _ => WORDS[numbers.next(WORDS.len())].to_vec(),
        };
        bytes.splice(from..to, put);
    }
    bytes
}

#[test]
fn no_reader_panics_or_hangs_at_the_kept_corpus_or_at_damage_to_it() {
    for (name, read) in READERS {
        let files = corpus(name);
        assert!(!files.is_empty(), "{name}");
        for path in files {
            let bytes = std::fs::read(&path).unwrap();
            for damage in 0..=DAMAGES {
                // Others each day.
                let mut numbers = Numbers(day() * 1000 + damage);
                let bytes = if damage == 0 { bytes.clone() } else { damaged(&bytes, &mut numbers) };
                let begun = Instant::now();
                let panicked = std::panic::catch_unwind(|| read(&bytes)).is_err();
                let slow = begun.elapsed() > LONG;
                let text = String::from_utf8_lossy(&bytes);
                assert!(!panicked && !slow, "{name} panics or hangs at {}, damage {damage}:\n{text}", path.display());
            }
        }
    }
}
