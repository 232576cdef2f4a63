//! `langop dev gateway`: the real `LiteLLM` with what its pod would be given, and nothing of it left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use langop::dev::{DevHome, Silent, gateway};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::bench::{Bench, Said, eventually, said};

/// A key that must be in the environment of one process and nowhere else.
const KEY: &str = "k3y-of-the-vendor";

const DESCRIPTION: &str = r#"
    stack = "NAME"
    [clusters.NAME.gateway.deployment]
    env = [{ name = "GREETING", value = "hello from $(HOME)" }]
    [models.llama]
    provider = "openai-compatible"
    modelName = "llama3.2"
    endpoint = "http://ollama.ollama.svc:11434"
    aliases = ["small"]
    [models.claude]
    provider = "anthropic"
    modelName = "claude"
    apiKeySecretRef = { name = "anthropic" }
    [secrets.anthropic]
    fromEnv = { api-key = "ANTHROPIC_API_KEY" }
"#;

/// The environment with `LiteLLM`, made once for all tests of the machine.
fn home() -> PathBuf {
    let home = DevHome::from_env().unwrap();
    let place = gateway::environment(&home, &Silent);
    place.unwrap_or_else(|error| panic!("{error}\nhint: {:?}", error.hint())).parent().unwrap().to_owned()
}

fn command(bench: &Bench, args: &[&str]) -> Command {
    let mut command = bench.command(&[&["dev", "gateway"], args].concat());
    command.env("LANGOP_DEV_HOME", home()).env("ANTHROPIC_API_KEY", KEY);
    command
}

/// A gateway that runs, and the two calls that it printed.
struct Running {
    langop: Option<Child>,
    calls: [String; 2],
}

impl Running {
    fn start(bench: &Bench, args: &[&str]) -> Self {
        let mut langop = command(bench, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(langop.stdout.take().unwrap()).lines();
        let mut next = || lines.next().map(Result::unwrap);
        let (Some(list), Some(chat)) = (next(), next()) else {
            panic!("{}", said(&langop.wait_with_output().unwrap()).err)
        };
        Self { langop: Some(langop), calls: [list, chat] }
    }

    /// The process of the gateway and the directory of its files.
    fn gateway(&self) -> (i32, PathBuf) {
        let children = |entry: fs::DirEntry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().to_owned();
            (parent == self.langop.as_ref().unwrap().id().to_string()).then_some(process)
        };
        let process: i32 = fs::read_dir("/proc").unwrap().map(Result::unwrap).find_map(children).unwrap();
        let arguments = String::from_utf8(fs::read(format!("/proc/{process}/cmdline")).unwrap()).unwrap();
        (process, arguments.split('\0').nth(2).unwrap().into())
    }

