//! What a plan finds out about the isolation of a stack on its target: addresses of host names, Services that
//! are not there, a network plugin that keeps no policies, a name cache that is closed.

mod name_cache;
mod names;
pub(super) mod plugin;

use super::{OpsError, opened};
use crate::cluster::Reader;
use crate::object::ObjectRef;
use crate::plan::{Notes, Problem, Severity};
use crate::render::{self, Needs, Target, UnknownService, WideEgress};
use crate::stack::Stack;

/// What runs on every node, by which plugins are known: none where this identity may not look. One list; none for a stack
/// without clusters.
pub(crate) async fn daemon_sets(reader: &Reader, stack: &Stack) -> Result<Option<Vec<ObjectRef>>, OpsError> {
    if stack.clusters.is_empty() {
        return Ok(Some(Vec::new()));
    }
    Ok(plugin::daemon_sets(reader).await?)
}

/// Adds to what is known of the target, and says what is worth knowing. Of the network at most the names of
/// the description are asked; of the API server each suspicious plugin among `sets` and the name cache once.
pub(crate) async fn isolation(
    reader: &Reader,
    stack: &Stack,
    needs: &Needs,
    (target, sets): (&mut Target, Option<Vec<ObjectRef>>),
) -> Result<Notes, OpsError> {
    let mut notes = Notes::default();
    if !target.cilium {
        target.addresses = names::look_up(&needs.host_names, &mut notes).await;
    }
    notes.problems.extend(render::unknown_services(stack, target).into_iter().map(|unknown| missing(unknown, target)));
    notes.problems.extend(render::wide_egress(stack, target).into_iter().map(wide));
    notes.problems.extend(opened(stack, target));
    if !stack.clusters.is_empty() {
        if let Some(sets) = sets {
            notes.problems.extend(plugin::warning(reader, &sets).await?);
            notes.problems.extend(name_cache::warnings(reader, &sets, stack).await?);
        } else {
            notes.problems.extend(plugin::unread(stack));
        }
    }
    Ok(notes)
}

fn wide(wide: WideEgress) -> Problem {
    let ports: Vec<_> = wide.ports.iter().map(|port| format!("{port}/TCP")).collect();
    let because: Vec<_> = wide.because.into_iter().collect();
    let message = format!(
        "the gateway of cluster `{}` may connect to everywhere on {}: without Cilium nothing keeps a rule for a host \
         by name, as {} needs",
        wide.cluster,
        ports.join(", "),
        because.join(", "),
    );
    let hint = "to narrow it: run Cilium, which opens the hosts by name; or write `gateway.networkPolicies.egress` with \
                `cidr`, or with `dns` and `dnsFallback = \"resolve\"`, and `gateway.networkPolicies.egressOnly = true`; \
                or give `HTTPS_PROXY` an address, or a rule with its `cidr`";
    let mut problem = Problem::new(Severity::Warning, "egress-wide", message);
    problem.address = Some(wide.address);
    problem.source = Some(wide.source);
    problem.with_hint(hint.to_owned())
}

fn missing(unknown: UnknownService, target: &Target) -> Problem {
    let UnknownService { service, instead, address, source } = unknown;
    let name = format!("`{}/{}`", service.namespace, service.name);
    let hidden = target.hidden_services.contains(&service);
    let (code, message, hint) = if hidden {
        let hint = format!("grant `get` on Services of namespace `{}`", service.namespace);
        ("unreadable-service", format!("Service {name} may not be read: {instead}"), hint)
    } else {
        let hint = "plan again when it is there: then its own pods and ports are opened";
        ("missing-service", format!("Service {name} does not exist: {instead}"), hint.to_owned())
    };
    let mut problem = Problem::new(Severity::Warning, code, message);
    problem.address = Some(address);
    problem.source = Some(source);
    problem.with_hint(hint)
}
