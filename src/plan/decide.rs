//! The decision table of what is desired: one object's life, ownership and dry-run give one action.
//!
//! | desired | live | owned by this stack | dry-run | action |
//! |---|---|---|---|---|
//! | yes | no | any | ok or impossible | Create |
//! | yes | no | yes, and it ran to its end | any | `NoOp` |
//! | yes | yes | yes | equal | `NoOp` |
//! | yes | yes | yes | differs | Update (`changed` or `drifted`) |
//! | yes | yes | another stack | | error |
//! | yes | yes | nobody | any | error, or Update with `adopt` when asked for |
//! | yes | yes | yes | immutable field | Replace when allowed, or a run that is over, and proven, else error |
//! | yes | yes | yes | conflict | error that names field and manager |
//!
//! What is owned and not desired any more is decided in [`super::undesired`].

use serde_json::Value;

use super::inputs::{Desired, Owned, PlanOptions, Selection};
use super::observed::{Claim, Observed, Preview, Proof};
use super::refusal::Refusal;
use super::run::{Run, run};
use super::{Action, Confidence, Reason, conflict, drift, protection};
use crate::diff::Diff;
use crate::object::{Address, Lifecycle, Meta, ObjectRef, labels, overlay};
use crate::readiness::{Standing, goes_when_ended};

/// The code of an error that is a lack of rights.
pub(super) const FORBIDDEN: &str = "forbidden";

/// The code of an error that is a namespace on its way out.
pub(crate) const NAMESPACE_TERMINATING: &str = "namespace-terminating";

/// The code of the error that an object is being deleted.
pub(crate) const TERMINATING: &str = "terminating";

/// What is decided for one object.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
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

/// Whose an existing object is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    This,
    Other(String),
    Nobody,
}

fn owner(stack: &str, meta: &Meta, owned: Option<&Owned>) -> Owner {
    match meta.stack() {
        Some(other) if other != stack => Owner::Other(other.to_owned()),
        // A label alone proves nothing: controllers copy labels.
        Some(_) if meta.managed_by_langop() => Owner::This,
        _ if owned.is_some_and(|owned| owned.uid.as_deref() == Some(&meta.uid)) => Owner::This,
        _ => Owner::Nobody,
    }
}

/// A desired object, and everything but the server's answer that its action depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The stack that is planned.
    pub stack: &'a str,
    /// The object.
    pub object: &'a ObjectRef,
    /// What it should be.
    pub desired: &'a Desired,
    /// What the record says of it, if anything.
    pub owned: Option<&'a Owned>,
    /// What the command asks for.
    pub options: &'a PlanOptions,
}

/// A live object and what an apply would make of it.
#[derive(Clone, Copy)]
struct Live<'a> {
    meta: &'a Meta,
    object: &'a Value,
    next: &'a Preview,
    /// Whether the record has it, and tells whether the description changed since.
    recorded: bool,
}

/// Decides for an object that is desired.
///
/// # Errors
/// Why nothing can be done about it.
pub(super) fn desired(subject: &Subject<'_>, observed: &Observed) -> Result<Verdict, Refusal> {
    let Subject { desired, owned, .. } = *subject;
    match observed {
        Observed::Absent(_) if subject.is_completed() => {
            Ok(Verdict::new(Action::NoOp, Reason::Completed, Confidence::Recorded))
        }
        Observed::Absent(next) => create(subject.object, next),
        Observed::Unchanged(_) => Ok(Verdict::new(Action::NoOp, Reason::Equal, Confidence::Recorded)),
        // The record says that it was made as described, or once, or by whoever installs CRDs: that is all there is to
        // know.
        Observed::Hidden { message, comparable, .. } if is_as_recorded(desired, owned, *comparable) => {
            Ok(Verdict::new(Action::NoOp, Reason::Equal, Confidence::Unverified(message.clone())))
        }
        Observed::Hidden { message, .. } if owned.is_some_and(|owned| owned.uid.is_some()) => {
            Ok(Verdict::new(Action::Update, Reason::Changed, Confidence::Unverified(message.clone())))
        }
        Observed::Hidden { message, hint, .. } => Err(Refusal::with(FORBIDDEN, message, hint.as_deref())),
        Observed::Unreadable { message, hint } => Err(Refusal::with("unreadable", message, hint.as_deref())),
        // Only what is not desired is observed so; a caller's mistake must not become a write.
        Observed::Undesired(_) | Observed::Gone => Err(Refusal::new("unreadable", "it was not read")),
        Observed::Live { meta, .. } if meta.terminating => {
            let finalizers = meta.finalizers.join("`, `");
            let message = match finalizers.as_str() {
                "" => "it is being deleted".to_owned(),
                names => format!("it is being deleted and waits for the finalizers `{names}`"),
            };
            Err(Refusal::new(TERMINATING, &message).hint("wait until it is gone, then run again"))
        }
        Observed::Live { meta, live, next } => {
            let recorded = owned.is_some() && !desired.digest.is_empty();
            subject.decide_live(Live { meta, object: live, next, recorded })
        }
    }
}

