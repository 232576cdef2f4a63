//! Reads and dry-runs one object that is not known to be unchanged: what is there, and what an apply would make of it.

use std::sync::Arc;

use serde_json::Value;

use super::claimed;
use super::definition::{Definition, DefinitionSource};
use crate::cluster::{Body, Cause, ClusterError, DryRun, FieldConflict, Ownership, Reader, Replacement, Resource};
use crate::object::takeover::without_own_left_out;
use crate::object::{FieldRefusal, GroupKind, Manifest, Meta, digest, masked, overlay, place};
use crate::plan::{Claim, Confidence, Observed, Preview, Proof};

/// The namespace in which objects of namespaces that do not exist yet are tried.
const SHADOW: &str = "default";

/// What is known of an object's existence before it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existence {
    /// It is there, with the stack's label.
    Listed,
    /// It may or may not be there.
    Unknown,
    /// It is not there: its namespace is made by this plan.
    NamespacePending,
}

/// The dry-run of one object.
#[derive(Clone)]
pub(super) struct ObjectDryRun<'a> {
    pub(super) reader: &'a Reader,
    pub(super) manifest: &'a Manifest,
    pub(super) body: Body,
    pub(super) existence: Existence,
    /// The live object, when it was read already.
    pub(super) live: Option<Value>,
    /// Whether fields are taken from other managers.
    pub(super) ownership: Ownership,
    /// What this plan says of its kind, and whether that counts.
    pub(super) definition: Option<Definition<'a>>,
    pub(super) defined_by: DefinitionSource,
    /// Whether it refers to something that this plan makes first: admission may miss that now.
    pub(super) awaits_others: bool,
    /// Why the body lacks secret values, if it does.
    pub(super) without_values: Option<String>,
}

