//! A language server that runs, and a client of it: as an editor asks (Language Server Protocol 3.17).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::repository;
use crate::debian::cached;

/// npm's packages, with the versions that were tried.
const PACKAGES: [&str; 2] = ["@taplo/lsp@0.8.0", "yaml-language-server@1.25.0"];
/// A server that says nothing for so long says nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that runs. It ends with this value.
pub struct Server {
    child: Child,
    input: ChildStdin,
    said: Receiver<Value>,
    requests: u64,
    /// What it last found wrong, by file.
    found: BTreeMap<String, Vec<String>>,
}

impl Server {
    /// That of taplo, for TOML.
    pub fn taplo(folder: &Path) -> Self {
        let mut node = Command::new("node");
        node.arg(repository("tests/it/editors/taplo.cjs")).env("NODE_PATH", packages());
        Self::start(node, folder)
    }

    /// That of Red Hat, for YAML.
    pub fn yaml(folder: &Path) -> Self {
        let mut node = Command::new("node");
        node.arg(packages().join("yaml-language-server/bin/yaml-language-server")).arg("--stdio");
        Self::start(node, folder)
    }

    fn start(mut command: Command, folder: &Path) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir(folder);
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, said) = mpsc::channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { child, input, said, requests: 0, found: BTreeMap::new() };
        let root = url(folder);
        let formats = json!(["markdown", "plaintext"]);
        let capabilities = json!({"textDocument": {"hover": {"contentFormat": formats},
            "completion": {"completionItem": {"documentationFormat": formats}}, "publishDiagnostics": {}}});
        let folders = json!([{"uri": root, "name": "folder"}]);
        let asked =
            json!({"processId": null, "rootUri": root, "workspaceFolders": folders, "capabilities": capabilities});
        server.ask("initialize", &asked);
        server.tell("initialized", &json!({}));
        server
    }

    /// What it finds wrong with a file: its messages.
    pub fn diagnostics(&mut self, file: &Path) -> Vec<String> {
        let language = file.extension().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        let opened = json!({"uri": url(file), "languageId": language, "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": opened}));
        // The schema is read after the text: the first list may be one without it.
        self.ask("textDocument/hover", &at(file, 0, 0));
        while let Ok(message) = self.said.recv_timeout(Duration::from_secs(3)) {
            self.heard(&message);
        }
        self.found.remove(&url(file)).unwrap_or_default()
    }

    /// What it says of a place of an open file: line and column from nought.
    pub fn hover(&mut self, file: &Path, line: usize, column: usize) -> String {
        let answer = self.ask("textDocument/hover", &at(file, line, column));
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// What it offers at a place: labels with their documentation.
    pub fn offers(&mut self, file: &Path, line: usize, column: usize) -> Vec<(String, String)> {
        let answer = self.ask("textDocument/completion", &at(file, line, column));
        let items = answer.as_array().or_else(|| answer["items"].as_array()).cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().or_else(|| value["value"].as_str()).unwrap_or_default().to_owned();
        items.iter().map(|item| (text(&item["label"]), text(&item["documentation"]))).collect()
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer to {method}"));
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.heard(&message);
        }
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Answers what the server asks, and takes down what it finds wrong.
    fn heard(&mut self, message: &Value) {
        let params = &message["params"];
        if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            // No settings of its own for anything.
            let asked = params["items"].as_array().map(|items| vec![Value::Null; items.len()]);
            self.send(&json!({"jsonrpc": "2.0", "id": id, "result": asked}));
        }
        if let Some(found) = params["diagnostics"].as_array() {
            let file = params["uri"].as_str().unwrap().to_owned();
            let said = found.iter().map(|one| one["message"].as_str().unwrap_or_default().to_owned());
            self.found.insert(file, said.collect());
        }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn packages() -> PathBuf {
    let place = cached(&format!("npm-{}", PACKAGES.join("-").replace(['@', '/'], "")), |work| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", "root"])
            .args(PACKAGES);
        let said = npm.current_dir(work).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    });
    place.join("node_modules")
}

fn url(path: &Path) -> String {
    format!("file://{}", path.canonicalize().unwrap().display())
}

fn at(file: &Path, line: usize, column: usize) -> Value {
    json!({"textDocument": {"uri": url(file)}, "position": {"line": line, "character": column}})
}

/// One message; none at the end.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
