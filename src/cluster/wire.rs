//! Sends one request, again when the fault is a passing one, and reads the answer.
//!
//! Retried, as [`super::retry`] says when: no connection, no answer, 408, 425, 429, 500, 502, 503, 504, and the 403 of a
//! quota whose status is not known yet. Not retried: everything that will be the same next time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use jiff::Timestamp;
use kube::Client;
use kube::client::Body as HttpBody;
use kube::core::Status;
use serde_json::Value;

use super::error::chain;
use super::retry::{self, Pause, Tries};
use super::translation::{Wording, translate, without_words};
use super::{ClusterError, Effect, Guard, kubeconfig, page, redact, refusal};
use crate::object::ObjectRef;
use crate::object::credential::masked;

/// A request that is about to be sent again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// The object, if the request is about one (`about`).
    pub object: Option<ObjectRef>,
    /// Method and path, without the query.
    pub request: String,
    /// The fault.
    pub because: String,
    /// The pause before the next try.
    pub after: Duration,
    /// For how long it is still tried.
    pub left: Duration,
}

/// Told about every retry.
pub type OnRetry = Arc<dyn Fn(Retry) + Send + Sync>;

/// The same request, known to be about one object: a retry names it.
pub(super) fn about(object: &ObjectRef, mut request: Request<Vec<u8>>) -> Request<Vec<u8>> {
    request.extensions_mut().insert(object.clone());
    request
}

/// An answer with a status of 2xx.
pub(super) struct Answer {
    /// 200 for what was there, 201 for what was made.
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

/// An answer with a status of 2xx that nobody has looked into yet.
pub(super) struct Unread {
    path: String,
    status: StatusCode,
    bytes: Bytes,
}

impl Unread {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// # Errors
    /// `Malformed` for an answer that is no JSON: a page of a proxy, half a body, nothing.
    pub(super) fn json(&self) -> Result<Value, ClusterError> {
        let malformed = |_| ClusterError::Malformed(format!("`{}` {}", self.path, page::fault(&self.bytes)));
        serde_json::from_slice(&self.bytes).map_err(malformed)
    }
}

/// The connection to one API server.
pub(super) struct Wire {
    client: Client,
    server: String,
    /// How long a passing fault is waited out.
    patience: Duration,
    on_retry: OnRetry,
    requests: AtomicU64,
    throttled: AtomicBool,
}

/// An answer with a status of 2xx, not looked into.
struct RawAnswer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
}

/// One try: an answer, a fault that may pass, or an error that will not.
enum Try<T> {
    Answer(T),
    Passing { error: ClusterError, pause: Option<Duration> },
    Final(ClusterError),
}

impl Wire {
    pub(super) fn new(client: Client, server: String, patience: Duration, on_retry: OnRetry) -> Self {
        Self { client, server, patience, on_retry, requests: AtomicU64::new(0), throttled: AtomicBool::new(false) }
    }

    /// Another connection to the same server, as patient as this one.
    pub(super) fn by(&self, client: Client) -> Self {
        Self::new(client, self.server.clone(), self.patience, Arc::clone(&self.on_retry))
    }

