//! Who is told of calls: the collector of traces and the products of callbacks, where they are, and with what the gateway
//! gets in.

use super::credential::SecretKey;
use super::host::Endpoint;
use crate::api::{Gateway, LangfuseCallback};

/// One that is told of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observer {
    /// Where in the description of the gateway it stands.
    pub path: &'static str,
    /// Its URL.
    pub url: String,
    /// Variables of the gateway with a value.
    pub variables: Vec<(&'static str, String)>,
    /// Variables whose value is in a Secret.
    pub secrets: Vec<(&'static str, SecretKey)>,
    /// What `LiteLLM` calls it.
    pub callback: &'static str,
}

/// All that a gateway tells of calls, in the order in which they are described.
pub(crate) fn observers(gateway: &Gateway, cluster: &str) -> Vec<Observer> {
    let key = |secret: &str, key: &str| SecretKey { secret: secret.to_owned(), key: key.to_owned() };
    let traces = gateway.traces.as_ref().map(|traces| Observer {
        path: "gateway.traces.otlp",
        url: traces.url(),
        variables: vec![
            ("LANGOP_TRACES_CLUSTER", cluster.to_owned()),
            ("LANGOP_TRACES_OTLP", traces.url()),
            ("LANGOP_TRACES_PERCENT", traces.percent().to_string()),
        ],
        secrets: traces.headers_secret_ref.iter().map(|from| (HEADERS, key(&from.name, from.key()))).collect(),
        callback: "traces.traces",
    });
    let callbacks = gateway.callbacks.clone().unwrap_or_default();
    let langfuse = callbacks.langfuse.map(|langfuse| Observer {
        path: "gateway.callbacks.langfuse",
        url: langfuse.host().to_owned(),
        variables: vec![("LANGFUSE_HOST", langfuse.host().to_owned())],
        secrets: vec![
            ("LANGFUSE_PUBLIC_KEY", key(&langfuse.secret_ref.name, LangfuseCallback::PUBLIC_KEY)),
            ("LANGFUSE_SECRET_KEY", key(&langfuse.secret_ref.name, LangfuseCallback::SECRET_KEY)),
        ],
        callback: "langfuse_otel",
    });
    let datadog = callbacks.datadog.map(|datadog| Observer {
        path: "gateway.callbacks.datadog",
        url: format!("https://{}", datadog.host()),
        variables: vec![("DD_SITE", datadog.site.clone())],
        secrets: vec![("DD_API_KEY", key(&datadog.api_key_secret_ref.name, datadog.api_key_secret_ref.key()))],
        callback: "datadog",
    });
    traces.into_iter().chain(langfuse).chain(datadog).collect()
}

/// The variable of the headers that a collector asks for.
const HEADERS: &str = "LANGOP_TRACES_HEADERS";

/// Where those are that a gateway tells of calls, each with where it is described.
pub(crate) fn observing_endpoints(gateway: &Gateway, cluster: &str) -> Vec<(&'static str, Endpoint)> {
    let all = observers(gateway, cluster).into_iter();
    all.filter_map(|one| Some((one.path, Endpoint::parse(&one.url, cluster)?))).collect()
}
