//! A proxy in front of the real API server that writes down every request, disturbs the answers to some ([`Rule`]),
//! and can leave a group out of discovery as an API server does just after its start. Plain HTTP on loopback inside,
//! the test's kubeconfig outside.

mod fault;
mod hold;
mod storm;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::client::Body;
use serde_json::Value;

use crate::control_plane;
pub use fault::{Fault, Rule};
pub use hold::{Counted, Held, Side};
use hold::{Hold, Turn};
pub use storm::Storm;

/// The header of a request of the test itself, which the proxy only passes on.
const PAST: &str = "x-langop-test";

/// A request as it passed.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
}

impl Seen {
    /// Whether the request changes something.
    pub fn writes(&self) -> bool {
        self.method != "GET" && !self.uri.contains("dryRun=All") && !self.uri.contains("/selfsubject")
    }
}

/// What the proxy knows.
#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    /// The uids whose deletion the API server accepted, each time, with what was asked for what they own.
    deleted: Vec<String>,
    hold: Option<Hold>,
    storm: Option<Storm>,
    /// What is done to which answers; the first that applies counts.
    rules: Vec<Rule>,
    /// A group that discovery is to leave out, and how many times more.
    hidden: Option<(String, usize)>,
}

impl Log {
    /// Writes a request down. What is to be done to its answer, and whether it is to be held.
    fn record(&mut self, seen: Seen) -> (Option<Fault>, Option<Turn>) {
        let fault = self.rules.iter_mut().find_map(|rule| rule.take(&seen));
        let fault = fault.or_else(|| self.storm.as_mut().and_then(|storm| storm.next(&seen)));
        let turn = self.hold.as_mut().and_then(|hold| hold.turn(&seen));
        self.seen.push(seen);
        (fault, turn)
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
    port: u16,
    pub kubeconfig: PathBuf,
    _runtime: tokio::runtime::Runtime,
}

impl Recorder {
    /// Starts it and writes a kubeconfig for it into `dir`.
    pub fn start(dir: &Path) -> Self {
        Self::before(dir, &control_plane::kubeconfig())
    }

    /// The same in front of another API server.
    pub fn before(dir: &Path, server: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let log = Arc::default();
        let port = runtime.block_on(serve(Arc::clone(&log), server));
        let kubeconfig = dir.join("recorder.kubeconfig");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: r\nclusters: [{{name: r, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n\
             users: [{{name: r, user: {{}}}}]\ncontexts: [{{name: r, context: {{cluster: r, user: r}}}}]\n"
        );
        std::fs::write(&kubeconfig, text).unwrap();
        Self { log, port, kubeconfig, _runtime: runtime }
    }

    /// What the API server has under a path, past everything that disturbs and counts; none when it has nothing.
    pub fn look(&self, path: &str) -> Option<Value> {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent: ureq::Agent = agent.timeout_global(Some(Duration::from_mins(1))).build().into();
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut answer = agent.get(url).header(PAST, "yes").call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert!([200, 404].contains(&answer.status().as_u16()), "{path}: {text}");
        (answer.status() == 200).then(|| serde_json::from_str(&text).unwrap())
    }

    /// The uids whose deletion was accepted since the last call, each as often as it was, with what was asked for what they
    /// own: what is deleted in the foreground goes by a second request once its pods are gone.
    pub fn take_deleted(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap().deleted)
    }

    /// Holds the request of this number from now on, counted from one. Only the last hold counts.
    pub fn hold(&self, at: usize, side: Side, counted: Counted) -> Held {
        let (rule, held) = Hold::new(at, side, counted);
        self.log.lock().unwrap().hold = Some(rule);
        held
    }

    /// From now on answers are disturbed at random.
    pub fn storm(&self, storm: Storm) {
        self.log.lock().unwrap().storm = Some(storm);
    }

    /// The requests since the last call.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.log.lock().unwrap().seen)
    }

    /// From now on this rule counts, beside those that were there.
    pub fn disturb(&self, rule: Rule) {
        self.log.lock().unwrap().rules.push(rule);
    }

    /// The storm is over. What it did to which request.
    pub fn end_storm(&self) -> Vec<(Fault, String)> {
        self.log.lock().unwrap().storm.take().map(|storm| storm.log).unwrap_or_default()
    }

    /// No answer is disturbed any more, and no request held.
    pub fn calm(&self) {
        let mut log = self.log.lock().unwrap();
        log.rules.clear();
        (log.hold, log.storm) = (None, None);
    }

    /// Leaves `group` out of the next `times` answers of discovery.
    pub fn hide(&self, group: &str, times: usize) {
        self.log.lock().unwrap().hidden = Some((group.to_owned(), times));
    }
}

async fn serve(log: Arc<Mutex<Log>>, server: &Path) -> u16 {
    let kubeconfig = kube::config::Kubeconfig::read_from(server).unwrap();
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
    if parts.headers.remove(PAST).is_some() {
        return Ok(pass_on(&client, parts, bytes.to_vec()).await);
    }
    let seen = Seen { method: parts.method.to_string(), uri: parts.uri.to_string() };
    let (fault, mut turn) = log.lock().unwrap().record(seen.clone());
    if let Some(turn) = turn.take_if(|turn| turn.side == Side::Before)
        && !turn.passes().await
    {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    if let Some(fault) = fault.filter(|fault| !fault.forwards()) {
        return fault.answer();
    }
    let discovers = parts.uri.path() == "/apis";
    let answer = pass_on(&client, parts, bytes.to_vec()).await;
    if seen.method == "DELETE" && answer.status().is_success() {
        log.lock().unwrap().deleted.extend(deletion_of(&bytes));
    }
    let hidden = if discovers { log.lock().unwrap().next_hidden() } else { None };
    let answer = match hidden {
        Some(group) => without(answer, &group).await,
        None => answer,
    };
    if let Some(turn) = turn
        && !turn.passes().await
    {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    match fault {
        Some(fault) => fault.change(answer).await,
        None => Ok(answer),
    }
}

async fn pass_on(client: &kube::Client, mut parts: http::request::Parts, bytes: Vec<u8>) -> Response<Body> {
    parts.headers.remove(http::header::HOST);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    let request = Request::from_parts(parts, Body::from(bytes));
    client.send(request).await.unwrap_or_else(|error| {
        Response::builder().status(502).body(Body::from(error.to_string().into_bytes())).unwrap()
    })
}

/// The uid that a deletion is bound to, and what is asked for what the object owns.
fn deletion_of(body: &[u8]) -> Option<String> {
    let options: Value = serde_json::from_slice(body).ok()?;
    Some(format!("{} {}", options["preconditions"]["uid"].as_str()?, options["propagationPolicy"]))
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
