//! A plan of somebody who may look and not write: less is known, nothing is made up, and what is missing is said once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{bound, granted, identity};
use crate::bench::Bench;

const STACK: &str = r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 3 }

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"
"#;

fn words(plan: &Value, field: &str) -> BTreeSet<String> {
    let changes = plan["changes"].as_array().unwrap().iter();
    changes.map(|change| change[field].as_str().unwrap().to_owned()).collect()
}

fn warnings(plan: &Value) -> Vec<String> {
    let problems = plan["problems"].as_array().unwrap().iter();
    let missing = problems.filter(|problem| problem["code"] == "not-permitted");
    missing.map(|problem| problem["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn who_may_only_read_plans_with_less_confidence_and_hears_once_what_is_missing() {
    let bench = Bench::new("reader");
    let own = json!({"apiGroups": ["langop.io", "apiextensions.k8s.io", "apiregistration.k8s.io"], "resources": ["*"],
        "verbs": ["get", "list"]});
    let mut objects = granted(&bench.name, &[own]);
    objects.push(bound(&format!("{}-view", bench.name), "view"));
    let reader = identity(&bench, "reader", &objects);
    let plan = |more: &[&str]| bench.langop(&[&["plan", "--json", "--kubeconfig", &reader], more].concat());
    bench.write("langop.toml", STACK);

    // Everything is new: nothing could be tried, not even in another namespace.
    let new = plan(&[]).exits(0).json();
    // The CRDs may be there already, from another stack.
    let actions = BTreeSet::from(["create", "no-op"].map(str::to_owned));
    assert!(words(&new, "action").is_subset(&actions), "{new:#}");
    assert!(
        words(&new, "confidence").is_subset(&["schema", "server", "recorded"].map(str::to_owned).into()),
        "{new:#}"
    );
    let said = warnings(&new);
    assert!(
        said.len() == 1 && said[0].contains("`create` and `patch`") && said[0].contains("deployments.apps"),
        "{said:?}"
    );
    plan(&["--require=server"]).exits(7);

    // Nothing moved, and every object is read: no change is made up.
    bench.langop(&["apply", "--yes"]).exits(0);
    plan(&["--detailed-exitcode"]).exits(0);
    let same = plan(&["--detailed-exitcode", "--refresh=full"]).exits(0).json();
    assert_eq!(words(&same, "action"), BTreeSet::from(["no-op".to_owned()]), "{same:#}");
    assert!(warnings(&same).is_empty(), "nothing would be written: {same:#}");

    // What is described anew is what changes.
    bench.write("langop.toml", &STACK.replace("llama3.2", "llama3.3"));
    let next = plan(&["--detailed-exitcode"]).exits(2).json();
    let changes = next["changes"].as_array().unwrap().iter();
    let model = changes.clone().find(|change| change["object"]["kind"] == "LanguageModel").unwrap();
    assert_eq!((&model["action"], &model["confidence"]), (&json!("update"), &json!("schema")), "{model:#}");
    let still: Vec<_> = changes.filter(|change| change["object"]["kind"] == "Namespace").collect();
    assert_eq!(still[0]["action"], "no-op", "{next:#}");
    bench.langop(&["destroy", "--yes"]).exits(0);
}
