//! HTTP to a port of a pod, through the API server: for a gateway that has no address outside of its cluster.

use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::api::Portforwarder;
use kube::client::UpgradeConnectionError;
use kube::{Api, Client};
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::chain;
use super::{ClusterError, Effect};

/// The longest answer that is read: lists of models have some kilobytes.
const LONGEST: usize = 8 << 20;
/// How long the pod's side has to say why it broke off.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForwardError {
    /// The API server refuses or cannot be reached.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The connection to the pod broke, or was not made.
    #[error("no connection to the pod: {0}")]
    Broken(String),
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    Late(Duration),
}

/// Sends requests to pods. Each has a connection of its own; nothing listens here.
#[derive(Clone)]
pub struct Forwarder {
    client: Client,
    server: String,
}

impl Forwarder {
    pub(super) fn new(client: Client, server: String) -> Self {
        Self { client, server }
    }

    /// Sends a request to a port of a pod and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// This identity may not forward ports, the pod is gone, nothing listens, or it takes too long.
    pub async fn exchange(
        &self,
        (namespace, pod): (&str, &str),
        port: u16,
        request: Request<Vec<u8>>,
        within: Duration,
    ) -> Result<Response<Bytes>, ForwardError> {
        let work = async {
            let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
            let opened = pods.portforward(pod, &[port]).await;
            let mut forward = opened.map_err(|error| self.refusal(&error))?;
            let answer = through(&mut forward, port, request).await;
            forward.abort();
            answer
        };
        tokio::time::timeout(within, work).await.unwrap_or(Err(ForwardError::Late(within)))
    }

    fn refusal(&self, error: &kube::Error) -> ForwardError {
        let (code, message) = match error {
            kube::Error::Api(status) => (status.code, status.message.clone()),
            kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(code)) => {
                (code.as_u16(), format!("the API server answers {code}"))
            }
            other => {
                return ClusterError::Unreachable {
                    server: self.server.clone(),
                    cause: chain(other),
                    effect: Effect::None,
                }
                .into();
            }
        };
        match code {
            401 => ClusterError::Unauthorized(message).into(),
            403 => ClusterError::Forbidden(message).into(),
            _ => ForwardError::Broken(message),
        }
    }
}

async fn through(
    forward: &mut Portforwarder,
    port: u16,
    request: Request<Vec<u8>>,
) -> Result<Response<Bytes>, ForwardError> {
    let (Some(stream), Some(broken)) = (forward.take_stream(port), forward.take_error(port)) else {
        return Err(ForwardError::Broken("no stream".to_owned()));
    };
    match send(stream, request).await {
        Ok(answer) => Ok(answer),
        Err(text) => {
            // What the kubelet says is nearer to the cause than what broke here.
            let words = tokio::time::timeout(LAST_WORDS, broken).await.ok().flatten();
            Err(ForwardError::Broken(words.map_or(text, |words| words.trim().to_owned())))
        }
    }
}

async fn send<S>(stream: S, request: Request<Vec<u8>>) -> Result<Response<Bytes>, String>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let told = |error: hyper::Error| chain(&error);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
    let driver = tokio::spawn(connection);
    let answer = async {
        let response = sender.send_request(request.map(|body| Full::new(Bytes::from(body)))).await.map_err(told)?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, LONGEST).collect().await.map_err(|error| error.to_string())?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    };
    let answer = answer.await;
    driver.abort();
    answer
}
