//! A JSON document that many hold and few change: a copy costs nothing until somebody writes to it.
//!
//! Desired objects pass from the description through rendering, observation and the plan to apply, and each of these
//! keeps them; a tree of maps takes ten times the bytes of its text.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A JSON document. Read as the [`Value`] that it is; whoever writes to it gets a copy of their own, unless nobody else
/// holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharedValue(Arc<Value>);

impl SharedValue {
    /// The document itself, without a copy when nobody else holds it.
    #[must_use]
    pub fn into_value(self) -> Value {
        Arc::unwrap_or_clone(self.0)
    }

    /// A copy of the document, to be changed.
    #[must_use]
    pub fn to_value(&self) -> Value {
        (*self.0).clone()
    }
}

impl From<Value> for SharedValue {
    fn from(value: Value) -> Self {
        Self(Arc::new(value))
    }
}

impl Deref for SharedValue {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl DerefMut for SharedValue {
    fn deref_mut(&mut self) -> &mut Value {
        Arc::make_mut(&mut self.0)
    }
}

impl PartialEq<Value> for SharedValue {
    fn eq(&self, other: &Value) -> bool {
        *self.0 == *other
    }
}

impl fmt::Display for SharedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for SharedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SharedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_copy_is_the_same_document_until_it_is_written_to() {
        let one = SharedValue::from(json!({"a": 1}));
        let mut other = one.clone();
        assert!(Arc::ptr_eq(&one.0, &other.0));
        other["a"] = json!(2);
        assert_eq!((one, other), (json!({"a": 1}).into(), json!({"a": 2}).into()));
    }

    #[test]
    fn what_nobody_else_holds_is_written_to_in_place() {
        let mut only = SharedValue::from(json!({"a": 1}));
        let at = Arc::as_ptr(&only.0);
        only["a"] = json!(2);
        assert_eq!(Arc::as_ptr(&only.0), at);
    }

    #[test]
    fn it_is_written_and_read_as_the_document() {
        let shared = SharedValue::from(json!({"a": [1, null]}));
        let text = serde_json::to_string(&shared).unwrap();
        assert_eq!(text, r#"{"a":[1,null]}"#);
        assert_eq!(serde_json::from_str::<SharedValue>(&text).unwrap(), shared);
    }
}
