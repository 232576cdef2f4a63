//! `langop dev agent`: a command of the user's with the environment, configuration, gateway and tools that its pod would
//! have. The client and the servers are those of the official SDK of MCP.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use langop::dev::{DevHome, Silent, agent, gateway};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::bench::{Bench, eventually, said};

/// A key that the gateway alone may hold.
const KEY: &str = "k3y-of-the-vendor";
/// A value that the agent holds in its environment and nowhere else.
const TOKEN: &str = "t0ken-of-the-docs";

const DESCRIPTION: &str = r#"
stack = "NAME"
[clusters.NAME]
[models.claude]
provider = "anthropic"
modelName = "claude"
apiKeySecretRef = { name = "anthropic" }
[secrets.anthropic]
fromEnv = { api-key = "ANTHROPIC_API_KEY" }
[secrets.docs]
fromEnv = { token = "DOCS_TOKEN" }
[personas.calm]
tone = "calm"
[tools.sums]
image = "registry.example.com/sums:1"
deployment.env = [{ name = "UNIT", value = "apples" }]
[tools.words]
transport = "stdio"
stdio = { command = ["PYTHON", "SERVER", "stdio"] }
[tools.absent]
image = "registry.example.com/absent:1"
[tools.docs]
url = "http://127.0.0.1:9/mcp"
headers = [{ name = "Authorization", valueFrom = { name = "docs", key = "token" } }]
[agents.scout]
image = "registry.example.com/scout:1"
models = [{ name = "claude" }]
persona = "calm"
instructions = "Count."
workspace.initialFiles = { "plan.md" = "count", "notes/first.md" = "costs $1" }
tools = [{ name = "sums" }, { name = "words" }, { name = "absent" }, { name = "docs" }]
"#;

const SERVER: &str = r#"
import os, sys
from mcp.server.fastmcp import FastMCP

server = FastMCP("sums", host="127.0.0.1", port=int(os.environ.get("PORT", "0")))

@server.tool()
def add(a: int, b: int) -> str:
    return f"{a + b} {os.environ.get('UNIT', 'words')} by {os.getpid()}"

server.run(transport="stdio" if sys.argv[1:] == ["stdio"] else "streamable-http")
"#;

const AGENT: &str = r#"
import asyncio, json, os, signal, sys, urllib.request
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

async def ask(url):
    async with streamablehttp_client(url) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]
            answer = await session.call_tool("add", {"a": 2, "b": 3})
            return [names, answer.content[0].text]

def workspace(root):
    paths = [os.path.join(place, name) for place, _, names in os.walk(root) for name in names]
    return {os.path.relpath(path, root): open(path, "r+").read() for path in paths}

env = dict(os.environ)
request = urllib.request.Request(env["MODEL_ENDPOINT"] + "/v1/models")
request.add_header("Authorization", "Bearer " + env["MODEL_API_KEY"])
models = [model["id"] for model in json.load(urllib.request.urlopen(request))["data"]]
answers = [asyncio.run(ask(url)) for url in env["MCP_SERVERS"].split(",")]
config = open(env["AGENT_CONFIG"]).read()
docs = env["MCP_HEADER_DOCS_AUTHORIZATION"]
print(json.dumps({"env": sorted(env), "models": models, "answers": answers, "config": config, "docs": docs,
                  "workspace": workspace(env["AGENT_WORKSPACE"]), "pid": os.getpid()}), flush=True)
signal.pause()
"#;

/// The directories of langop and of the SDK, each made once for all tests of the machine.
fn prepared() -> (PathBuf, PathBuf) {
    let home = DevHome::from_env().unwrap();
    let litellm = gateway::environment(&home, &Silent).unwrap();
    let sdk = agent::bridge(&home, &Silent).unwrap();
    (litellm.parent().unwrap().to_owned(), sdk.join("bin").join("python"))
}

fn lives(process: i64) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}

/// The process that an answer of a tool names.
fn process(answer: &Value) -> i64 {
    answer[1].as_str().unwrap().rsplit_once(' ').unwrap().1.parse().unwrap()
}

