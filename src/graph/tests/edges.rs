//! One test a kind of edge.

use serde_json::{Value, json};

use super::super::*;
use crate::object::{DeferredField, DeferredValue, Owner};

fn manifest(object: Value) -> Manifest {
    Manifest::new(object, None, None).unwrap()
}

fn object(api_version: &str, kind: &str, name: &str, rest: Value) -> Value {
    let mut object = json!({
        "apiVersion": api_version, "kind": kind,
        "metadata": {"name": name, "namespace": "x"},
    });
    if let (Some(fields), Value::Object(rest)) = (object.as_object_mut(), rest) {
        fields.extend(rest);
    }
    object
}

/// Cluster-scoped.
fn global(api_version: &str, kind: &str, name: &str, rest: Value) -> Value {
    let mut object = object(api_version, kind, name, rest);
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.remove("namespace");
    object
}

fn deployment(name: &str, pod: Value) -> Value {
    let mut spec = json!({"containers": [{"name": "main"}]});
    if let (Some(fields), Value::Object(pod)) = (spec.as_object_mut(), pod) {
        fields.extend(pod);
    }
    let template = json!({"metadata": {"labels": {"app": name}}, "spec": spec});
    object("apps/v1", "Deployment", name, json!({"spec": {"template": template}}))
}

fn account_token(account: &str) -> Value {
    let mut secret = object("v1", "Secret", "token", json!({}));
    secret["metadata"]["annotations"] = json!({"kubernetes.io/service-account.name": account});
    secret
}

/// The edges of a set, one line each.
fn lines(objects: Vec<Value>) -> Vec<String> {
    let manifests: Vec<Manifest> = objects.into_iter().map(manifest).collect();
    describe(&edges(&manifests))
}

fn describe(edges: &BTreeMap<ObjectRef, Vec<Dependency>>) -> Vec<String> {
    let mut lines = Vec::new();
    for (object, needs) in edges {
        for Dependency { on, wait, why } in needs {
            let ends = format!("{}/{} -> {}/{}", object.kind, object.name, on.kind, on.name);
            lines.push(format!("{ends} {wait:?} {why}"));
        }
    }
    lines
}

#[test]
fn an_object_waits_for_its_namespace() {
    let set = vec![global("v1", "Namespace", "x", json!({})), object("v1", "ConfigMap", "a", json!({}))];
    assert_eq!(lines(set), ["ConfigMap/a -> Namespace/x Exists metadata.namespace"]);
}

#[test]
fn a_custom_resource_waits_for_its_definition() {
    let names = json!({"kind": "Thing", "plural": "things"});
    let spec = json!({"spec": {"group": "example.com", "names": names}});
    let crd = global("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.example.com", spec);
    let set = vec![
        crd,
        object("example.com/v1beta2", "Thing", "a", json!({})),
        object("other.com/v1", "Thing", "b", json!({})),
    ];
    let expected = "Thing/a -> CustomResourceDefinition/things.example.com Established kind";
    assert_eq!(lines(set), [expected]);
}

#[test]
fn owners_and_late_values_are_waited_for() {
    let mut member = manifest(object("v1", "ConfigMap", "a", json!({})));
    let cluster = manifest(global("langop.io/v1alpha1", "LanguageCluster", "x", json!({})));
    let secret = manifest(object("v1", "Secret", "s", json!({})));
    member.owners.push(Owner {
        object: cluster.reference.clone(),
        api_version: cluster.api_version.clone(),
        controller: true,
    });
    let absent = ObjectRef::namespaced("", "Secret", "x", "absent");
    member.deferred.push(DeferredField {
        pointer: "/metadata/annotations/langop.io~1credentials-hash".to_owned(),
        value: DeferredValue::VersionHash(vec![secret.reference.clone(), absent]),
    });
    let found = edges(&[member, cluster, secret]);
    assert_eq!(
        describe(&found),
        [
            "ConfigMap/a -> Secret/s Exists metadata.annotations[langop.io/credentials-hash]",
            "ConfigMap/a -> LanguageCluster/x Exists metadata.ownerReferences",
        ]
    );
}

