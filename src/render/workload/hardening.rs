//! What Pod Security `restricted` asks of pods, under what the user writes: a field that is written
//! wins, and one that is not keeps langop's value. So a group id for a volume does not lose the rest.

use k8s_openapi::api::core::v1::{
    Capabilities, Container, PodSecurityContext, ResourceRequirements, SeccompProfile, SecurityContext,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::object::overlay;

use super::User;

/// The security context of the pods.
pub(super) fn pod_context(user: User, written: Option<&PodSecurityContext>) -> PodSecurityContext {
    let restricted = PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(user.id),
        run_as_group: Some(user.group),
        fs_group: user.volumes,
        // Else every start goes through all files of a workspace.
        fs_group_change_policy: user.volumes.map(|_| "OnRootMismatch".to_owned()),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
        ..PodSecurityContext::default()
    };
    under(restricted, written)
}

/// What Pod Security `restricted` asks of a container, and a root that cannot be written.
pub(in crate::render) fn hardened() -> SecurityContext {
    SecurityContext { read_only_root_filesystem: Some(true), ..unprivileged() }
}

/// The user's init containers. One without resources gets those of the workload, which costs nothing: it has ended
/// before the workload starts. Not so a sidecar.
pub(super) fn init_containers(written: &[Container], resources: &ResourceRequirements) -> Vec<Container> {
    let hardened = |container: &Container| {
        let ends = container.restart_policy.as_deref() != Some("Always");
        let resources = container.resources.clone().or_else(|| ends.then(|| resources.clone()));
        let context = under(unprivileged(), container.security_context.as_ref());
        Container { resources, security_context: Some(context), ..container.clone() }
    };
    written.iter().map(hardened).collect()
}

/// What `restricted` asks of every container. The root file system may be written: these images are the user's.
fn unprivileged() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
        ..SecurityContext::default()
    }
}

fn under<T: Serialize + DeserializeOwned + Clone>(default: T, written: Option<&T>) -> T {
    let Some(written) = written else { return default };
    let json = |context: &T| serde_json::to_value(context).unwrap_or_default();
    // Both are of the type, and so is what they come to.
    serde_json::from_value(overlay(&json(&default), &json(written))).unwrap_or_else(|_| written.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{field, rendered};

    fn pod(deployment: &str) -> Value {
        let text = format!("[clusters.c]\n[clusters.c.gateway.deployment]\n{deployment}");
        field(&rendered(&text), "Deployment", "gateway", "/spec/template/spec").clone()
    }

    #[test]
    fn a_written_field_of_the_security_context_keeps_the_others() {
        let context = &pod("securityContext = { fsGroup = 7, runAsUser = 1000 }")["securityContext"];
        let seccomp = json!({"type": "RuntimeDefault"});
        let expected = json!({"fsGroup": 7, "runAsUser": 1000, "runAsGroup": 65534, "runAsNonRoot": true, "seccompProfile": seccomp});
        assert_eq!(context, &expected);
    }

    #[test]
    fn init_containers_are_hardened_and_limited() {
        let init = "[[clusters.c.gateway.deployment.initContainers]]\nname =";
        let pod = pod(&format!(
            "{init} 'a'\nsecurityContext = {{ runAsUser = 5 }}\n{init} 'b'\nrestartPolicy = 'Always'\n\
             securityContext = {{ allowPrivilegeEscalation = true }}\n{init} 'c'\nresources = {{ limits = {{ cpu = '2' }} }}"
        ));
        let of = |index: usize| &pod["initContainers"][index];
        let dropped = json!({"drop": ["ALL"]});
        assert_eq!(
            of(0)["securityContext"],
            json!({"allowPrivilegeEscalation": false, "capabilities": dropped, "runAsUser": 5})
        );
        assert_eq!(of(0)["resources"], pod["containers"][0]["resources"]);
        assert_eq!(of(1)["securityContext"], json!({"allowPrivilegeEscalation": true, "capabilities": dropped}));
        assert!(of(1)["resources"].is_null());
        assert_eq!(of(2)["resources"], json!({"limits": {"cpu": "2"}}));
    }
}
