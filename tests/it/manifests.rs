//! Manifests as the field has them: without namespaces, taken from a server, in one big file.

use langop::object::{GroupKind, Scope, group_of, is_custom_group};
use serde_json::Value;

use crate::bench::Bench;
use crate::control_plane;

/// A kubeconfig like the run's own, whose context has a namespace.
fn kubeconfig_of(bench: &Bench, namespace: &str) -> String {
    let admin = std::fs::read_to_string(control_plane::kubeconfig()).unwrap();
    let mut config: Value = serde_saphyr::from_str(&admin).unwrap();
    config["contexts"][0]["context"]["namespace"] = namespace.into();
    bench.write("context.kubeconfig", &config.to_string()).display().to_string()
}

/// A bundle of the public kind: no namespace anywhere but in subjects, a CRD, and a namespace where there is none.
const BUNDLE: &str = r#"apiVersion: v1
kind: ServiceAccount
metadata: {name: one}
---
apiVersion: v1
kind: Secret
metadata: {name: one, namespace: ""}
stringData: {a: "1"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAME, namespace: elsewhere}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: one}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: NAME}
subjects: [{kind: ServiceAccount, name: one, namespace: NAME}]
"#;

#[test]
fn objects_without_a_namespace_go_to_that_of_the_context_or_of_the_flag_and_the_plan_says_so() {
    let bench = Bench::new("nowhere");
    let (name, kubectl) = (bench.name.as_str(), |args: &[&str]| bench.kubectl(args));
    kubectl(&["create", "namespace", name]);
    bench.write("bundle.yaml", BUNDLE);
    let kubeconfig = kubeconfig_of(&bench, name);
    let planned = bench.langop(&["plan", "--kubeconfig", &kubeconfig, "--stack", name, "bundle.yaml"]).exits(0);
    let said = format!("and 2 more name no namespace: they go to `{name}`, the namespace of the context `");
    assert!(planned.err.contains(&said) && planned.err.contains("needless-namespace"), "{}", planned.all());
    assert!(planned.out.contains(&format!("ServiceAccount/one in {name}")), "{}", planned.out);

    // The flag says the same, and then nobody need be told.
    bench.langop(&["apply", "--yes", "-n", name, "--stack", name, "bundle.yaml"]).exits(0);
    let planned = bench.langop(&["plan", "--detailed-exitcode", "-n", name, "--stack", name, "bundle.yaml"]).exits(0);
    assert!(!planned.all().contains("default-namespace"), "{}", planned.all());
    for object in ["serviceaccount/one", "secret/one", "rolebinding/one"] {
        kubectl(&["get", object, "-n", name]);
    }

    // Another context is another place: what is there is deleted, and the plan says why.
    let elsewhere = bench.langop(&["plan", "--stack", name, "bundle.yaml"]).exits(0);
    assert!(
        elsewhere.err.contains("they go to `default`") && elsewhere.out.contains("Secret/one in default"),
        "{elsewhere:?}"
    );
    bench.langop(&["destroy", "--yes", "--stack", name]).exits(0);
    kubectl(&["delete", "namespace", name, "--wait=false"]);
}

#[test]
fn where_a_kind_belongs_that_the_server_alone_knows_is_asked_of_it() {
    let bench = Bench::new("asked");
    let name = bench.name.as_str();
    let crd = |scope: &str, kind: &str| {
        let text = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: {kind}s.NAME.example.com}}\nspec:\n  group: NAME.example.com\n  scope: {scope}\n  \
             names: {{kind: {kind}, plural: {kind}s}}\n  versions: [{{name: v1, served: true, storage: true, \
             schema: {{openAPIV3Schema: {{type: object}}}}}}]\n"
        );
        bench.write(&format!("{kind}.yaml"), &text);
        bench.kubectl(&["create", "-f", &format!("{kind}.yaml")]);
        bench.kubectl(&["wait", "--for=condition=Established", &format!("crd/{kind}s.{name}.example.com")]);
    };
    crd("Namespaced", "inner");
    crd("Cluster", "outer");
    bench.write(
        "objects.yaml",
        "apiVersion: NAME.example.com/v1\nkind: inner\nmetadata: {name: one}\n---\n\
         apiVersion: NAME.example.com/v1\nkind: outer\nmetadata: {name: one, namespace: default}\n",
    );
    let args = ["--stack", name, "objects.yaml"];
    let planned = bench.langop(&[&["plan"], &args[..]].concat()).exits(0);
    for words in ["inner/one in default", "outer/one: new", "[default-namespace]", "[needless-namespace]"] {
        assert!(planned.out.contains(words), "{words}:\n{}", planned.all());
    }
    bench.langop(&[&["apply", "--yes"], &args[..]].concat()).exits(0);
    bench.langop(&[&["plan", "--detailed-exitcode"], &args[..]].concat()).exits(0);
    bench.langop(&["destroy", "--yes", "--stack", name]).exits(0);
    bench.kubectl(&["delete", "crd", &format!("inners.{name}.example.com"), &format!("outers.{name}.example.com")]);
}