impl Subject<'_> {
    fn decide_live(&self, live: Live<'_>) -> Result<Verdict, Refusal> {
        let desired = self.desired;
        if desired.lifecycle == Lifecycle::Shared {
            return self.decide_shared(live);
        }
        match owner(self.stack, live.meta, self.owned) {
            Owner::Other(other) => {
                let message = format!("it exists and belongs to the stack `{other}`");
                Err(Refusal::new("owned-by-other-stack", &message)
                    .hint("rename it here, or take it out of the other stack first"))
            }
            Owner::Nobody if !self.options.adopt.has(&desired.address, self.object) => {
                Err(Refusal::new("exists", "it exists already and langop did not make it").hint(&format!(
                    "`--adopt={}` takes it over, `--adopt` all that is there; the plan shows what would change",
                    Address::object(self.object)
                )))
            }
            Owner::Nobody => self.decide_write(live, Some(Reason::Adopt)),
            Owner::This if desired.lifecycle == Lifecycle::CreateOnce => {
                Ok(Verdict::new(Action::NoOp, Reason::Equal, Confidence::Server))
            }
            // Made anew when what it is made of is another.
            Owner::This if desired.lifecycle == Lifecycle::Derived && live.meta.has_annotations_of(&desired.object) => {
                Ok(Verdict::new(Action::NoOp, Reason::Equal, Confidence::Server))
            }
            Owner::This => self.decide_write(live, self.changed()),
        }
    }

    /// Whether what is desired ran to its end already, and is of a kind that goes then. It is made anew when the
    /// description changes, or on demand.
    fn is_completed(&self) -> bool {
        let Self { desired, object, options, .. } = *self;
        let done = |owned: &Owned| owned.standing == Standing::Completed && owned.digest == desired.digest;
        self.owned.is_some_and(done)
            && goes_when_ended(&desired.object)
            && !options.replace.has(&desired.address, object)
    }

    /// The reason of a change, if the description changed since it was applied.
    fn changed(&self) -> Option<Reason> {
        let changed = self.owned.is_none_or(|owned| owned.digest != self.desired.digest);
        changed.then_some(Reason::Changed)
    }

    /// A CRD: shared by all stacks, upgraded, never downgraded, never taken from another owner.
    fn decide_shared(&self, live: Live<'_>) -> Result<Verdict, Refusal> {
        let (there, wanted) = (schema_number(live.object), schema_number(&self.desired.object));
        // The number is langop's own: whoever installed this CRD by other means is no other operator, and sees to it.
        let is_own = live.meta.managed_by_langop();
        if !is_own && (there == 0 || there < wanted) {
            let managers: Vec<_> = live.meta.other_managers().into_iter().collect();
            let message = format!("another operator installed it (field managers: {})", managers.join(", "));
            return Err(Refusal::new("foreign-crd", &message)
                .hint("two owners of one namespace is a fight: use a cluster without that operator"));
        }
        if there > wanted || !is_own {
            return Ok(Verdict::new(Action::NoOp, Reason::Equal, Confidence::Server));
        }
        match live.next {
            // A dry-run was not allowed, so neither is the write.
            Preview::Becomes { object, confidence: Confidence::Schema, .. } => {
                not_writable(&Diff::between(live.object, object), there == wanted)
            }
            _ => compare(live, self.changed()),
        }
    }

    /// It may be written. No reason given means: the description did not move.
    fn decide_write(&self, live: Live<'_>, reason: Option<Reason>) -> Result<Verdict, Refusal> {
        let (fields, proof) = match live.next {
            Preview::Immutable { fields, proof } => (fields, proof),
            Preview::Clash { message, fields } => {
                self.allow_replacement(live.object, fields, &Proof::Proven).map_err(|refusal| Refusal {
                    code: "refused",
                    message: format!("what is there and what is described do not go together: {message}"),
                    ..refusal
                })?;
                (fields, &Proof::Proven)
            }
            _ => return compare(live, reason),
        };
        if self.object.is_crd() {
            return Err(immutable(fields).hint(
                "a CRD takes all objects of its kind with it: take it and them out of the description, apply that, \
                 and describe it anew",
            ));
        }
        if let Some(refusal) = protection::refusal(self.object, &self.desired.address, live.meta, self.options) {
            let message = format!("`{}` cannot change in place, and {}", fields.join("`, `"), refusal.message);
            return Err(Refusal { message, ..refusal });
        }
        Ok(Verdict {
            // What the server defaults comes back by itself.
            diff: Diff::between(live.object, &overlay(live.object, &self.desired.object)),
            ..Verdict::new(
                Action::Replace,
                Reason::Immutable { fields: fields.clone() },
                self.allow_replacement(live.object, fields, proof)?,
            )
        })
    }

    /// How well it is known that the API server takes the object anew, if that is good enough for what was asked for.
    fn allow_replacement(&self, live: &Value, fields: &[String], proof: &Proof) -> Result<Confidence, Refusal> {
        let address = Address::object(self.object);
        let has = |selection: &Selection| selection.has(&self.desired.address, self.object);
        let unproven = has(&self.options.replace_unproven);
        let asked = unproven || self.desired.replaceable || has(&self.options.replace);
        match (proof, run(&self.desired.object, live)) {
            (Proof::Proven, _) if asked => Ok(Confidence::Shadow),
            (Proof::Proven, Some(Run::Over)) => Ok(Confidence::Shadow),
            (Proof::Proven, Some(Run::GoesOn)) => {
                let message = format!("`{}` cannot change while it runs", fields.join("`, `"));
                Err(Refusal::new("immutable", &message).hint(&format!(
                    "wait until it has ended and run again; `--replace={address}` ends this run and begins another"
                )))
            }
            (Proof::Proven, None) => Err(immutable(fields).hint(&format!(
                "`--replace={address}` {}; `lifecycle.replace = \"allowed\"` in the description does so always",
                what_goes(self.object)
            ))),
            (Proof::Unproven(because), _) if unproven => Ok(Confidence::Unverified(because.clone())),
            (Proof::Unproven(because), _) => {
                let message = format!(
                    "`{}` cannot change in place, and nothing proves that the API server would take the new object: \
                     {because}",
                    fields.join("`, `")
                );
                Err(Refusal::new("unproven-replacement", &message).hint(&format!(
                    "`--replace-unproven={address}` {}, or leaves you without it",
                    what_goes(self.object)
                )))
            }
        }
    }
}

