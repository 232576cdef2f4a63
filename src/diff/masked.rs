//! A diff without credentials: what the rule takes for one reads `(sensitive)`, on both sides.

use serde_json::Value;

use super::difference::Diff;
use super::entry::{Delta, Entry};
use crate::object::credential::{masked, without_credentials};
use crate::object::{Path, Segment};

impl Diff {
    /// The same differences, fit for a file that others read.
    #[must_use]
    pub(crate) fn without_credentials(&self) -> Self {
        Self::of(self.entries().iter().map(of_entry).collect())
    }
}

fn of_entry(entry: &Entry) -> Entry {
    let hidden = |value: &Value| without_credentials(name(&entry.path), value);
    let words = |words: &[String]| words.iter().map(|word| masked(word).into_owned()).collect();
    let delta = match &entry.delta {
        Delta::Added { after } => Delta::Added { after: hidden(after) },
        Delta::Removed { before } => Delta::Removed { before: hidden(before) },
        Delta::Modified { before, after } => Delta::Modified { before: hidden(before), after: hidden(after) },
        Delta::Text { unified } => {
            let lines = unified.split_inclusive('\n').map(|line| masked(line).into_owned());
            Delta::Text { unified: lines.collect() }
        }
        Delta::Reordered { before, after } => Delta::Reordered { before: words(before), after: words(after) },
    };
    Entry { path: entry.path.clone(), delta }
}

/// What the value at a path is called: of an entry of `env` the variable.
fn name(path: &Path) -> &str {
    match path.segments() {
        [.., Segment::Item(name), Segment::Key(key)] if key == "value" => name,
        [.., Segment::Key(name) | Segment::Item(name)] => name,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_credential_of_either_side_is_hidden() {
        let object = |word: &str| {
            json!({"data": {"password": word, "url": format!("postgres://u:{word}@db/x"),
                "text": format!("a\nb\nurl=postgres://u:{word}@db/x\n")},
                "spec": {"env": [{"name": "API_KEY", "value": word}]}})
        };
        let diff = Diff::between(&object("hunter2"), &object("hunter3"));
        let shown = serde_json::to_string(&diff.without_credentials()).unwrap();
        assert!(!shown.contains("hunter"), "{shown}");
        assert_eq!(diff.without_credentials().entries().len(), diff.entries().len());
        let created = Diff::between(&Value::Null, &object("hunter2")).without_credentials();
        assert!(!serde_json::to_string(&created).unwrap().contains("hunter"));
    }
}
