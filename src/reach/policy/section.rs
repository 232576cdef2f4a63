//! A policy in one direction, in the form that all kinds of policies share.

use crate::object::{Manifest, ObjectRef, Source};
use crate::reach::answer::RuleRef;
use crate::reach::end::Pod;
use crate::reach::selector::Labels;
use crate::reach::way::Way;

use super::holds::Holds;
use super::peer::Peer;
use super::port::Span;

/// What one policy says of one direction.
#[derive(Clone, Debug)]
pub(in crate::reach) struct Section {
    /// Whose it is.
    pub policy: ObjectRef,
    /// Where the policy is written.
    pub source: Option<Source>,
    /// Its path in the policy: `spec.egress`.
    pub path: String,
    pub way: Way,
    pub subject: Subject,
    /// Whether pods that it selects are closed but for rules.
    pub closes: bool,
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug)]
pub(in crate::reach) struct Rule {
    /// Its path in the policy: `spec.egress[0]`.
    pub path: String,
    /// Where it is written.
    pub source: Option<Source>,
    pub effect: Effect,
    /// The other ends that it means, any of them.
    pub peers: Vec<Peer>,
    /// Ports that it is about, any of them; none given are all.
    pub ports: Option<Vec<Span>>,
    /// Names whose addresses Cilium's DNS proxy learns by this rule.
    pub resolves: Vec<String>,
    /// What of it is not evaluated.
    pub beyond: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach) enum Effect {
    Allow,
    Deny,
}

/// The pods that a policy is about.
#[derive(Clone, Debug)]
pub(in crate::reach) struct Subject {
    /// Their namespace; none is all.
    pub namespace: Option<String>,
    pub pods: Peer,
}

impl Subject {
    /// Whether the policy is about the pod, whose namespace has these labels.
    pub(crate) fn selects(&self, pod: &Pod, namespace: &Labels) -> Holds {
        if self.namespace.as_ref().is_some_and(|own| *own != pod.namespace) {
            return Holds::No;
        }
        self.pods.is_pod(pod, namespace)
    }
}

impl Section {
    /// How the section itself is named in an answer.
    pub(crate) fn named(&self) -> RuleRef {
        RuleRef {
            owner: owner(&self.policy),
            path: self.path.clone(),
            source: self.source.clone(),
            lacks: None,
            beyond: None,
        }
    }

    /// How one of its rules is.
    pub(crate) fn rule(&self, rule: &Rule, lacks: Option<&'static str>, beyond: Option<&'static str>) -> RuleRef {
        RuleRef { owner: owner(&self.policy), path: rule.path.clone(), source: rule.source.clone(), lacks, beyond }
    }
}

/// What a policy is called: ``NetworkPolicy `ai/allow-all` ``.
pub(in crate::reach) fn owner(policy: &ObjectRef) -> String {
    let name = match &policy.namespace {
        Some(namespace) => format!("{namespace}/{}", policy.name),
        None => policy.name.to_string(),
    };
    format!("{} `{name}`", policy.kind)
}

/// Where a part of a policy is written, as far as that is known.
pub(super) fn place(manifest: &Manifest, pointer: &str) -> Option<Source> {
    manifest.places.get(pointer).or(manifest.source.as_ref()).cloned()
}
