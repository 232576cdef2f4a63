//! The decision table: one object's desire, life, ownership and dry-run give one action.
//!
//! | desired | live | owned by this stack | dry-run | action |
//! |---|---|---|---|---|
//! | yes | no | any | ok or impossible | Create |
//! | yes | yes | yes | equal | `NoOp` |
//! | yes | yes | yes | differs | Update (`changed` or `drifted`) |
//! | yes | yes | another stack | | error |
//! | yes | yes | nobody | any | error, or Update with `adopt` when asked for |
//! | yes | yes | yes | immutable field | Replace when allowed, else error |
//! | yes | yes | yes | conflict | error that names field and manager |
//! | no | yes | yes, same uid | | Delete |
//! | no | yes | yes, other uid | | Forget, with a warning |
//! | no | no | yes | | Forget |

use serde_json::Value;

use super::inputs::{Desired, Owned, Wishes};
use super::observed::{Claim, Observed, Preview};
use super::{Action, Confidence, Reason, drift};
use crate::diff::Diff;
use crate::object::{Lifecycle, Meta, ObjectRef, labels, overlay};

/// What is decided for one object.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The action.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// What differs.
    pub diff: Diff,
    /// How it is known.
    pub confidence: Confidence,
    /// Fields taken from others.
    pub takes: Vec<Claim>,
}

/// Why no action can be decided: code, message, hint.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The next command or edit.
    pub hint: Option<String>,
}

/// Whose an existing object is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ownership {
    This,
    Other(String),
    Nobody,
}

fn ownership(stack: &str, meta: &Meta, owned: Option<&Owned>) -> Ownership {
    match meta.stack() {
        Some(other) if other != stack => Ownership::Other(other.to_owned()),
        // A label alone proves nothing: controllers copy labels.
        Some(_) if meta.managed_by_langop() => Ownership::This,
        _ if owned.is_some_and(|owned| owned.uid.as_deref() == Some(&meta.uid)) => Ownership::This,
        _ => Ownership::Nobody,
    }
}

/// Decides for an object that is desired.
pub fn desired(
    stack: &str,
    object: &ObjectRef,
    desired: &Desired,
    observed: &Observed,
    owned: Option<&Owned>,
    wishes: &Wishes,
) -> Result<Verdict, Refusal> {
    match observed {
        Observed::Absent(next) => create(next),
        Observed::Unchanged(_) => Ok(Verdict::of(Action::NoOp, Reason::Equal, Confidence::Recorded)),
        // Made once and never read back: the record says that it was made, and that is all there is to know.
        Observed::Hidden { message, .. } if is_made_once(desired, owned) => {
            Ok(Verdict::of(Action::NoOp, Reason::Equal, Confidence::Unverified(message.clone())))
        }
        Observed::Hidden { message, hint } | Observed::Unreadable { message, hint } => {
            Err(Refusal { code: "unreadable", message: message.clone(), hint: hint.clone() })
        }
        // Only what is not desired is observed so; a caller's mistake must not become a write.
        Observed::Undesired(_) | Observed::Gone => Err(Refusal::new("unreadable", "it was not read")),
        Observed::Live { meta, .. } if meta.terminating => {
            let finalizers = meta.finalizers.join("`, `");
            let message = match finalizers.as_str() {
                "" => "it is being deleted".to_owned(),
                names => format!("it is being deleted and waits for the finalizers `{names}`"),
            };
            Err(Refusal::new("terminating", &message).hint("wait until it is gone, then run again"))
        }
        Observed::Live { meta, live, next } => {
            if desired.lifecycle == Lifecycle::Shared {
                return shared(meta, live, next, desired, owned);
            }
            match ownership(stack, meta, owned) {
                Ownership::Other(other) => {
                    let message = format!("it exists and belongs to the stack `{other}`");
                    Err(Refusal::new("owned-by-other-stack", &message)
                        .hint("rename it here, or take it out of the other stack first"))
                }
                Ownership::Nobody if !wishes.adopt.has(&desired.address, object) => {
                    Err(Refusal::new("exists", "it exists already and langop did not make it").hint(&format!(
                        "`--adopt={}` takes it over; the plan shows what would change",
                        crate::object::Address::object(object)
                    )))
                }
                Ownership::Nobody => live_verdict(object, desired, meta, live, next, wishes, Some(Reason::Adopt)),
                Ownership::This if desired.lifecycle == Lifecycle::CreateOnce => {
                    Ok(Verdict::of(Action::NoOp, Reason::Equal, Confidence::Server))
                }
                Ownership::This => {
                    let changed = owned.is_none_or(|owned| owned.digest != desired.digest);
                    let reason = changed.then_some(Reason::Changed);
                    live_verdict(object, desired, meta, live, next, wishes, reason)
                }
            }
        }
    }
}

