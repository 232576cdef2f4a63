//! Every host of the internet at once: a proxy that ends TLS with certificates of its own, writes down each
//! request, and answers in the protocol of the provider that was called.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use futures::{StreamExt as _, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::answers::{Answer, answer};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub host: String,
    pub port: u16,
    /// With the query.
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Call {
    /// The body as JSON; null for any other.
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

type Calls = Arc<Mutex<Vec<Call>>>;

/// The interceptor; it lives as long as its owner.
pub struct Interceptor {
    pub port: u16,
    /// The certificate that its certificates are signed with.
    pub authority: PathBuf,
    calls: Calls,
    _runtime: tokio::runtime::Runtime,
}

impl Interceptor {
    /// Starts it; its certificate goes into `directory`.
    pub fn start(directory: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (issuer, pem) = authority();
        let authority = directory.join("authority.pem");
        std::fs::write(&authority, pem).unwrap();
        let calls = Calls::default();
        let shared = Arc::new(Shared { calls: Arc::clone(&calls), issuer });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&shared).plain(stream));
            }
        });
        Self { port, authority, calls, _runtime: runtime }
    }

    /// Everything that arrived so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

fn authority() -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // A certificate of its signer's name would be taken for one that signed itself.
    params.distinguished_name.push(DnType::CommonName, "authority of the tests");
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

struct Shared {
    calls: Calls,
    issuer: Issuer<'static, KeyPair>,
}

type Body = BoxBody<Bytes, Infallible>;

impl Shared {
    /// What a proxy is asked: to connect somewhere, or for a plain URL.
    async fn plain(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(move |request: Request<Incoming>| {
            let shared = Arc::clone(&self);
            async move {
                if request.method() != Method::CONNECT {
                    return shared.answered(request, None).await;
                }
                let authority = request.uri().authority().unwrap().clone();
                let place = (authority.host().to_owned(), authority.port_u16().unwrap_or(443));
                tokio::spawn(async move {
                    if let Ok(upgraded) = hyper::upgrade::on(request).await {
                        shared.encrypted(TokioIo::new(upgraded), place).await;
                    }
                });
                Ok(Response::new(Full::default().boxed()))
            }
        });
        // A client that hangs up is no failure of the interceptor.
        let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let _ = served.with_upgrades().await;
    }

    async fn encrypted<S>(self: Arc<Self>, stream: S, place: (String, u16))
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let Ok(stream) = self.acceptor(&place.0).accept(stream).await else { return };
        let service = service_fn(move |request| Arc::clone(&self).answered(request, Some(place.clone())));
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    fn acceptor(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    async fn answered(
        self: Arc<Self>,
        request: Request<Incoming>,
        place: Option<(String, u16)>,
    ) -> Result<Response<Body>, Infallible> {
        let (parts, body) = request.into_parts();
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let uri = parts.uri;
        let (host, port) =
            place.unwrap_or_else(|| (uri.host().unwrap_or_default().to_owned(), uri.port_u16().unwrap_or(80)));
        let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let call = Call {
            method: parts.method.to_string(),
            host,
            port,
            path: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        };
        let answer = answer(&call);
        self.calls.lock().unwrap().push(call);
        Ok(response(answer))
    }
}

fn response(Answer { status, kind, parts, pause }: Answer) -> Response<Body> {
    let parts = stream::iter(parts).then(move |part| async move {
        tokio::time::sleep(pause).await;
        Ok(Frame::data(Bytes::from(part)))
    });
    Response::builder()
        .status(status)
        .header("content-type", kind)
        .body(http_body_util::BodyExt::boxed(StreamBody::new(parts)))
        .unwrap()
}
