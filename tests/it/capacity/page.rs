//! The sentences of the page's *Capacity Limits*, one by one.

use serde_json::{Value, json};

use crate::bench::{Bench, eventually};

use super::{KINDS, create, member, pod, stack};

/// Everything is limited to what the second members and the gateway fill, and 1 CPU and 1Gi beside.
const LIMITS: &str = "maxAgents = 2, maxModels = 2, maxTools = 2, maxPersonas = 2, maxCPU = \"3\", maxMemory = \"3Gi\"";

/// *Enforce hard limits on how many resources can be created in the namespace.*
#[test]
fn hard_limits_on_how_many_resources_can_be_created_in_the_namespace_are_enforced() {
    let bench = Bench::new("enforced");
    bench.write("langop.toml", &stack(LIMITS));
    bench.langop(&["apply", "--yes"]).exits(0);
    // Up to the limit, and not one more.
    bench.write("langop.toml", &(stack(LIMITS) + &member("second")));
    bench.langop(&["apply", "--yes"]).exits(0);
    let kinds = [
        ("LanguageAgent", "image: 'a:1'"),
        ("LanguageModel", "provider: openai, modelName: m"),
        ("LanguageTool", "image: 't:1'"),
        ("LanguagePersona", "tone: brief"),
    ];
    for ((kind, spec), (resource, _)) in kinds.into_iter().zip(KINDS) {
        let object = format!(
            "apiVersion: langop.io/v1alpha1\nkind: {kind}\nmetadata: {{name: third, namespace: NAME}}\nspec: {{{spec}}}\n"
        );
        let refused = create(&bench, &object).exits(1);
        let words = format!(
            "exceeded quota: langop-quota, requested: count/{resource}.langop.io=1, used: count/{resource}.langop.io=2"
        );
        assert!(refused.err.contains(&words), "{}", refused.err);
    }
    for (limits, words) in [
        ("cpu: 2500m, memory: 1Gi", "exceeded quota: langop-quota, requested: limits.cpu=2500m"),
        ("cpu: 1, memory: 2500Mi", "exceeded quota: langop-quota, requested: limits.memory=2500Mi"),
        ("cpu: 1", "must specify limits.memory"),
    ] {
        let refused = create(&bench, &pod("large", limits)).exits(1);
        assert!(refused.err.contains(words), "{limits}: {}", refused.err);
    }
    create(&bench, &pod("small", "cpu: 1, memory: 1Gi")).exits(0);
    bench.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

/// *The operator creates a `ResourceQuota` named langop-quota in the namespace.*
#[test]
fn a_resource_quota_named_langop_quota_is_in_the_namespace_with_one_key_for_each_limit() {
    let bench = Bench::new("named");
    bench.write("langop.toml", &stack(LIMITS));
    bench.langop(&["apply", "--yes"]).exits(0);
    let quota = bench.object(&["resourcequota", "langop-quota", "-n", &bench.name]);
    let hard = json!({
        "count/languageagents.langop.io": "2", "count/languagemodels.langop.io": "2",
        "count/languagetools.langop.io": "2", "count/languagepersonas.langop.io": "2",
        "limits.cpu": "3", "limits.memory": "3Gi",
    });
    assert_eq!((&quota["spec"]["hard"], &quota["status"]["hard"]), (&hard, &hard));
    // One limit is one key, and none is no quota.
    bench.write("langop.toml", &stack("maxTools = 7"));
    bench.langop(&["apply", "--yes"]).exits(0);
    let quota = bench.object(&["resourcequota", "langop-quota", "-n", &bench.name]);
    assert_eq!(quota["spec"]["hard"], json!({"count/languagetools.langop.io": "7"}));
    bench.write("langop.toml", &stack(""));
    bench.langop(&["apply", "--yes"]).exits(0);
    assert_eq!(bench.kubectl(&["get", "resourcequota", "-n", &bench.name, "-o", "name"]), "");
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
}

/// *Current usage is reflected in status.capacity.*
#[test]
fn current_usage_is_reflected_in_status_capacity() {
    let bench = Bench::new("usage");
    bench.write("langop.toml", &stack(LIMITS));
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.write("langop.toml", &(stack(LIMITS) + &member("second")));
    bench.langop(&["apply", "--yes"]).exits(0);
    let capacity = bench.object(&["languagecluster", &bench.name])["status"]["capacity"].clone();
    let amount = |part: &str, key: &str| capacity[part][key].clone();
    for (field, (resource, _)) in ["agentCount", "modelCount", "toolCount", "personaCount"].into_iter().zip(KINDS) {
        assert_eq!(capacity[field], 2, "{capacity:#}");
        assert_eq!(amount("hard", &format!("count/{resource}.langop.io")), "2", "{capacity:#}");
        assert_eq!(amount("used", &format!("count/{resource}.langop.io")), "2", "{capacity:#}");
    }
    assert_eq!((&capacity["totalCPULimits"], &capacity["totalMemoryLimits"]), (&json!("1"), &json!("1Gi")));
    assert_eq!((amount("hard", "limits.cpu"), amount("hard", "limits.memory")), (json!("3"), json!("3Gi")));
    assert_eq!(condition(&bench), "True");

    // `langop status` says what is so now, by whomever it was made.
    create(&bench, &pod("theirs", "cpu: 1, memory: 1Gi")).exits(0);
    eventually("the status shows the pod", std::time::Duration::from_secs(20), || {
        let said = bench.langop(&["status"]).all();
        said.contains("cpu 2/3") && said.contains("memory 2Gi/3Gi") && said.contains("models 2/2")
    });
    bench.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

fn condition(bench: &Bench) -> Value {
    let cluster = bench.object(&["languagecluster", &bench.name]);
    let conditions = cluster["status"]["conditions"].as_array().unwrap();
    conditions.iter().find(|condition| condition["type"] == "CapacityReady").unwrap()["status"].clone()
}