fn is_made_once(desired: &Desired, owned: Option<&Owned>) -> bool {
    desired.lifecycle == Lifecycle::CreateOnce && owned.is_some_and(|owned| owned.uid.is_some())
}

fn create(next: &Preview) -> Result<Verdict, Refusal> {
    match next {
        Preview::Becomes { object, confidence, .. } => Ok(Verdict {
            diff: Diff::between(&Value::Null, object),
            ..Verdict::of(Action::Create, Reason::Absent, confidence.clone())
        }),
        Preview::NoRoom { object, message } => create(&with_room(object, message)),
        Preview::Refused { message, hint } => {
            Err(Refusal { code: "refused", message: message.clone(), hint: hint.clone() })
        }
        Preview::Conflict(claims) => Err(conflict(claims)),
        Preview::Immutable(fields) => Err(immutable(fields, "it")),
    }
}

/// Whether there is room is decided for all objects together ([`crate::quota`]).
fn with_room(object: &Value, message: &str) -> Preview {
    let confidence = Confidence::Unverified(message.to_owned());
    Preview::Becomes { object: object.clone(), confidence, takes: Vec::new() }
}

/// A CRD: shared by all stacks, upgraded, never downgraded, never taken from another owner.
fn shared(
    meta: &Meta,
    live: &Value,
    next: &Preview,
    desired: &Desired,
    owned: Option<&Owned>,
) -> Result<Verdict, Refusal> {
    if !meta.managed_by_langop() {
        let managers: Vec<_> = meta.other_managers().into_iter().collect();
        let message = format!("another operator installed it (field managers: {})", managers.join(", "));
        return Err(Refusal::new("foreign-crd", &message)
            .hint("two owners of one namespace is a fight: use a cluster without that operator"));
    }
    let newer = |object: &Value| {
        object
            .pointer("/metadata/annotations")
            .and_then(|all| all.get(labels::SCHEMA))
            .and_then(Value::as_str)
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    if newer(live) > newer(&desired.object) {
        return Ok(Verdict::of(Action::NoOp, Reason::Equal, Confidence::Server));
    }
    let changed = owned.is_none_or(|owned| owned.digest != desired.digest);
    settle(meta, live, next, changed.then_some(Reason::Changed))
}

fn live_verdict(
    object: &ObjectRef,
    desired: &Desired,
    meta: &Meta,
    live: &Value,
    next: &Preview,
    wishes: &Wishes,
    reason: Option<Reason>,
) -> Result<Verdict, Refusal> {
    if let Preview::Immutable(fields) = next {
        if desired.replaceable || wishes.replace.has(&desired.address, object) {
            let reason = Reason::Immutable { fields: fields.clone() };
            return Ok(Verdict {
                // What the server defaults comes back by itself.
                diff: Diff::between(live, &overlay(live, &desired.object)),
                ..Verdict::of(
                    Action::Replace,
                    reason,
                    Confidence::Unverified("a replacement cannot be dry-run".to_owned()),
                )
            });
        }
        return Err(immutable(fields, crate::object::Address::object(object).as_str()));
    }
    settle(meta, live, next, reason)
}

/// Equal or not, once it is clear that this object may be written. No reason given means: the description
/// did not move, so the live object did.
fn settle(meta: &Meta, live: &Value, next: &Preview, reason: Option<Reason>) -> Result<Verdict, Refusal> {
    match next {
        Preview::Becomes { object, confidence, takes } => {
            let diff = Diff::between(live, object);
            let adopts = reason == Some(Reason::Adopt);
            // Without a dry-run a field that left the description is not seen to go.
            let unseen = reason == Some(Reason::Changed) && *confidence == Confidence::Schema;
            if diff.is_empty() && takes.is_empty() && !adopts && !unseen {
                return Ok(Verdict::of(Action::NoOp, Reason::Equal, confidence.clone()));
            }
            let reason = reason.unwrap_or_else(|| Reason::Drifted { managers: drift::movers(meta, live, object) });
            Ok(Verdict { diff, takes: takes.clone(), ..Verdict::of(Action::Update, reason, confidence.clone()) })
        }
        Preview::NoRoom { object, message } => settle(meta, live, &with_room(object, message), reason),
        Preview::Conflict(claims) => Err(conflict(claims)),
        Preview::Immutable(fields) => Err(immutable(fields, "it")),
        Preview::Refused { message, hint } => {
            Err(Refusal { code: "refused", message: message.clone(), hint: hint.clone() })
        }
    }
}

/// Decides for an object that is owned and no longer desired. The second value is a warning.
pub fn undesired(owned: &Owned, observed: &Observed, wishes: &Wishes) -> Result<(Verdict, Option<String>), Refusal> {
    let gone = if wishes.destroy { Reason::Destroyed } else { Reason::Removed };
    let forget = |reason| Verdict::of(Action::Forget, reason, Confidence::Server);
    match observed {
        Observed::Absent(_) | Observed::Gone => Ok((forget(Reason::Gone), None)),
        Observed::Hidden { message, hint } | Observed::Unreadable { message, hint } => {
            Err(Refusal { code: "unreadable", message: message.clone(), hint: hint.clone() })
        }
        Observed::Unchanged(meta) | Observed::Undesired(meta) | Observed::Live { meta, .. } => {
            if owned.uid.as_deref().is_some_and(|uid| uid != meta.uid) {
                return Ok((
                    forget(Reason::Recreated),
                    Some("someone else made it again; it is left alone".to_owned()),
                ));
            }
            if owned.kept || owned.shared && !wishes.crds {
                return Ok((forget(Reason::Kept), None));
            }
            if !meta.managed_by_langop() {
                let warning = "langop manages no field of it any more; it is left alone".to_owned();
                return Ok((forget(Reason::Kept), Some(warning)));
            }
            if meta.annotations.get(labels::PROTECT).is_some_and(|value| value == "true") {
                let message = format!("it is protected by the annotation `{}`", labels::PROTECT);
                return Err(
                    Refusal::new("protected", &message).hint("remove the annotation from the live object to delete it")
                );
            }
            Ok((Verdict::of(Action::Delete, gone, Confidence::Server), None))
        }
    }
}

fn conflict(claims: &[Claim]) -> Refusal {
    let claim = |claim: &Claim| {
        let since = if claim.since.is_empty() { String::new() } else { format!(" since {}", claim.since) };
        let operation = if claim.operation.is_empty() { String::new() } else { format!(", {}", claim.operation) };
        format!("`{}` ({}{operation}{since})", claim.field.trim_start_matches('.'), claim.manager)
    };
    let claims: Vec<_> = claims.iter().map(claim).collect();
    Refusal::new("conflict", &format!("other field managers own {}", claims.join(", ")))
        .hint("`--force-conflicts` takes these fields; or leave them out of the description")
}

fn immutable(fields: &[String], address: &str) -> Refusal {
    Refusal::new("immutable", &format!("`{}` cannot change in place", fields.join("`, `")))
        .hint(&format!("`--replace={address}` deletes the object and makes it again"))
}

impl Verdict {
    fn of(action: Action, reason: Reason, confidence: Confidence) -> Self {
        Self { action, reason, diff: Diff::default(), confidence, takes: Vec::new() }
    }
}

impl Refusal {
    fn new(code: &'static str, message: &str) -> Self {
        Self { code, message: message.to_owned(), hint: None }
    }

    fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }
}
