//! A real Chromium without a window, driven by its own protocol (Chrome `DevTools` Protocol): the machine's, or Debian's.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::bench::eventually;
use crate::debian;

/// How wide, and in which colours.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub width: u32,
    pub dark: bool,
}

/// A browser that runs. It ends with this value.
pub struct Browser {
    child: Child,
    port: u16,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = program();
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        // Its sandbox needs rights that a container does not have; it opens nothing but what these tests wrote.
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--remote-debugging-port=0",
        ]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let file = profile.path().join("DevToolsActivePort");
        let port = || std::fs::read_to_string(&file).ok()?.lines().next()?.parse().ok();
        eventually("Chromium listens", Duration::from_secs(30), || port().is_some());
        Self { child, port: port().unwrap(), _profile: profile }
    }

    /// Opens a file, and waits until it is there.
    pub fn open(&self, file: &Path, view: View) -> Tab {
        let url = format!("http://127.0.0.1:{}/json/new?about:blank", self.port);
        let opened: Value = ureq::put(&url).send_empty().unwrap().into_body().read_json().unwrap();
        let address = opened["webSocketDebuggerUrl"].as_str().unwrap();
        let (socket, _) = tungstenite::connect(address).unwrap();
        let mut tab = Tab { socket, count: 0, complaints: Vec::new() };
        for domain in ["Page", "Runtime", "Log"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        let size = json!({"width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": view.width < 600});
        tab.call("Emulation.setDeviceMetricsOverride", &size);
        let scheme = if view.dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        tab.call("Emulation.setEmulatedMedia", &features);
        tab.call("Page.navigate", &json!({"url": format!("file://{}", file.display())}));
        let is_there = "location.protocol === 'file:' && document.readyState === 'complete'";
        eventually("the page is there", Duration::from_mins(1), || tab.evaluate(is_there) == true);
        tab
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page that is open.
pub struct Tab {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    count: u64,
    /// Errors that the page or the browser itself complained of.
    pub complaints: Vec<String>,
}

impl Tab {
    /// The value of an expression, waited for.
    #[track_caller]
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", &asked);
        assert_eq!(answer.get("exceptionDetails"), None, "{expression:.200}");
        answer["result"]["value"].clone()
    }

    /// Presses a key, as a person would.
    pub fn press(&mut self, key: &str, text: &str, code: u32) {
        let event =
            |kind: &str| json!({"type": kind, "key": key, "code": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", &event(if text.is_empty() { "rawKeyDown" } else { "keyDown" }));
        self.call(
            "Input.dispatchKeyEvent",
            &json!({"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code}),
        );
    }

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", &json!({"text": text}));
    }

    #[track_caller]
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.count += 1;
        let call = json!({"id": self.count, "method": method, "params": parameters});
        self.socket.send(Message::text(call.to_string())).unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else { continue };
            let said: Value = serde_json::from_str(&text).unwrap();
            self.listen(&said);
            if said["id"] == self.count {
                assert_eq!(said.get("error"), None, "{method}");
                return said["result"].clone();
            }
        }
    }

    fn listen(&mut self, said: &Value) {
        let parameters = &said["params"];
        let is_bad = match said["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Log.entryAdded") => {
                parameters["entry"]["level"] != "info" && parameters["entry"]["level"] != "verbose"
            }
            Some("Runtime.consoleAPICalled") => parameters["type"] == "error" || parameters["type"] == "warning",
            _ => false,
        };
        if is_bad {
            self.complaints.push(parameters.to_string());
        }
    }
}

fn program() -> Command {
    let runs = |name: &&&str| {
        let version = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    };
    match ["chromium-headless-shell", "chromium"].iter().find(runs) {
        Some(name) => Command::new(name),
        None => debian::command(
            "chromium",
            &["chromium-headless-shell", "fonts-dejavu-core"],
            "usr/lib/chromium/chromium-headless-shell",
        ),
    }
}
