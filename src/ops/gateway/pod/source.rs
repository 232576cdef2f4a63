//! Where a pod's values come from: Secrets and `ConfigMap`s of the stack.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::KeyToPath;
use serde_json::Value;

use crate::object::{Manifest, ObjectRef, SecretValue};
use crate::ops::Values;

use super::Lack;

const NOT_THERE: &str = "the description does not hold it";

type Keys = BTreeMap<String, SecretValue>;

/// The Secrets and `ConfigMap`s of one namespace. Those of others are not read: their values may not be at hand.
pub(super) struct Sources<'a> {
    own: Vec<&'a Manifest>,
    values: Values,
    namespace: &'a str,
}

impl<'a> Sources<'a> {
    pub(super) async fn read(manifests: &'a [Manifest], namespace: &'a str) -> Self {
        let here = manifests.iter().filter(|manifest| manifest.reference.namespace.as_deref() == Some(namespace));
        let own: Vec<_> = here.collect();
        let values = Values::read(&own.iter().copied().cloned().collect::<Vec<_>>()).await;
        Self { own, values, namespace }
    }

    pub(super) fn secret_key(&self, name: &str, key: &str) -> Result<SecretValue, Lack> {
        let object = self.object("Secret", name);
        self.values.of_secret(&object).remove(key).ok_or_else(|| self.lack(&object, Some(key)))
    }

    /// All keys of a Secret; one whose value is not to be had is a lack.
    pub(super) fn secret(&self, name: &str) -> Result<Keys, Lack> {
        let object = self.object("Secret", name);
        let found = self.values.of_secret(&object);
        match self.values.missing_in(&object) {
            None if !found.is_empty() => Ok(found),
            Some(missing) => Err(self.lack(&object, Some(&missing.key))),
            None => Err(self.lack(&object, None)),
        }
    }

    pub(super) fn config_map_key(&self, name: &str, key: &str) -> Result<SecretValue, Lack> {
        let found = self.config_map(name).ok().and_then(|mut all| all.remove(key));
        found.ok_or_else(|| self.lack(&self.object("ConfigMap", name), Some(key)))
    }

    pub(super) fn config_map(&self, name: &str) -> Result<Keys, Lack> {
        let object = self.object("ConfigMap", name);
        let Some(manifest) = self.own.iter().find(|manifest| manifest.reference == object) else {
            return Err(self.lack(&object, None));
        };
        let data = manifest.object.get("data").and_then(Value::as_object);
        let text = |(key, value): (&String, &Value)| Some((key.clone(), SecretValue::new(value.as_str()?.into())));
        Ok(data.into_iter().flatten().filter_map(text).collect())
    }

    fn object(&self, kind: &str, name: &str) -> ObjectRef {
        ObjectRef::namespaced("", kind, self.namespace, name)
    }

    fn lack(&self, object: &ObjectRef, key: Option<&str>) -> Lack {
        let missing = self.values.missing_in(object).filter(|missing| key.is_none_or(|key| key == missing.key));
        let because = missing.map_or_else(|| NOT_THERE.to_owned(), |missing| missing.because.clone());
        let kind = if object.is("", "Secret") { "Secret" } else { "ConfigMap" };
        let key = key.map(str::to_owned);
        Lack { variable: None, kind, name: object.name.to_string(), key, because, has_source: missing.is_some() }
    }
}

/// Where the files of a directory come from.
pub(super) struct Origin<'a> {
    /// `Secret`, or else `ConfigMap`.
    pub is_secret: bool,
    pub name: &'a str,
    /// Its keys and the paths that they get; none: all keys, under their own names.
    pub items: Option<&'a [KeyToPath]>,
    pub optional: bool,
}

impl Sources<'_> {
    /// The files of a directory.
    pub(super) fn files(&self, origin: &Origin<'_>) -> Result<Keys, Lack> {
        let Some(items) = origin.items else {
            let all = if origin.is_secret { self.secret(origin.name) } else { self.config_map(origin.name) };
            return if origin.optional { Ok(all.unwrap_or_default()) } else { all };
        };
        let read = if origin.is_secret { Self::secret_key } else { Self::config_map_key };
        let value = |item: &KeyToPath| read(self, origin.name, &item.key);
        let named = items.iter().map(|item| Ok((item.path.clone(), value(item)?)));
        named.filter(|found| found.is_ok() || !origin.optional).collect()
    }
}