#[test]
fn without_a_server_the_namespace_is_the_same_and_a_context_that_is_not_there_is_named_with_those_that_are() {
    let bench = Bench::offline("named");
    bench.write("bundle.yaml", BUNDLE);
    let context = |name: &str| format!("{{name: {name}, context: {{cluster: c, user: u, namespace: in-{name}}}}}");
    let config = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]\n\
         users: [{{name: u, user: {{}}}}]\ncontexts: [{}, {}, {{name: lost, context: {{cluster: gone, user: u}}}}]\n",
        context("one"),
        context("two"),
    );
    let config = bench.write("config", &config).display().to_string();
    let render = |args: &[&str]| {
        let mut command = bench.command(&[&["render", "--stack", "t", "bundle.yaml"], args].concat());
        crate::bench::said(&command.env("KUBECONFIG", &config).output().unwrap()).exits(0)
    };
    let rendered = render(&[]);
    assert!(rendered.out.contains("namespace: in-one") && !rendered.out.contains("elsewhere"), "{}", rendered.out);
    assert!(rendered.err.contains("the namespace of the context `one`"), "{}", rendered.err);
    let given = render(&["--namespace", "given"]);
    assert!(given.out.contains("namespace: given") && !given.err.contains("default-namespace"), "{}", given.all());
    bench.langop(&["validate", "--stack", "t", "-n", "Not_One", "bundle.yaml"]).exits(64);
    let valid = bench.langop(&["validate", "--stack", "t", "bundle.yaml"]).exits(0);
    assert!(valid.err.contains("they go to `default`"), "{}", valid.err);

    bench.write("langop.toml", "stack = \"t\"\n[clusters.t]\n");
    let plan = |context: &str| bench.langop(&["plan", "--kubeconfig", &config, "--context", context]).exits(1);
    let wrong = plan("tow");
    assert!(wrong.err.contains("no context `tow`; its contexts are `lost`, `one`, `two`"), "{}", wrong.err);
    let lost = plan("lost");
    assert!(lost.err.contains("no cluster of its context `lost`: `gone`; its clusters are `c`"), "{}", lost.err);
}

#[test]
fn what_a_server_fills_in_is_left_out_of_an_exported_object() {
    let bench = Bench::new("exported");
    let name = bench.name.as_str();
    bench.kubectl(&["create", "namespace", name]);
    bench.write(
        "svc.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: NAME}\nspec: {selector: {a: b}, ports: [{port: 80}]}\n\
         ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: NAME}\ndata: {a: b}\n\
         ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: NAME}\nspec:\n  \
         selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    \
         spec: {containers: [{name: web, image: 'web:1'}]}\n",
    );
    bench.kubectl(&["apply", "-f", "svc.yaml"]);
    bench.kubectl(&["rollout", "status", "deployment/web", "-n", name, "--timeout=60s"]);
    let exported = bench.kubectl(&[
        "get",
        "service,configmap,deployment",
        "web",
        "-n",
        name,
        "-o",
        "yaml",
        "--show-managed-fields",
    ]);
    bench.write("exported.yaml", &exported);
    // Somebody writes the objects after the export: what it says of their version is not true any more.
    bench.kubectl(&["annotate", "service,configmap,deployment", "web", "-n", name, "later=1"]);
    let args = ["--stack", name, "exported.yaml"];
    let applied = bench.langop(&[&["apply", "--yes", "--adopt", "--force-conflicts"], &args[..]].concat()).exits(0);
    assert_eq!(applied.err.matches("warning[server-field]").count(), 3, "{}", applied.err);
    for field in ["`metadata.resourceVersion`", "`metadata.managedFields`", "`status`", "last-applied-configuration`"] {
        assert!(applied.err.contains(field), "{field}:\n{}", applied.err);
    }
    bench.langop(&[&["plan", "--refresh", "full", "--detailed-exitcode"], &args[..]].concat()).exits(0);
    bench.langop(&["destroy", "--yes", "--stack", name]).exits(0);
    bench.kubectl(&["delete", "namespace", name, "--wait=false"]);
}

#[test]
fn the_kinds_of_kubernetes_live_where_langop_takes_them_to_live() {
    let bench = Bench::new("scopes");
    let listed = bench.kubectl(&["api-resources", "--verbs=list,patch", "--no-headers"]);
    let mut known = 0;
    for line in listed.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let [.., api_version, namespaced, kind] = words.as_slice() else { panic!("{line}") };
        let group = group_of(api_version);
        // Kinds of other tests come and go.
        if is_custom_group(group) {
            continue;
        }
        let scope = if *namespaced == "true" { Scope::Namespaced } else { Scope::Cluster };
        assert_eq!(Scope::built_in(&GroupKind::new(group, kind)), Some(scope), "{line}");
        known += 1;
    }
    assert!(known > 40, "{known}");
}
