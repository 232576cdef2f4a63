//! A word that many objects have: a group, a kind, a namespace. Kept once for all who have it, so that a copy costs
//! nothing, and two that are equal are nearly always told by where they are.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A word that is kept once.
#[derive(Clone)]
pub struct Word(Arc<str>);

/// All words of this process. What a stack has of them is little: its kinds and its namespaces.
static WORDS: LazyLock<Mutex<HashSet<Arc<str>>>> = LazyLock::new(Mutex::default);

impl Word {
    /// The word of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(word) = words.get(text) {
            return Self(word.clone());
        }
        let word: Arc<str> = text.into();
        words.insert(word.clone());
        Self(word)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Word {
    fn default() -> Self {
        Self::new("")
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Word {}

impl PartialOrd for Word {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Word {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl PartialEq<Word> for str {
    fn eq(&self, other: &Word) -> bool {
        *other == *self
    }
}

impl PartialEq<Word> for &str {
    fn eq(&self, other: &Word) -> bool {
        *other == **self
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Word> for Value {
    fn from(word: Word) -> Self {
        Self::from(&*word.0)
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0.to_string()
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&*self.0, f)
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

impl JsonSchema for Word {
    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_words_are_one_and_ordered_as_their_texts() {
        let (one, other) = (Word::new("apps"), Word::from("apps".to_owned()));
        assert!(Arc::ptr_eq(&one.0, &other.0));
        assert_eq!(one, other);
        let mut words: Vec<Word> = ["b", "", "ab", "a", "b"].map(Word::new).into();
        words.sort();
        assert_eq!(words, ["", "a", "ab", "b", "b"]);
        assert_eq!(one.cmp(&other), Ordering::Equal);
    }

    #[test]
    fn a_word_is_written_and_read_as_its_text() {
        let text = serde_json::to_string(&Word::new("a\"b")).unwrap();
        assert_eq!(text, r#""a\"b""#);
        assert_eq!(serde_json::from_str::<Word>(&text).unwrap(), "a\"b");
        assert_eq!(serde_json::from_value::<Word>("x".into()).unwrap(), "x");
        assert_eq!(Value::from(Word::new("x")), "x");
    }
}
