//! Words of containers and controllers made fit for one line of a report: one line, no control characters, cut to a
//! length, and without what looks like a credential. A program may have written anything before it ended.

use crate::object::credential::masked;
use crate::object::is_unprintable;

/// The most that is shown of what somebody said, in characters.
const LONGEST: usize = 300;

/// The last line that says something; the last thing a program wrote is mostly why it ended.
pub(super) fn last_line(text: &str) -> Option<String> {
    text.lines().rev().map(one_line).find(|line| !line.is_empty())
}

/// The whole text as one line.
pub(super) fn one_line(text: &str) -> String {
    let text = anstream::adapter::strip_str(text).to_string();
    let text: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let shown: String = text.trim().chars().filter(|c| !is_unprintable(*c)).collect();
    // Masked before it is cut: half a credential is not recognised as one.
    cut(&masked(&shown))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_harmless_short_and_without_credentials() {
        let said = |text: &str| last_line(text).unwrap_or_default();
        assert_eq!(said("Traceback:\n  x\nValueError: no such file\n\n  \n"), "ValueError: no such file");
        assert_eq!(said("\u{1b}[31merror:\u{1b}[0m\tbad\u{7}\u{202e} port\r\n"), "error: bad port");
        assert_eq!(said(" \n\n"), "");
        let long = said(&"x".repeat(1000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST + 1, true));
        let key = format!("sk-ant-api03-{}", "aB3dE5gH7jK9mN1pQ".repeat(3));
        let spoken = said(&format!("ok\nlogin with {key} was refused"));
        assert!(!spoken.contains(&key) && spoken.ends_with("was refused"), "{spoken}");
        let late = said(&format!("{}{key}", "word ".repeat(58)));
        assert!(!late.contains("sk-ant"), "{late}");
    }
}