    /// How many requests were sent, retries included.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether the server asked for a slower pace since the last call.
    pub(super) fn take_throttled(&self) -> bool {
        self.throttled.swap(false, Ordering::Relaxed)
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// Sends a request whose answer is an object.
    ///
    /// # Errors
    /// `Malformed` for an answer that is no JSON: a page of a proxy, half a body, nothing.
    pub(super) async fn send(&self, request: Request<Vec<u8>>) -> Result<Answer, ClusterError> {
        let unread = self.send_unread(request).await?;
        Ok(Answer { status: unread.status, body: unread.json()? })
    }

    /// Sends a request whose answer is read by the caller.
    pub(super) async fn send_unread(&self, request: Request<Vec<u8>>) -> Result<Unread, ClusterError> {
        let path = request.uri().path().to_owned();
        let RawAnswer { status, bytes, .. } = self.send_raw(request).await?;
        Ok(Unread { path, status, bytes })
    }

    /// Sends a request of whose answer it matters when the server gave it; none where it does not say.
    pub(super) async fn send_dated(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<(Value, Option<Timestamp>), ClusterError> {
        let path = request.uri().path().to_owned();
        let RawAnswer { status, headers, bytes } = self.send_raw(request).await?;
        let date = headers.get(http::header::DATE).and_then(|date| retry::date(date.to_str().ok()?));
        Ok((Unread { path, status, bytes }.json()?, date))
    }

    /// Sends a request whose answer is a stream of objects, a line each, that ends by itself. A last line that was cut
    /// off is left out: it says nothing.
    pub(super) async fn send_lines(&self, request: Request<Vec<u8>>) -> Result<Vec<Value>, ClusterError> {
        let bytes = self.send_raw(request).await?.bytes;
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map_while(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// Sends a request whose answer says nothing but that it came.
    pub(super) async fn ask(&self, request: Request<Vec<u8>>) -> Result<(), ClusterError> {
        self.send_raw(request).await.map(drop)
    }

    /// Sends a request whose answer is read as it comes, however long it takes.
    pub(super) async fn open(&self, request: Request<Vec<u8>>) -> Result<HttpBody, ClusterError> {
        let mut again = Tries::new(self.patience);
        for tries in 1.. {
            match self.begin(&request, tries).await {
                Try::Answer(response) => return Ok(response.into_body()),
                Try::Final(error) => return Err(error),
                Try::Passing { error, pause } => self.wait(&request, &mut again, error, pause).await?,
            }
        }
        Err(ClusterError::Malformed("too many tries".to_owned()))
    }

    /// What is told of an answer that ended before its end.
    pub(super) fn broken_off(&self, error: &kube::Error) -> ClusterError {
        let cause = masked(&chain(error)).into_owned();
        ClusterError::Unreachable { server: self.server.clone(), cause, effect: Effect::None }
    }

    async fn send_raw(&self, request: Request<Vec<u8>>) -> Result<RawAnswer, ClusterError> {
        let mut again = Tries::new(self.patience);
        for tries in 1.. {
            match self.once(&request, tries).await {
                Try::Answer(answer) => return Ok(answer),
                Try::Final(error) => return Err(error),
                Try::Passing { error, pause } => self.wait(&request, &mut again, error, pause).await?,
            }
        }
        Err(ClusterError::Malformed("too many tries".to_owned()))
    }

    /// Waits before the next try, if there is to be one.
    async fn wait(
        &self,
        request: &Request<Vec<u8>>,
        again: &mut Tries,
        error: ClusterError,
        asked: Option<Duration>,
    ) -> Result<(), ClusterError> {
        let Some(Pause { after, left }) = again.next(asked) else { return Err(error) };
        let object = request.extensions().get::<ObjectRef>().cloned();
        let name = format!("{} {}", request.method(), request.uri().path());
        (self.on_retry)(Retry { object, request: name, because: error.to_string(), after, left });
        tokio::time::sleep(after).await;
        Ok(())
    }

    async fn once(&self, request: &Request<Vec<u8>>, tries: u32) -> Try<RawAnswer> {
        let (parts, body) = match self.begin(request, tries).await {
            Try::Answer(response) => response.into_parts(),
            Try::Passing { error, pause } => return Try::Passing { error, pause },
            Try::Final(error) => return Try::Final(error),
        };
        match body.collect().await {
            Ok(collected) => {
                let bytes = collected.to_bytes();
                Try::Answer(RawAnswer { status: parts.status, headers: parts.headers, bytes })
            }
            Err(error) => self.no_answer(&kube::Error::Service(Box::new(error)), request),
        }
    }

    /// Sends the request once; an answer with a status of 2xx is not read yet.
    async fn begin(&self, request: &Request<Vec<u8>>, tries: u32) -> Try<Response<HttpBody>> {
        let mut again = Request::builder().method(request.method()).uri(request.uri());
        if let Some(headers) = again.headers_mut() {
            headers.clone_from(request.headers());
        }
        let again = match again.body(HttpBody::from(request.body().clone())) {
            Ok(again) => again,
            Err(error) => return Try::Final(ClusterError::Malformed(error.to_string())),
        };
        if let Some(guard) = request.extensions().get::<Guard>()
            && let Err(because) = guard.check().await
        {
            return Try::Final(ClusterError::NotSent(because));
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response = match self.client.send(again).await {
            Ok(response) => response,
            Err(error) => return self.no_answer(&error, request),
        };
        if response.status().is_success() {
            return Try::Answer(response);
        }
        let (parts, body) = response.into_parts();
        let bytes = match body.collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) => return self.no_answer(&kube::Error::Service(Box::new(error)), request),
        };
        let mut status: Status =
            serde_json::from_slice(&bytes).unwrap_or_else(|_| page::as_status(parts.status, &bytes));
        redact::words(&mut status, request.body());
        let wording = Wording::for_path(request.uri().path());
        match self.refusal(parts.status, &parts.headers, &status, wording, tries) {
            // A plan need not wait for it: what the quota will say is known by its numbers.
            Try::Passing { error: ClusterError::Unavailable { code: 403, message, .. }, .. } if is_dry_run(request) => {
                Try::Final(ClusterError::Quota { message, uncounted: true })
            }
            answer => answer,
        }
    }

    fn no_answer<T>(&self, error: &kube::Error, request: &Request<Vec<u8>>) -> Try<T> {
        // A broken kubeconfig or exec plug-in stays broken.
        if let kube::Error::Auth(cause) = error {
            return Try::Final(ClusterError::Config(kubeconfig::no_credentials(cause)));
        }
        let error = ClusterError::Unreachable {
            server: self.server.clone(),
            cause: masked(&chain(error)).into_owned(),
            effect: effect_without_answer(request),
        };
        Try::Passing { error, pause: None }
    }

    fn refusal<T>(
        &self,
        code: StatusCode,
        headers: &HeaderMap,
        status: &Status,
        wording: Wording,
        tries: u32,
    ) -> Try<T> {
        let quota_unknown = code == StatusCode::FORBIDDEN && status.message.contains("status unknown for quota");
        let message = if wording == Wording::Withheld {
            without_words(code, status)
        } else {
            refusal::without_values(&status.message)
        };
        if code == StatusCode::TOO_MANY_REQUESTS {
            self.throttled.store(true, Ordering::Relaxed);
        }
        if quota_unknown || is_passing(code, status) {
            let error = ClusterError::Unavailable { code: code.as_u16(), message, tries };
            return Try::Passing { error, pause: retry::asked(headers, Timestamp::now()) };
        }
        match refusal::without_dry_run(code, status) {
            Some(words) => Try::Final(ClusterError::DryRunUnsupported(words)),
            None => Try::Final(translate(code, message, status, wording)),
        }
    }
}

fn is_dry_run(request: &Request<Vec<u8>>) -> bool {
    request.uri().query().is_some_and(|query| query.contains("dryRun=All"))
}

/// What a request may have done whose answer got lost.
fn effect_without_answer(request: &Request<Vec<u8>>) -> Effect {
    if request.method() == Method::GET || is_dry_run(request) { Effect::None } else { Effect::Unknown }
}

/// Whether the same request may be answered otherwise in a moment.
fn is_passing(code: StatusCode, status: &Status) -> bool {
    matches!(code.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504) && !refusal::lasts(code, status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_write_is_known_to_have_changed_nothing() {
        let effect = |method: Method, uri: &str| {
            effect_without_answer(&Request::builder().method(method).uri(uri).body(Vec::new()).unwrap())
        };
        assert_eq!(effect(Method::GET, "/api/v1/pods"), Effect::None);
        assert_eq!(effect(Method::PATCH, "/api/v1/pods/a?dryRun=All&force=false"), Effect::None);
        assert_eq!(effect(Method::PATCH, "/api/v1/pods/a?force=false"), Effect::Unknown);
        assert_eq!(effect(Method::DELETE, "/api/v1/pods/a"), Effect::Unknown);
        let hint = |effect| ClusterError::Unreachable { server: String::new(), cause: String::new(), effect }.hint();
        assert!(hint(Effect::None).is_some_and(|hint| hint.contains("nothing was changed")));
        assert!(hint(Effect::Unknown).is_some_and(|hint| !hint.contains("nothing was changed")));
    }
}
