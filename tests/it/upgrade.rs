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
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);

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