/// The number of a CRD's schema; nought when it has none.
fn schema_number(crd: &Value) -> u64 {
    let annotations = crd.pointer("/metadata/annotations");
    let number = annotations.and_then(|all| all.get(labels::SCHEMA)?.as_str()?.parse().ok());
    number.unwrap_or(0)
}

/// Whether nothing can have to be done to an object that may not be read.
fn is_as_recorded(desired: &Desired, owned: Option<&Owned>, comparable: bool) -> bool {
    let made = owned.filter(|owned| owned.uid.is_some());
    desired.lifecycle == Lifecycle::Shared
        || made.is_some_and(|owned| {
            // A digest of values is not known without the key of the record.
            let comparable = comparable && !desired.digest.is_empty();
            desired.lifecycle == Lifecycle::CreateOnce || !comparable || owned.digest == desired.digest
        })
}

fn create(object: &ObjectRef, next: &Preview) -> Result<Verdict, Refusal> {
    match next {
        Preview::Becomes { object: next, confidence, .. } => Ok(Verdict {
            diff: Diff::between(&Value::Null, next),
            ..Verdict::new(Action::Create, Reason::Absent, confidence.clone())
        }),
        Preview::NoRoom { object: next, message } => create(object, &with_room(next, message)),
        Preview::Forbidden { message, hint } => Err(Refusal::with(FORBIDDEN, message, hint.as_deref())),
        Preview::Refused { message, hint } => Err(Refusal::with("refused", message, hint.as_deref())),
        Preview::Conflict(claims) => Err(conflict::refusal(object, claims)),
        Preview::Immutable { fields, .. } => Err(immutable(fields)),
        Preview::Clash { message, .. } => Err(Refusal::new("refused", message)),
        Preview::NamespaceTerminating => Err(namespace_terminating()),
    }
}

