//! What an apply would make of an object whose kind this plan defines anew: the server cannot be asked, or would hold
//! the object against a definition that is gone when it is applied. The schema at hand says what it can.

use std::sync::Arc;

use serde_json::Value;

use super::definition::{Definition, Fault};
use super::dry_run::{Existence, ObjectDryRun, unreadable};
use crate::cluster::{ClusterError, DryRun, Ownership, Resource};
use crate::object::{ObjectRef, masked, overlay};
use crate::plan::{Confidence, Observed, Preview};

impl ObjectDryRun<'_> {
    /// The server does not have the kind, or not in this version. That is fine when this plan defines it.
    pub(super) async fn by_definition_alone(self, error: &ClusterError) -> Observed {
        let Some(definition) = self.definition else {
            return Observed::Unreadable { message: error.to_string(), hint: self.missing_kind_hint(error) };
        };
        if let Some(fault) = definition.fault(self.manifest) {
            return refused(fault);
        }
        match self.in_another_version(definition).await {
            Ok(Some(observed)) => observed,
            Ok(None) => match self.namespace_fault().await {
                Some(fault) => refused(fault),
                None => Observed::Absent(self.by_schema(definition, &self.sent(), None)),
            },
            Err(error) => unreadable(&error),
        }
    }

    /// The server has the kind, and this plan changes its definition.
    pub(super) async fn by_new_definition(
        &self,
        definition: Definition<'_>,
        resource: &Resource,
        live: Option<Value>,
    ) -> Result<Observed, ClusterError> {
        let Some(live) = self.look(resource, live).await? else {
            return Ok(Observed::Absent(self.by_schema(definition, &self.sent(), None)));
        };
        let meta = self.meta(&live)?;
        // By the old definition it may be refused, which says nothing. What it says of removed fields and of other
        // managers holds by the new one too.
        let next = match self.reader.dry_run(resource, &self.body, Ownership::Respect).await {
            Ok(DryRun { object, .. }) => self.by_schema(definition, &object, Some(&live)),
            Err(ClusterError::FieldConflict(conflicts)) => {
                match self.conflict(resource, &live, Some(&meta), conflicts).await? {
                    Preview::Becomes { object, takes, .. } => {
                        with_takes(self.by_schema(definition, &object, Some(&live)), takes)
                    }
                    other => other,
                }
            }
            Err(_) => self.by_schema(definition, &overlay(&live, &self.sent()), Some(&live)),
        };
        Ok(Observed::Live { meta: Arc::new(meta), live, next })
    }

    /// The object where the server has it in another version than that of the manifest, which only the new definition
    /// serves.
    async fn in_another_version(&self, definition: Definition<'_>) -> Result<Option<Observed>, ClusterError> {
        let object = &self.manifest.reference;
        let Ok(resource) = self.reader.resource(&object.group_kind(), None) else { return Ok(None) };
        if self.existence == Existence::NamespacePending {
            return Ok(None);
        }
        let Some(live) = self.reader.get(&resource, object).await? else { return Ok(None) };
        let meta = self.meta(&live)?;
        let next = self.by_schema(definition, &overlay(&live, &self.sent()), Some(&live));
        Ok(Some(Observed::Live { meta: Arc::new(meta), live, next }))
    }

    /// `next` with what the new definition fills in, if it allows it.
    fn by_schema(&self, definition: Definition<'_>, next: &Value, live: Option<&Value>) -> Preview {
        let Some(schema) = definition.schema(&self.manifest.api_version) else {
            return becomes(next.clone(), Confidence::Schema);
        };
        let next = schema.filled_in(next);
        let violations = schema.violations(&self.body.object, &without_status(&next), live);
        let violations = violations.map(|mut found| {
            if found.is_empty() {
                found.extend(self.lost_fields(definition));
            }
            found
        });
        match violations {
            Ok(violations) if violations.is_empty() => becomes(next, Confidence::Schema),
            Ok(violations) => Preview::Refused {
                message: violations.join("; "),
                hint: Some(format!("correct the description, or the schema of {}", definition.crd())),
            },
            Err(because) => becomes(next, Confidence::Unverified(because)),
        }
    }

    fn lost_fields(&self, definition: Definition<'_>) -> Vec<String> {
        let Some((version, schema)) = definition.kept_in() else { return Vec::new() };
        let lost = schema.unknown_fields(&self.body.object).into_iter();
        lost.map(|field| format!("{field} in `{version}`, the version in which objects are kept")).collect()
    }

    /// The object as it is sent, as far as it may be seen.
    fn sent(&self) -> Value {
        masked(&self.body.object, self.manifest)
    }

    /// No dry-run finds out that there is no such namespace.
    async fn namespace_fault(&self) -> Option<Fault> {
        let name = self.manifest.reference.namespace.as_deref()?;
        if self.existence == Existence::NamespacePending {
            return None;
        }
        match self.reader.find(&ObjectRef::of_namespace(name)).await {
            Ok(None) => Some(Fault {
                message: format!("there is no namespace `{name}`"),
                hint: "make it first, or add it to the description".to_owned(),
            }),
            // Who may not look at namespaces finds out when it is applied.
            Ok(Some(_)) | Err(_) => None,
        }
    }

    fn missing_kind_hint(&self, error: &ClusterError) -> Option<String> {
        if self.manifest.reference.group == "cilium.io" {
            let hint = "egress by `dns` needs Cilium on the target: install Cilium, name the destinations by `cidr`, or \
                        take their addresses of the moment with `networkPolicies.dnsFallback = \"resolve\"`";
            return Some(hint.to_owned());
        }
        error.hint()
    }
}

fn refused(Fault { message, hint }: Fault) -> Observed {
    Observed::Absent(Preview::Refused { message, hint: Some(hint) })
}

fn becomes(object: Value, confidence: Confidence) -> Preview {
    Preview::Becomes { object, confidence, takes: Vec::new() }
}

fn with_takes(preview: Preview, taken: Vec<crate::plan::Claim>) -> Preview {
    match preview {
        Preview::Becomes { object, confidence, .. } => Preview::Becomes { object, confidence, takes: taken },
        other => other,
    }
}

/// An apply writes no status, whatever the new definition makes of the one that is there.
fn without_status(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    object
}
