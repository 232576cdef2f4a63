//! The least that an identity must be allowed for a command on a description: which requests langop sends, as rules of
//! Kubernetes' RBAC. Pure; a test holds it against the requests that really pass.
//!
//! Not in it is what Kubernetes grants to everybody who is known to it (`system:discovery`, `system:basic-user`,
//! `system:public-info-viewer`): the kinds of the server, `/readyz`, and the question what one may do.

mod grants;
mod kinds;
mod looks;
mod objects;
mod requests;
mod right;
mod rule;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use objects::Printed;
pub(crate) use right::Right;
pub(crate) use subject::Subject;

use crate::object::{Manifest, ObjectRef};
use crate::render::Needs;

/// What the identity is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `langop plan` that only reads: what it cannot have the API server run, it checks against schemas.
    Plan,
    /// `langop plan` with dry-runs, which ask for the right to write.
    PlanWithDryRun,
    /// `langop apply`.
    Apply,
    /// `langop destroy`.
    Destroy,
    /// `langop status`.
    Status,
    /// `langop check`.
    Check,
    /// `langop logs`.
    Logs,
    /// `langop events`.
    Events,
    /// `langop stacks`, of all stacks.
    Stacks,
}

impl Purpose {
    /// Whether anything is written, or dry-run, which is the same right.
    fn writes_objects(self) -> bool {
        matches!(self, Self::PlanWithDryRun | Self::Apply)
    }

    /// Whether the record and its lock are written.
    fn keeps_record(self) -> bool {
        matches!(self, Self::Apply | Self::Destroy)
    }

    /// The command.
    fn command(self) -> &'static str {
        match self {
            Self::Plan | Self::PlanWithDryRun => "plan",
            Self::Apply => "apply",
            Self::Destroy => "destroy",
            Self::Status => "status",
            Self::Check => "check",
            Self::Logs => "logs",
            Self::Events => "events",
            Self::Stacks => "stacks",
        }
    }

    /// In names of roles.
    fn word(self) -> &'static str {
        if self == Self::PlanWithDryRun { "plan-dry-run" } else { self.command() }
    }
}

/// Whether the namespaces of the stack are there when the roles are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespaces {
    /// The stack makes them: a Role in them cannot come first, so that their content is granted in all namespaces.
    Made,
    /// They are there, and each gets a Role.
    Existing,
}

/// For whom, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The stack.
    pub stack: &'a str,
    /// Its objects.
    pub manifests: &'a [Manifest],
    /// What rendering asks of the target.
    pub needs: &'a Needs,
    /// Secrets that the stack names and does not hold.
    pub external_secrets: &'a BTreeSet<ObjectRef>,
    /// What the identity is for.
    pub purpose: Purpose,
    /// Whether the stack's namespaces are there.
    pub namespaces: Namespaces,
}

/// Where a right holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// In all namespaces, and for what has none.
    Cluster,
    Namespace(String),
}

/// The rules for a request, and what is to know about them.
struct Roles {
    rules: BTreeMap<Scope, rule::Rules>,
    /// Kinds whose resource is not known from here.
    guessed: BTreeSet<String>,
}

impl Roles {
    fn allow(&mut self, scope: &Scope, resource: &rule::Resource, verbs: &[rule::Verb]) {
        self.rules.entry(scope.clone()).or_default().allow(resource, verbs);
    }

    fn allow_named(&mut self, scope: &Scope, resource: &rule::Resource, verbs: &[rule::Verb], name: &str) {
        self.rules.entry(scope.clone()).or_default().allow_named(resource, verbs, name);
    }
}

/// The roles, with bindings to `subject` if there is one.
#[must_use]
pub(crate) fn roles(request: &Request<'_>, subject: Option<&Subject>) -> Printed {
    objects::printed(request, &requests::roles(request), subject)
}

/// All that the roles allow, one by one.
#[must_use]
pub(crate) fn rights(request: &Request<'_>) -> BTreeSet<Right> {
    let rules = requests::roles(request).rules;
    rules.iter().flat_map(|(scope, rules)| right::rights(scope, &rules.to_json())).collect()
}
