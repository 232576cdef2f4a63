//! Canaries: secrets of the harness' own in every place where a user may write one. None of them, plain, in base64
//! or in a URL, may be in anything that langop says, writes or starts.
//!
//! Two sorts. A marked one looks like a key; it is hidden wherever it stands, also where the schema takes text. An
//! unmarked one is a plain word; it is hidden where nobody knows what a value is: in tables that are free, under keys
//! that there are none of, in values of a wrong type, in files that are not legible, in Secrets and kubeconfigs.

mod description;
mod leaf;
mod sources;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What all marked canaries have in common, in lower case.
const MARK: &str = "zq7can4ry";

/// What all unmarked canaries have in common, in lower case.
const WORD: &str = "zqcanary";

/// A canary that looks like a key.
fn marked(number: usize) -> String {
    format!("sk-Zq7Can4ry{number:06}Xy9Kd2Lm8Pq4")
}

/// A canary that is a word.
fn unmarked(number: usize) -> String {
    let mut word = WORD.to_owned();
    let mut rest = number;
    loop {
        word.push(char::from(b'a' + u8::try_from(rest % 26).unwrap()));
        rest /= 26;
        if rest == 0 {
            return word;
        }
    }
}

/// The first canary in a text, with what stands around it.
fn leak(text: &str) -> Option<String> {
    let plain = text.to_lowercase();
    let encoded = ["Zq7Can4ry", WORD].into_iter().flat_map(in_base64);
    let plain = [MARK, WORD].into_iter().find_map(|canary| plain.find(canary));
    let at = plain.or_else(|| encoded.into_iter().find_map(|canary| text.find(&canary)))?;
    let lower = text.to_lowercase();
    let (start, end) = (lower.floor_char_boundary(at.saturating_sub(200)), lower.ceil_char_boundary(at + 100));
    Some(lower[start..end.min(lower.len())].to_owned())
}

/// How a canary reads in base64, whichever of three bytes it begins at; the letters that its neighbours change left out.
fn in_base64(canary: &str) -> Vec<String> {
    let shifted = |shift: usize| {
        let encoded = STANDARD_NO_PAD.encode("x".repeat(shift) + canary);
        let whole = (shift + canary.len()) / 3 * 4;
        encoded[if shift == 0 { 0 } else { 4 }..whole].to_owned()
    };
    (0..3).map(shifted).collect()
}

#[track_caller]
fn silent(about: &str, text: &str) {
    if let Some(around) = leak(text) {
        panic!("{about}: a canary sings: …{around}…");
    }
}

#[test]
fn a_canary_is_heard_in_every_encoding() {
    for canary in [marked(7), unmarked(7)] {
        for shift in 0..3 {
            let encoded = STANDARD_NO_PAD.encode(format!("{}{canary} and more", "y".repeat(shift)));
            assert!(leak(&encoded).is_some(), "{shift}: {encoded}");
        }
        assert!(leak(&format!("before {canary} after")).is_some());
        assert!(leak(&format!("https://h/?q={}", canary.to_uppercase())).is_some());
    }
    assert!(leak("sk-other canary").is_none());
}
