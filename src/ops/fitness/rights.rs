//! Whether this identity may do all that `langop apply` of a description asks for, as its roles would say.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{Finding, Topic};
use crate::cluster::{ClusterError, Question, Reader};
use crate::object::{GroupKind, ObjectRef, first};
use crate::ops::observe::AT_ONCE;
use crate::ops::rbac::{RbacRequest, rights};
use crate::rbac::{Namespaces, Purpose, Right};
use crate::render::needs;
use crate::stack::Stack;

/// Most rights that are named.
const NAMED: usize = 8;

/// One GET for each namespace of the stack, and one review for each right.
pub(super) async fn look(reader: &Reader, stack: Option<&Stack>) -> Result<Finding, ClusterError> {
    let Some(stack) = stack else {
        let text = "what this identity may do was not asked: there is no description".to_owned();
        return Ok(Finding::doubtful(
            Topic::Rights,
            text,
            "name a description, whose rights are then asked for one by one",
        ));
    };
    let has = |kind: &GroupKind| reader.resource(kind, None).is_ok();
    let request = RbacRequest {
        purpose: Purpose::Apply,
        namespaces: namespaces(reader, stack).await?,
        subject: None,
        cilium: has(&GroupKind::new("cilium.io", "CiliumNetworkPolicy")),
        lacking: needs(stack).optional_kinds.into_keys().filter(|kind| !has(kind)).collect(),
    };
    let needed = rights(stack, &request);
    let asked = needed.iter().map(async |right| {
        let allowed = reader.may(&question(right)).await?;
        Ok::<_, ClusterError>((!allowed).then_some(right))
    });
    let answers: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(judge(&stack.name, needed.len(), &answers.into_iter().flatten().collect()))
}

/// Roles in namespaces will do where all of them are there.
async fn namespaces(reader: &Reader, stack: &Stack) -> Result<Namespaces, ClusterError> {
    let resource = reader.resource(&GroupKind::new("", "Namespace"), None)?;
    for name in stack.clusters.keys() {
        match reader.metadata(&resource, &ObjectRef::of_namespace(name)).await {
            Ok(Some(_)) => {}
            Ok(None) | Err(ClusterError::Forbidden(_)) => return Ok(Namespaces::Made),
            Err(error) => return Err(error),
        }
    }
    Ok(Namespaces::Existing)
}

fn question(right: &Right) -> Question<'_> {
    Question {
        verb: &right.verb,
        group: &right.group,
        resource: &right.resource,
        namespace: right.namespace.as_deref(),
        name: right.name.as_deref(),
    }
}

fn judge(stack: &str, all: usize, denied: &BTreeSet<&Right>) -> Finding {
    if denied.is_empty() {
        let text = format!("this identity may do all {all} things that `langop apply` of `{stack}` asks for");
        return Finding::fit(Topic::Rights, text);
    }
    let named = first(denied.iter().map(ToString::to_string), NAMED);
    Finding::unfit(
        Topic::Rights,
        format!(
            "this identity may not do {} of {all} things that `langop apply` of `{stack}` asks for: {named}",
            denied.len()
        ),
        "`langop rbac apply` prints the roles that are needed",
    )
}
