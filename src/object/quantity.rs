//! Amounts as Kubernetes writes them: `500m`, `1Gi`, `2e3`. Exact, without floats. Knows no field: it
//! does not decide where a quantity stands.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use serde_json::Value;

const NANO: i128 = 1_000_000_000;

/// Suffixes of powers of ten, as exponents of the nano unit, from large to small.
const DECIMAL: [(&str, u32); 10] =
    [("E", 27), ("P", 24), ("T", 21), ("G", 18), ("M", 15), ("k", 12), ("", 9), ("m", 6), ("u", 3), ("n", 0)];

/// Suffixes of powers of two, as exponents, from large to small.
const BINARY: [(&str, u32); 6] = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];

/// An amount in units of 10⁻⁹. Equal amounts are equal however they are written: `1Gi` is `1024Mi`.
///
/// Finer amounts are rounded away from zero to 10⁻⁹, as the API server does (apimachinery,
/// `resource.Quantity`); amounts beyond ±1.7×10²⁹ are an error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    nano: i128,
    /// Written with `Ki`…`Ei`, and printed so when that is exact.
    binary: bool,
}

/// Why a text is not a quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a quantity like `500m`, `2` or `1Gi`")]
pub struct QuantityError(String);

impl Quantity {
    /// The amount of nothing.
    pub const ZERO: Self = Self { nano: 0, binary: false };

    /// Whole units: cores, bytes, objects.
    #[must_use]
    pub const fn units(count: i64) -> Self {
        Self { nano: count as i128 * NANO, binary: false }
    }

    /// Reads a string or a number of a manifest; nothing else is a quantity.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.to_string().parse().ok(),
            _ => None,
        }
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// How many whole units it is.
    #[must_use]
    pub const fn whole(self) -> i128 {
        self.nano / NANO
    }

    /// So many of it: requests of a pod times its replicas. Saturates.
    #[must_use]
    pub const fn times(self, count: i64) -> Self {
        Self { nano: self.nano.saturating_mul(count as i128), binary: self.binary }
    }

    /// What is left when `other` is taken away; nothing when that is more.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        let left = self.nano.saturating_sub(other.nano);
        Self { nano: if left > 0 { left } else { 0 }, binary: self.binary }
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        parse(text).ok_or_else(|| QuantityError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Quantity> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (mantissa, fraction_digits) = mantissa(number)?;
    let nano = scale(mantissa, fraction_digits, suffix)?;
    Some(Quantity { nano: if text.starts_with('-') { -nano } else { nano }, binary: suffix.ends_with('i') })
}

/// The digits without the point, and how many of them stood behind it.
fn mantissa(number: &str) -> Option<(i128, u32)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("0{whole}{fraction}");
    Some((digits.parse().ok()?, u32::try_from(fraction.len()).ok()?))
}

fn scale(mantissa: i128, fraction_digits: u32, suffix: &str) -> Option<i128> {
    if let Some((_, power)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        let nano = mantissa.checked_mul(1 << power)?.checked_mul(NANO)?;
        return Some(divide_up(nano, 10_i128.checked_pow(fraction_digits)?));
    }
    let power = match DECIMAL.iter().find(|(name, _)| *name == suffix) {
        Some((_, power)) => i64::from(*power),
        None => exponent(suffix)?.checked_add(9)?,
    };
    shift(mantissa, power - i64::from(fraction_digits))
}

/// `e3`, `E-3`: the exponent of ten.
fn exponent(suffix: &str) -> Option<i64> {
    suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok().map(i64::from)
}

fn shift(mantissa: i128, power: i64) -> Option<i128> {
    if mantissa == 0 {
        return Some(0);
    }
    let factor = 10_i128.checked_pow(u32::try_from(power.unsigned_abs()).ok()?);
    match (power < 0, factor) {
        (false, factor) => mantissa.checked_mul(factor?),
        (true, Some(factor)) => Some(divide_up(mantissa, factor)),
        // Smaller than the smallest unit, and not nothing.
        (true, None) => Some(1),
    }
}

fn divide_up(dividend: i128, divisor: i128) -> i128 {
    dividend / divisor + i128::from(dividend % divisor != 0)
}

/// The largest unit in which the amount is whole.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nano == 0 {
            return f.write_str("0");
        }
        if self.binary && self.nano % NANO == 0 {
            let units = self.nano / NANO;
            for (suffix, power) in BINARY {
                if units % (1 << power) == 0 {
                    return write!(f, "{}{suffix}", units / (1 << power));
                }
            }
            return write!(f, "{units}");
        }
        for (suffix, power) in DECIMAL {
            let unit = 10_i128.pow(power);
            if self.nano % unit == 0 {
                return write!(f, "{}{suffix}", self.nano / unit);
            }
        }
        Ok(())
    }
}

/// Saturates. The sum is written like the first addend that is not nothing.
impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let like = if self.is_zero() { other } else { self };
        Self { nano: self.nano.saturating_add(other.nano), binary: like.binary }
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nano.hash(state);
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn different_writings_of_one_amount_are_equal() {
        for (one, other) in [
            ("1Gi", "1024Mi"),
            ("1", "1000m"),
            ("0.5", "500m"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1k"),
            ("1E3", "1000"),
            ("1E", "1000P"),
            ("2e-3", "2m"),
            ("1.5Gi", "1536Mi"),
            ("0.1n", "1n"),
            ("1e-40", "1n"),
            ("-1Ki", "-1024"),
            ("+3", "3"),
            ("0e400", "0"),
        ] {
            assert_eq!(quantity(one), quantity(other), "{one} {other}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", ".", "-", "1.2.3", "Gi", "1gi", "1K", "1e", "1 Gi", "1Gi ", "0x1", "1e99", "five", "--1", "1,5"]
        {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_print_in_the_largest_whole_unit() {
        for (written, printed) in [
            ("1024Mi", "1Gi"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("0.1Gi", "107374182400m"),
            ("3000", "3k"),
            ("0", "0"),
            ("1536Ki", "1536Ki"),
            ("-2048Ki", "-2Mi"),
        ] {
            assert_eq!(quantity(written).to_string(), printed);
        }
    }

    #[test]
    fn sums_keep_the_writing() {
        let sum: Quantity = ["512Mi", "1Gi", "512Mi"].map(quantity).into_iter().sum();
        assert_eq!(sum.to_string(), "2Gi");
        assert_eq!((quantity("250m") + quantity("1")).to_string(), "1250m");
        assert_eq!(quantity("250m").times(4).to_string(), "1");
        assert_eq!(Quantity::units(3) + Quantity::ZERO, quantity("3"));
        assert_eq!(quantity("2Gi").less(quantity("512Mi")).to_string(), "1536Mi");
        assert_eq!(quantity("1").less(quantity("2")), Quantity::ZERO);
    }

    #[test]
    fn numbers_of_a_manifest_are_quantities() {
        assert_eq!(Quantity::from_json(&serde_json::json!(0.5)), Some(quantity("500m")));
        assert_eq!(Quantity::from_json(&serde_json::json!(true)), None);
    }

    proptest! {
        #[test]
        fn printing_and_reading_agree(nano in -(1_i128 << 90)..(1_i128 << 90), binary: bool) {
            let quantity = Quantity { nano, binary };
            prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
        }

        #[test]
        fn order_is_that_of_the_integers(a: i32, b: i32) {
            let (x, y) = (Quantity::units(a.into()), Quantity::units(b.into()));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!((x + y).to_string().parse(), Ok(Quantity::units(i64::from(a) + i64::from(b))));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = text.parse::<Quantity>();
        }
    }
}
