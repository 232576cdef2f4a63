//! What is made of a gateway's metrics on an API server with and without the kinds of Prometheus' operator.

use crate::bench::{Bench, repository};
use crate::control_plane::kubeconfig_with_cilium;

const DESCRIPTION: &str = r#"
stack = "NAME"
[clusters.NAME.gateway]
METRICS
[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://llama.models.svc:8080"
rateLimits = { requestsPerMinute = 60 }
"#;

fn described(bench: &Bench, metrics: &str) -> String {
    bench.write("langop.toml", &DESCRIPTION.replace("METRICS", metrics)).display().to_string()
}

#[test]
fn kinds_that_come_later_are_made_by_the_next_plan() {
    // Apart from the others, for the kinds stay.
    let bench = Bench::at("metrics", kubeconfig_with_cilium());
    let name = bench.name.clone();
    let file = described(&bench, "metrics = { labels = { release = \"kube-prometheus-stack\" } }");
    let plan = bench.langop(&["plan", &file]).exits(0).out;
    for kind in ["PodMonitor", "PrometheusRule"] {
        assert!(plan.contains(&format!("`{kind}` of gateways' metrics is left out")), "{plan}");
        assert!(!plan.contains(&format!("{kind}/gateway")), "{plan}");
    }
    assert!(plan.contains("ConfigMap/gateway-dashboard") && plan.contains("NetworkPolicy/gateway-metrics"), "{plan}");
    bench.langop(&["apply", &file, "--yes"]).exits(0);
    let nothing = |file: &str| {
        let again = bench.langop(&["plan", file, "--detailed-exitcode", "--refresh=full"]).exits(0);
        assert!(again.out.contains("Nothing to do"), "{}", again.out);
    };
    nothing(&file);

    // A stack that brings the kinds along has what is of them after them.
    let crds = repository("tests/it/metrics/crds.yaml").display().to_string();
    let why = bench.langop(&["graph", &file, &crds]).exits(0).out;
    assert!(why.contains("podmonitors.monitoring.coreos.com"), "{why}");
    bench.kubectl(&["apply", "--server-side", "-f", &crds]);
    let plan = bench.langop(&["plan", &file]).exits(0).out;
    for kind in ["PodMonitor", "PrometheusRule"] {
        assert!(plan.contains(&format!("+ {kind}/gateway in {name}: new")), "{plan}");
    }
    assert!(!plan.contains("left out"), "{plan}");
    bench.langop(&["apply", &file, "--yes"]).exits(0);
    nothing(&file);
    let label = "go-template={{.metadata.labels.release}}";
    assert_eq!(bench.kubectl(&["get", "podmonitor", "gateway", "-n", &name, "-o", label]), "kube-prometheus-stack");

    let without = described(&bench, "");
    bench.langop(&["apply", &without, "--yes"]).exits(0);
    let kinds = "podmonitor,prometheusrule,configmap,networkpolicy";
    let left = bench.kubectl(&["get", kinds, "-n", &name, "-o", "name"]);
    assert!(
        !left.contains("monitoring.coreos.com") && !left.contains("dashboard") && !left.contains("metrics"),
        "{left}"
    );
    bench.langop(&["destroy", &without, "--yes"]).exits(0);
}