impl ObjectDryRun<'_> {
    /// Sends at most three requests, and one more for a change that is refused. Every way in which the server can answer is an observation.
    pub(super) async fn observe(&self) -> Observed {
        match self.resource().await {
            Ok(resource) => {
                let observed = self.observe_served(&resource, self.live.clone()).await;
                observed.unwrap_or_else(|error| self.hidden(&error))
            }
            Err(error @ (ClusterError::UnknownKind(_) | ClusterError::UnknownVersion { .. })) => {
                self.clone().by_definition_alone(&error).await
            }
            Err(error) => unreadable(&error),
        }
    }

    /// The resource in the version of the manifest. `UnknownKind` or `UnknownVersion` when the server does not have it,
    /// as far as this identity may find out.
    pub(super) async fn resource(&self) -> Result<Resource, ClusterError> {
        let kind = self.manifest.reference.group_kind();
        let resource = || self.reader.resource(&kind, Some(&self.manifest.api_version));
        match resource() {
            Err(ClusterError::UnknownKind(_)) => {}
            answer => return answer,
        }
        match self.reader.served(&kind).await {
            Ok(_) | Err(ClusterError::Forbidden(_)) => resource(),
            Err(error) => Err(error),
        }
    }

    async fn observe_served(&self, resource: &Resource, live: Option<Value>) -> Result<Observed, ClusterError> {
        if let Some(because) = &self.without_values {
            // What exists is taken to be right, and said to be unverified.
            let confidence = Confidence::Unverified(because.clone());
            return self.without_dry_run(resource, live, |live| self.guess(live, confidence.clone())).await;
        }
        if let (DefinitionSource::Plan, Some(definition)) = (self.defined_by, self.definition) {
            return self.by_new_definition(definition, resource, live).await;
        }
        match self.existence {
            Existence::NamespacePending => Ok(Observed::Absent(self.in_shadow(resource).await)),
            Existence::Listed => self.live(resource, live).await,
            Existence::Unknown => match self.reader.dry_run(resource, &self.body, Ownership::Respect).await {
                Ok(DryRun { created: true, object }) => Ok(Observed::Absent(becomes(object))),
                // It exists, or the server refuses: which of the two, only a read tells.
                _ => self.live(resource, None).await,
            },
        }
    }

    async fn live(&self, resource: &Resource, live: Option<Value>) -> Result<Observed, ClusterError> {
        let object = &self.manifest.reference;
        let compared = match live {
            Some(live) => Some((live, self.reader.dry_run(resource, &self.body, Ownership::Respect).await)),
            None => self.reader.compare(resource, object, &self.body, Ownership::Respect).await?,
        };
        let Some((live, next)) = compared else {
            let next = self.reader.dry_run(resource, &self.body, Ownership::Respect).await;
            return Ok(Observed::Absent(self.preview(resource, &Value::Null, None, next).await?));
        };
        let meta = self.meta(&live)?;
        let next = self.preview(resource, &live, Some(&meta), next).await?;
        Ok(Observed::Live { meta: Arc::new(meta), live, next })
    }

    async fn preview(
        &self,
        resource: &Resource,
        live: &Value,
        meta: Option<&Meta>,
        next: Result<DryRun, ClusterError>,
    ) -> Result<Preview, ClusterError> {
        match next {
            Ok(DryRun { object, .. }) => Ok(becomes(object)),
            Err(ClusterError::FieldConflict(conflicts)) => self.conflict(resource, live, meta, conflicts).await,
            Err(error) => self.refusal(resource, live, meta, error).await,
        }
    }

    /// What a dry-run that is refused, for another reason than fields of others, leaves to be known.
    async fn refusal(
        &self,
        resource: &Resource,
        live: &Value,
        meta: Option<&Meta>,
        error: ClusterError,
    ) -> Result<Preview, ClusterError> {
        match error {
            ClusterError::Invalid { message, causes } if meta.is_some() => {
                self.refused_change(resource, live, message, &causes).await
            }
            ClusterError::Invalid { message, .. } => Ok(invalid(message)),
            ClusterError::Quota { message, uncounted: true } | ClusterError::DryRunUnsupported(message) => {
                Ok(self.guess_of(live, meta, Confidence::Unverified(message)))
            }
            ClusterError::Quota { message, uncounted: false } => {
                let object = overlay(live, &masked(&self.body.object, self.manifest));
                Ok(Preview::NoRoom { object, message })
            }
            ClusterError::Denied(message) | ClusterError::NotFound(message) if self.awaits_others => {
                Ok(self.guess_of(live, meta, Confidence::Unverified(message)))
            }
            ClusterError::NamespaceTerminating(_) => Ok(Preview::NamespaceTerminating),
            error @ ClusterError::Forbidden(_) => {
                if self.reader.may_apply(resource, &self.manifest.reference).await? {
                    return Ok(refused(&error));
                }
                Ok(self.guess_of(live, meta, self.without_permission(live)))
            }
            error @ (ClusterError::Unreachable { .. } | ClusterError::Unauthorized(_) | ClusterError::Config(_)) => {
                Err(error)
            }
            error => Ok(refused(&error)),
        }
    }

    /// How well it is known what an object would become that this identity may not write: of a Secret that is there, the
    /// values are not.
    fn without_permission(&self, live: &Value) -> Confidence {
        if !live.is_null() && digest::counts_values(self.manifest) {
            return Confidence::Unverified(
                "its values cannot be compared without the permission to write it".to_owned(),
            );
        }
        Confidence::Schema
    }

    pub(super) async fn conflict(
        &self,
        resource: &Resource,
        live: &Value,
        meta: Option<&Meta>,
        conflicts: Vec<FieldConflict>,
    ) -> Result<Preview, ClusterError> {
        let claims: Vec<_> = conflicts.iter().map(|conflict| self.claim(conflict, live, meta)).collect();
        let (claims, open): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| self.takes(claim));
        if !open.is_empty() {
            return Ok(Preview::Conflict(open));
        }
        let forced = if self.manifest.reference.is("", "Secret") {
            // Whether values differ can be told only where both objects are at hand.
            self.reader.compare(resource, &self.manifest.reference, &self.body, Ownership::Force).await?
        } else {
            None
        };
        let next = match forced {
            Some((_, next)) => next,
            None => self.reader.dry_run(resource, &self.body, Ownership::Force).await,
        };
        match next {
            Ok(next) => Ok(Preview::Becomes { object: next.object, confidence: Confidence::Server, takes: claims }),
            Err(error) => Ok(taking(claims, self.refusal(resource, live, meta, error).await?)),
        }
    }

    /// Whether the command or the description takes this field.
    fn takes(&self, claim: &Claim) -> bool {
        self.ownership == Ownership::Force || claim.is_taken_by(&self.manifest.rules)
    }

    fn claim(&self, conflict: &FieldConflict, live: &Value, meta: Option<&Meta>) -> Claim {
        let entries = meta.into_iter().flat_map(|meta| &meta.managed_fields);
        // The newest entry of that manager: the server names only the manager.
        let entry = entries.filter(|entry| entry.manager == conflict.manager).max_by(|a, b| a.time.cmp(&b.time));
        let described = masked(&self.body.object, self.manifest);
        Claim {
            live: claimed::shown(live, &conflict.field),
            described: claimed::shown(&described, &conflict.field),
            field: place::called(&described, &conflict.field),
            manager: conflict.manager.clone(),
            operation: entry.map(|entry| entry.operation.clone()).unwrap_or_default(),
            since: entry.map(|entry| entry.time.clone()).unwrap_or_default(),
        }
    }

    /// The server refuses the change of a live object. Whether a new one in its place would help, it is asked.
    async fn refused_change(
        &self,
        resource: &Resource,
        live: &Value,
        message: String,
        causes: &[Cause],
    ) -> Result<Preview, ClusterError> {
        let fields: Vec<_> = causes.iter().filter(|cause| self.is_of_change(cause)).collect();
        if fields.is_empty() {
            return self.refused_values(resource, live, message, causes).await;
        }
        let proof = match self.reader.replacement(resource, &self.body, live).await? {
            Replacement::Refused(message) => return Ok(invalid(message)),
            // Beside the change, a value is refused.
            Replacement::Unknown(_) if fields.len() < causes.len() => return Ok(invalid(message)),
            Replacement::Unknown(because) => Proof::Unproven(because),
            Replacement::Accepted => Proof::Proven,
        };
        let mut fields: Vec<_> = fields.into_iter().map(|cause| cause.field.clone()).collect();
        fields.dedup();
        Ok(Preview::Immutable { fields, proof })
    }

    /// The server refuses values, perhaps those that only the live object has: an item of a list that the description
    /// leaves out, without what the new items ask for.
    async fn refused_values(
        &self,
        resource: &Resource,
        live: &Value,
        message: String,
        causes: &[Cause],
    ) -> Result<Preview, ClusterError> {
        if self.reader.replacement(resource, &self.body, live).await? != Replacement::Accepted {
            return Ok(invalid(message));
        }
        let mut fields: Vec<_> = causes.iter().map(|cause| cause.field.clone()).collect();
        fields.dedup();
        Ok(Preview::Clash { message, fields })
    }

    /// An object that cannot be looked at. A CRD that may not be read is one that somebody else sees to, where its kind
    /// is served.
    pub(super) fn hidden(&self, error: &ClusterError) -> Observed {
        let served = || self.reader.resource(&GroupKind::defined_by(&self.manifest.object), None).is_ok();
        match unreadable(error) {
            Observed::Hidden { message, hint, .. } if self.manifest.reference.is_crd() && !served() => {
                Observed::Unreadable { message, hint }
            }
            Observed::Hidden { message, hint, .. } => {
                Observed::Hidden { comparable: self.without_values.is_none(), message, hint }
            }
            other => other,
        }
    }

    fn is_of_change(&self, cause: &Cause) -> bool {
        let refusal = FieldRefusal { reason: &cause.reason, field: &cause.field, message: &cause.message };
        refusal.is_of_change(&self.manifest.reference)
    }

    /// The namespace is made by this plan: the same object, tried in another namespace.
    async fn in_shadow(&self, resource: &Resource) -> Preview {
        let body = self.body.clone().in_namespace(SHADOW);
        match self.reader.dry_run(resource, &body, Ownership::Respect).await {
            Ok(DryRun { created: true, .. }) => self.guess(&Value::Null, Confidence::Shadow),
            // A 500 that would pass is no rejection: this one says that the object does not fit into the schema of its kind.
            Err(ClusterError::Invalid { message, .. } | ClusterError::Rejected { code: 400 | 500, message }) => {
                Preview::Refused { message, hint: Some("correct the description".to_owned()) }
            }
            // Something of that name, or a rule of that namespace, is in the way: it says nothing about ours.
            Ok(_) => {
                self.unverified(format!("its namespace is made by this plan, and `{SHADOW}` has one of that name"))
            }
            Err(ClusterError::Forbidden(_))
                if matches!(self.reader.may_apply(resource, &self.manifest.reference).await, Ok(false)) =>
            {
                self.guess(&Value::Null, Confidence::Schema)
            }
            Err(error) => self.unverified(format!("its namespace is made by this plan, and `{SHADOW}` said: {error}")),
        }
    }

    fn unverified(&self, because: String) -> Preview {
        self.guess(&Value::Null, Confidence::Unverified(because))
    }

    /// What is there; `live` when it was read already.
    pub(super) async fn look(&self, resource: &Resource, live: Option<Value>) -> Result<Option<Value>, ClusterError> {
        match (live, self.existence) {
            (None, Existence::NamespacePending) => Ok(None),
            (None, _) => self.reader.get(resource, &self.manifest.reference).await,
            (found, _) => Ok(found),
        }
    }

    /// The metadata of the live object.
    pub(super) fn meta(&self, live: &Value) -> Result<Meta, ClusterError> {
        let object = &self.manifest.reference;
        Meta::from_object(&object.group, &object.kind, live)
            .ok_or_else(|| ClusterError::Malformed(format!("{object} has no metadata")))
    }

    /// What is there, and what it would become as far as that can be told without a dry-run.
    async fn without_dry_run(
        &self,
        resource: &Resource,
        live: Option<Value>,
        next: impl Fn(&Value) -> Preview,
    ) -> Result<Observed, ClusterError> {
        let Some(live) = self.look(resource, live).await? else { return Ok(Observed::Absent(next(&Value::Null))) };
        let meta = self.meta(&live)?;
        let next = next(&live);
        Ok(Observed::Live { meta: Arc::new(meta), live, next })
    }

    /// A guess at what an apply makes of what is there: fields that langop applied and that the description leaves out go.
    fn guess_of(&self, live: &Value, meta: Option<&Meta>, confidence: Confidence) -> Preview {
        let desired = masked(&self.body.object, self.manifest);
        let entries = meta.map(|meta| meta.managed_fields.as_slice()).unwrap_or_default();
        let object = without_own_left_out(&overlay(live, &desired), &desired, entries);
        Preview::Becomes { object, confidence, takes: Vec::new() }
    }

    fn guess(&self, live: &Value, confidence: Confidence) -> Preview {
        let object = overlay(live, &masked(&self.body.object, self.manifest));
        Preview::Becomes { object, confidence, takes: Vec::new() }
    }
}

fn becomes(object: Value) -> Preview {
    Preview::Becomes { object, confidence: Confidence::Server, takes: Vec::new() }
}

/// The same, with what it takes from others.
fn taking(claims: Vec<Claim>, preview: Preview) -> Preview {
    match preview {
        Preview::Becomes { object, confidence, .. } => Preview::Becomes { object, confidence, takes: claims },
        other => other,
    }
}

fn invalid(message: String) -> Preview {
    let hint = Some("correct the description; the API server would refuse the apply".to_owned());
    Preview::Refused { message, hint }
}

fn refused(error: &ClusterError) -> Preview {
    let (message, hint) = (error.to_string(), error.hint());
    match error {
        ClusterError::Forbidden(_) => Preview::Forbidden { message, hint },
        _ => Preview::Refused { message, hint },
    }
}

pub(super) fn unreadable(error: &ClusterError) -> Observed {
    let (message, hint) = (error.to_string(), error.hint());
    match error {
        ClusterError::Forbidden(_) => Observed::Hidden { comparable: true, message, hint },
        _ => Observed::Unreadable { message, hint },
    }
}
