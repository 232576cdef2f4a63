//! Values of Secrets that stand in files of manifests: a saved plan says in which file, and apply reads them from there
//! again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::object::field::{items, text};
use crate::object::{Manifest, ObjectRef, SecretSource};
use crate::ops::Missing;
use crate::plan::saved::SavedSource;

/// The Secrets of one file, or why there are none.
type Secrets = Result<Vec<Manifest>, String>;

/// Files of manifests, each read once.
#[derive(Default)]
pub(super) struct ManifestFiles(BTreeMap<String, Secrets>);

impl ManifestFiles {
    /// The sources of a Secret's values; what is not there any more when something is not.
    pub(super) fn sources(
        &mut self,
        object: &ObjectRef,
        saved: &BTreeMap<String, SavedSource>,
    ) -> Result<BTreeMap<String, SecretSource>, Vec<Missing>> {
        let (mut sources, mut missing) = (BTreeMap::new(), Vec::new());
        for (key, source) in saved {
            match self.source(object, key, source) {
                Ok(source) => drop(sources.insert(key.clone(), source)),
                Err(because) => missing.push(Missing { object: object.clone(), key: key.clone(), because }),
            }
        }
        if missing.is_empty() { Ok(sources) } else { Err(missing) }
    }

    fn source(&mut self, object: &ObjectRef, key: &str, source: &SavedSource) -> Result<SecretSource, String> {
        Ok(match source {
            SavedSource::Env { name } => SecretSource::Env(name.clone()),
            SavedSource::File { path } => SecretSource::File(PathBuf::from(path)),
            SavedSource::Command { argv, directory, seconds } => SecretSource::Command {
                argv: argv.clone(),
                directory: PathBuf::from(directory),
                timeout: Duration::try_from_secs_f64(*seconds).map_err(|_| "its command has no time".to_owned())?,
            },
            SavedSource::Manifest { file } => self.literal(object, key, file)?,
            SavedSource::Generate { .. } | SavedSource::AgentKey { .. } => {
                source.generated().ok_or("nothing makes its value")?
            }
        })
    }

    fn literal(&mut self, object: &ObjectRef, key: &str, file: &str) -> Result<SecretSource, String> {
        let secrets = self.0.entry(file.to_owned()).or_insert_with(|| secrets(file));
        let secrets = secrets.as_ref().map_err(Clone::clone)?;
        let secret = secrets.iter().find(|secret| is_of(secret, object));
        let secret = secret.ok_or_else(|| format!("`{file}` does not have it any more"))?;
        secret.secret.get(key).cloned().ok_or_else(|| format!("`{file}` does not have this key any more"))
    }
}

/// A manifest without a namespace may have been given one.
fn is_of(secret: &Manifest, object: &ObjectRef) -> bool {
    let reference = &secret.reference;
    reference.name == object.name && (reference.namespace.is_none() || reference.namespace == object.namespace)
}

/// Words about the content stay away: they could repeat a value.
fn secrets(file: &str) -> Secrets {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read `{file}`: {}", error.kind()))?;
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(&text).map_err(|_| format!("`{file}` is not legible any more"))?;
    let mut secrets = Vec::new();
    for document in &documents {
        collect(document, &mut secrets);
    }
    Ok(secrets)
}

fn collect(document: &Value, secrets: &mut Vec<Manifest>) {
    if text(document, "/kind") == Some("Secret") {
        let mut secret = document.clone();
        unfold(&mut secret);
        secrets.extend(Manifest::new(secret, None, None));
    }
    for item in items(document, "/items") {
        collect(item, secrets);
    }
}

/// As in Go's decoder, line breaks are no part of base64.
fn unfold(secret: &mut Value) {
    let data = secret.get_mut("data").and_then(Value::as_object_mut);
    for value in data.into_iter().flat_map(serde_json::Map::values_mut) {
        if let Value::String(text) = value {
            text.retain(|c| !matches!(c, '\n' | '\r'));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: a, \
                        namespace: n}\n  data: {x: \"YW\\nJj\"}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n\
                        stringData: {y: plain}\n";

    #[test]
    fn a_secret_is_found_again_also_in_a_list_and_without_a_namespace() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secrets.yaml").display().to_string();
        std::fs::write(&file, FILE).unwrap();
        let source = |name: &str, key: &str| {
            let saved = BTreeMap::from([(key.to_owned(), SavedSource::Manifest { file: file.clone() })]);
            ManifestFiles::default().sources(&ObjectRef::namespaced("", "Secret", "n", name), &saved)
        };
        for (name, key, value) in [("a", "x", "abc"), ("b", "y", "plain")] {
            let sources = source(name, key).unwrap();
            let SecretSource::Literal(found) = &sources[key] else { panic!("{sources:?}") };
            assert_eq!(found.expose(), value.as_bytes());
        }
        assert!(source("a", "z").unwrap_err()[0].because.contains("does not have this key"));
        assert!(source("c", "x").unwrap_err()[0].because.contains("does not have it"));
        std::fs::remove_file(&file).unwrap();
        assert!(source("a", "x").unwrap_err()[0].because.contains("cannot read"));
    }
}