    /// Sends a signal, and waits for langop to end.
    fn end(&mut self, signal: Signal) -> Said {
        let langop = self.langop.take().unwrap();
        kill_process(Pid::from_child(&langop), signal).unwrap();
        said(&langop.wait_with_output().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(langop) = &mut self.langop {
            let _ = langop.kill();
            let _ = langop.wait();
        }
    }
}

/// Runs a printed call; status and answer.
fn call(line: &str) -> (String, Value) {
    let output = Command::new("sh").args(["-c", &format!("{line} -s -w '\\n%{{http_code}}'")]).output().unwrap();
    let text = said(&output).out;
    let (body, status) = text.rsplit_once('\n').unwrap_or_else(|| panic!("{line}: {text}"));
    (status.to_owned(), serde_json::from_str(body).unwrap_or_default())
}

/// The files of the gateway as rendered.
fn rendered(bench: &Bench) -> BTreeMap<String, String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(&bench.langop(&["render"]).exits(0).out).unwrap();
    let own = documents
        .into_iter()
        .filter(|object| object["kind"] == "ConfigMap" && object["metadata"]["labels"]["langop.io/kind"] == "gateway");
    let files = |map: Value| serde_json::from_value::<BTreeMap<String, String>>(map["data"].clone()).unwrap();
    own.flat_map(files).collect()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_runs_is_what_is_rendered_and_ctrl_c_ends_it() {
    let bench = Bench::offline("dev-gateway");
    bench.write("langop.toml", DESCRIPTION);
    let mut running = Running::start(&bench, &[]);
    let (process, directory) = running.gateway();

    let (status, models) = call(&running.calls[0]);
    let names: BTreeSet<_> =
        models["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!((status.as_str(), names), ("200", BTreeSet::from(["claude", "llama3.2", "small"])));
    let stranger = running.calls[0].replace("sk-langop-langop-check.", "sk-langop-langop-check.0");
    assert_eq!(call(&stranger).0, "401");
    assert!(running.calls[1].contains("/v1/chat/completions") && running.calls[1].contains(r#""model":"claude""#));

    let config: BTreeMap<_, _> = files(&directory.join("0"))
        .into_iter()
        .filter(|path| !path.to_string_lossy().contains("__pycache__"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    assert_eq!(config, rendered(&bench));

    // The key is in the environment of the process, under a name that is no vendor's, and nowhere else.
    let environment = String::from_utf8(fs::read(format!("/proc/{process}/environ")).unwrap()).unwrap();
    let variables: BTreeMap<_, _> = environment.split('\0').filter_map(|pair| pair.split_once('=')).collect();
    assert_eq!(variables["LANGOP_KEY_ANTHROPIC_API_KEY"], KEY);
    assert_eq!(variables["GREETING"], "hello from /tmp");
    assert_eq!((variables.get("ANTHROPIC_API_KEY"), variables["LITELLM_LOG"]), (None, "ERROR"));
    let arguments = String::from_utf8(fs::read(format!("/proc/{process}/cmdline")).unwrap()).unwrap();
    let secrets = [KEY, variables["LITELLM_MASTER_KEY"], variables["LANGOP_GATEWAY_HMAC_SECRET"]];
    assert!(secrets.iter().all(|secret| !arguments.contains(secret)), "{arguments}");
    for path in files(&directory) {
        let text = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", path.display());
    }
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o077, 0, "others may look");

    let said = running.end(Signal::INT).exits(130);
    assert!(said.err.contains("warning: calls of model `llama` will fail here"), "{}", said.err);
    assert!(secrets.iter().all(|secret| !said.err.contains(secret)), "{}", said.err);
    assert!(!Path::new(&format!("/proc/{process}")).exists() && !directory.exists(), "something is left");
}

#[test]
fn key_files_and_restricted_agents_are_as_in_the_pod() {
    let bench = Bench::offline("dev-gateway-files");
    bench.write(
        "langop.toml",
        r#"
            stack = "NAME"
            [clusters.NAME.gateway.auth]
            restrictModels = true
            [models.gemini]
            provider = "vertex"
            modelName = "gemini-pro"
            project = "p"
            location = "l"
            credentialsSecretRef = { name = "gcp" }
            [models.other]
            provider = "openai-compatible"
            modelName = "other"
            endpoint = "http://other.corp"
            [agents.one]
            image = "one"
            models = [{ name = "gemini" }]
            [secrets.gcp]
            fromCommand = { "credentials.json" = ["printf", "{\"key\": 1}"] }
        "#,
    );
    let mut running = Running::start(&bench, &["--port", &free_port()]);
    let (process, directory) = running.gateway();
    // The agent's key shows the agent's models.
    let (status, models) = call(&running.calls[0]);
    assert_eq!(
        (status.as_str(), &models["data"][0]["id"], models["data"].as_array().unwrap().len()),
        ("200", &json!("gemini-pro"), 1)
    );
    assert!(running.calls[1].contains("Bearer sk-langop-one.") && running.calls[1].contains(r#""model":"gemini-pro""#));

    // The file's content stands in the variable that has its path in the pod, and in no file.
    let environment = String::from_utf8(fs::read(format!("/proc/{process}/environ")).unwrap()).unwrap();
    assert!(environment.split('\0').any(|pair| pair == r#"LANGOP_FILE_GCP_CREDENTIALS_JSON={"key": 1}"#));
    let all = files(&directory);
    assert!(all.iter().all(|path| !fs::read_to_string(path).unwrap_or_default().contains(r#""key": 1"#)), "{all:?}");
    let config = all.iter().find(|path| path.ends_with("config.yaml")).unwrap();
    assert_eq!(fs::read_to_string(config).unwrap(), rendered(&bench)["config.yaml"]);
    running.end(Signal::TERM).exits(143);
    assert!(!directory.exists(), "something is left");
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_calls() {
    let (port, called) = silent_provider();
    let bench = Bench::offline("dev-gateway-twice");
    let text = DESCRIPTION.replace("http://ollama.ollama.svc:11434", &format!("http://127.0.0.1:{port}/v1"));
    // The first model is the one that the printed call names.
    bench.write("langop.toml", &text.replace("[models.claude]", "[models.zoe]"));
    let own = free_port();
    let mut running = Running::start(&bench, &["--port", &own]);
    let (process, _) = running.gateway();
    let call = format!("exec {} -s", running.calls[1]);
    let mut curl = Command::new("sh").args(["-c", &call]).stdout(Stdio::null()).spawn().unwrap();
    called.recv_timeout(Duration::from_secs(20)).unwrap();

    kill_process(Pid::from_child(running.langop.as_ref().unwrap()), Signal::INT).unwrap();
    let stopped = || TcpStream::connect(format!("127.0.0.1:{own}")).is_err();
    eventually("it takes no new calls", Duration::from_secs(20), stopped);
    assert!(Path::new(&format!("/proc/{process}")).exists(), "it did not wait for the call");
    running.end(Signal::INT).exits(130);
    assert!(!Path::new(&format!("/proc/{process}")).exists());
    curl.wait().unwrap();
}

/// A provider that never answers a completion, and says when it is asked for one.
fn silent_provider() -> (u16, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (called, calls) = mpsc::channel();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut method = [0; 4];
            let _ = stream.read_exact(&mut method);
            if method == *b"POST" {
                let _ = called.send(());
                held.push(stream);
            }
        }
    });
    (port, calls)
}

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

#[test]
fn it_does_not_outlive_langop_however_that_ends() {
    let bench = Bench::offline("dev-gateway-killed");
    bench.write("langop.toml", DESCRIPTION);
    let port = free_port();
    let mut running = Running::start(&bench, &["--port", &port, &bench.name, "-f", "langop.toml"]);
    assert!(running.calls[0].ends_with(&format!(" http://127.0.0.1:{port}/v1/models")), "{}", running.calls[0]);
    let (process, directory) = running.gateway();
    assert_eq!(running.end(Signal::KILL).code, None);
    let gone = || !Path::new(&format!("/proc/{process}")).exists() && !directory.exists();
    eventually("the gateway ends and its files go", Duration::from_secs(15), gone);
}

#[test]
fn what_is_missing_is_named_with_the_next_step() {
    let bench = Bench::offline("dev-gateway-lacks");
    bench.write("langop.toml", DESCRIPTION);
    let refused = |args: &[&str], env: &[(&str, &str)], code: i32| {
        let mut command = command(&bench, args);
        command.env_remove("ANTHROPIC_API_KEY").envs(env.iter().copied());
        said(&command.output().unwrap()).exits(code).err
    };
    assert_eq!(
        refused(&[], &[], 65),
        "error: no value for key `api-key` of Secret/anthropic: the environment variable `ANTHROPIC_API_KEY` is not set\n\
         hint: set it where langop runs, or as the environment variable `LANGOP_KEY_ANTHROPIC_API_KEY`\n"
    );
    let wrong = refused(&["other"], &[], 65);
    assert!(wrong.starts_with("error: the description has no cluster `other`\nhint: it has `dev-gateway-"), "{wrong}");

    // No Python, an old one, one without `venv`.
    let key = ("ANTHROPIC_API_KEY", KEY);
    let bin = bench.dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let path = ("PATH", bin.to_str().unwrap());
    let said = refused(&[], &[key, path], 1);
    assert!(
        said.contains("error: the gateway is a Python program, and there is no `python3` on the PATH\nhint: "),
        "{said}"
    );
    let python = |answer: &str| {
        fs::write(bin.join("python3"), format!("#!/bin/sh\necho 'echo {answer}' | /bin/sh")).unwrap();
        fs::set_permissions(bin.join("python3"), fs::Permissions::from_mode(0o755)).unwrap();
    };
    python("3.8.10");
    let said = refused(&[], &[key, path], 1);
    assert!(said.contains("needs Python 3.10 to 3.14; `python3` on the PATH is 3.8.10\nhint: install"), "{said}");
    python("3.11.2; echo /bin/python3; echo ensurepip");
    let said = refused(&[], &[key, path], 1);
    assert!(said.contains("it has no ensurepip\nhint: install Python's `venv`"), "{said}");
}

#[test]
fn without_the_package_index_nothing_half_made_is_left_to_be_used() {
    let bench = Bench::offline("dev-gateway-index");
    let own = bench.path("home");
    let prepare = |index: &str| {
        let mut command = bench.command(&["dev", "gateway", "--prepare"]);
        let nowhere = [("PIP_INDEX_URL", index), ("PIP_RETRIES", "0"), ("PIP_CONFIG_FILE", "/dev/null")];
        said(&command.env("LANGOP_DEV_HOME", &own).envs(nowhere).output().unwrap())
    };
    for _ in 0..2 {
        let said = prepare("http://127.0.0.1:9/simple").exits(1);
        assert!(said.err.contains("error: cannot install LiteLLM:\n"), "{}", said.err);
        assert!(said.err.contains("hint: check the network, or set `PIP_INDEX_URL`"), "{}", said.err);
    }
    assert_eq!(said(&command(&bench, &["--prepare"]).output().unwrap()).exits(0).out.lines().count(), 1);
}
