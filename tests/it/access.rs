//! Who may call which model before and after: what a plan says of it.

use crate::bench::Bench;

const MODELS: &str = r#"
[models.claude]
provider = "openai-compatible"
modelName = "claude-1"
endpoint = "http://claude.models.svc:8080"
aliases = ["smart"]
[models.llama]
provider = "openai-compatible"
modelName = "llama"
endpoint = "http://llama.models.svc:8080"
"#;

const AGENTS: &str = r#"
[agents.scout]
image = "registry.example.com/scout:1"
workspace.enabled = false
models = [{ name = "claude" }, { name = "llama" }]
[agents.reader]
image = "registry.example.com/reader:1"
workspace.enabled = false
models = [{ name = "llama" }]
"#;

fn described(bench: &Bench, models: &str, agents: &str) -> String {
    let cluster = "stack = \"NAME\"\n[clusters.NAME.gateway.auth]\nrestrictModels = true\n";
    bench.write("langop.toml", &format!("{cluster}{models}{agents}")).display().to_string()
}

#[test]
fn a_plan_says_who_loses_and_gains_which_model() {
    let bench = Bench::new("access");
    let name = bench.name.clone();
    let file = described(&bench, MODELS, AGENTS);
    let first = bench.langop(&["apply", &file, "--yes"]).exits(0);
    assert!(!first.out.contains("may call"), "all is new: {}", first.out);
    assert!(!bench.langop(&["plan", &file]).exits(0).out.contains("Effects:"));

    // The same words in the lists of agents, and another name at the gateway.
    let renamed = described(&bench, &MODELS.replace("claude-1", "claude-2"), AGENTS);
    let plan = bench.langop(&["plan", &renamed]).exits(0).out;
    let wanted = format!("agent `scout` in `{name}` loses `claude-1` and gains `claude-2`");
    assert!(plan.contains(&wanted), "{plan}");
    assert!(plan.contains(&format!(
        "calls of `smart` in `{name}` are answered by `openai/claude-2`, until now by `openai/claude-1`"
    )));
    assert!(!plan.contains("`reader`"), "{plan}");

    // Nothing at the gateway but the list of agents changes.
    let narrowed = described(&bench, MODELS, &AGENTS.replace("{ name = \"claude\" }, ", ""));
    let plan = bench.langop(&["plan", &narrowed]).exits(0).out;
    assert!(plan.contains(&format!("agent `scout` in `{name}` loses `claude`, `claude-1`, `smart`")), "{plan}");
}
