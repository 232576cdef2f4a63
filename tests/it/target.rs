//! `[target]` of a description: no other cluster is read or written, and every plan says which one it is about.

use crate::bench::Bench;
use crate::control_plane;

const STACK: &str = "stack = \"NAME\"\n\n[clusters.NAME]\n\n[target]\n";

/// A kubeconfig of two contexts, behind which nothing is.
const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: staging
clusters:
- {name: one, cluster: {server: 'https://127.0.0.1:1/'}}
- {name: two, cluster: {server: 'https://127.0.0.1:2'}}
contexts:
- {name: staging, context: {cluster: one, user: u}}
- {name: production, context: {cluster: two, user: u}}
users:
- {name: u, user: {}}
";

#[test]
fn another_context_or_server_is_refused_before_anything_is_sent() {
    let bench = Bench::offline("target-offline");
    bench.write("config", KUBECONFIG);
    for (target, flags, found) in [
        ("context = \"production\"", &[][..], "`target.context` is `production`, and here it is `staging`"),
        ("server = \"https://127.0.0.1:2\"", &[], "`target.server` is `https://127.0.0.1:2`, and here it is"),
        ("context = \"staging\"", &["--context", "production"], "is `staging`, and here it is `production`"),
    ] {
        bench.write("langop.toml", &format!("{STACK}{target}\n"));
        for command in ["plan", "apply", "destroy", "status", "check"] {
            let args = [&[command, "langop.toml", "--yes", "--kubeconfig", "config"][..], flags].concat();
            let asks = matches!(command, "apply" | "destroy");
            let args: Vec<_> = args.into_iter().filter(|arg| asks || *arg != "--yes").collect();
            let refused = bench.langop(&args).exits(64);
            assert!(refused.err.contains(found) && refused.err.contains("langop.toml:5:2"), "{}", refused.err);
        }
    }
    // The right one is gone on with, and is not there.
    for target in ["context = \"staging\"", "server = \"https://127.0.0.1:1\""] {
        bench.write("langop.toml", &format!("{STACK}{target}\n"));
        bench.langop(&["plan", "--kubeconfig", "config"]).exits(69);
    }
    bench.write("langop.toml", &format!("{STACK}cluster = \"x\"\n"));
    let unknown = bench.langop(&["validate"]).exits(65);
    assert!(unknown.err.contains("unknown key `cluster` in `target`"), "{}", unknown.err);
}

#[test]
fn another_cluster_is_refused_by_its_uid_and_a_later_file_names_its_own() {
    let bench = Bench::at("target", control_plane::kubeconfig());
    let uid = bench.kubectl(&["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    bench.write("langop.toml", &format!("{STACK}clusterId = \"00000000-0000-0000-0000-000000000000\"\n"));
    let refused = bench.langop(&["apply", "--yes"]).exits(64);
    assert!(refused.err.contains(&format!("and here it is `{uid}`")), "{}", refused.err);
    bench.write("here.toml", &format!("[target]\nclusterId = \"{uid}\"\n"));
    let planned = bench.langop(&["plan", "langop.toml", "here.toml"]).exits(0);
    let header = format!("stack `{}` on https://127.0.0.1:", bench.name);
    assert!(planned.err.contains(&header) && planned.err.contains("(context `"), "{}", planned.err);
}