#[test]
fn pods_wait_for_everything_they_name() {
    let pod = json!({
        "serviceAccountName": "runner",
        "priorityClassName": "high",
        "runtimeClassName": "gvisor",
        "imagePullSecrets": [{"name": "pull"}],
        "initContainers": [{"name": "init", "envFrom": [{"configMapRef": {"name": "defaults"}}]}],
        "containers": [{
            "name": "main",
            "env": [
                {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "key", "key": "k"}}},
                {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "mode", "key": "k"}}},
                {"name": "PLAIN", "value": "x"},
            ],
            "envFrom": [{"secretRef": {"name": "all"}}],
        }],
        "volumes": [
            {"name": "s", "secret": {"secretName": "mounted"}},
            {"name": "c", "configMap": {"name": "config"}},
            {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
            {"name": "e", "ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "fast"}}}},
            {"name": "csi", "csi": {"nodePublishSecretRef": {"name": "node"}}},
            {"name": "p", "projected": {"sources": [
                {"secret": {"name": "projected"}}, {"configMap": {"name": "projected"}},
            ]}},
        ],
    });
    let mut set = vec![
        deployment("web", pod),
        object("v1", "ServiceAccount", "runner", json!({})),
        object("v1", "PersistentVolumeClaim", "data", json!({})),
        global("scheduling.k8s.io/v1", "PriorityClass", "high", json!({})),
        global("node.k8s.io/v1", "RuntimeClass", "gvisor", json!({})),
        global("storage.k8s.io/v1", "StorageClass", "fast", json!({})),
    ];
    for name in ["pull", "key", "all", "mounted", "node", "projected", "unused"] {
        set.push(object("v1", "Secret", name, json!({})));
    }
    for name in ["defaults", "mode", "config", "projected", "unused"] {
        set.push(object("v1", "ConfigMap", name, json!({})));
    }
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    Deployment/web -> ConfigMap/config Exists spec.template.spec.volumes[c].configMap.name
    Deployment/web -> ConfigMap/defaults Exists spec.template.spec.initContainers[init].envFrom[0].configMapRef.name
    Deployment/web -> ConfigMap/mode Exists spec.template.spec.containers[main].env[MODE].valueFrom.configMapKeyRef.name
    Deployment/web -> ConfigMap/projected Exists spec.template.spec.volumes[p].projected.sources[1].configMap.name
    Deployment/web -> PersistentVolumeClaim/data Exists spec.template.spec.volumes[d].persistentVolumeClaim.claimName
    Deployment/web -> Secret/all Exists spec.template.spec.containers[main].envFrom[0].secretRef.name
    Deployment/web -> Secret/key Exists spec.template.spec.containers[main].env[KEY].valueFrom.secretKeyRef.name
    Deployment/web -> Secret/mounted Exists spec.template.spec.volumes[s].secret.secretName
    Deployment/web -> Secret/node Exists spec.template.spec.volumes[csi].csi.nodePublishSecretRef.name
    Deployment/web -> Secret/projected Exists spec.template.spec.volumes[p].projected.sources[0].secret.name
    Deployment/web -> Secret/pull Exists spec.template.spec.imagePullSecrets[pull].name
    Deployment/web -> ServiceAccount/runner Exists spec.template.spec.serviceAccountName
    Deployment/web -> RuntimeClass/gvisor Exists spec.template.spec.runtimeClassName
    Deployment/web -> PriorityClass/high Exists spec.template.spec.priorityClassName
    Deployment/web -> StorageClass/fast Exists spec.template.spec.volumes[e].ephemeral.volumeClaimTemplate.spec.storageClassName
    ");
}

