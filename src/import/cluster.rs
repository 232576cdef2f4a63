//! A language cluster that stands, with its members, as a description. Says what somebody wrote: fields that the server
//! filled in are its own. Values of Secrets are not at hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::adopt::{TABLE, adoptions};
use super::description::{Description, escaped_value};
use super::owned_part::described;
use crate::object::credential::credentials_within;
use crate::object::{Address, Meta, ObjectRef, labels};

/// Kinds of members and the tables of a description that hold them.
pub(crate) const MEMBERS: [(&str, &str); 5] = [
    ("LanguageAgent", "agents"),
    ("LanguageModel", "models"),
    ("LanguagePersona", "personas"),
    ("LanguageTeam", "teams"),
    ("LanguageTool", "tools"),
];

/// Labels that every object of a stack has, beside those in langop's own name.
const USUAL: [&str; 2] = [labels::NAME, labels::COMPONENT];

/// A cluster as it stands.
#[derive(Clone, Debug)]
pub(crate) struct LiveCluster {
    /// Name of the stack that is to have it.
    pub stack: String,
    /// The `LanguageCluster`.
    pub cluster: (Value, Meta),
    /// Its members, with the tables that they go to.
    pub members: Vec<(&'static str, Value, Meta)>,
    /// Secrets of the stack itself, with the names of their keys.
    pub secrets: BTreeMap<String, Vec<String>>,
}

/// A value that no description may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    /// The object.
    pub object: ObjectRef,
    /// Where it is.
    pub path: String,
}

/// A cluster as a description, and what is not in it.
#[derive(Clone, Debug)]
pub(crate) struct ImportedCluster {
    /// The description.
    pub description: Description,
    /// What is not in it, a sentence each.
    pub remarks: Vec<String>,
}

impl LiveCluster {
    /// The description.
    ///
    /// # Errors
    /// Something in it is taken for a credential.
    pub(crate) fn describe(&self) -> Result<ImportedCluster, Credential> {
        let mut imported = ImportedCluster { description: Description::of_stack(&self.stack), remarks: Vec::new() };
        let (cluster, meta) = &self.cluster;
        imported.add("clusters", cluster, meta)?;
        for (table, member, meta) in &self.members {
            imported.add(table, member, meta)?;
        }
        for (name, keys) in &self.secrets {
            imported.secret(name, keys);
        }
        imported.description.add_all(TABLE, adoptions(self.others()));
        Ok(imported)
    }

    /// What is here and nobody's yet: it becomes the stack's. A cluster that somebody made by hand has its namespace from
    /// them too.
    fn others(&self) -> Vec<Address> {
        let is_others = |meta: &Meta| meta.stack() != Some(self.stack.as_str());
        let noun = |table: &'static str| table.strip_suffix('s').unwrap_or(table);
        let members = self.members.iter().filter(|(_, _, meta)| is_others(meta));
        let mut found: Vec<_> =
            members.map(|(table, _, meta)| Address::member(noun(table), &meta.reference.name)).collect();
        let (_, cluster) = &self.cluster;
        if is_others(cluster) {
            let name = &cluster.reference.name;
            found.extend([Address::cluster(name), Address::object(&ObjectRef::of_namespace(name))]);
        }
        found
    }
}

impl ImportedCluster {
    fn add(&mut self, table: &str, object: &Value, meta: &Meta) -> Result<(), Credential> {
        let written = described(object, meta);
        let spec = written.get("spec").cloned().unwrap_or_else(|| json!({}));
        if let Some(path) = credentials_within("", &spec).first() {
            return Err(Credential { object: meta.reference.clone(), path: format!("spec.{path}") });
        }
        for what in ["labels", "annotations"] {
            let names = others(&written, what);
            if !names.is_empty() {
                let names = names.join("`, `");
                self.remarks.push(format!(
                    "the {what} `{names}` of {} are not in it: only a Kubernetes document can say them",
                    meta.reference
                ));
            }
        }
        self.description.add(table, &meta.reference.name, escaped_value(&spec));
        Ok(())
    }

    fn secret(&mut self, name: &str, keys: &[String]) {
        let from: BTreeMap<_, _> = keys.iter().map(|key| (key.clone(), variable(name, key))).collect();
        let variables = from.values().map(String::as_str).collect::<Vec<_>>().join("`, `");
        self.remarks.push(format!(
            "where the values of the secret `{name}` come from is recorded nowhere; in their place: `{variables}`"
        ));
        self.description.add("secrets", name, json!({ "fromEnv": from }));
    }
}

