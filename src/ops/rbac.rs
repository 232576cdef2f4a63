//! What an identity must be allowed for a command on a stack. Asks no server.

use std::collections::BTreeSet;

use super::secrets::external_secrets;
use crate::object::{GroupKind, ObjectRef};
use crate::rbac::{self, Namespaces, Printed, Purpose, Request, Right, Subject};
use crate::render::{self, Target};
use crate::stack::Stack;

/// What the roles are for.
#[derive(Clone, Debug)]
pub(crate) struct RbacRequest {
    /// The command.
    pub purpose: Purpose,
    /// Whether the stack's namespaces are there.
    pub namespaces: Namespaces,
    /// Who gets them.
    pub subject: Option<Subject>,
    /// Whether the target has Cilium.
    pub cilium: bool,
    /// Kinds that the target lacks, of those that are made only where they are known.
    pub lacking: BTreeSet<GroupKind>,
}

/// The roles.
#[must_use]
pub(crate) fn roles(stack: &Stack, request: &RbacRequest) -> Printed {
    asked(stack, request, |of| rbac::roles(of, request.subject.as_ref()))
}

/// The same, one by one.
#[must_use]
pub(super) fn rights(stack: &Stack, request: &RbacRequest) -> BTreeSet<Right> {
    asked(stack, request, rbac::rights)
}

fn asked<T>(stack: &Stack, request: &RbacRequest, answer: impl FnOnce(&Request<'_>) -> T) -> T {
    let needs = render::needs(stack);
    let assumed = needs.assumed_target();
    let optional_kinds = &assumed.optional_kinds - &request.lacking;
    let target = Target { cilium: assumed.cilium || request.cilium, optional_kinds, ..assumed };
    let manifests = render::render(stack, &target);
    let external_secrets: BTreeSet<ObjectRef> = external_secrets(&manifests);
    answer(&Request {
        stack: &stack.name,
        manifests: &manifests,
        needs: &needs,
        external_secrets: &external_secrets,
        purpose: request.purpose,
        namespaces: request.namespaces,
    })
}