#[test]
fn pods_are_found_wherever_a_kind_keeps_them() {
    let pod = json!({"serviceAccountName": "runner", "containers": []});
    let template = json!({"spec": pod});
    let set = vec![
        object("v1", "ServiceAccount", "runner", json!({})),
        object("v1", "Pod", "bare", json!({"spec": pod})),
        object("batch/v1", "CronJob", "cron", json!({"spec": {"jobTemplate": {"spec": {"template": template}}}})),
        object("example.com/v1", "Rollout", "custom", json!({"spec": {"template": template}})),
        object("v1", "PodTemplate", "template", json!({"template": template})),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    Pod/bare -> ServiceAccount/runner Exists spec.serviceAccountName
    PodTemplate/template -> ServiceAccount/runner Exists template.spec.serviceAccountName
    CronJob/cron -> ServiceAccount/runner Exists spec.jobTemplate.spec.template.spec.serviceAccountName
    Rollout/custom -> ServiceAccount/runner Exists spec.template.spec.serviceAccountName
    ");
}

#[test]
fn one_edge_between_two_objects_with_the_first_reason() {
    let source = json!({"secretRef": {"name": "s"}});
    let containers = json!([{"name": "a", "envFrom": [source, source]}]);
    let set = vec![deployment("web", json!({"containers": containers})), object("v1", "Secret", "s", json!({}))];
    let why = "spec.template.spec.containers[a].envFrom[0].secretRef.name";
    assert_eq!(lines(set), [format!("Deployment/web -> Secret/s Exists {why}")]);
}

#[test]
fn bindings_wait_for_roles_and_accounts() {
    let rbac = "rbac.authorization.k8s.io/v1";
    let subjects = json!([
        {"kind": "ServiceAccount", "name": "runner"},
        {"kind": "ServiceAccount", "name": "runner", "namespace": "elsewhere"},
        {"kind": "User", "name": "runner"},
    ]);
    let to = |kind: &str| json!({"roleRef": {"kind": kind, "name": "r"}, "subjects": subjects});
    let set = vec![
        object(rbac, "Role", "r", json!({})),
        global(rbac, "ClusterRole", "r", json!({})),
        object("v1", "ServiceAccount", "runner", json!({})),
        object(rbac, "RoleBinding", "near", to("Role")),
        object(rbac, "RoleBinding", "far", to("ClusterRole")),
        global(rbac, "ClusterRoleBinding", "wide", to("ClusterRole")),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    ClusterRoleBinding/wide -> ClusterRole/r Exists roleRef.name
    RoleBinding/far -> ServiceAccount/runner Exists subjects[runner].name
    RoleBinding/far -> ClusterRole/r Exists roleRef.name
    RoleBinding/near -> ServiceAccount/runner Exists subjects[runner].name
    RoleBinding/near -> Role/r Exists roleRef.name
    ");
}

#[test]
fn scalers_and_budgets_wait_for_their_targets() {
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let selects = |app: &str| json!({"spec": {"selector": {"matchLabels": {"app": app}}}});
    let set = vec![
        deployment("web", json!({})),
        object("autoscaling/v2", "HorizontalPodAutoscaler", "web", json!({"spec": {"scaleTargetRef": target}})),
        object("policy/v1", "PodDisruptionBudget", "web", selects("web")),
        object("policy/v1", "PodDisruptionBudget", "other", selects("other")),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    HorizontalPodAutoscaler/web -> Deployment/web Exists spec.scaleTargetRef
    PodDisruptionBudget/web -> Deployment/web Exists spec.selector
    ");
}

#[test]
fn no_pod_runs_before_the_policies_that_select_it() {
    let labels = |app: &str| json!({"matchLabels": {"app": app}});
    let cilium = json!({"matchLabels": {"k8s:app": "web"}});
    let mut elsewhere = object("networking.k8s.io/v1", "NetworkPolicy", "all", json!({"spec": {"podSelector": {}}}));
    elsewhere["metadata"]["namespace"] = json!("elsewhere");
    let set = vec![
        deployment("web", json!({})),
        elsewhere,
        object("networking.k8s.io/v1", "NetworkPolicy", "all", json!({"spec": {"podSelector": {}}})),
        object("networking.k8s.io/v1", "NetworkPolicy", "web", json!({"spec": {"podSelector": labels("web")}})),
        object("networking.k8s.io/v1", "NetworkPolicy", "other", json!({"spec": {"podSelector": labels("other")}})),
        object("cilium.io/v2", "CiliumNetworkPolicy", "one", json!({"spec": {"endpointSelector": cilium}})),
        object(
            "cilium.io/v2",
            "CiliumNetworkPolicy",
            "list",
            json!({"specs": [{"endpointSelector": labels("other")}, {"endpointSelector": cilium}]}),
        ),
        global("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "wide", json!({"spec": {"endpointSelector": {}}})),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    Deployment/web -> CiliumClusterwideNetworkPolicy/wide Exists spec.endpointSelector of CiliumClusterwideNetworkPolicy/wide
    Deployment/web -> CiliumNetworkPolicy/list Exists specs[1].endpointSelector of CiliumNetworkPolicy/list
    Deployment/web -> CiliumNetworkPolicy/one Exists spec.endpointSelector of CiliumNetworkPolicy/one
    Deployment/web -> NetworkPolicy/all Exists spec.podSelector of NetworkPolicy/all
    Deployment/web -> NetworkPolicy/web Exists spec.podSelector of NetworkPolicy/web
    ");
}

#[test]
fn a_quota_is_ready_before_what_it_counts() {
    let hard = json!({"spec": {"hard": {
        "count/languagemodels.langop.io": "1", "count/ingresses.networking.k8s.io": "1",
        "limits.cpu": "2", "configmaps": "3",
    }}});
    let set = vec![
        object("v1", "ResourceQuota", "langop-quota", hard),
        object("langop.io/v1alpha1", "LanguageModel", "m", json!({})),
        object("langop.io/v1alpha1", "LanguageTool", "t", json!({})),
        object("networking.k8s.io/v1", "Ingress", "i", json!({})),
        object("v1", "ConfigMap", "c", json!({})),
        object("v1", "Secret", "s", json!({})),
        object("v1", "LimitRange", "l", json!({})),
        deployment("web", json!({})),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    ConfigMap/c -> ResourceQuota/langop-quota Ready spec.hard[configmaps] of ResourceQuota/langop-quota
    Deployment/web -> LimitRange/l Exists spec.limits of LimitRange/l
    Deployment/web -> ResourceQuota/langop-quota Ready spec.hard[limits.cpu] of ResourceQuota/langop-quota
    LanguageModel/m -> ResourceQuota/langop-quota Ready spec.hard[count/languagemodels.langop.io] of ResourceQuota/langop-quota
    Ingress/i -> ResourceQuota/langop-quota Ready spec.hard[count/ingresses.networking.k8s.io] of ResourceQuota/langop-quota
    ");
}

#[test]
fn ingress_waits_for_class_backend_and_certificate() {
    let backend = |name: &str| json!({"service": {"name": name}});
    let spec = json!({
        "ingressClassName": "nginx",
        "defaultBackend": backend("fallback"),
        "rules": [{"http": {"paths": [{"backend": backend("web")}]}}],
        "tls": [{"secretName": "cert"}],
    });
    let set = vec![
        object("networking.k8s.io/v1", "Ingress", "i", json!({"spec": spec})),
        object("v1", "Service", "web", json!({"spec": {"selector": {"app": "web"}}})),
        object("v1", "Service", "fallback", json!({})),
        object("v1", "Secret", "cert", json!({})),
        global("networking.k8s.io/v1", "IngressClass", "nginx", json!({})),
        deployment("web", json!({})),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    Ingress/i -> Secret/cert Exists spec.tls[0].secretName
    Ingress/i -> Service/fallback Exists spec.defaultBackend.service.name
    Ingress/i -> Service/web Exists spec.rules[0].http.paths[0].backend.service.name
    Ingress/i -> IngressClass/nginx Exists spec.ingressClassName
    ");
}

#[test]
fn storage_accounts_and_stateful_sets() {
    let template = json!({"metadata": {}, "spec": {"storageClassName": "fast"}});
    let spec =
        json!({"serviceName": "db", "template": {"spec": {"containers": []}}, "volumeClaimTemplates": [template]});
    let set = vec![
        global("storage.k8s.io/v1", "StorageClass", "fast", json!({})),
        global("v1", "PersistentVolume", "disk", json!({"spec": {"storageClassName": "fast"}})),
        object(
            "v1",
            "PersistentVolumeClaim",
            "data",
            json!({"spec": {"storageClassName": "fast", "volumeName": "disk"}}),
        ),
        object("v1", "Service", "db", json!({})),
        object("apps/v1", "StatefulSet", "db", json!({"spec": spec})),
        object("v1", "Secret", "pull", json!({})),
        account_token("a"),
        object("v1", "ServiceAccount", "a", json!({"imagePullSecrets": [{"name": "pull"}]})),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    PersistentVolume/disk -> StorageClass/fast Exists spec.storageClassName
    PersistentVolumeClaim/data -> PersistentVolume/disk Exists spec.volumeName
    PersistentVolumeClaim/data -> StorageClass/fast Exists spec.storageClassName
    Secret/token -> ServiceAccount/a Exists metadata.annotations[kubernetes.io/service-account.name]
    ServiceAccount/a -> Secret/pull Exists imagePullSecrets[pull].name
    StatefulSet/db -> Service/db Exists spec.serviceName
    StatefulSet/db -> StorageClass/fast Exists spec.volumeClaimTemplates[0].spec.storageClassName
    ");
}

#[test]
fn webhooks_and_api_services_wait_for_their_service() {
    let service = json!({"namespace": "x", "name": "hook"});
    let webhooks = json!({"webhooks": [{"name": "a.example.com", "clientConfig": {"service": service}}]});
    let conversion = json!({"spec": {"conversion": {"webhook": {"clientConfig": {"service": service}}}}});
    let set = vec![
        object("v1", "Service", "hook", json!({})),
        global("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "v", webhooks),
        global("apiregistration.k8s.io/v1", "APIService", "v1.example.com", json!({"spec": {"service": service}})),
        global("apiextensions.k8s.io/v1", "CustomResourceDefinition", "c", conversion),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    ValidatingWebhookConfiguration/v -> Service/hook Exists webhooks[a.example.com].clientConfig.service.name
    CustomResourceDefinition/c -> Service/hook Exists spec.conversion.webhook.clientConfig.service.name
    APIService/v1.example.com -> Service/hook Exists spec.service.name
    ");
}

#[test]
fn an_agent_waits_for_what_it_names() {
    let spec = json!({
        "models": [{"name": "m"}], "persona": "p",
        "tools": [{"name": "t"}, {"name": "outside", "url": "https://tools.example.com"}],
    });
    let v1 = "langop.io/v1alpha1";
    let set = vec![
        object(v1, "LanguageAgent", "a", json!({"spec": spec})),
        object(v1, "LanguageModel", "m", json!({"spec": {"apiKeySecretRef": {"name": "key"}}})),
        object(v1, "LanguageTool", "t", json!({})),
        object(v1, "LanguageTool", "outside", json!({})),
        object(v1, "LanguagePersona", "p", json!({})),
        object("v1", "Secret", "key", json!({})),
    ];
    insta::assert_snapshot!(lines(set).join("\n"), @r"
    LanguageAgent/a -> LanguageModel/m Exists spec.models[m].name
    LanguageAgent/a -> LanguagePersona/p Exists spec.persona
    LanguageAgent/a -> LanguageTool/t Exists spec.tools[t].name
    LanguageModel/m -> Secret/key Exists spec.apiKeySecretRef.name
    ");
}
