//! Pods as they run: with the labels and the ports that the templates of their workloads give them.

use serde_json::Value;

use super::scene::Scene;
use crate::bench::Bench;

/// What makes pods in a cluster.
const KINDS: &str = "deployments,jobs,cronjobs";

impl Scene {
    /// A pod of each workload of a namespace, as the API server stored it; `called` names it in questions.
    pub fn workloads(&mut self, bench: &Bench, namespace: &str, called: impl Fn(&str) -> String) -> &mut Self {
        let list = bench.kubectl(&["get", KINDS, "-n", namespace, "-o", "json"]);
        let list: Value = serde_json::from_str(&list).unwrap();
        for workload in list["items"].as_array().unwrap() {
            self.runs(namespace, workload, &called(workload["metadata"]["name"].as_str().unwrap()));
        }
        self
    }

    /// The pod of a workload.
    pub fn runs(&mut self, namespace: &str, workload: &Value, name: &str) -> &mut Self {
        let templates = ["/spec/template", "/spec/jobTemplate/spec/template"];
        let template = templates.iter().find_map(|at| workload.pointer(at)).unwrap();
        let containers = template["spec"]["containers"].as_array().unwrap().iter();
        let ports = containers.flat_map(|one| one["ports"].as_array().into_iter().flatten());
        let ports: Vec<_> = ports
            .map(|port| {
                let number = u16::try_from(port["containerPort"].as_u64().unwrap()).unwrap();
                (port["name"].as_str().unwrap_or_default(), number, port["protocol"].as_str().unwrap_or("TCP"))
            })
            .collect();
        self.pod(namespace, name, template["metadata"]["labels"].clone(), &ports)
    }
}
