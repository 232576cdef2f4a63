//! What plan, apply and destroy promise, on a real API server.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, eventually};
use crate::proxy::{Recorder, Seen};

/// A language cluster with one model that needs no key.
const CLUSTER: &str = r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 3 }

[models.NAME]
provider = "openai-compatible"
modelName = "llama"
endpoint = "http://llama.models.svc:8080"
"#;

/// Two plain objects in a namespace of their own.
const PLAIN: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: NAME}
data: {key: value}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web:1}]}
";

fn counts(plan: &Value) -> (u64, u64, u64) {
    let count = |what: &str| plan["summary"][what].as_u64().unwrap_or(0);
    (count("add"), count("change"), count("destroy"))
}

#[test]
fn a_cluster_is_planned_applied_found_unchanged_and_destroyed() {
    let bench = Bench::new("life");
    bench.write("langop.toml", CLUSTER);
    let plan = bench.langop(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(!plan.out.contains('\u{1b}'), "colours in a pipe: {}", plan.out);
    assert!(plan.out.contains("Plan:") && plan.out.contains("Deployment/gateway"), "{}", plan.out);
    let applied = bench.langop(&["apply", "--yes"]).exits(0);
    let endpoint = format!("http://gateway.{}.svc.cluster.local:8000", bench.name);
    assert!(applied.out.contains(&endpoint), "{}", applied.out);
    let cluster = bench.object(&["languagecluster", &bench.name]);
    assert_eq!(cluster["status"]["phase"], "Ready", "{cluster:#}");
    assert_eq!(cluster["status"]["gatewayEndpoint"], endpoint);
    assert_eq!(cluster["status"]["gatewayReady"], true);
    assert_eq!(cluster["status"]["capacity"]["modelCount"], 1);
    assert_eq!(cluster["status"]["capacity"]["hard"]["count/languagemodels.langop.io"], "3");
    let again = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(again.out.contains("Nothing to do"), "{}", again.out);
    let destroyed = bench.langop(&["destroy", "--yes"]).exits(0);
    assert!(destroyed.out.contains("destroyed"), "{}", destroyed.out);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
    assert_eq!(bench.try_kubectl(&["get", "languagecluster", &bench.name]).code, Some(1));
    let record = bench.kubectl(&["get", "configmap,lease", "-n", "langop-system", "-o", "name"]);
    assert!(!record.contains(&bench.name), "{record}");
}

#[test]
fn a_plan_sends_nothing_but_reads_and_dry_runs() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("reads", recorder.kubeconfig.clone());
    bench.write("langop.toml", CLUSTER);
    let direct = Bench::new("reads-direct");
    bench.langop(&["plan"]).exits(0);
    let first = recorder.take();
    direct.write("langop.toml", &CLUSTER.replace("NAME", &bench.name));
    direct.langop(&["apply", "--yes"]).exits(0);
    direct.kubectl(&["scale", "deployment/gateway", "--replicas=3", "-n", &bench.name]);
    bench.langop(&["plan", "--refresh=full", "--force-conflicts"]).exits(0);
    bench.langop(&["plan", "--destroy"]).exits(0);
    let all: Vec<_> = first.into_iter().chain(recorder.take()).collect();
    assert!(all.iter().any(|seen| seen.method == "PATCH"), "no dry-run was sent");
    for seen in all {
        let harmless = seen.method == "GET" || seen.uri.contains("dryRun=All");
        assert!(harmless, "{} {}", seen.method, seen.uri);
    }
    direct.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn planning_an_unchanged_stack_costs_a_request_a_kind_and_a_few_whatever_the_number_of_objects() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("cost", recorder.kubeconfig.clone());
    let cost = |objects: usize| {
        let maps = (0..objects).map(|i| {
            format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{i}, namespace: NAME}}\ndata: {{key: value}}\n")
        });
        bench.write("stack.yaml", &(PLAIN.to_owned() + &maps.collect::<String>()));
        bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
        recorder.take();
        let plan = bench.langop(&["plan", "--json", "--stack", &bench.name, "stack.yaml"]).exits(0).json();
        assert_eq!(counts(&plan), (0, 0, 0), "{plan:#}");
        recorder.take()
    };
    let (few, many) = (cost(2), cost(120));
    let uris: Vec<_> = many.iter().map(|seen| format!("{} {}", seen.method, seen.uri)).collect();
    // Two of discovery and, beside them, which cluster it is and as whom; the record, the lock, and one LIST for each of
    // the three kinds.
    assert_eq!(few.len(), many.len(), "{uris:#?}");
    assert!(many.len() <= 3 + 6, "{uris:#?}");
    let looks = |seen: &Seen| seen.method == "GET" || seen.uri.ends_with("/selfsubjectreviews?dryRun=All");
    assert!(many.iter().all(looks), "{uris:#?}");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn every_change_to_every_rendered_kind_is_seen() {
    let bench = Bench::new("seen");
    bench.write(
        "langop.toml",
        &format!(
            "{CLUSTER}\n{}",
            r#"
[clusters.NAME.gateway.deployment]
replicas = 2
roleRules = [{ apiGroups = [""], resources = ["events"], verbs = ["create"] }]
[clusters.NAME.ingress]
enabled = true
"#
        )
        .replace("capacity =", "domain = \"NAME.example.com\"\ncapacity ="),
    );
    bench.langop(&["apply", "--yes"]).exits(0);
    let namespace = bench.name.as_str();
    let planned = bench.langop(&["plan", "--json"]).exits(0).json();
    let objects: Vec<_> =
        planned["changes"].as_array().unwrap().iter().map(|change| change["object"].clone()).collect();
    let spec = |kind: &str, name: &str| match kind {
        "Deployment" => json!({"spec": {"replicas": 3}}),
        "Service" => json!({"spec": {"ports": [{"name": "http", "port": 8000, "targetPort": 9}]}}),
        // The content of the other one is immutable.
        "ConfigMap" if name == "gateway-agents" => json!({"data": {"agents.json": "changed"}}),
        "ConfigMap" => json!({"metadata": {"labels": {"langop.io/version-of": "another"}}}),
        "NetworkPolicy" => json!({"spec": {"policyTypes": ["Ingress", "Egress"]}}),
        "ResourceQuota" => json!({"spec": {"hard": {"count/languagemodels.langop.io": "7"}}}),
        "PodDisruptionBudget" => json!({"spec": {"maxUnavailable": "50%"}}),
        "LanguageModel" => json!({"spec": {"modelName": "other"}}),
        "LanguageCluster" => json!({"spec": {"capacity": {"maxModels": 9}}}),
        "Ingress" => json!({"spec": {"rules": [{"host": "other.example.com"}]}}),
        "Role" => json!({"rules": []}),
        "RoleBinding" => json!({"subjects": []}),
        "ServiceAccount" => json!({"automountServiceAccountToken": true}),
        // What else it has, langop does not set; and the Secret is made once.
        "Namespace" | "Secret" | "CustomResourceDefinition" => {
            json!({"metadata": {"labels": {"app.kubernetes.io/part-of": "x"}}})
        }
        other => panic!("no mutation for {other}"),
    };
    for object in &objects {
        let (kind, name) = (object["kind"].as_str().unwrap(), object["name"].as_str().unwrap());
        if kind == "Secret" || kind == "CustomResourceDefinition" {
            continue;
        }
        let patch = spec(kind, name).to_string();
        let resource = format!("{kind}.{}", object["group"].as_str().unwrap_or_default());
        let resource = resource.trim_end_matches('.');
        bench.kubectl(&["patch", resource, name, "-n", namespace, "--type=merge", "-p", &patch]);
        let seen = bench.langop(&["plan", "--json", "--force-conflicts"]).json();
        let changed = seen["changes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|change| change["object"] == *object && change["action"] != "no-op");
        assert!(changed, "the change to {kind}/{name} was not seen: {seen:#}");
        bench.langop(&["apply", "--yes", "--force-conflicts"]).exits(0);
    }
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn drift_is_reverted_and_names_who_moved_it() {
    let bench = Bench::new("drift");
    bench.write("stack.yaml", PLAIN);
    let args = |command: &'static str| vec![command, "--stack", "drift-stack", "stack.yaml"];
    bench.langop(&[args("apply"), vec!["--yes"]].concat()).exits(0);
    // Taken with force, as `kubectl apply --force-conflicts` would.
    bench.write(
        "theirs.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: NAME}\ndata: {key: theirs}\n",
    );
    let theirs = bench.path("theirs.yaml");
    bench.kubectl(&["apply", "--server-side", "--force-conflicts", "--field-manager=intruder", "-f", &theirs]);
    let refused = bench.langop(&args("plan")).exits(1);
    assert!(refused.out.contains("intruder") && refused.out.contains("data.key"), "{}", refused.out);
    assert!(refused.out.contains("--force-conflicts"), "{}", refused.out);
    let plan = bench.langop(&[args("plan"), vec!["--force-conflicts"]].concat()).exits(0);
    assert!(
        plan.out.contains("intruder") && plan.out.contains("Plan: 0 to add, 1 to change, 0 to destroy."),
        "{}",
        plan.out
    );
    bench.langop(&[args("apply"), vec!["--yes", "--force-conflicts"]].concat()).exits(0);
    assert_eq!(bench.object(&["configmap", "one", "-n", &bench.name])["data"]["key"], "value");
    bench.langop(&["destroy", "--yes", "--stack", "drift-stack"]).exits(0);
}

#[test]
fn what_left_the_description_is_deleted_and_nothing_else() {
    let bench = Bench::new("prune");
    bench.write("stack.yaml", PLAIN);
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    bench.kubectl(&["create", "configmap", "theirs", "-n", &bench.name]);
    bench.write(
        "stack.yaml",
        &PLAIN.replace("kind: ConfigMap\nmetadata: {name: one", "kind: ConfigMap\nmetadata: {name: two"),
    );
    let plan = bench.langop(&["plan", "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert!(plan.out.contains("Plan: 1 to add, 0 to change, 1 to destroy."), "{}", plan.out);
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    let maps = bench.kubectl(&["get", "configmap", "-n", &bench.name, "-o", "name"]);
    assert!(maps.contains("/two") && maps.contains("/theirs") && !maps.contains("/one"), "{maps}");
    // The namespace holds what this stack did not make.
    let refused = bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(1);
    assert!(
        refused.out.contains("ConfigMap") && refused.err.contains("--include-unmanaged"),
        "{}{}",
        refused.out,
        refused.err
    );
    bench.langop(&["destroy", "--yes", "--include-unmanaged", "--stack", &bench.name]).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

#[test]
fn what_someone_else_made_is_taken_over_only_when_asked() {
    let bench = Bench::new("adopt");
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.kubectl(&["create", "configmap", "one", "-n", &bench.name, "--from-literal=key=theirs"]);
    bench.write("langop.toml", CLUSTER);
    let refused = bench.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("--adopt"), "{}", refused.out);
    bench.langop(&["apply", "--yes"]).exits(1);
    bench.kubectl(&["create", "configmap", "gateway-agents", "-n", &bench.name, "--from-literal=key=theirs"]);
    bench.langop(&["apply", "--yes", "--adopt"]).exits(0);
    // What belonged to the cluster would go with it.
    for object in [["namespace", &bench.name].as_slice(), &["configmap", "gateway-agents", "-n", &bench.name]] {
        let adopted = bench.object(object);
        assert!(adopted["metadata"]["ownerReferences"].is_null(), "{adopted:#}");
    }
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
    let namespace = bench.object(&["namespace", &bench.name]);
    assert!(namespace["metadata"]["labels"]["langop.io/stack"].is_null(), "{namespace:#}");
    assert_eq!(bench.object(&["configmap", "one", "-n", &bench.name])["data"]["key"], "theirs");
    bench.kubectl(&["get", "configmap", "gateway-agents", "-n", &bench.name]);
    assert_eq!(bench.try_kubectl(&["get", "deployment", "gateway", "-n", &bench.name]).code, Some(1));
    bench.kubectl(&["delete", "namespace", &bench.name]);
}

#[test]
fn an_object_of_another_stack_is_an_error() {
    let bench = Bench::new("two");
    bench.write("stack.yaml", PLAIN);
    bench.langop(&["apply", "--yes", "--stack", "two-first", "stack.yaml"]).exits(0);
    let refused = bench.langop(&["plan", "--adopt", "--stack", "two-second", "stack.yaml"]).exits(1);
    assert!(refused.out.contains("belongs to the stack `two-first`"), "{}", refused.out);
    bench.langop(&["destroy", "--yes", "--stack", "two-first"]).exits(0);
}

#[test]
fn an_immutable_field_needs_leave_to_replace() {
    let bench = Bench::new("replace");
    bench.write("stack.yaml", PLAIN);
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    let uid = bench.object(&["deployment", "web", "-n", &bench.name])["metadata"]["uid"].clone();
    bench.write("stack.yaml", &PLAIN.replace("app: web", "app: other"));
    let refused = bench.langop(&["plan", "--stack", &bench.name, "stack.yaml"]).exits(1);
    assert!(refused.out.contains("spec.selector") && refused.out.contains("--replace"), "{}", refused.out);
    let address = format!("--replace=Deployment/{}/web", bench.name);
    bench.langop(&["apply", "--yes", &address, "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert_ne!(bench.object(&["deployment", "web", "-n", &bench.name])["metadata"]["uid"], uid);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn an_object_that_someone_made_again_is_left_alone() {
    let bench = Bench::new("again");
    bench.write("stack.yaml", PLAIN);
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    bench.kubectl(&["delete", "configmap", "one", "-n", &bench.name]);
    bench.kubectl(&["create", "configmap", "one", "-n", &bench.name, "--from-literal=key=theirs"]);
    let without: Vec<_> = PLAIN.split("---\n").filter(|document| !document.contains("kind: ConfigMap")).collect();
    bench.write("stack.yaml", &without.join("---\n"));
    let said = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert!(said.out.contains("someone else made it again"), "{}", said.out);
    assert_eq!(bench.object(&["configmap", "one", "-n", &bench.name])["data"]["key"], "theirs");
    bench.langop(&["destroy", "--yes", "--include-unmanaged", "--stack", &bench.name]).exits(0);
}

#[test]
fn a_protected_object_is_not_deleted_even_when_the_description_forgot_it() {
    let bench = Bench::new("protect");
    bench.write("stack.yaml", PLAIN);
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    bench.kubectl(&["annotate", "configmap", "one", "-n", &bench.name, "langop.io/protect=true"]);
    let refused = bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(1);
    assert!(refused.out.contains("langop.io/protect"), "{}", refused.out);
    bench.kubectl(&["annotate", "configmap", "one", "-n", &bench.name, "langop.io/protect-"]);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn deleting_the_language_cluster_with_kubectl_deletes_the_namespace_and_all_in_it() {
    let bench = Bench::new("kubectl");
    bench.write("langop.toml", CLUSTER);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.kubectl(&["delete", "languagecluster", &bench.name]);
    eventually("the namespace is gone", Duration::from_mins(1), || {
        bench.try_kubectl(&["get", "namespace", &bench.name]).code == Some(1)
    });
    // Applying again makes it anew; the record of what is gone is no obstacle.
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn the_api_server_refuses_what_the_rules_of_the_kinds_forbid() {
    let bench = Bench::new("rules");
    bench.write("langop.toml", CLUSTER);
    bench.langop(&["apply", "--yes"]).exits(0);
    let model = |spec: &str| {
        format!(
            "apiVersion: langop.io/v1alpha1\nkind: LanguageModel\nmetadata: {{name: x, namespace: NAME}}\nspec: {{modelName: m, {spec}}}\n"
        )
    };
    let cluster = |spec: &str| {
        format!("apiVersion: langop.io/v1alpha1\nkind: LanguageCluster\nmetadata: {{name: NAME-x}}\nspec: {{{spec}}}\n")
    };
    let peers = |peer: &str| cluster(&format!("networkPolicies: {{egress: [{{to: [{{{peer}}}]}}]}}"));
    let bad = [
        model("provider: openai, litellmProvider: groq"),
        model("provider: azure"),
        model("provider: openai-compatible"),
        model("provider: nobody"),
        cluster("ingress: {enabled: true}"),
        cluster("domain: example.com, ingress: {enabled: true, tls: {mode: secret}}"),
        peers("cidr: 10.0.0.0/8, group: front"),
    ];
    for manifest in bad {
        bench.write("bad.yaml", &manifest);
        let refused = bench.try_kubectl(&["create", "--dry-run=server", "-f", &bench.path("bad.yaml")]);
        assert!(
            refused.code == Some(1) && refused.err.contains("is invalid"),
            "{manifest}{}{}",
            refused.out,
            refused.err
        );
    }
    bench.write("good.yaml", &peers("cidr: 10.0.0.0/8"));
    bench.kubectl(&["create", "--dry-run=server", "-f", &bench.path("good.yaml")]);
    let columns = bench.kubectl(&["get", "languagecluster", &bench.name]);
    for column in ["PHASE", "GATEWAY", "GATEWAYREADY", "AGE", "Ready"] {
        assert!(columns.contains(column), "{column}: {columns}");
    }
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_restart_of_the_gateway_is_announced_and_shown_as_a_text_diff() {
    let bench = Bench::new("restart");
    bench.write("langop.toml", CLUSTER);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.write("langop.toml", &CLUSTER.replace("modelName = \"llama\"", "modelName = \"qwen\""));
    let plan = bench.langop(&["plan"]).exits(0);
    assert!(plan.out.contains(&format!("gateway of cluster `{}` restarts", bench.name)), "{}", plan.out);
    assert!(plan.out.lines().any(|line| line.trim_start().starts_with('-') && line.contains("llama")), "{}", plan.out);
    assert!(plan.out.lines().any(|line| line.trim_start().starts_with('+') && line.contains("qwen")), "{}", plan.out);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_changed_credential_rolls_the_gateway_and_no_value_is_ever_shown() {
    let bench = Bench::new("rotate");
    bench.write(
        "langop.toml",
        &format!(
            "{CLUSTER}apiKeySecretRef = {{ name = \"key\" }}\n\n[secrets.key]\nfromEnv = {{ api-key = \"TEST_KEY\" }}\n"
        ),
    );
    let with =
        |args: &[&str], value: &str| crate::bench::said(&bench.command(args).env("TEST_KEY", value).output().unwrap());
    let first = with(&["apply", "--yes", "--full"], "sk-first-value").exits(0);
    let quiet = with(&["plan", "--detailed-exitcode"], "sk-first-value").exits(0);
    let plan = with(&["plan", "--full"], "sk-second-value").exits(0);
    assert!(plan.out.contains("(changed)") && plan.out.contains("restarts"), "{}", plan.out);
    let json = with(&["plan", "--json"], "sk-second-value").exits(0);
    let applied = with(&["apply", "--yes"], "sk-second-value").exits(0);
    with(&["plan", "--detailed-exitcode"], "sk-second-value").exits(0);
    let without = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    let said = without.out.contains("Not checked:") && without.out.contains("`TEST_KEY` is not set");
    assert!(said, "{}", without.out);
    let refused = bench.langop(&["apply", "--yes"]).exits(65);
    assert!(refused.err.contains("TEST_KEY"), "{}", refused.err);
    let record = bench.kubectl(&["get", "configmap", "-n", "langop-system", "-o", "json"]);
    for said in [&first, &quiet, &plan, &json, &applied, &without, &refused] {
        for text in [&said.out, &said.err, &record] {
            assert!(!text.contains("first-value") && !text.contains("second-value"), "a value leaked:\n{text}");
            assert!(
                !text.contains("c2stZmlyc3QtdmFsdWU") && !text.contains("c2stc2Vjb25kLXZhbHVl"),
                "a value leaked:\n{text}"
            );
        }
    }
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_secret_that_is_not_there_is_found_at_plan() {
    let bench = Bench::new("nosecret");
    bench.write("langop.toml", CLUSTER);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.write("langop.toml", &format!("{CLUSTER}apiKeySecretRef = {{ name = \"their-key\" }}\n"));
    let refused = bench.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("missing-secret") && refused.out.contains("Secret/their-key"), "{}", refused.out);
    bench.kubectl(&["create", "secret", "generic", "their-key", "-n", &bench.name, "--from-literal=api-key=sk-x"]);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    // Rotated by its owner: the gateway restarts, and nothing of the value is needed to know that.
    let patch = r#"{"stringData":{"api-key":"sk-y"}}"#;
    bench.kubectl(&["patch", "secret", "their-key", "-n", &bench.name, "--type=merge", "-p", patch]);
    let plan = bench.langop(&["plan", "--detailed-exitcode"]).exits(2);
    let told = format!("credentials of model.{} changed since it started", bench.name);
    assert!(plan.out.contains(&told), "{}", plan.out);
    bench.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_written() {
    let bench = Bench::new("ask");
    bench.write("stack.yaml", PLAIN);
    let said = bench.langop(&["apply", "--stack", &bench.name, "stack.yaml"]).exits(64);
    assert!(said.err.contains("--yes"), "{}", said.err);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

#[test]
fn an_identity_that_may_only_read_gets_a_plan_that_says_so() {
    let bench = Bench::new("viewer");
    bench.write("stack.yaml", PLAIN);
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    bench.kubectl(&["create", "serviceaccount", "viewer", "-n", &bench.name]);
    let subject = format!("--serviceaccount={}:viewer", bench.name);
    bench.kubectl(&["create", "clusterrolebinding", &bench.name, "--clusterrole=view", &subject]);
    bench.kubectl(&["create", "clusterrole", &bench.name, "--verb=get,list", "--resource=namespaces,leases"]);
    bench.kubectl(&[
        "create",
        "clusterrolebinding",
        &format!("{}-ns", bench.name),
        &format!("--clusterrole={}", bench.name),
        &subject,
    ]);
    let token = bench.kubectl(&["create", "token", "viewer", "-n", &bench.name]);
    let admin = std::fs::read_to_string(crate::control_plane::kubeconfig()).unwrap();
    let mut config: Value = serde_saphyr::from_str(&admin).unwrap();
    config["users"][0]["user"] = json!({"token": token.trim()});
    let viewer = bench.write("viewer.kubeconfig", &config.to_string());
    let viewer = viewer.display().to_string();
    bench.write("stack.yaml", &PLAIN.replace("key: value", "key: other"));
    let said = bench.langop(&["plan", "--kubeconfig", &viewer, "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert!(
        said.out.contains("Plan: 0 to add, 1 to change, 0 to destroy.") && said.out.contains("schema"),
        "{}",
        said.out
    );
    bench.langop(&["plan", "--require=server", "--kubeconfig", &viewer, "--stack", &bench.name, "stack.yaml"]).exits(7);
    bench.langop(&["apply", "--yes", "--kubeconfig", &viewer, "--stack", &bench.name, "stack.yaml"]).exits(77);
    bench.kubectl(&["delete", "clusterrolebinding", &bench.name, &format!("{}-ns", bench.name)]);
    bench.kubectl(&["delete", "clusterrole", &bench.name]);
    bench.langop(&["destroy", "--yes", "--include-unmanaged", "--stack", &bench.name]).exits(0);
}

#[test]
fn an_unreachable_server_is_not_an_empty_one() {
    let bench = Bench::new("nobody");
    bench.write("stack.yaml", PLAIN);
    let config = "apiVersion: v1\nkind: Config\ncurrent-context: r\nclusters: [{name: r, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: r, user: {}}]\ncontexts: [{name: r, context: {cluster: r, user: r}}]\n";
    let config = bench.write("kubeconfig", config).display().to_string();
    let said = bench.langop(&["plan", "--kubeconfig", &config, "--stack", "x", "stack.yaml"]).exits(69);
    assert!(said.err.contains("cannot reach http://127.0.0.1:1"), "{}", said.err);
}
