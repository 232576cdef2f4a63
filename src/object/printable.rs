//! Text from elsewhere made harmless for a terminal: no value may move the cursor, change colours, hide
//! itself or turn the line around (CVE-2021-42574, terminal escape injection).

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every control, direction and invisible character written as `\u{…}`. Tabs stay; line
/// breaks are controls. Printable text, wide characters and emoji included, is left alone.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            c if is_unprintable(c) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// Whether a terminal would do anything with the character but show it; tabs aside.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_shown_and_not_sent() {
        assert_eq!(printable("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(printable("a\u{202e}b\u{9b}\r\n"), "a\\u{202e}b\\u{9b}\\r\\n");
        assert_eq!(printable("模型 👩‍🚀 é\t→"), "模型 👩‍🚀 é\t→");
    }

    proptest! {
        #[test]
        fn nothing_unprintable_is_left(text: String) {
            let once = printable(&text).into_owned();
            prop_assert!(!once.contains(is_unprintable));
            prop_assert_eq!(printable(&once), once.as_str());
        }
    }
}
