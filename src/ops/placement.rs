//! Asks the server in which namespace objects are whose kind is known to it alone. What is known without a server was
//! decided when the description was loaded.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::OpsError;
use crate::cluster::{ClusterError, Reader};
use crate::object::{Manifest, Scope};
use crate::plan::{Problem, Severity};
use crate::stack::{DefaultNamespace, Stack};

/// Puts each manifest of such a kind where its kind belongs: into the default namespace if it names none and needs one,
/// into none if it names one and has none. What is to be said of it comes back. No request for kinds that discovery
/// lists.
///
/// # Errors
/// None of one kind: whoever reads its objects says what is wrong with it.
pub(crate) async fn place<'a>(reader: &Reader, stack: &'a Stack) -> Result<(Cow<'a, Stack>, Vec<Problem>), OpsError> {
    if !stack.manifests.iter().any(is_open) {
        return Ok((Cow::Borrowed(stack), Vec::new()));
    }
    let (mut problems, mut placed, mut stack) = (Vec::new(), Vec::new(), stack.clone());
    let Stack { manifests, namespace, .. } = &mut stack;
    let mut known: BTreeSet<_> = manifests.iter().map(|manifest| manifest.reference.clone()).collect();
    for manifest in manifests.iter_mut().filter(|manifest| is_open(manifest)) {
        let Some(scope) = scope(reader, manifest).await? else { continue };
        let before = manifest.reference.clone();
        match (scope, &before.namespace) {
            (Scope::Namespaced, None) => {
                placed.push(manifest.address.to_string());
                let Ok(name) = namespace.name() else { continue };
                manifest.place_in(Some(name));
            }
            (Scope::Cluster, Some(_)) => {
                manifest.place_in(None);
                problems.push(needless(manifest));
            }
            _ => continue,
        }
        if !known.insert(manifest.reference.clone()) {
            problems.push(twice(manifest));
        }
    }
    manifests.sort_by(|a, b| a.reference.cmp(&b.reference));
    problems.extend(note(namespace, &placed));
    Ok((Cow::Owned(stack), problems))
}

/// Whether nobody could say so far where the object belongs. A kind of a CRD of the stack was looked at before.
fn is_open(manifest: &Manifest) -> bool {
    Scope::built_in(&manifest.reference.group_kind()).is_none()
}

async fn scope(reader: &Reader, manifest: &Manifest) -> Result<Option<Scope>, OpsError> {
    let kind = manifest.reference.group_kind();
    match reader.served(&kind).await {
        Ok(Some(resource)) if resource.namespaced => Ok(Some(Scope::Namespaced)),
        Ok(Some(_)) => Ok(Some(Scope::Cluster)),
        // Said where the object is read.
        Ok(None)
        | Err(
            ClusterError::Forbidden(_)
            | ClusterError::UnknownKind(_)
            | ClusterError::StaleGroup { .. }
            | ClusterError::NotServed { .. },
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn note(namespace: &DefaultNamespace, placed: &[String]) -> Option<Problem> {
    if let (Err(reason), Some(first)) = (namespace.name(), placed.first()) {
        let message = format!("`{first}` names no namespace, and the default one is not known: {reason}");
        let problem = Problem::new(Severity::Error, "default-namespace", message);
        return Some(problem.with_hint(DefaultNamespace::HINT.to_owned()));
    }
    let problem = Problem::new(Severity::Warning, "default-namespace", namespace.note(placed)?);
    Some(problem.with_hint(DefaultNamespace::HINT.to_owned()))
}

fn needless(manifest: &Manifest) -> Problem {
    let message = format!("{} is in no namespace: `metadata.namespace` is left out", manifest.reference);
    let problem = Problem::new(Severity::Warning, "needless-namespace", message);
    problem.about(&manifest.reference, Some(manifest.address.clone()), manifest.source.clone())
}

fn twice(manifest: &Manifest) -> Problem {
    let message = format!("{} is described twice", manifest.reference);
    let problem = Problem::new(Severity::Error, "duplicate-name", message);
    problem.about(&manifest.reference, Some(manifest.address.clone()), manifest.source.clone())
}