/// Whether there is room is decided for all objects together ([`crate::quota`]).
fn with_room(object: &Value, message: &str) -> Preview {
    let confidence = Confidence::Unverified(message.to_owned());
    Preview::Becomes { object: object.clone(), confidence, takes: Vec::new() }
}

/// A CRD that may not be written: left as it is where that is good enough.
fn not_writable(diff: &Diff, same_schema: bool) -> Result<Verdict, Refusal> {
    let equal = |confidence| Ok(Verdict::new(Action::NoOp, Reason::Equal, confidence));
    let fields: Vec<_> = diff.entries().iter().map(|entry| entry.path.to_string()).collect();
    if fields.iter().all(|field| field.starts_with("metadata.")) {
        return equal(Confidence::Schema);
    }
    let message = format!("it may not be written, and differs in `{}`", fields.join("`, `"));
    if same_schema {
        return equal(Confidence::Unverified(format!("{message}; its schema is the present one")));
    }
    Err(Refusal::new(FORBIDDEN, &message)
        .hint("let someone who may write CRDs apply those of `langop crds`, then run again"))
}

/// Equal or not, once it is clear that this object may be written. No reason given means: the description
/// did not move, so the live object did.
fn compare(live: Live<'_>, reason: Option<Reason>) -> Result<Verdict, Refusal> {
    match live.next {
        Preview::Becomes { object, confidence, takes } => {
            let diff = Diff::between(live.object, object);
            let adopts = reason == Some(Reason::Adopt);
            // Without a dry-run a field that left the description may not be seen to go, nor a value of a Secret to change.
            let is_guess = matches!(confidence, Confidence::Schema | Confidence::Unverified(_));
            let unseen = live.recorded && reason == Some(Reason::Changed) && is_guess;
            if diff.is_empty() && takes.is_empty() && !adopts && !unseen {
                return Ok(Verdict::new(Action::NoOp, Reason::Equal, confidence.clone()));
            }
            let reason =
                reason.unwrap_or_else(|| Reason::Drifted { managers: drift::movers(live.meta, live.object, object) });
            Ok(Verdict { diff, takes: takes.clone(), ..Verdict::new(Action::Update, reason, confidence.clone()) })
        }
        Preview::NoRoom { object, message } => compare(Live { next: &with_room(object, message), ..live }, reason),
        Preview::Conflict(claims) => Err(conflict::refusal(&live.meta.reference, claims)),
        Preview::Immutable { fields, .. } => {
            Err(immutable(fields).hint("a CRD is shared by all stacks, and never replaced"))
        }
        Preview::NamespaceTerminating => Err(namespace_terminating()),
        Preview::Clash { message, .. } => Err(Refusal::new("refused", message)),
        Preview::Forbidden { message, hint } => Err(Refusal::with(FORBIDDEN, message, hint.as_deref())),
        Preview::Refused { message, hint } => Err(Refusal::with("refused", message, hint.as_deref())),
    }
}

fn namespace_terminating() -> Refusal {
    Refusal::new(NAMESPACE_TERMINATING, "its namespace is being deleted")
        .hint("wait until the namespace is gone, then run again")
}

fn immutable(fields: &[String]) -> Refusal {
    Refusal::new("immutable", &format!("`{}` cannot change in place", fields.join("`, `")))
}

/// What a replacement does.
fn what_goes(object: &ObjectRef) -> &'static str {
    if object.is("", "PersistentVolumeClaim") {
        "deletes the claim, and the data with it unless its volume is retained, and makes it again"
    } else {
        "deletes the object and makes it again"
    }
}

impl Verdict {
    pub(super) fn new(action: Action, reason: Reason, confidence: Confidence) -> Self {
        Self { action, reason, diff: Diff::default(), confidence, takes: Vec::new() }
    }
}
