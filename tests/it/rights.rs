//! Identities with few rights: who may only look sees a plan without phantoms, who may write in namespaces needs no
//! rights on CRDs that are there, and a lack of rights has an exit code of its own.

use serde_json::{Value, json};

use crate::bench::{Bench, Said, said};

const STACK: &str = r#"
stack = "NAME"
[clusters.NAME]
[models.own]
provider = "openai"
modelName = "m"
apiKeySecretRef = { name = "own" }
[models.theirs]
provider = "openai"
modelName = "m"
apiKeySecretRef = { name = "theirs" }
[secrets.own]
fromEnv = { api-key = "OWN_KEY" }
"#;

/// What an applier in namespaces has beside `admin` in them.
const APPLIER: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAME}
rules:
- {apiGroups: [langop.io], resources: ["*"], verbs: ["*"]}
- {apiGroups: [""], resources: [namespaces], verbs: [get, list, patch]}
- {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [get, list]}
"#;

/// A kubeconfig of a new account with these roles in the namespace of the test and in that of records.
fn account(bench: &Bench, name: &str, role: &str) -> String {
    bench.kubectl(&["create", "serviceaccount", name, "-n", &bench.name]);
    let account = format!("--serviceaccount={}:{name}", bench.name);
    for namespace in [bench.name.as_str(), "langop-system"] {
        let binding = format!("{}-{name}", bench.name);
        bench.kubectl(&[
            "create",
            "rolebinding",
            &binding,
            &format!("--clusterrole={role}"),
            &account,
            "-n",
            namespace,
        ]);
    }
    let token = bench.kubectl(&["create", "token", name, "-n", &bench.name]);
    let mut config: Value = serde_json::from_str(&bench.kubectl(&["config", "view", "--raw", "-o", "json"])).unwrap();
    config["users"][0]["user"] = json!({"token": token});
    let file = format!("{name}.kubeconfig");
    bench.write(&file, &config.to_string());
    file
}

fn run(bench: &Bench, args: &[&str]) -> Said {
    said(&bench.command(args).env("OWN_KEY", "hunter2hunter2").output().unwrap())
}

#[test]
fn who_may_not_see_or_write_everything_has_a_true_plan() {
    let bench = Bench::new("rights");
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.kubectl(&["create", "secret", "generic", "theirs", "--from-literal=api-key=x", "-n", &bench.name]);
    bench.write("langop.toml", STACK);
    run(&bench, &["apply", "--yes", "--adopt", "langop.toml"]).exits(0);

    let viewer = account(&bench, "viewer", "view");
    for refresh in ["--refresh=proved", "--refresh=full"] {
        let args = ["plan", "--detailed-exitcode", refresh, "--kubeconfig", &viewer, "langop.toml"];
        let planned = run(&bench, &args).exits(0);
        assert!(planned.out.contains("warning[unreadable-secret]"), "{planned:?}");
        assert!(planned.out.contains("--> langop.toml:8") && planned.out.contains("Nothing to do"), "{planned:?}");
    }
    run(&bench, &["apply", "--yes", "--kubeconfig", &viewer, "langop.toml"]).exits(77);
    bench.write(
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: theirs, namespace: NAME}\nstringData: {a: b}\n",
    );
    let refused = run(&bench, &["plan", "--stack", "other", "--kubeconfig", &viewer, "secret.yaml"]).exits(77);
    assert!(refused.out.contains("error[forbidden]"), "{refused:?}");

    // As if another had brought the CRDs: nothing is recorded of them.
    account(&bench, "applier", "admin");
    bench.write("role.yaml", APPLIER);
    bench.kubectl(&["apply", "-f", "role.yaml"]);
    let subject = format!("--serviceaccount={}:applier", bench.name);
    bench.kubectl(&["create", "clusterrolebinding", &bench.name, &format!("--clusterrole={}", bench.name), &subject]);
    let args = |command: &'static str| [command, "--refresh=full", "--kubeconfig", "applier.kubeconfig", "langop.toml"];
    run(&bench, &[&args("plan")[..], &["--detailed-exitcode"]].concat()).exits(0);
    bench.write(
        "langop.toml",
        &format!(
            "{STACK}\n[models.more]\nprovider = \"openai\"\nmodelName = \"m\"\napiKeySecretRef = {{ name = \"own\" }}\n"
        ),
    );
    let applied = run(&bench, &[&args("apply")[..], &["--yes"]].concat()).exits(0);
    assert!(applied.out.contains("2 added") && !applied.all().contains("hunter2"), "{applied:?}");
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}
