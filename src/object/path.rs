//! Where in an object a field stands, as people and plans write it:
//! `spec.template.spec.containers[gateway].image`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A field of a map.
    Key(String),
    /// The item of a keyed list or a set, by its key.
    Item(String),
    /// The item of a list, by its position from 0.
    Index(usize),
}

/// A path from the root of an object. Prints and reads as `a.b[key].c[2]."key.with.dots"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Path(Vec<Segment>);

/// Why a text is not a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path like `spec.template.spec.containers[gateway].image`")]
pub struct PathError(String);

impl Path {
    /// The object itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// This path with one more step.
    #[must_use]
    pub fn join(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The field `key` of what stands here.
    #[must_use]
    pub fn field(&self, key: &str) -> Self {
        self.join(Segment::Key(key.to_owned()))
    }

    /// The steps from the root.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this is `other` or stands below it.
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) => {
                    f.write_str(if position == 0 { "" } else { "." })?;
                    write_quoted(f, key, plain_key)?;
                }
                Segment::Item(key) => {
                    f.write_str("[")?;
                    write_quoted(f, key, plain_item)?;
                    f.write_str("]")?;
                }
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn plain_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '$'))
}

fn plain_item(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '[' | ']' | '"' | '\\');
    let number = key.chars().all(|c| c.is_ascii_digit());
    !number && key.chars().all(plain)
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str, is_plain: fn(&str) -> bool) -> fmt::Result {
    if is_plain(text) {
        f.write_str(text)
    } else {
        let quoted = serde_json::to_string(text).map_err(|_| fmt::Error)?;
        f.write_str(&quoted)
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut rest = text;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let step = match rest.strip_prefix('[') {
                Some(inside) => item(inside),
                None if segments.is_empty() => field(rest),
                None => rest.strip_prefix('.').and_then(field),
            };
            let (segment, after) = step.ok_or_else(|| PathError(text.to_owned()))?;
            segments.push(segment);
            rest = after;
        }
        Ok(Self(segments))
    }
}

/// The item of a list that `inside` begins with, behind the bracket, and what follows it.
fn item(inside: &str) -> Option<(Segment, &str)> {
    if inside.starts_with('"') {
        let (key, after) = quoted(inside)?;
        return Some((Segment::Item(key), after.strip_prefix(']')?));
    }
    let (key, after) = inside.split_once(']')?;
    let item = || Segment::Item(key.to_owned());
    Some((key.parse().map_or_else(|_| item(), Segment::Index), after))
}

/// The field that `text` begins with, and what follows it.
fn field(text: &str) -> Option<(Segment, &str)> {
    if text.starts_with('"') {
        let (key, after) = quoted(text)?;
        return Some((Segment::Key(key), after));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (key, after) = text.split_at(end);
    plain_key(key).then(|| (Segment::Key(key.to_owned()), after))
}

/// The JSON string at the start of `text` and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let key = strings.next()?.ok()?;
    let end = strings.byte_offset();
    Some((key, text.get(end..)?))
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

impl TryFrom<String> for Path {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_read_like_fields() {
        let containers = Path::root().field("spec").field("containers");
        let image = containers.join(Segment::Item("gateway".into())).field("image");
        assert_eq!(image.to_string(), "spec.containers[gateway].image");
        assert!(image.starts_with(&containers));
        let hash = Path::root().field("metadata").field("langop.io/config-hash");
        assert_eq!(hash.to_string(), r#"metadata."langop.io/config-hash""#);
        let second = containers.join(Segment::Index(1));
        assert_eq!(second.to_string(), "spec.containers[1]");
        let numeric = containers.join(Segment::Item("1".into()));
        assert_eq!(numeric.to_string(), r#"spec.containers["1"]"#);
    }

    #[test]
    fn broken_paths_are_refused() {
        for text in ["a..b", "a.", "a[", "a[\"x]", "a]", ".a", "a b", "a[x]b"] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }

    fn segment() -> impl Strategy<Value = Segment> {
        prop_oneof![
            any::<String>().prop_map(Segment::Key),
            any::<String>().prop_map(Segment::Item),
            any::<usize>().prop_map(Segment::Index),
        ]
    }

    proptest! {
        #[test]
        fn printing_and_reading_agree(segments in prop::collection::vec(segment(), 0..5)) {
            let path = Path(segments);
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }
    }
}
