//! What is collected while a configuration is read: remarks, and where values come from that no file may hold.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::label::label;
use super::remark::Remark;
use crate::stack::diagnostic::{Files, Span};

/// The Secret of what the gateway's own configuration refers to.
const ENVIRONMENT: &str = "gateway-environment";

/// Ends of the names of variables that say no more than that it is a key.
const ENDS: [&str; 4] = ["_API_KEY", "_APIKEY", "_KEY", "_TOKEN"];

/// Where the value of one key of a Secret comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// The environment variable of this name.
    Variable(String),
    /// This file.
    File(String),
}

/// The keys of one Secret.
pub(super) type Keys = BTreeMap<String, Origin>;

/// All that is collected.
pub(super) struct Collected<'a> {
    files: &'a Files,
    remarks: Vec<(Span, Remark)>,
    secrets: BTreeMap<String, Keys>,
    variables: BTreeMap<String, String>,
    /// Variables of the gateway from a Secret, and plain ones with their values.
    referred: BTreeSet<String>,
    plain: BTreeMap<String, String>,
}

impl<'a> Collected<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self {
            files,
            remarks: Vec::new(),
            secrets: BTreeMap::new(),
            variables: BTreeMap::new(),
            referred: BTreeSet::new(),
            plain: BTreeMap::new(),
        }
    }

    /// Notes what became of a part of the configuration.
    pub(super) fn remark(&mut self, span: Span, path: &str, message: impl Into<String>) {
        let source = self.files.source(span);
        self.remarks.push((span, Remark { source, path: path.to_owned(), message: message.into() }));
    }

    /// The name of the Secret with exactly these keys; `wanted` of a new one.
    pub(super) fn secret(&mut self, wanted: &str, keys: Keys) -> String {
        if let Some((name, _)) = self.secrets.iter().find(|(_, known)| **known == keys) {
            return name.clone();
        }
        let variable = match keys.values().collect::<Vec<_>>().as_slice() {
            [Origin::Variable(name)] => Some(name.clone()),
            _ => None,
        };
        let short = variable.as_deref().map(|name| ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name));
        let mut candidates = vec![short.unwrap_or(wanted).to_owned()];
        candidates.extend(variable);
        candidates.extend((2..).map_while(|count| (count < 1000).then(|| format!("{wanted}-{count}"))));
        let free = |name: &String| !self.secrets.contains_key(name) && name != ENVIRONMENT;
        let name = candidates.iter().map(|name| label(name)).find(free).unwrap_or_else(|| label(wanted));
        self.secrets.insert(name.clone(), keys);
        name
    }

    /// What stands for the value of an environment variable that is no secret.
    pub(super) fn variable(&mut self, environment: &str) -> String {
        let name = environment.to_ascii_lowercase();
        self.variables.insert(name.clone(), environment.to_owned());
        format!("${{var.{name}}}")
    }

    /// Gives the gateway a variable from a Secret; what refers to it in the configuration of `LiteLLM`.
    pub(super) fn in_environment(&mut self, variable: &str) -> String {
        self.referred.insert(variable.to_owned());
        format!("os.environ/{variable}")
    }

    /// Gives the gateway a variable that is no secret.
    pub(super) fn set_variable(&mut self, name: &str, value: String) {
        self.plain.insert(name.to_owned(), value);
    }

    /// The variables of the gateway, as a container has them.
    pub(super) fn environment(&self) -> Vec<Value> {
        let reference = |name: &String| {
            (
                name.clone(),
                json!({ "name": name, "valueFrom": { "secretKeyRef": { "name": ENVIRONMENT, "key": name } } }),
            )
        };
        let plain = self.plain.iter().map(|(name, value)| (name.clone(), json!({ "name": name, "value": value })));
        let all: BTreeMap<_, _> = plain.chain(self.referred.iter().map(reference)).collect();
        all.into_values().collect()
    }

    /// The Secrets of the description by name.
    pub(super) fn secrets(&self) -> BTreeMap<String, Value> {
        let environment: Keys =
            self.referred.iter().map(|name| (name.clone(), Origin::Variable(name.clone()))).collect();
        let environment = (!environment.is_empty()).then(|| (ENVIRONMENT.to_owned(), environment));
        let all = self.secrets.clone().into_iter().chain(environment);
        all.map(|(name, keys)| (name, described(&keys))).collect()
    }

    /// The variables of the description, each with that of the environment.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        self.variables.clone().into_iter().collect()
    }

    pub(super) fn into_remarks(mut self) -> Vec<Remark> {
        self.remarks.sort_by(|(one, a), (other, b)| (one, &a.path).cmp(&(other, &b.path)));
        self.remarks.into_iter().map(|(_, remark)| remark).collect()
    }
}

fn described(keys: &Keys) -> Value {
    let mut secret = json!({});
    for (key, origin) in keys {
        let (source, text) = match origin {
            Origin::Variable(name) => ("fromEnv", name),
            Origin::File(path) => ("fromFile", path),
        };
        secret[source][key] = json!(text);
    }
    secret
}
