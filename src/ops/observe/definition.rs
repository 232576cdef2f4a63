//! A kind as a CRD of this plan defines it, beside what the server says of the kind now. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schema::Schema;
use crate::diff::Diff;
use crate::object::field::{flag, items, text};
use crate::object::{GroupKind, Lifecycle, Manifest, ObjectRef, labels};
use crate::plan::{Observed, Preview};

/// The CRD of this plan that defines a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition<'a> {
    crd: &'a Manifest,
}

/// Whose definition of a kind counts when its objects are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DefinitionSource {
    /// The server's.
    Server,
    /// This plan's, which brings another one than the server has.
    Plan,
}

/// Why an object cannot be of the kind, and what to do.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) hint: String,
}

impl<'a> Definition<'a> {
    /// The kinds that the manifests of a plan define.
    pub(super) fn all(manifests: &'a [Manifest]) -> BTreeMap<GroupKind, Self> {
        let crds = manifests.iter().filter(|manifest| manifest.reference.is_crd());
        crds.map(|crd| (GroupKind::defined_by(&crd.object), Self { crd })).collect()
    }

    /// The CRD.
    pub(super) fn crd(self) -> &'a ObjectRef {
        &self.crd.reference
    }

    /// The schema of one version; none when it has none, or is not served.
    pub(super) fn schema(self, api_version: &str) -> Option<Schema<'a>> {
        let version = api_version.rsplit('/').next();
        let version = self.served().find(|served| text(served, "/name") == version)?;
        version.pointer("/schema/openAPIV3Schema").map(Schema)
    }

    /// The version in which objects are kept, and its schema, where nothing but the `apiVersion` is converted: a field
    /// that it does not have is lost.
    pub(super) fn kept_in(self) -> Option<(&'a str, Schema<'a>)> {
        if text(&self.crd.object, "/spec/conversion/strategy") == Some("Webhook") {
            return None;
        }
        let stored = items(&self.crd.object, "/spec/versions").iter();
        let stored = stored.into_iter().find(|version| flag(version, "/storage") == Some(true))?;
        Some((text(stored, "/name")?, Schema(stored.pointer("/schema/openAPIV3Schema")?)))
    }

    fn served(self) -> impl Iterator<Item = &'a Value> {
        items(&self.crd.object, "/spec/versions").iter().filter(|version| flag(version, "/served") == Some(true))
    }

    /// Whose definition counts, once it is known what becomes of the CRD.
    pub(super) fn source(self, observed: Option<&Observed>) -> DefinitionSource {
        let differs = match observed {
            Some(Observed::Absent(_)) => true,
            Some(Observed::Live { live, next: Preview::Becomes { object, .. }, .. }) => {
                !self.is_outdated(live) && differs(live, object)
            }
            _ => false,
        };
        if differs { DefinitionSource::Plan } else { DefinitionSource::Server }
    }

    /// Whether it is one of langop's own that another langop has upgraded further, which stays.
    fn is_outdated(self, live: &Value) -> bool {
        self.crd.lifecycle == Lifecycle::Shared && schema_number(live) > schema_number(&self.crd.object)
    }

    /// The refusal of an object that cannot be of the kind any more once the CRD is applied, also of one that did not
    /// change itself.
    pub(super) fn refusal(self, object: &Manifest, observed: &BTreeMap<ObjectRef, Observed>) -> Option<Observed> {
        let counts = self.source(observed.get(self.crd())) == DefinitionSource::Plan;
        let Fault { message, hint } = self.fault(object).filter(|_| counts)?;
        Some(Observed::Absent(Preview::Refused { message, hint: Some(hint) }))
    }

    /// Why an object cannot be of the kind, whatever its content: its version or its scope.
    pub(super) fn fault(self, object: &Manifest) -> Option<Fault> {
        self.version_fault(object).or_else(|| self.scope_fault(object))
    }

    fn version_fault(self, object: &Manifest) -> Option<Fault> {
        let wanted = object.api_version.rsplit('/').next();
        let served: Vec<_> = self.served().filter_map(|version| text(version, "/name")).collect();
        if served.iter().any(|version| Some(*version) == wanted) {
            return None;
        }
        let group = &object.reference.group;
        let message = format!("{} of this plan does not serve `{}`", self.crd.reference, object.api_version);
        let hint = match served.as_slice() {
            [] => "let it serve a version (`spec.versions[].served`)".to_owned(),
            served => format!(
                "write the object in one of those that it serves: `{group}/{}`",
                served.join(&format!("`, `{group}/"))
            ),
        };
        Some(Fault { message, hint })
    }

    fn scope_fault(self, object: &Manifest) -> Option<Fault> {
        let crd = &self.crd.reference;
        let kind = &object.reference.kind;
        match (text(&self.crd.object, "/spec/scope"), &object.reference.namespace) {
            (Some("Namespaced"), None) => Some(Fault {
                message: format!("`{kind}` lives in a namespace (`spec.scope` of {crd}), and this one names none"),
                hint: "give it `metadata.namespace`".to_owned(),
            }),
            (Some("Cluster"), Some(namespace)) => Some(Fault {
                message: format!(
                    "`{kind}` lives in no namespace (`spec.scope` of {crd}), and this one names `{namespace}`"
                ),
                hint: "take `metadata.namespace` out".to_owned(),
            }),
            _ => None,
        }
    }
}

