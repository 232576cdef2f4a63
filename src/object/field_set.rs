//! The fields of one manager, `FieldsV1`: kept as text, and read when somebody asks.
//!
//! Most of what a list says of thousands of objects is this, and hardly any of it is looked at but for its hash; as a
//! tree of maps it takes ten times the bytes.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A set of fields, as [`Value`]: `{"f:metadata": {"f:labels": {}}}`.
#[derive(Clone, Debug)]
pub struct FieldSet {
    /// Its keys are sorted, whatever the order in which they were sent.
    text: Box<str>,
    read: OnceLock<Value>,
}

impl FieldSet {
    /// The set as text that is the same for the same set.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.text
    }
}

impl Default for FieldSet {
    fn default() -> Self {
        Value::Null.into()
    }
}

impl Deref for FieldSet {
    type Target = Value;

    fn deref(&self) -> &Value {
        // It was JSON when it came.
        self.read.get_or_init(|| serde_json::from_str(&self.text).unwrap_or_default())
    }
}

impl From<Value> for FieldSet {
    fn from(value: Value) -> Self {
        Self { text: value.to_string().into(), read: OnceLock::new() }
    }
}

impl PartialEq for FieldSet {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for FieldSet {}

impl<'de> Deserialize<'de> for FieldSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_set_in_another_order_is_the_same_set() {
        let one: FieldSet = serde_json::from_str(r#"{"f:b": {}, "f:a": {"k:{\"name\":\"\u003cx\"}": {}}}"#).unwrap();
        let other = FieldSet::from(json!({"f:a": {"k:{\"name\":\"<x\"}": {}}, "f:b": {}}));
        assert_eq!(one.canonical(), other.canonical());
        assert_eq!(one, other);
        assert_ne!(one, FieldSet::from(json!({"f:a": {}})));
    }

    #[test]
    fn it_is_read_as_what_was_sent() {
        let set: FieldSet = serde_json::from_str(r#"{"f:data": {"f:key": {}}}"#).unwrap();
        assert_eq!(set.get("f:data"), Some(&json!({"f:key": {}})));
        assert_eq!(set.canonical(), r#"{"f:data":{"f:key":{}}}"#);
        assert_eq!(*FieldSet::default(), Value::Null);
    }
}
