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

const TEAMS: &str = r#"
[teams.research]
agents = ["scout"]
models = ["smart", "llama"]
rateLimits = { requestsPerMinute = 60 }
[teams.support]
models = ["llama"]
"#;

const TOKENS: &str = r#"
[clusters.NAME.gateway]
deployment.replicas = 2
[clusters.NAME.gateway.auth.jwt]
issuer = "https://login.example.com"
audience = "langop"
teamClaim = "groups"
jwksUrl = "https://login.example.com/keys"
"#;

#[test]
fn a_team_is_an_object_that_a_plan_speaks_of_and_an_edit_restarts_nothing() {
    let bench = Bench::new("teams");
    let name = bench.name.clone();
    let described = |teams: &str| {
        let text = format!("stack = \"NAME\"\n{TOKENS}{MODELS}{AGENTS}{teams}").replace("NAME", &name);
        bench.write("langop.toml", &text).display().to_string()
    };
    let file = described(TEAMS);
    bench.langop(&["apply", &file, "--yes"]).exits(0);
    let team = bench.object(&["languageteams.langop.io/research", "-n", &name]);
    assert_eq!(team["spec"]["models"], serde_json::json!(["smart", "llama"]));
    assert!(!bench.langop(&["plan", &file]).exits(0).out.contains("Effects:"), "nothing is left to do");

    let narrowed = TEAMS.replace("\"smart\", ", "").replace("= 60", "= 30");
    let refused = bench.langop(&["plan", &described(&narrowed)]).exits(65).err;
    // The agent lists a model that its team may not call any more.
    assert!(refused.contains("model-outside-team"), "{refused}");
    let moved = TEAMS.replace("models = [\"llama\"]", "models = [\"smart\"]").replace("= 60", "= 30");
    let plan = bench.langop(&["plan", &described(&moved)]).exits(0).out;
    for wanted in [
        format!("team `support` in `{name}` loses `llama` and gains `claude`, `claude-1`, `smart`"),
        format!(
            "requests of team `research` in `{name}`: 30/min per pod, 2 pods: 60; until now 60/min per pod, 2 pods: 120"
        ),
    ] {
        assert!(plan.contains(&wanted), "{wanted}: {plan}");
    }
    assert!(!plan.contains("restarts"), "{plan}");
    let file = described(&moved);
    bench.langop(&["apply", &file, "--yes"]).exits(0);
    let said = bench.langop(&["explain", "access", "team.support", "llama", "-f", &file]).exits(1).out;
    assert!(said.contains("the team may call `smart`"), "{said}");
    bench.langop(&["explain", "access", "scout", "smart", "-f", &file]).exits(0);
    let unknown = bench.langop(&["explain", "access", "suport", "-f", &file]).exits(64).err;
    assert!(unknown.contains("did you mean `team.support`?"), "{unknown}");
    bench.langop(&["destroy", &file, "--yes"]).exits(0);
}

#[test]
fn a_plan_says_whom_agents_reach_no_longer_and_which_tools_they_gain() {
    let bench = Bench::new("peers");
    let name = bench.name.clone();
    let described = |rule: &str, tools: &str| {
        let text = format!(
            "stack = \"{name}\"\n[clusters.{name}]\n{MODELS}[tools.search]\nimage = \"registry.example.com/search:1\"\n\
             [tools.papers]\nimage = \"registry.example.com/papers:1\"\n\
             [agents.scout]\nimage = \"registry.example.com/scout:1\"\nworkspace.enabled = false\n\
             models = [{{ name = \"claude\" }}]\ntools = [{tools}]\n{rule}"
        );
        bench.write("langop.toml", &text).display().to_string()
    };
    let rule = |net: &str| {
        format!("[[agents.scout.networkPolicies.egress]]\nto = [{{ cidr = \"{net}\" }}]\nports = [{{ port = 443 }}]\n")
    };
    let file = described(&rule("10.20.0.0/16"), "{ name = \"search\" }");
    let first = bench.langop(&["apply", &file, "--yes"]).exits(0).out;
    assert!(!first.contains("may connect to"), "all is new: {first}");
    let file = described(&rule("10.30.0.0/16"), "{ name = \"papers\" }");
    let plan = bench.langop(&["plan", &file]).exits(0).out;
    for wanted in [
        format!(
            "agent `scout` in `{name}` may connect to `10.30.0.0/16` on 443/TCP, may no longer connect to `10.20.0.0/16` on 443/TCP"
        ),
        format!("agent `scout` in `{name}` loses tool `search` and gains tool `papers`"),
    ] {
        assert!(plan.contains(&wanted), "{wanted}: {plan}");
    }
    bench.langop(&["destroy", &file, "--yes"]).exits(0);
}

/// Who the target lets get a key is told with `--live`, from its own roles.
#[test]
fn explain_keys_says_where_a_key_is_sent_who_holds_it_and_whom_the_target_lets_get_it() {
    let bench = Bench::new("exposure");
    let name = bench.name.clone();
    let text = format!(
        "stack = \"{name}\"\n[clusters.{name}]\n[models.claude]\nprovider = \"anthropic\"\nmodelName = \"claude-sonnet-4-5\"\n\
         apiKeySecretRef = {{ name = \"anthropic\" }}\n[secrets.anthropic]\nfromFile = {{ api-key = \"key\" }}\n"
    );
    bench.write("key", "value-of-a-provider-that-nobody-may-see");
    let file = bench.write("langop.toml", &text).display().to_string();
    bench.langop(&["apply", &file, "--yes"]).exits(0);
    bench.kubectl(&[
        "create",
        "role",
        "reads",
        "--verb=get",
        "--resource=secrets",
        "--resource-name=anthropic",
        "-n",
        &name,
    ]);
    bench.kubectl(&["create", "rolebinding", "reads", "--role=reads", "--user=jane", "-n", &name]);
    bench.kubectl(&[
        "create",
        "rolebinding",
        "edits",
        "--clusterrole=edit",
        "--serviceaccount=ci:deployer",
        "-n",
        &name,
    ]);
    let offline = bench.langop(&["explain", "keys", "-f", &file]).exits(0).out;
    for wanted in ["model `claude`", "api.anthropic.com:443", "Deployment/gateway, container `gateway`"] {
        assert!(offline.contains(wanted), "{wanted}: {offline}");
    }
    assert!(!offline.contains("jane"), "{offline}");
    let live = bench.langop(&["explain", "keys", "-f", &file, "--live", "--json"]).exits(0);
    assert!(!live.out.contains("nobody-may-see"));
    let subjects = &live.json()["keys"][0]["subjects"];
    assert_eq!(subjects["User `jane`"], serde_json::json!(["reads"]), "{subjects}");
    let all = serde_json::json!(["reads", "runs-pods", "enters-pods"]);
    assert_eq!(subjects["ServiceAccount `ci/deployer`"], all, "{subjects}");
    assert_eq!(subjects["Group `system:masters`"], all, "{subjects}");
    bench.langop(&["destroy", &file, "--yes", "--include-unmanaged"]).exits(0);
}
