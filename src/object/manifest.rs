//! One desired object: its content without secret values, where it came from, and what only apply can know.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::address::Address;
use super::amend::Amendment;
use super::field::{owned, text};
use super::labels;
use super::object_ref::{ObjectRef, group_of};
use super::rules::ObjectRules;
use super::secret::{SecretSource, SecretValue};
use super::shared_value::SharedValue;
use super::source::Source;
use super::word::Word;

/// How an object is kept once it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Kept as the description says.
    Managed,
    /// Created once and then left alone, whatever it holds: generated secrets.
    CreateOnce,
    /// Its values are made by apply from those of other Secrets, and made anew when its annotations are others: keys of
    /// agents. No plan knows or compares them.
    Derived,
    /// It was there before the stack and stays when the stack goes: adopted namespaces.
    Kept,
    /// Shared by all stacks: created or upgraded, recorded by each stack that uses it, never deleted with one (CRDs).
    Shared,
}

impl Lifecycle {
    /// Whether the values of such a Secret are langop's own, which nobody compares.
    #[must_use]
    pub const fn generates(self) -> bool {
        matches!(self, Self::CreateOnce | Self::Derived)
    }
}

/// An owner reference whose uid apply fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The owner, an object of the same plan.
    pub object: ObjectRef,
    /// `apiVersion` of the owner.
    pub api_version: String,
    /// Whether it is the managing controller.
    pub controller: bool,
}

/// A value in a manifest that is computed from what the server says about other objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredField {
    /// JSON pointer of the field that receives it.
    pub pointer: String,
    /// How it is computed.
    pub value: DeferredValue,
}

/// How a deferred value is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeferredValue {
    /// Hash of uid and resourceVersion of these Secrets, in this order; a missing one counts as absent.
    VersionHash(Vec<ObjectRef>),
    /// uid of this object.
    Uid(ObjectRef),
    /// The epoch before, and until when its key is good: so long from the run that makes the new one.
    PreviousKey {
        /// That epoch.
        epoch: u64,
        /// Seconds that both keys are good for.
        overlap: i64,
    },
}

impl DeferredValue {
    /// The objects that it is computed from.
    #[must_use]
    pub fn objects(&self) -> &[ObjectRef] {
        match self {
            Self::VersionHash(secrets) => secrets,
            Self::Uid(object) => std::slice::from_ref(object),
            Self::PreviousKey { .. } => &[],
        }
    }
}

/// Why a document is not a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// A field that every object has is missing or not a string.
    #[error("`{0}` is missing or not a string")]
    Missing(&'static str),
    /// Secret data that is not base64.
    #[error("`data.{0}` is not base64")]
    NotBase64(String),
}

/// One desired Kubernetes object.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Who it is.
    pub reference: ObjectRef,
    /// `apiVersion`, with the version the manifest is written in.
    pub api_version: String,
    /// The object, without secret values, owner uids and deferred values.
    pub object: SharedValue,
    /// What the user calls it.
    pub address: Address,
    /// Where it was written, if it was.
    pub source: Option<Source>,
    /// Where parts of it were written, by JSON pointer, where that is known better than by `source`.
    pub places: BTreeMap<String, Source>,
    /// Keys of a Secret and where their values come from. Empty for other kinds.
    pub secret: BTreeMap<String, SecretSource>,
    /// Owner references, uids known after apply.
    pub owners: Vec<Owner>,
    /// Fields known after apply.
    pub deferred: Vec<DeferredField>,
    /// Field managers whose fields become langop's when it is adopted, beside those of tools.
    pub adopts_from: BTreeSet<String>,
    /// Versions of Secrets that may not be read, as the live object has them: they stay.
    pub kept_versions: BTreeMap<ObjectRef, String>,
    /// How it is kept.
    pub lifecycle: Lifecycle,
    /// What else the description says of it.
    pub rules: ObjectRules,
    /// What is sent in the place of what is described, as long as the object is there.
    pub amendments: Vec<Amendment>,
}

