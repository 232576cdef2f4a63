//! A string with references to variables, in parts. Knows no values.

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text as it is, `$${` already read as `${`.
    Text(String),
    /// `${var.NAME}`.
    Variable(String),
    /// `${` with anything else behind it, as far as it is worth repeating.
    Bad(String),
}

/// The parts of a string, neighbouring text joined.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if let Some(escaped) = rest[..at].strip_suffix('$') {
            plain.push_str(escaped);
            plain.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        plain.push_str(&rest[..at]);
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        let end = rest[at..].find('}').map(|length| at + length + 1);
        let reference = &rest[at..end.unwrap_or(rest.len())];
        parts.push(match variable(reference) {
            Some(name) => Part::Variable(name.to_owned()),
            None => Part::Bad(reference.chars().take(40).filter(|c| !c.is_control()).collect()),
        });
        rest = &rest[end.unwrap_or(rest.len())..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    parts
}

fn variable(reference: &str) -> Option<&str> {
    let name = reference.strip_prefix("${")?.strip_suffix('}')?;
    let name = name.trim().strip_prefix("var.")?;
    is_name(name).then_some(name)
}

/// Letters, digits, `_` and `-`: what is a bare key in TOML.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

#[cfg(test)]
mod tests {
    use super::Part::{Bad, Text, Variable};
    use super::*;

    #[test]
    fn strings_fall_into_parts() {
        let text = |text: &str| Text(text.to_owned());
        let variable = |name: &str| Variable(name.to_owned());
        let table = [
            ("plain $ { }", vec![text("plain $ { }")]),
            ("${var.a}", vec![variable("a")]),
            ("a-${var.b}.c", vec![text("a-"), variable("b"), text(".c")]),
            ("$${var.a} $${", vec![text("${var.a} ${")]),
            ("$$${var.a}", vec![text("$${var.a}")]),
            ("${HOME}", vec![Bad("${HOME}".to_owned())]),
            ("x${var.a", vec![text("x"), Bad("${var.a".to_owned())]),
            ("${var.a}${var.b}", vec![variable("a"), variable("b")]),
            ("", vec![]),
        ];
        for (written, expected) in table {
            assert_eq!(parts(written), expected, "{written}");
        }
    }
}
