//! Every protocol, both families, named ports of Services, tools with rules of their own.

use serde_json::json;

use super::scene::{Scene, applied, namespace};
use crate::bench::Bench;

const PROTOCOLS: &str = r#"
stack = "NAME"
[clusters.NAME]
[[clusters.NAME.networkPolicies.egress]]
to = [{ cidr = "2001:db8:5::/48" }]
ports = [{ port = 5060, protocol = "SCTP" }, { port = 5061, protocol = "UDP" }]
[[clusters.NAME.networkPolicies.egress]]
to = [{ podSelector = { matchLabels = { app = "sidecar" } } }]
[[clusters.NAME.networkPolicies.egress]]
to = [{ service = { name = "metrics", namespace = "NAME-data" } }]
[clusters.NAME.gateway.networkPolicies]
egress = [{ to = [{ service = { name = "metrics", namespace = "NAME-data" } }], ports = [{ port = 80 }] }]
ingress = [{ from = [{ namespaceSelector = { matchLabels = { team = "web" } } }], ports = [{ port = 4000 }] }]
[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://10.9.9.9:8080"
[agents.caller]
image = "caller:1"
group = "callers"
[agents.worker]
image = "worker:1"
[tools.closed]
image = "closed:1"
port = 3000
[[tools.closed.networkPolicies.ingress]]
from = [{ group = "callers" }]
ports = [{ port = 3000 }]
[[tools.closed.networkPolicies.egress]]
to = [{ cidr = "198.51.100.0/24" }]
"#;

pub const PROTOCOLS_TABLE: &str = "
    caller > [2001:db8:5::1]:5060/SCTP yes
    caller > [2001:db8:5::1]:5061/UDP  yes
    caller > [2001:db8:5::1]:5060      egress
    caller > [2001:db8:6::1]:5061/UDP  egress
    caller > sidecar:1234/SCTP         yes
    caller > far-sidecar:1234          egress
    caller > prom:web                  yes
    caller > prom:scrape/UDP           yes
    caller > prom:9092                 egress
    caller > closed:3000               yes
    worker > closed:3000               ingress
    caller > closed:22                 ingress
    gateway > prom:web                 yes
    gateway > prom:scrape/UDP          egress
    browser > gateway:4000             yes
    prom > gateway:4000                ingress
    closed > 198.51.100.7:25           yes
    closed > 203.0.113.9:25            egress
    closed > resolver:53/UDP           yes
    closed > worker:8080               egress
";

#[test]
fn protocols_families_named_ports_and_tools_open_what_they_say() {
    let bench = Bench::new("reach");
    let data = namespace(&bench, "data", &[]);
    let web = namespace(&bench, "web", &["team=web"]);
    bench.write(
        "metrics.yaml",
        "
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: NAME-data}
spec:
  selector: {app: prometheus}
  ports: [{name: web, port: 80, targetPort: web}, {name: scrape, port: 81, targetPort: scrape, protocol: UDP}]
",
    );
    bench.kubectl(&["apply", "-f", "metrics.yaml"]);
    applied(&bench, PROTOCOLS);
    let mut scene = Scene::read(&bench, &[&bench.name, &data, &web]);
    scene.workloads(&bench, &bench.name, str::to_owned);
    scene.pod(&bench.name, "sidecar", json!({ "app": "sidecar" }), &[]);
    scene.pod(&data, "far-sidecar", json!({ "app": "sidecar" }), &[]);
    let ports = [("web", 9090, "TCP"), ("scrape", 9091, "UDP"), ("admin", 9092, "TCP")];
    scene.pod(&data, "prom", json!({ "app": "prometheus" }), &ports);
    scene.pod(&web, "browser", json!({}), &[]);
    scene.both_answer(PROTOCOLS_TABLE);
}
