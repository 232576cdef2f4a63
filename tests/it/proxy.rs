//! A proxy in front of the real API server that writes down every request, disturbs the answers to some ([`Rule`]),
//! and can leave a group out of discovery as an API server does just after its start. Plain HTTP on loopback inside,
//! the test's kubeconfig outside.

mod fault;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::client::Body;
use serde_json::Value;

use crate::control_plane;
pub use fault::{Fault, Rule};

/// A request as it passed.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
}

/// What the proxy knows.
#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    /// What is done to which answers; the first that applies counts.
    rules: Vec<Rule>,
    /// A group that discovery is to leave out, and how many times more.
    hidden: Option<(String, usize)>,
}

impl Log {
    /// Writes a request down. What is to be done to its answer.
    fn record(&mut self, seen: Seen) -> Option<Fault> {
        let fault = self.rules.iter_mut().find_map(|rule| rule.take(&seen));
        self.seen.push(seen);
        fault
    }

    /// The group that this answer of discovery is to leave out.
    fn next_hidden(&mut self) -> Option<String> {
        let (group, times) = self.hidden.as_mut().filter(|(_, times)| *times > 0)?;
        *times -= 1;
        Some(group.clone())
    }
}

/// The proxy; it lives as long as the test.
pub struct Recorder {
    log: Arc<Mutex<Log>>,
    pub kubeconfig: PathBuf,
    _runtime: tokio::runtime::Runtime,
}

impl Recorder {
    /// Starts it and writes a kubeconfig for it into `dir`.
    pub fn start(dir: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let log = Arc::default();
        let port = runtime.block_on(serve(Arc::clone(&log)));
        let kubeconfig = dir.join("recorder.kubeconfig");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: r\nclusters: [{{name: r, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n\
             users: [{{name: r, user: {{}}}}]\ncontexts: [{{name: r, context: {{cluster: r, user: r}}}}]\n"
        );
        std::fs::write(&kubeconfig, text).unwrap();
        Self { log, kubeconfig, _runtime: runtime }
    }

    /// The requests since the last call.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.log.lock().unwrap().seen)
    }

    /// From now on this rule counts, beside those that were there.
    pub fn disturb(&self, rule: Rule) {
        self.log.lock().unwrap().rules.push(rule);
    }

    /// No answer is disturbed any more.
    pub fn calm(&self) {
        self.log.lock().unwrap().rules.clear();
    }

    /// Leaves `group` out of the next `times` answers of discovery.
    pub fn hide(&self, group: &str, times: usize) {
        self.log.lock().unwrap().hidden = Some((group.to_owned(), times));
    }
}

async fn serve(log: Arc<Mutex<Log>>) -> u16 {
    let kubeconfig = kube::config::Kubeconfig::read_from(control_plane::kubeconfig()).unwrap();
    let config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &kube::config::KubeConfigOptions::default()).await.unwrap();
    let client = kube::Client::try_from(config).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { return };
            let (client, log) = (client.clone(), Arc::clone(&log));
            let service = service_fn(move |request| forward(client.clone(), Arc::clone(&log), request));
            tokio::spawn(async move {
                // A client that hangs up is no failure of the proxy.
                let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    port
}

async fn forward(
    client: kube::Client,
    log: Arc<Mutex<Log>>,
    request: Request<hyper::body::Incoming>,
) -> io::Result<Response<Body>> {
    let (mut parts, body) = request.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let seen = Seen { method: parts.method.to_string(), uri: parts.uri.to_string() };
    let fault = log.lock().unwrap().record(seen);
    let fault = match fault {
        Some(fault) if !fault.forwards() => return fault.answer(),
        other => other,
    };
    parts.headers.remove(http::header::HOST);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    let discovers = parts.uri.path() == "/apis";
    let request = Request::from_parts(parts, Body::from(bytes.to_vec()));
    let answer = client.send(request).await.unwrap_or_else(|error| {
        Response::builder().status(502).body(Body::from(error.to_string().into_bytes())).unwrap()
    });
    let hidden = if discovers { log.lock().unwrap().next_hidden() } else { None };
    let answer = match hidden {
        Some(group) => without(answer, &group).await,
        None => answer,
    };
    match fault {
        Some(fault) => Ok(fault.change(answer).await),
        None => Ok(answer),
    }
}

/// The answer of an API server that has not learned of the group yet.
async fn without(answer: Response<Body>, group: &str) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let mut list: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
    list["items"].as_array_mut().unwrap().retain(|item| item["metadata"]["name"] != group);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    parts.headers.remove(http::header::ETAG);
    Response::from_parts(parts, Body::from(list.to_string().into_bytes()))
}
