//! A proxy in front of the real API server that writes down every request. Plain HTTP on loopback inside,
//! the test's kubeconfig outside.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::client::Body;

use crate::control_plane;

/// A request as it passed.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
}

/// The proxy; it lives as long as the test.
pub struct Recorder {
    seen: Arc<Mutex<Vec<Seen>>>,
    pub kubeconfig: PathBuf,
    _runtime: tokio::runtime::Runtime,
}

impl Recorder {
    /// Starts it and writes a kubeconfig for it into `dir`.
    pub fn start(dir: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let port = runtime.block_on(serve(Arc::clone(&seen)));
        let kubeconfig = dir.join("recorder.kubeconfig");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: r\nclusters: [{{name: r, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n\
             users: [{{name: r, user: {{}}}}]\ncontexts: [{{name: r, context: {{cluster: r, user: r}}}}]\n"
        );
        std::fs::write(&kubeconfig, text).unwrap();
        Self { seen, kubeconfig, _runtime: runtime }
    }

    /// The requests since the last call.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn serve(seen: Arc<Mutex<Vec<Seen>>>) -> u16 {
    let kubeconfig = kube::config::Kubeconfig::read_from(control_plane::kubeconfig()).unwrap();
    let config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &kube::config::KubeConfigOptions::default()).await.unwrap();
    let client = kube::Client::try_from(config).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { return };
            let (client, seen) = (client.clone(), Arc::clone(&seen));
            let service = service_fn(move |request| forward(client.clone(), Arc::clone(&seen), request));
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
    seen: Arc<Mutex<Vec<Seen>>>,
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (mut parts, body) = request.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    seen.lock().unwrap().push(Seen { method: parts.method.to_string(), uri: parts.uri.to_string() });
    parts.headers.remove(http::header::HOST);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    let request = Request::from_parts(parts, Body::from(bytes.to_vec()));
    Ok(client.send(request).await.unwrap_or_else(|error| {
        Response::builder().status(502).body(Body::from(error.to_string().into_bytes())).unwrap()
    }))
}
