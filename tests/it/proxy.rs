//! A proxy in front of the real API server that writes down every request, refuses some, and can leave a group out
//! of discovery as an API server does just after its start. Plain HTTP on loopback inside, the test's kubeconfig
//! outside.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::client::Body;
use serde_json::Value;

use crate::control_plane;

/// A request as it passed.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
}

/// Requests that are answered with 503 instead of being forwarded.
struct Refusal {
    method: &'static str,
    /// What their URI contains, and what it does not.
    with: String,
    without: &'static str,
    left: u32,
}

/// What the proxy knows.
#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    refusal: Option<Refusal>,
    /// A group that discovery is to leave out, and how many times more.
    hidden: Option<(String, usize)>,
}

impl Log {
    /// Writes a request down. Whether it is refused.
    fn record(&mut self, seen: Seen) -> bool {
        let refused = self.refusal.as_mut().is_some_and(|refusal| {
            let meant = seen.method == refusal.method
                && seen.uri.contains(&refusal.with)
                && !seen.uri.contains(refusal.without)
                && refusal.left > 0;
            refusal.left -= u32::from(meant);
            meant
        });
        self.seen.push(seen);
        refused
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

    /// Refuses the next `times` writes (no dry-runs) of `method` whose URI contains `part`, as a server does that
    /// is about to restart.
    pub fn refuse_writes(&self, method: &'static str, part: &str, times: u32) {
        let refusal = Refusal { method, with: part.to_owned(), without: "dryRun=All", left: times };
        self.log.lock().unwrap().refusal = Some(refusal);
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
) -> Result<Response<Body>, Infallible> {
    let (mut parts, body) = request.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let seen = Seen { method: parts.method.to_string(), uri: parts.uri.to_string() };
    if log.lock().unwrap().record(seen) {
        let status =
            br#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"about to restart","code":503}"#;
        return Ok(Response::builder().status(503).body(Body::from(status.to_vec())).unwrap());
    }
    parts.headers.remove(http::header::HOST);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    let discovers = parts.uri.path() == "/apis";
    let request = Request::from_parts(parts, Body::from(bytes.to_vec()));
    let answer = client.send(request).await.unwrap_or_else(|error| {
        Response::builder().status(502).body(Body::from(error.to_string().into_bytes())).unwrap()
    });
    let hidden = if discovers { log.lock().unwrap().next_hidden() } else { None };
    Ok(match hidden {
        Some(group) => without(answer, &group).await,
        None => answer,
    })
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
