//! What a plain YAML scalar means: the YAML 1.2 core schema, and two readings of `kubectl` that people
//! rely on.

use serde_json::Number;

use super::Value;
use crate::stack::diagnostic::{Code, Diagnostic, Span};

/// A number that JSON cannot hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotJson;

/// The diagnostic of such a number.
pub(super) fn not_json(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Unrepresentable, "a number that JSON cannot hold")
        .at(span, "too large, or not a number")
        .hint("quote it if text is meant")
}

/// The value of a plain scalar. `yes`, `no`, `on` and `off` are text, as YAML 1.2 has it.
pub(crate) fn plain(text: &str) -> Result<Value, NotJson> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let (sign, digits) = split_sign(text);
    if matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Err(NotJson);
    }
    if let Some((radix, digits)) = whole(digits) {
        return integer(sign, digits, radix).map(Value::Number);
    }
    if is_float(digits) {
        let number = text.parse().ok().and_then(Number::from_f64);
        return number.map(Value::Number).ok_or(NotJson);
    }
    Ok(Value::String(text.to_owned()))
}

/// The sign of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// `+`, or none.
    Plus,
    /// `-`.
    Minus,
}

/// The sign of a number, and what is written behind it.
pub(super) fn split_sign(text: &str) -> (Sign, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (Sign::Minus, rest),
        None => (Sign::Plus, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The number of these digits.
pub(super) fn integer(sign: Sign, digits: &str, radix: u32) -> Result<Number, NotJson> {
    let magnitude = u64::from_str_radix(digits, radix).map_err(|_| NotJson)?;
    match sign {
        Sign::Plus => Ok(magnitude.into()),
        Sign::Minus => Ok(0_i64.checked_sub_unsigned(magnitude).ok_or(NotJson)?.into()),
    }
}

/// Radix and digits of a whole number. A leading zero is octal, as for `kubectl`: `defaultMode: 0644`.
fn whole(text: &str) -> Option<(u32, &str)> {
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x', ..] => (16, &text[2..]),
        [b'0', b'o', ..] => (8, &text[2..]),
        [b'0', rest @ ..] if !rest.is_empty() && rest.iter().all(|d| (b'0'..=b'7').contains(d)) => (8, &text[1..]),
        _ => (10, text),
    };
    let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    all.then_some((radix, digits))
}

/// `[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?` with at least one digit in front of the exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    (before.len() + after.len() > 0) && digits(before) && digits(after) && exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> serde_json::Value {
        match plain(text) {
            Ok(Value::Null) => serde_json::Value::Null,
            Ok(Value::Bool(value)) => value.into(),
            Ok(Value::Number(number)) => number.into(),
            Ok(Value::String(text)) => text.into(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn scalars_of_the_core_schema() {
        use serde_json::json;
        let table = [
            ("12", json!(12)),
            ("-7", json!(-7)),
            ("0o17", json!(15)),
            ("0644", json!(420)),
            ("0xff", json!(255)),
            ("1.5", json!(1.5)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            ("yes", json!("yes")),
            ("1_000", json!("1_000")),
            ("089", json!(89)),
            ("100m", json!("100m")),
            ("1.2.3", json!("1.2.3")),
            ("-", json!("-")),
            (".", json!(".")),
            ("e5", json!("e5")),
            ("2024-10-21", json!("2024-10-21")),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("~", json!(null)),
        ];
        for (text, expected) in table {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        for text in [".inf", "-.inf", ".nan", "18446744073709551616", "1e999"] {
            assert_eq!(plain(text), Err(NotJson), "{text}");
        }
    }
}
