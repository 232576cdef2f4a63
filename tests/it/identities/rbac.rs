//! The roles that langop prints are enough, and no more than what it asks the API server for.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{identity, listed};
use crate::bench::{Bench, Said, repository, said};
use crate::proxy::{Recorder, Seen};

/// One stack with all that asks for rights of its own: a CRD and its object, a Secret with a value, a role and a binding.
const CARRIED: &str = r"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.NAME.example.com}
spec:
  group: NAME.example.com
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {a: {type: string}}}}}}
---
apiVersion: NAME.example.com/v1
kind: Thing
metadata: {name: x, namespace: NAME}
spec: {a: x}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: NAME}
stringData: {password: swordfish}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: NAME}
rules: [{apiGroups: [''], resources: [pods/log], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: Group, name: NAME, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: viewers, namespace: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: Group, name: NAME, apiGroup: rbac.authorization.k8s.io}]
";

/// A description, as files and flags, and commands that look at what it has made.
struct Life<'a> {
    description: &'a [&'a str],
    looks: &'a [&'a str],
}

/// Plans, applies, looks and destroys, each as somebody with exactly what is printed for it.
fn lives(bench: &Bench, life: &Life<'_>) {
    let description = life.description;
    let run = |args: &[&str], as_whom: &str| -> Said {
        let all = [args, description, &["--kubeconfig", as_whom]].concat();
        said(
            &bench
                .command(&all)
                .env("ANTHROPIC_API_KEY", "sk-ant-test")
                .env("OPENAI_API_KEY", "sk-test")
                .output()
                .unwrap(),
        )
    };
    let with = |name: &str, args: &[&str]| {
        let account = format!("default/{}-{name}", bench.name);
        let all = [&["rbac"], args, description, &["--service-account", &account, "--json"]].concat();
        identity(bench, name, &listed(&bench.langop(&all).exits(0).json()))
    };
    let (plans, applies) = (with("dry-run", &["plan", "--dry-run"]), with("apply", &["apply"]));
    run(&["plan"], &plans).exits(0);
    run(&["apply", "--yes"], &applies).exits(0);
    run(&["plan", "--detailed-exitcode", "--refresh=full", "--require=server"], &plans).exits(0);
    key_leaves(bench, description, &plans);
    let (reads, destroys) = (with("plan", &["plan"]), with("destroy", &["destroy"]));
    run(&["plan", "--detailed-exitcode"], &reads).exits(0);
    let written =
        bench.try_kubectl(&["auth", "can-i", "patch", "deployments", "--all-namespaces", "--kubeconfig", &reads]);
    assert_eq!(written.code, Some(1), "who plans may write: {written:?}");
    for &look in life.looks {
        let whom = with(look, &[look]);
        let said =
            if look == "stacks" { bench.langop(&["stacks", "--kubeconfig", &whom]) } else { run(&[look], &whom) };
        // Pods of the local control plane run nothing, so that no gateway answers a check.
        assert_eq!(said.code, Some(i32::from(look == "check")), "{look}: {said:?}");
        assert!(!said.all().contains("forbidden") && !said.all().contains("may not"), "{look}: {said:?}");
    }
    run(&["destroy", "--yes"], &destroys).exits(0);
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

/// Whether a pod names a key that leaves a Secret is to be found out, too.
fn key_leaves(bench: &Bench, description: &[&str], plans: &str) {
    let text = std::fs::read_to_string(bench.path(description[0])).unwrap();
    if text.contains("{password: swordfish}") {
        bench.write("later.yaml", &text.replace("{password: swordfish}", "{other: swordfish}"));
        let later = [&["plan", "--kubeconfig", plans, "later.yaml"], &description[1..]].concat();
        let said = bench.langop(&later).exits(0);
        assert!(!said.all().contains("warning["), "{said:?}");
    }
}

#[test]
fn what_is_printed_is_enough_for_the_production_example() {
    let bench = Bench::new("least");
    let text = std::fs::read_to_string(repository("examples/production-agents.toml")).unwrap();
    bench.write("langop.toml", &text.replace("production-agents", "NAME").replace("\"production\"", "\"NAME\""));
    lives(&bench, &Life { description: &["langop.toml"], looks: &["status", "check"] });
}

#[test]
fn what_is_printed_is_enough_for_carried_manifests_with_kinds_values_and_rights_of_their_own() {
    let bench = Bench::new("carried");
    bench.write("s.yaml", CARRIED);
    lives(&bench, &Life { description: &["s.yaml", "--stack", &bench.name], looks: &["stacks"] });
}

/// Whether an identity needs this only where the target is in a state that no test can bring about in its time, or the
/// description was another one.
fn depends_on_the_target((verb, resource): &(String, String)) -> bool {
    // A lock is renewed by a run that takes longer than ten seconds.
    verb == "update" && resource == "leases.coordination.k8s.io"
    // The roles for the kinds come with the CRDs, and who makes them holds what they give.
        || resource == "clusterroles.rbac.authorization.k8s.io" || resource.ends_with(".langop.io")
    // What is taken out of a description goes by itself; with its namespace or owner it costs no request.
        || verb == "delete"
        // What quotas of others leave, once there is one; why a pod does not start, once one does not.
        || verb == "list"
            && matches!(resource.as_str(), "pods" | "limitranges" | "resourcequotas" | "events" | "replicasets.apps")
}

#[test]
fn nothing_is_printed_that_the_quickstart_does_not_ask_for() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("quick", recorder.kubeconfig.clone());
    let text = std::fs::read_to_string(repository("examples/quickstart.toml")).unwrap();
    let text = text.replace("quickstart", "NAME");
    bench.write("langop.toml", &text);
    let mut used = BTreeSet::new();
    bench.langop(&["plan"]).exits(0);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.write("langop.toml", &text.replace("llama3.2", "llama3.3"));
    bench.langop(&["apply", "--yes", "--refresh=full"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
    for seen in recorder.take() {
        used.extend(rights(&seen));
    }
    for command in [&["plan"][..], &["plan", "--dry-run"], &["apply"], &["destroy"]] {
        let roles = bench.langop(&[&["rbac"], command, &["--json"]].concat()).exits(0).json();
        let printed = listed(&roles).iter().flat_map(pairs).collect::<BTreeSet<_>>();
        let idle: Vec<_> =
            printed.iter().filter(|pair| !used.contains(*pair) && !depends_on_the_target(pair)).collect();
        assert!(idle.is_empty(), "{command:?}: {idle:?}\n{used:#?}");
    }
}

/// Verb and `resource.group` of each rule of a role.
fn pairs(role: &Value) -> Vec<(String, String)> {
    let words = |rule: &Value, field: &str| -> Vec<String> {
        rule[field].as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let mut pairs = Vec::new();
    for rule in role["rules"].as_array().into_iter().flatten() {
        for (group, resource) in words(rule, "apiGroups")
            .iter()
            .flat_map(|group| words(rule, "resources").into_iter().map(move |one| (group.clone(), one)))
        {
            // A look at everything is a LIST of each kind.
            let name = if resource == "*" { "configmaps".to_owned() } else { qualified(&group, &resource) };
            pairs.extend(words(rule, "verbs").into_iter().map(|verb| (verb, name.clone())));
        }
    }
    pairs
}

fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}

/// What a request asks the right for: an apply is a patch, and a create where there is nothing.
fn rights(seen: &Seen) -> Vec<(String, String)> {
    let path = seen.uri.split('?').next().unwrap();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (group, rest) = match parts.as_slice() {
        ["api", "v1", rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return Vec::new(),
    };
    let rest = match rest {
        ["namespaces", _, rest @ ..] if !rest.is_empty() => rest,
        rest => rest,
    };
    let (resource, named) = match rest {
        [resource] => ((*resource).to_owned(), false),
        [resource, _] => ((*resource).to_owned(), true),
        [resource, _, subresource] => (format!("{resource}/{subresource}"), true),
        _ => return Vec::new(),
    };
    let verbs: &[&str] = match (seen.method.as_str(), named) {
        ("GET", true) => &["get"],
        ("GET", false) => &["list"],
        ("PATCH", _) => &["patch", "create"],
        ("POST", _) => &["create"],
        ("PUT", _) => &["update"],
        _ => &["delete"],
    };
    verbs.iter().map(|verb| ((*verb).to_owned(), qualified(group, &resource))).collect()
}

#[test]
fn the_ready_made_roles_are_those_that_the_program_prints() {
    let bench = Bench::offline("ready-made");
    let quickstart = repository("examples/quickstart.toml").display().to_string();
    let print = |command: &[&str]| bench.langop(&[&["rbac"], command, &[&quickstart]].concat()).exits(0).out;
    let commands: [&[&str]; 9] = [
        &["plan"],
        &["plan", "--dry-run"],
        &["apply"],
        &["destroy"],
        &["status"],
        &["check"],
        &["logs"],
        &["events"],
        &["stacks"],
    ];
    let printed = commands.map(print).concat();
    let page = repository("docs/roles.yaml");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&page, &printed).unwrap();
    }
    let documents = std::fs::read_to_string(page).unwrap();
    assert_eq!(documents, printed, "`INSTA_UPDATE=always cargo test` writes it anew");
}
