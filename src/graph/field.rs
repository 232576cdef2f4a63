//! A place in an object together with its path, so that every edge can name the field it came from.
//! Knows nothing of kinds.

use serde_json::Value;

use crate::object::field::tokens;

/// A value and the path that leads to it.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    /// What is there.
    pub value: &'a Value,
    /// How to get there: `spec.containers[gateway].envFrom[0]`.
    pub path: String,
}

impl<'a> Field<'a> {
    /// The object itself.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// The field at `keys`, dots between them; none of the keys may contain a dot.
    pub(super) fn at(&self, keys: &str) -> Option<Self> {
        let mut value = self.value;
        for key in keys.split('.') {
            value = value.get(key)?;
        }
        let path = if self.path.is_empty() { keys.to_owned() } else { format!("{}.{keys}", self.path) };
        Some(Self { value, path })
    }

    /// The items of the list at `keys`; none when there is no list. An item that has a name is called by
    /// it, because positions move.
    pub(super) fn each(&self, keys: &str) -> Vec<Self> {
        let Some(list) = self.at(keys) else {
            return Vec::new();
        };
        let items = list.value.as_array().map_or(&[][..], Vec::as_slice);
        let item = |(position, value): (usize, &'a Value)| {
            let path = match value.get("name").and_then(Value::as_str) {
                Some(name) => format!("{}[{name}]", list.path),
                None => format!("{}[{position}]", list.path),
            };
            Self { value, path }
        };
        items.iter().enumerate().map(item).collect()
    }

    /// The text at `keys`.
    pub(super) fn text(&self, keys: &str) -> Option<&'a str> {
        let mut value = self.value;
        for key in keys.split('.') {
            value = value.get(key)?;
        }
        value.as_str()
    }
}

/// `/metadata/annotations/langop.io~1hash` as `metadata.annotations[langop.io/hash]`.
pub(super) fn path_of_pointer(pointer: &str) -> String {
    let mut path = String::new();
    for key in tokens(pointer) {
        let plain = !key.contains(['.', '/']) && key.parse::<usize>().is_err();
        if !plain {
            path.push('[');
            path.push_str(&key);
            path.push(']');
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(&key);
    }
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_name_items_by_name_or_position() {
        let object = json!({"spec": {"containers": [{"name": "a", "envFrom": [{}]}]}});
        let containers = Field::root(&object).each("spec.containers");
        let [container] = containers.as_slice() else { panic!("one container") };
        assert_eq!(container.path, "spec.containers[a]");
        let env = container.each("envFrom");
        assert_eq!(env[0].path, "spec.containers[a].envFrom[0]");
        assert!(Field::root(&object).each("spec.volumes").is_empty());
        assert!(Field::root(&object).at("spec.x.y").is_none());
    }

    #[test]
    fn pointers_become_paths() {
        let pointer = "/spec/template/metadata/annotations/langop.io~1credentials-hash";
        assert_eq!(path_of_pointer(pointer), "spec.template.metadata.annotations[langop.io/credentials-hash]");
        assert_eq!(path_of_pointer("/spec/x/0/y"), "spec.x[0].y");
    }
}
