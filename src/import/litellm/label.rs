//! Names of things in a description, made of any text.

/// Characters of the longest name of a thing.
pub(super) const LONGEST: usize = 63;

/// A text as the label of a DNS name.
pub(super) fn label(text: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = text.chars().map(legal).take(LONGEST).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "model".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_label() {
        for (text, expected) in [("gpt-4o", "gpt-4o"), ("GPT_4.1/eu", "gpt-4-1-eu"), ("模型", "model"), ("-a-", "a")]
        {
            assert_eq!(label(text), expected);
        }
    }
}
