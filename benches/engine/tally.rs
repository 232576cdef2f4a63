//! Counts requests by what they ask for, on the way to the API server: plain HTTP on loopback. What passes here is not
//! measured, for the way is another one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper::{Method, Request, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::Client;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use tokio::net::TcpListener;

/// How many requests of each verb.
pub type Requests = BTreeMap<&'static str, usize>;

/// The way that counts, as long as it lives.
pub struct Tally {
    pub kubeconfig: PathBuf,
    counts: Arc<Mutex<Requests>>,
    _runtime: tokio::runtime::Runtime,
}

impl Tally {
    /// Passes requests on as the administrator, and writes a kubeconfig for this way to `file`.
    pub fn start(admin: &Path, file: PathBuf) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let counts = Arc::<Mutex<Requests>>::default();
        let address = runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(admin).unwrap();
            let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
            let client = Client::try_from(config).unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(serve(listener, client, Arc::clone(&counts)));
            address
        });
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: t\nclusters: [{{name: t, cluster: {{server: 'http://{address}'}}}}]\n\
             users: [{{name: t, user: {{}}}}]\ncontexts: [{{name: t, context: {{cluster: t, user: t}}}}]\n"
        );
        std::fs::write(&file, text).unwrap();
        Self { kubeconfig: file, counts, _runtime: runtime }
    }

    /// What passed since the last call.
    pub fn take(&self) -> Requests {
        std::mem::take(&mut self.counts.lock().unwrap())
    }
}

async fn serve(listener: TcpListener, client: Client, counts: Arc<Mutex<Requests>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (client, counts) = (client.clone(), Arc::clone(&counts));
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            *counts.lock().unwrap().entry(verb(request.method(), request.uri())).or_default() += 1;
            pass(client.clone(), request)
        });
        tokio::spawn(async move {
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            // Who hangs up has heard enough.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn pass(client: Client, request: Request<hyper::body::Incoming>) -> Result<hyper::Response<Body>, Infallible> {
    let (mut parts, body) = request.into_parts();
    // The client names its own server.
    parts.headers.remove(http::header::HOST);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Ok(client.send(Request::from_parts(parts, Body::from(body.to_vec()))).await.unwrap())
}

/// What a request asks for, in the words of Kubernetes' audit log; what writes nothing is a dry run.
fn verb(method: &Method, uri: &Uri) -> &'static str {
    let query = uri.query().unwrap_or_default();
    match method.as_str() {
        "GET" if query.contains("watch=") => "watch",
        "GET" if is_of_all(uri.path()) => "list",
        "GET" => "get",
        _ if query.contains("dryRun=All") => "dry-run",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "other",
    }
}

/// Whether a path is that of all objects of a kind, in all namespaces or in one.
fn is_of_all(path: &str) -> bool {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let (["api", _, resource @ ..] | ["apis", _, _, resource @ ..]) = parts.as_slice() else { return false };
    matches!(resource, [_] | ["namespaces", _, _])
}
