//! Quantities and durations: a number and a unit.

use super::Fault;
use crate::api::Duration;

/// Suffixes of a quantity (Kubernetes, `resource.Quantity`).
const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// A quantity that is not negative.
pub(crate) fn quantity_fault(text: &str) -> Fault {
    if text.starts_with('-') {
        return Some("it is negative");
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    if number.matches('.').count() > 1 || !number.contains(|c: char| c.is_ascii_digit()) {
        return Some("it does not start with a number");
    }
    let exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && digits.len() < 4 && digits.chars().all(|c| c.is_ascii_digit())
    });
    if exponent || SUFFIXES.contains(&suffix) {
        None
    } else if suffix.starts_with(char::is_whitespace) {
        Some("there is space before the suffix")
    } else if suffix.ends_with(['B', 'b']) {
        Some("the suffix has no `B`: bytes are counted as they are")
    } else {
        Some("Kubernetes has no such suffix")
    }
}

/// A duration that is longer than nothing.
pub(crate) fn duration_fault(text: &str) -> Fault {
    match Duration(text.to_owned()).seconds() {
        None => Some("it must be a whole number and one of `ms`, `s`, `m`, `h`, such as `90s`"),
        Some(seconds) if seconds <= 0.0 => Some("it is no time at all"),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::check::value::table;

    #[test]
    fn quantities() {
        let good = ["1", "0.5", ".5", "5.", "100m", "1Gi", "1e3", "2E", "12E-2", "+1"];
        let bad = ["", "-1", "1.5.5", "1GB", "1 Gi", "1gi", "x", ".", "1e", "1K"];
        table(quantity_fault, &good, &bad);
    }

    #[test]
    fn durations() {
        table(duration_fault, &["5m", "90s", "250ms"], &["", "5", "1.5s", "0s", "5 m", "5d"]);
    }
}
