//! Every example's gateway on the real `LiteLLM`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::process::Gateway;
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, repository};

/// The example, its cluster, and what its gateway serves.
const EXAMPLES: [(&str, &str, &[&str]); 15] = [
    ("agents-manifests.yaml", "agents-from-manifests", &["llama3.2"]),
    ("budgets.toml", "research", &["claude-haiku-4-5", "claude-opus-4-5", "llama3.2"]),
    ("capacity.toml", "small-team", &["llama3.2", "qwen3"]),
    ("capacity.yaml", "small-team", &["llama3.2", "qwen3"]),
    ("coding-agent.toml", "coding", &["claude-sonnet-4-5"]),
    ("dns-egress.toml", "named-hosts", &["llama3.2"]),
    ("gateway-customization.toml", "tuned-gateway", &["llama3.2"]),
    ("gateway-metrics.toml", "watched", &["claude-sonnet-4-5", "llama3.2"]),
    ("gateway-store.toml", "shared", &["claude-sonnet-4-5"]),
    ("manifests.yaml", "from-manifests", &["llama3.2"]),
    ("network-isolation.toml", "isolated-agents", &["llama3.2"]),
    ("production-agents.toml", "production-agents", &["claude-sonnet-4-5", "general", "gpt-4o", "smart"]),
    ("quickstart.toml", "quickstart", &["llama3.2"]),
    ("research-team.toml", "research", &["claude-sonnet-4-5", "llama3.2"]),
    ("teams.toml", "production", &["claude-haiku-4-5", "claude-opus-4-5", "fast"]),
];

#[test]
fn every_example_serves_what_it_describes() {
    let known: Vec<_> = EXAMPLES.iter().map(|(file, ..)| *file).collect();
    let entries = std::fs::read_dir(repository("examples")).unwrap().map(Result::unwrap);
    let descriptions = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let mut there: Vec<_> = descriptions.map(|entry| entry.file_name().into_string().unwrap()).collect();
    there.sort();
    assert_eq!(there, known);
    // Two that are rendered alike are the same gateway.
    let mut tried: BTreeMap<BTreeMap<String, String>, &[&str]> = BTreeMap::new();
    for (file, cluster, models) in EXAMPLES {
        let bench = Bench::at("example", PathBuf::new());
        let path = repository("examples").join(file).display().to_string();
        let stack: &[&str] = if file.ends_with("manifests.yaml") { &["--stack", "manifests"] } else { &[] };
        let rendered = Rendered::of(&bench, &[&[path.as_str()], stack].concat(), cluster);
        let mut alike = rendered.files.clone();
        // Which agents there are changes nothing of what is served.
        alike.remove("agents.json");
        if let Some(other) = tried.insert(alike, models) {
            assert_eq!(other, models, "{file}");
            continue;
        }
        let gateway = Gateway::run(bench, &rendered, &secret_value);
        assert_eq!(gateway.models(&Gateway::key("langop-check")), models, "{file}");
        let strays: Vec<_> = gateway.interceptor.calls().into_iter().filter(|call| call.method != "GET").collect();
        assert!(strays.is_empty(), "{file}: {strays:?}");
        assert_eq!(gateway.watch.seen(), BTreeSet::new(), "{file}: connections past the proxy");
    }
}
