//! Hard limits of a cluster on the real API server, its quota controller and its pods.

mod late;
mod page;
mod plan;

use crate::bench::Bench;

/// A cluster with one of each kind and this capacity.
fn stack(capacity: &str) -> String {
    format!("stack = \"NAME\"\n[clusters.NAME]\ncapacity = {{ {capacity} }}\n{}", member("first"))
}

/// A model, an agent, a tool and a persona of this name.
/// Neither the agent nor the tool has pods: what is counted here is the gateway's.
fn member(name: &str) -> String {
    format!(
        "\n[models.{name}-model]\nprovider = \"openai-compatible\"\nmodelName = \"m\"\nendpoint = \"http://m.models.svc:8080\"\n\
         [agents.{name}-agent]\nimage = \"registry.example.com/agent:1\"\nexecution.suspend = true\n\
         [tools.{name}-tool]\nurl = \"https://tools.example.com/mcp\"\n\
         [personas.{name}-persona]\ntone = \"brief\"\n"
    )
}

/// A quota key of each kind of `langop.io`, with the resource and the field of a description.
const KINDS: [(&str, &str); 4] = [
    ("languageagents", "maxAgents"),
    ("languagemodels", "maxModels"),
    ("languagetools", "maxTools"),
    ("languagepersonas", "maxPersonas"),
];

/// A manifest of a pod with these limits.
fn pod(name: &str, limits: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: NAME}}\n\
         spec: {{containers: [{{name: c, image: 'c:1', resources: {{limits: {{{limits}}}}}}}]}}\n"
    )
}

/// Whether kubectl may create what is in a file.
fn create(bench: &Bench, text: &str) -> crate::bench::Said {
    bench.write("create.yaml", text);
    bench.try_kubectl(&["create", "-f", &bench.path("create.yaml")])
}