/// Labels or annotations that somebody wrote, and a description cannot say.
fn others(object: &Value, what: &str) -> Vec<String> {
    let all = object.pointer(&format!("/metadata/{what}")).and_then(Value::as_object).into_iter().flatten();
    let own =
        |name: &str, value: &Value| labels::is_own(name, value.as_str().unwrap_or_default()) || USUAL.contains(&name);
    all.filter(|(name, value)| !own(name, value)).map(|(name, _)| name.clone()).collect()
}

/// The name of a variable for the value of a key: `ANTHROPIC_API_KEY`.
fn variable(secret: &str, key: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = format!("{secret}_{key}").chars().map(legal).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(kind: &str, name: &str, spec: &Value, labels: &Value) -> (Value, Meta) {
        let object = json!({"apiVersion": "langop.io/v1alpha1", "kind": kind,
            "metadata": {"name": name, "uid": "u", "labels": labels}, "spec": spec, "status": {"phase": "Ready"}});
        let meta = Meta::from_object("langop.io", kind, &object).unwrap();
        (object, meta)
    }

    /// A cluster of the stack `s`, with a model that has these labels.
    fn cluster(model: &Value, labels: &Value) -> LiveCluster {
        let (object, meta) = live("LanguageModel", "claude", model, labels);
        let own = json!({"app.kubernetes.io/managed-by": "langop", "langop.io/stack": "s"});
        LiveCluster {
            stack: "s".to_owned(),
            cluster: live("LanguageCluster", "prod", &json!({"domain": "a.example.com"}), &own),
            members: vec![("models", object, meta)],
            secrets: [("anthropic".to_owned(), vec!["api-key".to_owned()])].into(),
        }
    }

    #[test]
    fn what_stands_is_described_without_a_value() {
        let model = json!({"provider": "anthropic", "modelName": "claude", "params": {"stop": "${x}"}});
        let own = json!({"app.kubernetes.io/managed-by": "langop", "langop.io/stack": "s", "app.kubernetes.io/name": "claude"});
        let imported = cluster(&model, &own).describe().unwrap();
        let expected = "stack = \"s\"\n\n[clusters.prod]\ndomain = \"a.example.com\"\n\n[models.claude]\n\
                        modelName = \"claude\"\nparams = { stop = \"$${x}\" }\nprovider = \"anthropic\"\n\n\
                        [secrets.anthropic]\nfromEnv = { api-key = \"ANTHROPIC_API_KEY\" }\n";
        assert_eq!(imported.description.toml(), expected);
        assert_eq!(imported.remarks.len(), 1, "{:?}", imported.remarks);
    }

    #[test]
    fn what_is_nobodys_yet_becomes_the_stacks() {
        let model = json!({"provider": "anthropic", "modelName": "claude"});
        let of_stack = cluster(&model, &json!({})).describe().unwrap().description.toml();
        assert!(of_stack.ends_with("[[adopt]]\naddress = \"model.claude\"\n"), "{of_stack}");
        assert!(!of_stack.contains("cluster.prod"), "{of_stack}");
        let mut by_hand = cluster(&model, &json!({}));
        by_hand.cluster = live("LanguageCluster", "prod", &json!({}), &json!({}));
        let by_hand = by_hand.describe().unwrap().description.toml();
        let adopted: Vec<_> = by_hand.lines().filter(|line| line.starts_with("address")).collect();
        let expected = ["Namespace/prod", "cluster.prod", "model.claude"].map(|one| format!("address = \"{one}\""));
        assert_eq!(adopted, expected, "{by_hand}");
    }

    #[test]
    fn what_a_description_cannot_say_is_named_and_a_credential_stops_it() {
        let model = json!({"provider": "anthropic", "modelName": "claude"});
        let imported = cluster(&model, &json!({"team": "a"})).describe().unwrap();
        assert!(imported.remarks[0].contains("`team` of LanguageModel/claude"), "{:?}", imported.remarks);
        let secret =
            json!({"provider": "openai", "modelName": "m", "params": {"api_key": "sk-proj-4f9aZ81kQmXw7LtR2vBn6Ypd"}});
        let refused = cluster(&secret, &json!({})).describe().unwrap_err();
        assert_eq!(refused.path, "spec.params.api_key");
    }
}
