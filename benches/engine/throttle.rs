//! An identity to which the API server gives little: a priority level of its own with few seats and a short queue
//! (Kubernetes, *API Priority and Fairness*).

use std::path::{Path, PathBuf};

use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::DynamicObject;
use kube::discovery::ApiResource;
use kube::{Client, ResourceExt as _};
use secrecy::ExposeSecret as _;
use serde_json::json;

/// Requests of the identity that the API server runs at once: one share of about 246, of 600 seats.
pub const SEATS: usize = 3;

const NAME: &str = "langop-throttled";
const NAMESPACE: &str = "default";

/// Makes the identity and its limits, and writes a kubeconfig of it.
pub fn kubeconfig(admin: &Path, file: &Path) -> PathBuf {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let token = runtime.block_on(async {
        let kubeconfig = Kubeconfig::read_from(admin).unwrap();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        let client = Client::try_from(config).unwrap();
        for object in objects() {
            apply(&client, object).await;
        }
        let accounts = Api::<ServiceAccount>::namespaced(client, NAMESPACE);
        let (params, request) = (kube::api::PostParams::default(), TokenRequest::default());
        accounts.create_token_request(NAME, &params, &request).await.unwrap().status.unwrap().token
    });
    let mut kubeconfig = Kubeconfig::read_from(admin).unwrap();
    let user = kubeconfig.auth_infos[0].auth_info.as_mut().unwrap();
    *user = kube::config::AuthInfo { token: Some(token.unwrap().into()), ..kube::config::AuthInfo::default() };
    assert!(user.token.as_ref().is_some_and(|token| !token.expose_secret().is_empty()));
    std::fs::write(file, serde_json::to_vec(&kubeconfig).unwrap()).unwrap();
    file.to_owned()
}

async fn apply(client: &Client, object: DynamicObject) {
    let types = object.types.clone().unwrap();
    let (group, version) = types.api_version.split_once('/').unwrap_or(("", &types.api_version));
    let resource = ApiResource::from_gvk(&kube::core::GroupVersionKind::gvk(group, version, &types.kind));
    let api = match object.namespace() {
        Some(namespace) => Api::<DynamicObject>::namespaced_with(client.clone(), &namespace, &resource),
        None => Api::<DynamicObject>::all_with(client.clone(), &resource),
    };
    api.patch(&object.name_any(), &PatchParams::apply("bench").force(), &Patch::Apply(&object)).await.unwrap();
}

fn objects() -> Vec<DynamicObject> {
    let flow = "flowcontrol.apiserver.k8s.io/v1";
    let account = json!({"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE});
    let all = [
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAMESPACE}}),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": NAME},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [account],
        }),
        json!({
            "apiVersion": flow, "kind": "PriorityLevelConfiguration", "metadata": {"name": NAME},
            "spec": {"type": "Limited", "limited": {
                "nominalConcurrencyShares": 1, "lendablePercent": 0, "borrowingLimitPercent": 0,
                "limitResponse": {"type": "Queue", "queuing": {"queues": 1, "handSize": 1, "queueLengthLimit": 4}},
            }},
        }),
        json!({
            "apiVersion": flow, "kind": "FlowSchema", "metadata": {"name": NAME},
            "spec": {
                "matchingPrecedence": 50, "priorityLevelConfiguration": {"name": NAME},
                "rules": [{
                    "subjects": [{"kind": "ServiceAccount", "serviceAccount": {"name": NAME, "namespace": NAMESPACE}}],
                    "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true,
                        "namespaces": ["*"]}],
                    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
                }],
            },
        }),
    ];
    all.into_iter().map(|object| serde_json::from_value(object).unwrap()).collect()
}
