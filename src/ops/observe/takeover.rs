//! What becomes of an object whose other managers are tools that langop takes over from: what they wrote and the
//! description leaves out goes. The server cannot try that in one step, so it is computed on top of the dry-run of the
//! apply, and the result is tried as a replacement, which fills in again what the server would fill in.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cluster::{ClusterError, Ownership, Reader};
use crate::object::takeover::{is_taken_from, without_left_out};
use crate::object::{Manifest, Meta, masked, united};
use crate::plan::{Claim, Confidence, Observed, Preview};

/// Whose fields are taken over from tools.
#[derive(Clone, Copy)]
pub(super) struct Takeover<'a> {
    pub(super) reader: &'a Reader,
    pub(super) manifest: &'a Manifest,
    /// The command asks to adopt the object, and it is not the stack's yet.
    pub(super) adopts: bool,
    /// Whether fields of anybody are taken.
    pub(super) ownership: Ownership,
}

impl Takeover<'_> {
    /// Managers that are taken over beside tools, when the object is adopted.
    pub(super) fn named(&self) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        if self.adopts { &self.manifest.adopts_from } else { &NONE }
    }

    fn takes_from(&self, manager: &str) -> bool {
        is_taken_from(manager, self.named())
    }

    /// How the apply is to be tried before: tools are in nobody's way when they are taken over.
    pub(super) fn ownership(self) -> Ownership {
        if self.adopts { Ownership::Force } else { self.ownership }
    }

    /// The same observation after the takeover. At most one dry-run.
    pub(super) async fn applied_to(self, observed: Observed, desired: &Value) -> Observed {
        let (meta, live, object, confidence, takes) = match observed {
            Observed::Live { meta, live, next: Preview::Becomes { object, confidence, takes } } => {
                (meta, live, object, confidence, takes)
            }
            Observed::Live { meta, live, next } if self.adopts && is_refused(&next) => {
                let next = self.in_one_step(&live, &meta, desired).await.unwrap_or(next);
                return Observed::Live { meta, live, next };
            }
            observed => return observed,
        };
        let forced = self.ownership == Ownership::Force;
        let rules = &self.manifest.rules;
        let is_open = |claim: &&Claim| !self.takes_from(&claim.manager) && !claim.is_taken_by(rules);
        let others: Vec<Claim> = takes.iter().filter(is_open).cloned().collect();
        let next = if self.adopts && !forced && !others.is_empty() {
            Preview::Conflict(others)
        } else if self.adopts || forced && !takes.is_empty() {
            let (object, confidence) = self.without_left_out(object, &meta, desired, confidence).await;
            Preview::Becomes { object, confidence, takes }
        } else {
            Preview::Becomes { object, confidence, takes }
        };
        Observed::Live { meta, live, next }
    }

    /// What the apply makes of the object, where what tools wrote stands in the way of what is new: a port without a
    /// name, which goes, beside those that are described. None where the server refuses that too.
    async fn in_one_step(self, live: &Value, meta: &Meta, desired: &Value) -> Option<Preview> {
        if self.manifest.reference.is("", "Secret") {
            return None;
        }
        let united = united(live, &masked(desired, self.manifest));
        let left = self.left_of(&united, meta, desired);
        let object = self.tried(&left).await.ok()?;
        Some(Preview::Becomes { object, confidence: Confidence::Server, takes: Vec::new() })
    }

    async fn without_left_out(
        self,
        next: Value,
        meta: &Meta,
        desired: &Value,
        confidence: Confidence,
    ) -> (Value, Confidence) {
        let left = self.left_of(&next, meta, desired);
        if left == next || self.manifest.reference.is("", "Secret") {
            return (left, confidence);
        }
        match self.tried(&left).await {
            Ok(object) => (object, confidence),
            Err(error) => (left, Confidence::Unverified(format!("what goes with the adoption was not tried: {error}"))),
        }
    }

    fn left_of(self, next: &Value, meta: &Meta, desired: &Value) -> Value {
        let mut left = without_left_out(next, &masked(desired, self.manifest), &meta.managed_fields, self.named());
        for kept in ["apiVersion", "kind", "type"] {
            // What every object of its kind has, described or not.
            if let (Some(value), Some(fields)) = (next.get(kept), left.as_object_mut()) {
                fields.entry(kept).or_insert_with(|| value.clone());
            }
        }
        left
    }

    async fn tried(self, left: &Value) -> Result<Value, ClusterError> {
        let kind = self.manifest.reference.group_kind();
        let resource = self.reader.resource(&kind, Some(&self.manifest.api_version))?;
        self.reader.dry_run_replace(&resource, left).await
    }
}

fn is_refused(next: &Preview) -> bool {
    matches!(
        next,
        Preview::Refused { .. } | Preview::Forbidden { .. } | Preview::Clash { .. } | Preview::Immutable { .. }
    )
}