/// Whether two states of a CRD define the kind otherwise.
fn differs(live: &Value, next: &Value) -> bool {
    let defined = |crd: &Value| crd.get("spec").cloned().unwrap_or_default();
    !Diff::between(&defined(live), &defined(next)).is_empty()
}

/// The number of the schema of one of langop's own CRDs; nought when it has none.
fn schema_number(crd: &Value) -> u64 {
    let annotations = crd.pointer("/metadata/annotations");
    annotations.and_then(|all| all.get(labels::SCHEMA)?.as_str()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::Meta;
    use crate::plan::Confidence;

    fn crd(scope: &str, versions: &Value) -> Manifest {
        let object = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "things.example.com", "uid": "1"}, "spec": {"group": "example.com", "scope": scope,
                "names": {"kind": "Thing", "plural": "things"}, "versions": versions}});
        Manifest::new(object, None, None).unwrap()
    }

    fn version(name: &str, served: bool) -> Value {
        json!({"name": name, "served": served, "schema": {"openAPIV3Schema": {"type": "object", "description": name}}})
    }

    fn thing(api_version: &str, namespace: Option<&str>) -> Manifest {
        let object =
            json!({"apiVersion": api_version, "kind": "Thing", "metadata": {"name": "one", "namespace": namespace}});
        Manifest::new(object, None, None).unwrap()
    }

    fn fault(crd: Manifest, object: &Manifest) -> Option<String> {
        let manifests = [crd];
        let definition = Definition::all(&manifests)[&object.reference.group_kind()];
        definition.fault(object).map(|fault| format!("{} ({})", fault.message, fault.hint))
    }

    #[test]
    fn a_version_must_be_served() {
        let versions = json!([version("v1", true), version("v2", true), version("v1alpha1", false)]);
        let of = |api_version: &str| fault(crd("Namespaced", &versions), &thing(api_version, Some("n")));
        assert_eq!((of("example.com/v1"), of("example.com/v2")), (None, None));
        for unserved in ["example.com/v1alpha1", "example.com/v3"] {
            let said = of(unserved).unwrap();
            assert!(said.contains(&format!("does not serve `{unserved}`")), "{said}");
            assert!(said.contains("`example.com/v1`, `example.com/v2`"), "{said}");
        }
    }

    #[test]
    fn a_scope_is_kept() {
        let of = |scope: &str, namespace| {
            fault(crd(scope, &json!([version("v1", true)])), &thing("example.com/v1", namespace))
        };
        assert!(of("Namespaced", Some("n")).is_none() && of("Cluster", None).is_none());
        assert!(of("Namespaced", None).unwrap().contains("names none"));
        assert!(of("Cluster", Some("n")).unwrap().contains("names `n`"));
    }

    #[test]
    fn the_schema_is_that_of_the_version() {
        let manifests = [crd("Cluster", &json!([version("v1", true), version("v2", true), version("v3", false)]))];
        let definition = Definition::all(&manifests)[&GroupKind::new("example.com", "Thing")];
        let described = |version: &str| {
            definition.schema(&format!("example.com/{version}")).map(|schema| schema.0["description"].clone())
        };
        assert_eq!((described("v1"), described("v2"), described("v3")), (Some(json!("v1")), Some(json!("v2")), None));
    }

    #[test]
    fn the_definition_of_the_plan_counts_where_it_is_another() {
        let old = crd("Cluster", &json!([version("v1", true)])).object;
        let mut labelled = old.clone();
        labelled["metadata"]["labels"] = json!({"a": "b"});
        let new = crd("Cluster", &json!([version("v1", true), version("v2", true)])).object;
        let live = |live: &Value, next: &Value| Observed::Live {
            meta: std::sync::Arc::new(Meta::from_object("", "", live).unwrap()),
            live: live.clone(),
            next: Preview::Becomes { object: next.clone(), confidence: Confidence::Server, takes: Vec::new() },
        };
        let manifests = [crd("Cluster", &json!([version("v1", true)]))];
        let of = |observed: &Observed| {
            Definition::all(&manifests)[&GroupKind::new("example.com", "Thing")].source(Some(observed))
        };
        assert_eq!(of(&live(&old, &new)), DefinitionSource::Plan);
        assert_eq!(of(&live(&old, &old)), DefinitionSource::Server);
        assert_eq!(of(&live(&old, &labelled)), DefinitionSource::Server);
    }
}
