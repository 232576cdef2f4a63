//! The real `LiteLLM` on a rendered gateway, and calls of it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use langop::dev::{DevHome, Silent, gateway};
use serde_json::{Value, json};
use sha2::Sha256;

use super::interceptor::{Call, Interceptor};
use super::rendered::{Rendered, secret_value};
use super::sockets::Watch;
use crate::bench::{Bench, eventually, repository};

/// What a call was answered with.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// A gateway that runs. It ends with this value, and with the test run.
pub struct Gateway {
    pub child: Child,
    pub interceptor: Interceptor,
    /// Sees what goes past the interceptor.
    pub watch: Watch,
    port: u16,
    /// Where its metrics are read, if it has any.
    pub metrics: u16,
    bench: Bench,
}

/// The python of the environment with `LiteLLM`, made once on each machine.
pub fn python() -> PathBuf {
    let place = gateway::environment(&DevHome::from_env().unwrap(), &Silent);
    place.unwrap_or_else(|error| panic!("{error}\nhint: {:?}", error.hint())).join("bin/python")
}

impl Gateway {
    /// Starts the gateway of the one cluster `c` of a description and waits until it is ready. Its files never change, so
    /// that it lets nobody wait long for them.
    pub fn start(description: &str) -> Self {
        let bench = Bench::at("gateway", PathBuf::new());
        let file = bench.write("langop.toml", &format!("stack = \"s\"\n\n{description}"));
        let rendered = Rendered::of(&bench, &[&file.display().to_string()], "c");
        Self::run(bench, &rendered.refreshed_within(1), &secret_value)
    }

