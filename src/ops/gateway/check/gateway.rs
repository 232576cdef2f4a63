//! The questions to one gateway, and what its answers mean.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use serde_json::{Value, json};

use crate::cluster::Forwarder;
use crate::object::names::{PROXY_PORT, deployed_model};
use crate::object::{SecretValue, Spender};
use crate::ops::OpsError;

use super::promise::Way;
use super::{Call, CallFault, Fault, told};

/// How long the gateway may take for what it answers by itself.
const SOON: Duration = Duration::from_secs(15);
/// Enough for an answer, and no less than any provider wants.
const MAX_TOKENS: u32 = 16;

/// One gateway, behind one pod.
pub(in crate::ops::gateway) struct Gateway<'a> {
    pub forwarder: &'a Forwarder,
    pub cluster: &'a str,
    pub pod: &'a str,
    /// None: everyone may call.
    pub key: Option<SecretValue>,
}

impl Gateway<'_> {
    /// The names that it lists.
    pub(super) async fn models(&self) -> Result<Result<BTreeSet<String>, Fault>, OpsError> {
        match told(self.ask("/health/readiness", None, SOON).await)? {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => return Ok(Err(Fault::Unhealthy(answer.status().as_u16()))),
            Err(silent) => return Ok(Err(Fault::Silent(silent))),
        }
        Ok(match told(self.ask("/v1/models", None, SOON).await)? {
            Ok(answer) if answer.status().is_success() => {
                names(answer.body()).ok_or_else(|| Fault::Silent("`/v1/models` is no list of models".to_owned()))
            }
            Ok(answer) => Err(Fault::Refused(answer.status().as_u16())),
            Err(silent) => Err(Fault::Silent(silent)),
        })
    }

    /// One small completion of a model.
    pub(super) async fn call(&self, model: &str, way: &Way, within: Duration) -> Result<Call, OpsError> {
        let body = json!({
            "model": way.called,
            "messages": [{ "role": "user", "content": "Say ok." }],
            "max_tokens": MAX_TOKENS,
            // Of a model that fails, the answer of another one would say nothing.
            "disable_fallbacks": true,
        });
        let begun = Instant::now();
        let heard = told(self.ask("/v1/chat/completions", Some(&body), within).await)?;
        let answer = heard.map_err(CallFault::Silent).and_then(|answer| judge(way.answers.as_deref(), &answer));
        Ok(Call { model: model.to_owned(), took: begun.elapsed(), answer })
    }

    /// What is counted, by the module of budgets; of a reset, after it.
    pub(in crate::ops::gateway) async fn spending(
        &self,
        reset: Option<&Spender>,
    ) -> Result<Response<Vec<u8>>, crate::cluster::ForwardError> {
        let body = reset.map(|of| json!({ "of": of.to_string() }));
        self.ask("/langop/spend", body.as_ref(), SOON).await
    }

    async fn ask(
        &self,
        path: &str,
        body: Option<&Value>,
        within: Duration,
    ) -> Result<Response<Vec<u8>>, crate::cluster::ForwardError> {
        let mut request = Request::new(body.map(|body| body.to_string().into_bytes()).unwrap_or_default());
        if body.is_some() {
            *request.method_mut() = Method::POST;
        }
        // A path that is written here is one.
        *request.uri_mut() = path.parse().unwrap_or_default();
        *request.headers_mut() = self.headers();
        let answer = self.forwarder.exchange((self.cluster, self.pod), PROXY_PORT, request, within).await?;
        Ok(answer.map(|bytes| bytes.to_vec()))
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("gateway"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let bearer = self.key.as_ref().map(|key| [b"Bearer ", key.expose()].concat());
        if let Some(mut value) = bearer.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }
}

fn names(body: &[u8]) -> Option<BTreeSet<String>> {
    let list: Value = serde_json::from_slice(body).ok()?;
    let ids = list.get("data")?.as_array()?.iter();
    Some(ids.filter_map(|model| Some(model.get("id")?.as_str()?.to_owned())).collect())
}

/// The cost in dollars of a good answer, where the gateway knows it.
fn judge(who: Option<&str>, answer: &Response<Vec<u8>>) -> Result<Option<f64>, CallFault> {
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    if !answer.status().is_success() {
        return Err(CallFault::Status(answer.status().as_u16(), kind(answer.body())));
    }
    match (who, header("x-litellm-model-id")) {
        (Some(who), Some(other)) if other != who => Err(CallFault::Other(deployed_model(other).to_owned())),
        _ => Ok(header("x-litellm-response-cost").and_then(|cost| cost.parse().ok())),
    }
}

/// The kind of an error, as the gateway names it, when it is a plain name. Its message may quote anything.
fn kind(body: &[u8]) -> Option<String> {
    let error: Value = serde_json::from_slice(body).ok()?;
    let kind = error.pointer("/error/type")?.as_str()?;
    let is_name = kind.len() <= 60 && kind.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    (is_name && kind != "None").then(|| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Vec<u8>> {
        let builder =
            headers.iter().fold(Response::builder().status(status), |all, (name, value)| all.header(*name, *value));
        builder.body(body.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_good_answer_has_a_cost_where_one_is_known() {
        let cost = |headers: &[(&str, &str)]| judge(Some("m"), &answer(200, headers, "{}"));
        assert_eq!(cost(&[("x-litellm-response-cost", "4.5e-05"), ("x-litellm-model-id", "m")]), Ok(Some(4.5e-5)));
        assert_eq!(cost(&[]), Ok(None));
        assert_eq!(cost(&[("x-litellm-response-cost", "None")]), Ok(None));
        assert_eq!(cost(&[("x-litellm-model-id", "n")]), Err(CallFault::Other("n".to_owned())));
    }

    #[test]
    fn of_a_bad_answer_only_status_and_kind_are_kept() {
        let body = r#"{"error": {"message": "Incorrect API key: sk-1", "type": "authentication_error"}}"#;
        let fault = CallFault::Status(401, Some("authentication_error".to_owned()));
        assert_eq!(judge(Some("m"), &answer(401, &[], body)), Err(fault));
        for body in [r#"{"error": {"type": "sk-1"}}"#, r#"{"error": {"type": "None"}}"#, "<html>"] {
            assert_eq!(judge(Some("m"), &answer(500, &[], body)), Err(CallFault::Status(500, None)), "{body}");
        }
    }

    #[test]
    fn names_are_read_from_the_list() {
        let body = br#"{"data": [{"id": "b"}, {"id": "a"}, {"id": "a"}], "object": "list"}"#;
        assert_eq!(names(body), Some(BTreeSet::from(["a".to_owned(), "b".to_owned()])));
        assert_eq!(names(b"[]"), None);
    }
}
