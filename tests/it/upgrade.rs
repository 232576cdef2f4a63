//! A target with the CRDs of an older langop: the plan is held against the schemas that it brings.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::control_plane::OwnHome;

/// Nothing of the first cluster is written down; the second has a field that is new.
const DESCRIPTION: &str = r#"stack = "NAME"

[clusters.NAME]

[clusters.second-NAME.gateway.auth]
restrictModels = true

[models.llama]
clusters = ["NAME"]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"
"#;

/// The CRDs as a release before had them.
fn older(crds: &str) -> String {
    let mut documents: Vec<Value> = serde_saphyr::from_multiple(crds).unwrap();
    documents.retain(|document| document["kind"] == "CustomResourceDefinition");
    for crd in &mut documents {
        crd["metadata"]["annotations"]["langop.io/schema"] = json!("1");
        let schema = &mut crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        schema["properties"]["spec"].as_object_mut().unwrap().remove("default");
        schema["required"] = json!(["spec"]);
        if let Some(auth) = schema.pointer_mut("/properties/spec/properties/gateway/properties/auth") {
            auth["properties"].as_object_mut().unwrap().remove("restrictModels");
            auth.as_object_mut().unwrap().remove("x-kubernetes-validations");
        }
    }
    documents.iter().map(Value::to_string).collect::<Vec<_>>().join("\n---\n")
}

/// A kubeconfig of somebody who may make roles, and lacks one of the rights that those of langop give.
fn without_roles(bench: &Bench) -> String {
    let name = format!("{}-applier", bench.name);
    let rules = json!([
        {"apiGroups": ["", "apps", "networking.k8s.io", "policy", "apiextensions.k8s.io", "apiregistration.k8s.io",
            "coordination.k8s.io", "events.k8s.io"], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": ["langop.io"], "resources": ["*"],
            "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"]},
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["get", "create", "patch"]},
    ]);
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": name}, "rules": rules});
    let file = bench.write("role.json", &role.to_string()).display().to_string();
    bench.kubectl(&["apply", "-f", &file]);
    bench.kubectl(&["create", "serviceaccount", &name, "-n", "default"]);
    let subject = format!("--serviceaccount=default:{name}");
    bench.kubectl(&["create", "clusterrolebinding", &name, &format!("--clusterrole={name}"), &subject]);
    let token = bench.kubectl(&["create", "token", &name, "-n", "default"]);
    let mut config: Value = serde_json::from_str(&bench.kubectl(&["config", "view", "--raw", "-o", "json"])).unwrap();
    config["users"][0]["user"] = json!({"token": token});
    bench.write("applier.json", &config.to_string()).display().to_string()
}

#[test]
fn a_target_with_older_crds_is_upgraded_by_the_apply_that_needs_the_new_ones() {
    let own = OwnHome::new();
    assert!(own.langop(&["dev", "up"]).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    let bench = Bench::at("upgrade", own.home.kubeconfig());
    let crds = bench.langop(&["crds"]).exits(0).out;
    let file = bench.write("crds.yaml", &older(&crds)).display().to_string();
    bench.kubectl(&["apply", "--server-side", "--field-manager=langop", "-f", &file]);
    bench.kubectl(&["wait", "--for=condition=Established", "crd/languageclusters.langop.io", "--timeout=60s"]);
    bench.write("langop.toml", DESCRIPTION);
    let plan = bench.langop(&["plan"]).exits(0);
    assert!(plan.out.contains("CustomResourceDefinition/languageclusters.langop.io"), "{}", plan.out);
    assert!(plan.out.contains("new [schema]"), "{}", plan.out);
    assert!(plan.out.contains("ClusterRoles `langop-view` and `langop-edit`"), "{}", plan.out);
    // Who may not give what the roles give is told so, and by whom they can be made; everything else is done.
    let applied = bench.langop(&["apply", "--yes", "--kubeconfig", &without_roles(&bench)]).exits(0);
    assert!(applied.err.contains("warning: the ClusterRoles `langop-view`"), "{}", applied.err);
    assert!(applied.err.contains("gives rights that"), "{}", applied.err);
    assert!(
        applied.err.contains("`langop crds` prints them") && applied.out.contains("Apply complete!"),
        "{applied:?}"
    );
    let settled = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(!settled.out.contains("langop-view"), "{}", settled.out);

    // A field that goes with the upgrade goes: without a dry-run nobody sees it in the plan.
    bench.kubectl(&["apply", "--server-side", "--field-manager=langop", "--force-conflicts", "-f", &file]);
    let text = DESCRIPTION.replace("modelName", "timeout = \"90s\"\nmodelName");
    bench.write("langop.toml", &text);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.kubectl(&["apply", "--server-side", "--field-manager=langop", "--force-conflicts", "-f", &file]);
    bench.write("langop.toml", DESCRIPTION);
    bench.langop(&["apply", "--yes"]).exits(0);
    let model = bench.object(&["languagemodel", "llama", "-n", &bench.name]);
    assert_eq!(model["spec"]["timeout"], "5m", "the default came back");
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    let restricted = bench.object(&["languagecluster", &format!("second-{}", bench.name)]);
    assert_eq!(restricted["spec"]["gateway"]["auth"]["restrictModels"], true);
}
