//! What a proxy, a load balancer or an API server in trouble does to an answer, and to which one.

use std::io;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::Response;
use kube::client::Body;
use serde_json::json;

use super::Seen;

/// What is done to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A `Status` of this code, as an API server sends one that does not know what it is asked for.
    Status(u16),
    /// This code with a page of a load balancer.
    Page(u16),
    /// 200 and the first half of the body.
    Truncated,
    /// 200 and nothing.
    Empty,
    /// 200 and JSON that is no object of the API.
    Nonsense,
    /// 200 and these words, as a container writes them.
    Words(&'static str),
    /// The answer, this much later.
    Slow(Duration),
    /// The connection ends without an answer, and nothing reached the API server.
    Reset,
    /// The connection ends without an answer to what the API server did.
    Lost,
    /// 429 that asks for a pause of so many seconds.
    Throttled(u64),
    /// 503 that asks for a pause until a date, so many seconds from now.
    Until(u64),
}

/// Which answers are disturbed, and how.
pub struct Rule {
    method: String,
    with: String,
    without: Option<&'static str>,
    exact: bool,
    fault: Fault,
    left: usize,
}

impl Rule {
    /// Every answer to a request of this method whose URI contains `part`.
    pub fn on(method: &str, part: &str, fault: Fault) -> Self {
        let (method, with) = (method.to_owned(), part.to_owned());
        Self { method, with, without: None, exact: false, fault, left: usize::MAX }
    }

    /// Every answer to requests that equal this one.
    pub fn exactly(seen: &Seen, fault: Fault) -> Self {
        Self { exact: true, ..Self::on(&seen.method, &seen.uri, fault) }
    }

    /// Not those whose URI contains this.
    pub fn without(self, part: &'static str) -> Self {
        Self { without: Some(part), ..self }
    }

    /// Only so many.
    pub fn times(self, times: usize) -> Self {
        Self { left: times, ..self }
    }

    /// What is done to the answer of this request.
    pub(super) fn take(&mut self, seen: &Seen) -> Option<Fault> {
        let named = if self.exact { seen.uri == self.with } else { seen.uri.contains(&self.with) };
        let meant = named
            && seen.method == self.method
            && self.without.is_none_or(|part| !seen.uri.contains(part))
            && self.left > 0;
        self.left -= usize::from(meant);
        meant.then_some(self.fault)
    }
}

impl Fault {
    /// Whether the request reaches the API server.
    pub(super) fn forwards(self) -> bool {
        matches!(self, Self::Truncated | Self::Slow(_) | Self::Lost)
    }

    /// The answer instead of the API server's.
    pub(super) fn answer(self) -> io::Result<Response<Body>> {
        let page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>";
        Ok(match self {
            Self::Status(code) => json_answer(code, status(code)),
            Self::Throttled(seconds) => asking(json_answer(429, status(429)), &seconds.to_string()),
            Self::Until(seconds) => {
                let date = jiff::Timestamp::now() + Duration::from_secs(seconds);
                let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
                asking(json_answer(503, status(503)), &date)
            }
            Self::Page(code) => {
                let response = Response::builder().status(code).header(http::header::CONTENT_TYPE, "text/html");
                response.body(Body::from(page.to_vec())).unwrap()
            }
            Self::Empty => json_answer(200, String::new()),
            Self::Words(words) => Response::new(Body::from(words.as_bytes().to_vec())),
            Self::Nonsense => json_answer(200, "{}".to_owned()),
            Self::Truncated | Self::Slow(_) | Self::Reset | Self::Lost => {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
        })
    }

    /// The API server's answer, disturbed.
    pub(super) async fn change(self, answer: Response<Body>) -> io::Result<Response<Body>> {
        match self {
            Self::Slow(pause) => tokio::time::sleep(pause).await,
            Self::Truncated => return Ok(truncated(answer).await),
            Self::Lost => return Err(io::ErrorKind::ConnectionReset.into()),
            _ => {}
        }
        Ok(answer)
    }
}

/// A `Status` of this code.
fn status(code: u16) -> String {
    // As the API server says it of rights: what admission refuses reads otherwise.
    let words = if code == 403 { " is forbidden: User \"somebody\" cannot do this" } else { "" };
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": format!("disturbed with {code}{words}"), "reason": reason(code), "details": {}, "code": code})
    .to_string()
}

/// The same answer, which asks for a pause.
fn asking(mut answer: Response<Body>, pause: &str) -> Response<Body> {
    answer.headers_mut().insert(http::header::RETRY_AFTER, pause.parse().unwrap());
    answer
}

async fn truncated(answer: Response<Body>) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes[..bytes.len() / 2].to_vec()))
}

fn json_answer(code: u16, text: String) -> Response<Body> {
    let response = Response::builder().status(code).header(http::header::CONTENT_TYPE, "application/json");
    response.body(Body::from(text.into_bytes())).unwrap()
}

fn reason(code: u16) -> &'static str {
    match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "",
    }
}