fn check(agent: &Value) {
    assert_eq!(agent["models"], json!(["claude"]), "the key is one that the gateway knows");
    let answers = agent["answers"].as_array().unwrap();
    let said: Vec<_> = answers.iter().map(|answer| answer[1].as_str().unwrap().rsplit_once(' ').unwrap().0).collect();
    assert_eq!(said, ["5 apples by", "5 words by"]);
    assert!(answers.iter().all(|answer| answer[0] == json!(["add"])));
    let workspace = json!({ "plan.md": "count", "notes/first.md": "costs $1" });
    assert_eq!((&agent["docs"], &agent["workspace"]), (&json!(TOKEN), &workspace));
    let config: Value = serde_saphyr::from_str(agent["config"].as_str().unwrap()).unwrap();
    assert_eq!((&config["instructions"], &config["personas"][0]["tone"]), (&json!("Count."), &json!("calm")));
    let tools = config["tools"].as_object().unwrap();
    assert_eq!(tools.keys().collect::<Vec<_>>(), ["docs", "sums", "words"], "what does not run is not told of");
    assert!(tools["sums"]["endpoint"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(tools["docs"]["headers"]["Authorization"], "$(MCP_HEADER_DOCS_AUTHORIZATION)");
    let env = agent["env"].as_array().unwrap();
    assert!(!env.contains(&json!("ANTHROPIC_API_KEY")) && !env.contains(&json!("DOCS_TOKEN")), "{env:?}");
}

#[test]
fn a_real_client_calls_real_servers_through_what_an_agent_is_told_and_ctrl_c_ends_all_of_it() {
    let bench = Bench::offline("dev-agent");
    let (home, python) = prepared();
    let python = python.to_str().unwrap();
    let (server, agent) = (bench.write("server.py", SERVER), bench.write("agent.py", AGENT));
    let shown = |path: &Path| path.display().to_string();
    bench.write("langop.toml", &DESCRIPTION.replace("PYTHON", python).replace("SERVER", &shown(&server)));
    let runs = format!("{python} {}", shown(&agent));
    let tool = format!("sums={python} {}", shown(&server));
    let mut command = bench.command(&["dev", "agent", "scout", "--command", &runs, "--tool", &tool]);
    command.env("LANGOP_DEV_HOME", home).env("ANTHROPIC_API_KEY", KEY).env("DOCS_TOKEN", TOKEN);
    let mut langop = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(langop.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let Ok(told) = serde_json::from_str::<Value>(&line) else {
        panic!("{line}{}", said(&langop.wait_with_output().unwrap()).err)
    };
    check(&told);
    let processes: Vec<_> =
        told["answers"].as_array().unwrap().iter().map(process).chain(told["pid"].as_i64()).collect();
    assert!(lives(processes[0]) && lives(processes[2]));
    kill_process(Pid::from_child(&langop), Signal::INT).unwrap();
    let said = said(&langop.wait_with_output().unwrap());
    assert_eq!(said.code, Some(130), "{}", said.err);
    assert!(said.err.contains("left out: tool `absent`"), "{}", said.err);
    assert!(!said.err.contains(KEY) && !said.err.contains(TOKEN), "{}", said.err);
    eventually("all of it ended", Duration::from_secs(20), || !processes.iter().any(|process| lives(*process)));
}

#[test]
fn what_is_not_there_is_said_before_anything_starts() {
    let bench = Bench::offline("dev-agent-wrong");
    bench.write("langop.toml", DESCRIPTION);
    let said = bench.langop(&["dev", "agent", "scuot", "--command", "true"]).exits(65);
    assert!(said.err.contains("did you mean `scout`?"), "{}", said.err);
    let mut command = bench.command(&["dev", "agent", "scout", "--command", "true", "--tool", "docs=true"]);
    let said = crate::bench::said(&command.env("ANTHROPIC_API_KEY", KEY).env("DOCS_TOKEN", TOKEN).output().unwrap());
    let said = said.exits(64);
    assert!(said.err.contains("agent `scout` has no tool `docs` that langop would run"), "{}", said.err);
}