    /// Runs what was rendered, with these values of Secrets.
    pub fn run(bench: Bench, rendered: &Rendered, secrets: &dyn Fn(&str, &str) -> String) -> Self {
        // Two that start at once take longer than one after the other.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let root = bench.dir.path();
        let (config, scratch) = (root.join("config"), root.join("scratch"));
        for directory in [&config, &scratch] {
            std::fs::create_dir(directory).unwrap();
        }
        publish(&config, &rendered.files);
        rendered.mount_secrets(root, secrets);
        // Secrets beside the configuration.
        let beside = std::fs::read_dir(root.join("etc/langop")).into_iter().flatten().map(Result::unwrap);
        for file in beside.filter(|file| file.path().is_file()) {
            std::fs::copy(file.path(), config.join(file.file_name())).unwrap();
        }
        let interceptor = Interceptor::start(root);
        let [port, metrics] = free_ports();
        let mut command = Command::new(python());
        command.arg(repository("src/dev/gateway/launch.py")).arg(&scratch).args(rendered.arguments(&config, port));
        command.args(["--host", "127.0.0.1"]).current_dir(root).env_clear();
        command.envs(rendered.variables(root, secrets)).env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", &scratch).env("TMPDIR", &scratch).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("LANGOP_METRICS_HOST", "127.0.0.1").env("LANGOP_METRICS_PORT", metrics.to_string());
        let proxy = format!("http://127.0.0.1:{}", interceptor.port);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
            command.env(name, &proxy);
        }
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"] {
            command.env(name, &interceptor.authority);
        }
        let log = std::fs::File::create(root.join("log")).unwrap();
        // The launcher ends the process when the other end of the pipe goes.
        command.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().unwrap();
        let watch = Watch::start(child.id());
        let mut gateway = Self { child, interceptor, watch, port, metrics, bench };
        gateway.wait_ready();
        gateway
    }

    fn wait_ready(&mut self) {
        eventually("the gateway is ready", Duration::from_mins(2), || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the gateway ended ({ended:?}):\n{}", self.log());
            self.try_call("", "GET", "/health/readiness", None).is_ok_and(|answered| answered.status == 200)
        });
    }

    /// Changes the files of its configuration while it runs.
    pub fn republish(&self, files: &BTreeMap<String, String>) {
        publish(&self.bench.dir.path().join("config"), files);
    }

    /// The directory of the files of its configuration.
    pub fn configuration(&self) -> PathBuf {
        self.bench.dir.path().join("config")
    }

    /// All that it printed so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.bench.dir.path().join("log")).unwrap()
    }

    /// The administrator's key.
    pub fn master() -> String {
        secret_value("gateway-auth", "master-key")
    }

    /// The key of an agent, made by the rule that is documented, not by langop's code.
    pub fn key(agent: &str) -> String {
        key_with(&secret_value("gateway-auth", "hmac-secret"), agent)
    }

    /// Calls; with an empty key, without one.
    pub fn call(&self, key: &str, path: &str, body: Option<&Value>) -> Answered {
        let method = if body.is_some() { "POST" } else { "GET" };
        self.try_call(key, method, path, body).unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.log()))
    }

    pub fn try_call(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answered, Box<ureq::Error>> {
        let bearer = format!("Bearer {key}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let headers = if key.is_empty() { &headers[..1] } else { &headers };
        self.exchange(method, path, headers, body.map(Value::to_string).unwrap_or_default().into_bytes())
    }

    /// Any request.
    pub fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answered, Box<ureq::Error>> {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent: ureq::Agent = agent.timeout_global(Some(Duration::from_mins(1))).build().into();
        let request = ureq::http::Request::builder().method(method).uri(self.url(path));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut response = agent.run(request.body(body).unwrap()).map_err(Box::new)?;
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        Ok(Answered {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            text: response.body_mut().read_to_string().map_err(Box::new)?,
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A chat with a model. The words are found again in what arrives upstream.
    pub fn chat(&self, key: &str, model: &str, words: &str) -> Answered {
        self.call(key, "/v1/chat/completions", Some(&chat(model, words)))
    }

    /// The calls upstream that carried these words.
    pub fn arrived(&self, words: &str) -> Vec<Call> {
        self.interceptor.calls().into_iter().filter(|call| call.text.contains(words)).collect()
    }

    /// The names that it lists for a caller.
    pub fn models(&self, key: &str) -> Vec<String> {
        let listed = self.call(key, "/v1/models", None);
        assert_eq!(listed.status, 200, "{}", listed.text);
        let listed = listed.json();
        let mut names: Vec<_> =
            listed["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Ports on which nobody listens.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Puts files into a directory as a kubelet does: all change at one moment, and each is a link.
pub fn publish(directory: &Path, files: &BTreeMap<String, String>) {
    let before = std::fs::read_dir(directory).unwrap().count();
    let version = directory.join(format!("..version-{before}"));
    std::fs::create_dir(&version).unwrap();
    for (name, text) in files {
        std::fs::write(version.join(name), text).unwrap();
        let link = directory.join(name);
        if !link.is_symlink() {
            symlink(Path::new("..data").join(name), link).unwrap();
        }
    }
    symlink(version.file_name().unwrap(), directory.join("..new")).unwrap();
    std::fs::rename(directory.join("..new"), directory.join("..data")).unwrap();
}

/// The body of a chat.
pub fn chat(model: &str, words: &str) -> Value {
    json!({"model": model, "max_tokens": 10, "messages": [{"role": "user", "content": words}]})
}

/// An agent's key: `sk-langop-<agent>.<mac>`, the mac being the first 32 digits of HMAC-SHA256.
pub fn key_with(secret: &str, agent: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(agent.as_bytes());
    let first: [u8; 16] = mac.finalize().into_bytes()[..16].try_into().unwrap();
    format!("sk-langop-{agent}.{:032x}", u128::from_be_bytes(first))
}

/// A gateway for several tests: started by the first, gone with the last of those that run at the same time.
pub struct Shared {
    description: &'static str,
    running: Mutex<Weak<Gateway>>,
}

impl Shared {
    pub const fn of(description: &'static str) -> Self {
        Self { description, running: Mutex::new(Weak::new()) }
    }

    pub fn get(&self) -> Arc<Gateway> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let gateway = Arc::new(Gateway::start(self.description));
            *running = Arc::downgrade(&gateway);
            gateway
        })
    }
}
