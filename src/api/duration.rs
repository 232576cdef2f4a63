//! Durations as they are written: a whole number and one unit.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A duration as written, such as `90s` or `5m`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(pub String);

impl Duration {
    /// Whole number and unit, the shape that the schema demands.
    pub const PATTERN: &'static str = "^[0-9]{1,9}(ns|us|µs|ms|s|m|h)$";

    /// The duration in seconds; nothing when it is not written as [`Duration::PATTERN`] says.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        let digits = self.0.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = self.0.split_at(digits);
        let number: u32 = number.parse().ok()?;
        let unit = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        Some(f64::from(number) * unit)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::PATTERN, "maxLength": 16 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<f64> {
        Duration(text.to_owned()).seconds()
    }

    #[test]
    fn every_unit_is_counted_in_seconds() {
        assert_eq!(seconds("5m"), Some(300.0));
        assert_eq!(seconds("90s"), Some(90.0));
        assert_eq!(seconds("1h"), Some(3600.0));
        assert_eq!(seconds("250ms"), Some(0.25));
    }

    #[test]
    fn what_is_no_duration_has_no_seconds() {
        for text in ["", "5", "m", "1.5s", "5 m", "5d", "99999999999s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
