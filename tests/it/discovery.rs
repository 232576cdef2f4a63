//! What discovery does not say is not gone: an API that does not answer, an API server that has just started.

use std::time::Duration;

use serde_json::json;

use crate::bench::{Bench, eventually};
use crate::control_plane;
use crate::proxy::Recorder;

/// A kind of the test's own, in a group of its own.
const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.NAME.example.com}
spec:
  group: NAME.example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";

const WIDGET: &str = "
apiVersion: NAME.example.com/v1
kind: Widget
metadata: {name: one, namespace: NAME}
";

const NAMESPACE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
";

const OTHER: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: other, namespace: NAME}
";

/// A kind that is served, and a stack that has an object of it.
fn stack_with_a_widget(bench: &Bench) {
    bench.write("crd.yaml", CRD);
    bench.kubectl(&["apply", "--server-side", "-f", "crd.yaml"]);
    let crd = format!("crd/widgets.{}.example.com", bench.name);
    bench.kubectl(&["wait", "--for=condition=Established", &crd, "--timeout=60s"]);
    eventually("the kind is served", Duration::from_secs(30), || {
        bench.try_kubectl(&["get", &format!("widgets.{}.example.com", bench.name), "-A"]).code == Some(0)
    });
    bench.write("stack.yaml", &format!("{NAMESPACE}---{WIDGET}---{OTHER}"));
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
}

/// Whether the record has the widget.
fn records_the_widget(bench: &Bench) -> bool {
    bench.langop(&["state", "list", &bench.name]).exits(0).out.contains("Widget")
}

fn remove(bench: &Bench) {
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    bench.kubectl(&["delete", "crd", &format!("widgets.{}.example.com", bench.name)]);
}

#[test]
fn an_api_that_does_not_answer_is_not_gone() {
    // Apart from other tests: an API that does not answer keeps namespaces of the whole server from going.
    let bench = Bench::at("stale", control_plane::kubeconfig_with_cilium());
    stack_with_a_widget(&bench);
    let group = format!("{}.example.com", bench.name);
    let service = format!("v1.{group}");
    let elsewhere = json!({
        "metadata": {"labels": {"kube-aggregator.kubernetes.io/automanaged": null}},
        "spec": {"service": {"namespace": "default", "name": "nobody", "port": 443}, "insecureSkipTLSVerify": true},
    });
    bench.kubectl(&["patch", "apiservice", &service, "--type=merge", "-p", &elsewhere.to_string()]);
    eventually("discovery is stale", Duration::from_mins(1), || {
        let accept =
            bench.try_kubectl(&["get", "apiservice", &service, "-o", "jsonpath={.status.conditions[0].status}"]);
        accept.out == "False"
    });

    // Desired, and recorded.
    let said = bench.langop(&["plan", "--stack", &bench.name, "stack.yaml"]).exits(1);
    assert!(said.all().contains(&format!("`{group}/v1` does not answer")), "{said:?}");
    assert!(!said.all().contains("install its CRD"), "{said:?}");
    // Recorded alone.
    bench.write("stack.yaml", &format!("{NAMESPACE}---{OTHER}"));
    let said = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(1);
    assert!(said.all().contains(&format!("`{group}/v1` does not answer")), "{said:?}");
    let destroyed = bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(1);
    assert!(destroyed.all().contains(&format!("`{group}/v1` does not answer")), "{destroyed:?}");
    assert!(records_the_widget(&bench));

    bench.kubectl(&["delete", "apiservice", &service]);
    let widgets = format!("widgets.{group}");
    eventually("the kind is served again", Duration::from_mins(1), || {
        bench.try_kubectl(&["get", &widgets, "one", "-n", &bench.name]).code == Some(0)
    });
    remove(&bench);
}

#[test]
fn a_kind_that_discovery_has_not_learned_of_yet_is_waited_for() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("short", recorder.kubeconfig.clone());
    stack_with_a_widget(&bench);
    recorder.hide(&format!("{}.example.com", bench.name), 2);
    let plan = bench.langop(&["plan", "--detailed-exitcode", "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert!(plan.out.contains("Nothing to do"), "{plan:?}");
    recorder.hide(&format!("{}.example.com", bench.name), 1);
    bench.write("stack.yaml", &format!("{NAMESPACE}---{OTHER}"));
    let applied = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert!(applied.out.contains("1 destroyed"), "{applied:?}");
    remove(&bench);
}

#[test]
fn a_kind_that_discovery_lacks_and_a_crd_defines_is_not_gone() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("lacking", recorder.kubeconfig.clone());
    stack_with_a_widget(&bench);
    let crd = format!("CustomResourceDefinition/widgets.{}.example.com", bench.name);
    recorder.hide(&format!("{}.example.com", bench.name), usize::MAX);
    for args in [&["plan", "--stack", &bench.name, "stack.yaml"][..], &["destroy", "--yes", "--stack", &bench.name][..]]
    {
        let said = bench.langop(args).exits(1);
        assert!(said.all().contains(&crd), "{args:?} {said:?}");
    }
    let rebuilt = bench.langop(&["state", "rebuild", "--replace", &bench.name]).exits(1);
    assert!(rebuilt.all().contains(&crd), "{rebuilt:?}");
    assert!(records_the_widget(&bench));
    recorder.hide("", 0);
    remove(&bench);
}

#[test]
fn a_kind_whose_crd_is_gone_took_its_objects_with_it() {
    let bench = Bench::new("went");
    stack_with_a_widget(&bench);
    bench.kubectl(&["delete", "crd", &format!("widgets.{}.example.com", bench.name)]);
    let group = format!("{}.example.com", bench.name);
    eventually("discovery has noticed", Duration::from_mins(1), || !bench.kubectl(&["api-versions"]).contains(&group));
    bench.write("stack.yaml", &format!("{NAMESPACE}---{OTHER}"));
    let applied = bench.langop(&["apply", "--yes", "--stack", &bench.name, "stack.yaml"]).exits(0);
    assert!(applied.all().contains("already gone"), "{applied:?}");
    assert!(!records_the_widget(&bench));
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}
