//! Whether the API server of the local control plane says that it is ready.
//!
//! Asked from here, and not by the `kubectl` inside the control plane's program: that takes 90 MiB and a tenth of a
//! second of CPU to start, which every command with `--dev` would pay. Knows no file but the kubeconfig.

use std::path::Path;
use std::thread;
use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use kube::Config;
use kube::client::ConfigExt as _;
use kube::config::{KubeConfigOptions, Kubeconfig};
use tokio::runtime;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the server of this kubeconfig answers `/readyz` with `ok`. One request. A connection alone would prove
/// little: the kernel accepts it for a server that hangs.
pub(super) fn answers(kubeconfig: &Path) -> bool {
    // On a thread of its own: the caller may be one of an asynchronous runtime, which bears no second one.
    let asking = || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().ok()?;
        runtime.block_on(async { tokio::time::timeout(PATIENCE, ask(kubeconfig)).await.ok().flatten() })
    };
    let status = thread::scope(|scope| scope.spawn(asking).join());
    matches!(status, Ok(Some(StatusCode::OK)))
}

async fn ask(kubeconfig: &Path) -> Option<StatusCode> {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).ok()?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.ok()?;
    let client = Client::builder(TokioExecutor::new()).build(config.rustls_https_connector().ok()?);
    let address = format!("{}/readyz", config.cluster_url.to_string().trim_end_matches('/'));
    let response = client.request(Request::get(address).body(Empty::<Bytes>::new()).ok()?).await.ok()?;
    Some(response.status())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn kubeconfig(server: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = format!(
            "current-context: a\ncontexts: [{{name: a, context: {{cluster: a, user: a}}}}]\n\
             clusters: [{{name: a, cluster: {{server: '{server}'}}}}]\nusers: [{{name: a, user: {{}}}}]\n"
        );
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn nobody_and_one_who_does_not_speak_the_protocol_do_not_answer() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(!answers(kubeconfig(&format!("https://{closed}")).path()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let hangs_up = thread::spawn(move || drop(listener.accept()));
        assert!(!answers(kubeconfig(&format!("https://{address}")).path()));
        hangs_up.join().unwrap();
        assert!(!answers(Path::new("/nowhere/kubeconfig")));
    }
}
