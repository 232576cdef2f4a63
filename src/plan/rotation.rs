//! Keys that were generated in a form that langop has given up since: their Secret lacks the mark of today's form. Knows
//! annotations, no value.

use super::inputs::Desired;
use super::observed::Observed;
use super::{Problem, Severity};
use crate::object::{Lifecycle, ObjectRef, labels};

/// A warning when the live Secret's keys are of an older form than those that would be generated today.
pub(super) fn due(object: &ObjectRef, desired: &Desired, observed: &Observed) -> Option<Problem> {
    let wanted = desired.object.pointer("/metadata/annotations")?.get(labels::KEY_FORM)?.as_str()?;
    let live = observed.meta().filter(|_| desired.lifecycle == Lifecycle::CreateOnce)?;
    let is_marked = live.annotations.get(labels::KEY_FORM).is_some_and(|form| form == wanted);
    (!is_marked).then(|| {
        let message = "its master key has a form that LiteLLM shows as it is in metrics and to callbacks, where it has \
                       any: who could read those may have it";
        let problem = Problem::new(Severity::Warning, "old-key-form", message.to_owned());
        let problem = problem.about(object, Some(desired.address.clone()), desired.source.clone());
        problem
            .with_hint(format!("give it a new one, which the next apply restarts the gateway with: {}", patch(object)))
    })
}

/// The command that renews the administrator's key and leaves those of agents as they are.
fn patch(object: &ObjectRef) -> String {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let (name, form) = (&object.name, labels::KEY_FORM_SK);
    format!(
        r#"`kubectl -n {namespace} patch secret {name} -p '{{"metadata":{{"annotations":{{"{}":"{form}"}}}},"stringData":{{"master-key":"sk-'$(openssl rand -hex 32)'"}}}}'`"#,
        labels::KEY_FORM
    )
}
