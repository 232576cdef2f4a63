//! The leaves of the published schema: every path at which a description can hold a value.

use serde_json::{Map, Value, json};

/// A step on the way to a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Item,
}

/// A place for a value.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub steps: Vec<Step>,
    /// Whether the schema says nothing of the value: any word may be a secret there.
    pub free: bool,
    /// Whether any key may stand beside it.
    pub open: bool,
}

/// All leaves, in the order of the schema.
pub fn leaves(schema: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(schema, schema, &mut Vec::new(), false, &mut found);
    found
}

fn walk(root: &Value, schema: &Value, steps: &mut Vec<Step>, open: bool, found: &mut Vec<Leaf>) {
    let schema = resolved(root, schema);
    let properties = schema["properties"].as_object();
    for (key, below) in properties.into_iter().flatten() {
        within(Step::Key(key.clone()), steps, |steps| walk(root, below, steps, false, found));
    }
    let others = &schema["additionalProperties"];
    if others.is_object() && others != &json!({}) {
        within(Step::Key("any".to_owned()), steps, |steps| walk(root, others, steps, true, found));
    } else if schema["items"].is_object() {
        within(Step::Item, steps, |steps| walk(root, &schema["items"], steps, false, found));
    } else if properties.is_none() {
        let table = schema["type"] == "object";
        let free = table || ["type", "enum", "oneOf"].iter().all(|key| schema.get(key).is_none());
        if table {
            // Anything may stand in it: at its top, and further down.
            for path in [vec!["note"], vec!["deep", "note"]] {
                let keys = path.into_iter().map(|key| Step::Key(key.to_owned()));
                found.push(Leaf { steps: steps.iter().cloned().chain(keys).collect(), free, open: true });
            }
        } else {
            found.push(Leaf { steps: steps.clone(), free, open });
        }
    }
}

fn within(step: Step, steps: &mut Vec<Step>, walk: impl FnOnce(&mut Vec<Step>)) {
    steps.push(step);
    walk(steps);
    steps.pop();
}

/// What a schema means beside "or nothing" and "or a reference to a variable".
fn resolved<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    loop {
        if let Some(name) = schema["$ref"].as_str() {
            schema = &root["$defs"][name.rsplit('/').next().unwrap()];
        } else if let Some(options) = schema["anyOf"].as_array() {
            let other = |option: &&Value| option["type"] != "null" && option["$ref"] != "#/$defs/reference";
            schema = options.iter().find(other).unwrap();
        } else {
            return schema;
        }
    }
}

/// Puts a value at the place of a leaf; lists grow by an item when the first is taken.
pub fn put(into: &mut Value, steps: &[Step], value: Value) {
    match steps {
        [] => *into = value,
        [Step::Key(key), rest @ ..] => {
            if !into.is_object() {
                *into = Value::Object(Map::new());
            }
            put(&mut into[key.as_str()], rest, value);
        }
        [Step::Item, rest @ ..] => {
            if !into.is_array() {
                *into = json!([null]);
            }
            put(&mut into[0], rest, value);
        }
    }
}

impl Leaf {
    /// The path with another last key; the place itself when it ends in a list.
    pub fn misspelt(&self) -> Vec<Step> {
        let mut steps = self.steps.clone();
        if let Some(Step::Key(key)) = steps.iter_mut().rev().find(|step| **step != Step::Item) {
            key.push_str("xyz");
        }
        while steps.last() == Some(&Step::Item) {
            steps.pop();
        }
        steps
    }
}
