//! The store that langop runs, as its pod is rendered: the real server with that command, its probes, and what it keeps.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::redis::program;
use crate::bench::{Bench, eventually};

const PASSWORD: &str = "generated-password-of-a-store";

/// The container of the store of a description.
struct Pod {
    container: Value,
    directory: tempfile::TempDir,
    port: String,
}

impl Pod {
    fn new() -> Self {
        let bench = Bench::at("store", PathBuf::new());
        let file =
            bench.write("langop.toml", "stack = \"s\"\n[clusters.c.gateway]\nstore = {}\n").display().to_string();
        let said = bench.langop(&["render", &file]).exits(0);
        let documents: Vec<Value> = serde_saphyr::from_multiple(&said.out).unwrap();
        let set = documents.iter().find(|object| object["kind"] == "StatefulSet").unwrap();
        let directory = tempfile::tempdir().unwrap();
        // Redis and Valkey take the same commands and the same configuration.
        for (own, other) in [("valkey-server", "redis-server"), ("valkey-cli", "redis-cli")] {
            let script = format!("#!/bin/sh\nexec {} \"$@\"\n", program(other).get_program().display());
            executable(&directory.path().join(own), &script);
        }
        std::fs::create_dir(directory.path().join("data")).unwrap();
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
        Self { container: set["spec"]["template"]["spec"]["containers"][0].clone(), directory, port }
    }

    /// A command of the pod, with a directory and a port of this machine.
    fn command(&self, words: &Value) -> Command {
        let data = self.directory.path().join("data").display().to_string();
        let here = |word: &Value| word.as_str().unwrap().replace("/data", &data).replace("6379", &self.port);
        let words: Vec<_> = words.as_array().unwrap().iter().map(here).collect();
        let mut command = self.plain(&words[0]);
        command.args(&words[1..]);
        command
    }

    fn plain(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        let path = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        let path = std::env::join_paths([self.directory.path().to_owned()].into_iter().chain(path)).unwrap();
        command.env("PATH", path).env("STORE_PASSWORD", PASSWORD).stdout(Stdio::null()).stderr(Stdio::null());
        let libraries = program("redis-server");
        command.envs(libraries.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command
    }

    fn start(&self) -> Child {
        let child = self.command(&self.container["command"]).spawn().unwrap();
        eventually("the store is ready", Duration::from_secs(20), || self.probe("readinessProbe"));
        child
    }

    fn probe(&self, name: &str) -> bool {
        self.command(&self.container[name]["exec"]["command"]).status().unwrap().success()
    }

    fn ask(&self, password: &str, words: &[&str]) -> String {
        let mut command = self.plain("valkey-cli");
        command.env("REDISCLI_AUTH", password).args(["-p", &self.port]).args(words).stdout(Stdio::piped());
        String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
    }
}

fn executable(path: &Path, script: &str) {
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_store_keeps_what_is_counted_and_answers_nobody_without_its_password() {
    let pod = Pod::new();
    assert!(!pod.probe("readinessProbe") && !pod.probe("livenessProbe"), "it does not run yet");
    let mut store = pod.start();
    assert!(pod.probe("livenessProbe"));
    assert!(pod.ask("", &["GET", "x"]).contains("NOAUTH"));
    assert_eq!(pod.ask(PASSWORD, &["SET", "spent", "7"]), "OK");
    assert_eq!(pod.ask(PASSWORD, &["CONFIG", "GET", "maxmemory"]), format!("maxmemory\n{}", 128 << 20));
    let shown = std::fs::read(Path::new("/proc").join(store.id().to_string()).join("cmdline")).unwrap();
    assert!(!String::from_utf8_lossy(&shown).contains(PASSWORD), "in the list of processes");
    // Each second is in its file.
    std::thread::sleep(Duration::from_millis(1500));
    store.kill().unwrap();
    store.wait().unwrap();
    let mut again = pod.start();
    assert_eq!(pod.ask(PASSWORD, &["GET", "spent"]), "7");
    again.kill().unwrap();
    again.wait().unwrap();
}