impl Manifest {
    /// The manifest of an object. Values of a Secret leave the object at once for [`Manifest::secret`].
    pub fn new(mut object: Value, address: Option<Address>, source: Option<Source>) -> Result<Self, ManifestError> {
        let api_version = owned(&object, "/apiVersion").ok_or(ManifestError::Missing("apiVersion"))?;
        let kind = owned(&object, "/kind").ok_or(ManifestError::Missing("kind"))?;
        let name = owned(&object, "/metadata/name").ok_or(ManifestError::Missing("metadata.name"))?;
        let group = group_of(&api_version).into();
        let namespace = text(&object, "/metadata/namespace").map(Word::from);
        let reference = ObjectRef { group, kind: kind.into(), namespace, name: name.into() };
        let secret = if reference.is("", "Secret") { extract_secret(&mut object)? } else { BTreeMap::new() };
        let address = address.unwrap_or_else(|| Address::object(&reference));
        Ok(Self { source, secret, ..Self::bare(reference, &api_version, object, address) })
    }

    /// A manifest with nothing but its object, which is no Secret with values.
    #[must_use]
    pub fn bare(reference: ObjectRef, api_version: &str, object: impl Into<SharedValue>, address: Address) -> Self {
        Self {
            reference,
            api_version: api_version.to_owned(),
            object: object.into(),
            address,
            source: None,
            places: BTreeMap::new(),
            secret: BTreeMap::new(),
            owners: Vec::new(),
            deferred: Vec::new(),
            adopts_from: BTreeSet::new(),
            kept_versions: BTreeMap::new(),
            lifecycle: Lifecycle::Managed,
            rules: ObjectRules::default(),
            amendments: Vec::new(),
        }
    }

    /// Adds the labels that make the object langop's and this stack's, where it has them not.
    pub fn put_in_stack(&mut self, stack: &str) {
        self.label(labels::MANAGED_BY, labels::MANAGED_BY_LANGOP);
        self.label(labels::STACK, stack);
    }

    /// Moves an object that stands for itself into a namespace, or into none.
    pub fn place_in(&mut self, namespace: Option<&str>) {
        let Some(metadata) = self.object.get_mut("metadata").and_then(Value::as_object_mut) else {
            return;
        };
        match namespace {
            Some(name) => drop(metadata.insert("namespace".to_owned(), Value::String(name.to_owned()))),
            None => drop(metadata.remove("namespace")),
        }
        self.reference.namespace = namespace.map(Word::from);
        self.address = Address::object(&self.reference);
    }

    /// Sets one label.
    pub fn label(&mut self, key: &str, value: &str) {
        self.set("labels", key, value);
    }

    /// Sets one annotation.
    pub fn annotate(&mut self, key: &str, value: &str) {
        self.set("annotations", key, value);
    }

    fn set(&mut self, table: &str, key: &str, value: &str) {
        // To write what is there already would be to copy what others hold too.
        let metadata = self.object.get("metadata");
        if metadata.and_then(|metadata| metadata.get(table)?.get(key)?.as_str()) == Some(value) {
            return;
        }
        let Some(metadata) = self.object.get_mut("metadata").and_then(Value::as_object_mut) else {
            return;
        };
        let table = metadata.entry(table).or_insert_with(|| Value::Object(Map::new()));
        if let Some(table) = table.as_object_mut() {
            table.insert(key.to_owned(), Value::String(value.to_owned()));
        }
    }

    /// An annotation of the manifest.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.object.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }
}

fn extract_secret(object: &mut Value) -> Result<BTreeMap<String, SecretSource>, ManifestError> {
    let mut extracted = BTreeMap::new();
    let Some(fields) = object.as_object_mut() else {
        return Ok(extracted);
    };
    if let Some(Value::Object(data)) = fields.remove("data") {
        for (key, value) in data {
            let decoded = value.as_str().and_then(|text| STANDARD.decode(text).ok());
            let bytes = decoded.ok_or_else(|| ManifestError::NotBase64(key.clone()))?;
            extracted.insert(key, SecretSource::Literal(SecretValue::new(bytes)));
        }
    }
    // `stringData` wins over `data`, as on the API server.
    if let Some(Value::Object(data)) = fields.remove("stringData") {
        for (key, value) in data {
            let text = value.as_str().unwrap_or_default().to_owned();
            extracted.insert(key, SecretSource::Literal(SecretValue::new(text.into_bytes())));
        }
    }
    Ok(extracted)
}
