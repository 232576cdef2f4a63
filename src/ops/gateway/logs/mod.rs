//! The logs of the gateway of a cluster: those of all its pods, one after the other, or as they come. Adds nothing to a line
//! and takes nothing from it.

mod following;
mod pods;

use crate::cluster::{ClusterError, LogQuery, PodLogs, Reader};
use crate::object::names::GATEWAY;
use crate::ops::OpsError;

use pods::{GatewayPod, gateway_pods};

pub(crate) use following::follow_logs;

/// What is told while logs are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LogEvent {
    /// A line of a pod.
    Line {
        /// The pod.
        pod: String,
        /// The line.
        text: String,
    },
    /// A pod whose log cannot be read, and why.
    Missing {
        /// The pod.
        pod: String,
        /// Why.
        because: String,
    },
}

/// Whether all logs were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// All.
    All,
    /// Some, and of the others it was told why not.
    Some,
}

/// Where logs are read.
#[derive(Clone)]
pub(crate) struct LogSource {
    /// Finds the pods.
    pub reader: Reader,
    /// Reads what they log.
    pub logs: PodLogs,
    /// The cluster, and so the namespace.
    pub cluster: String,
}

/// Reads the logs as they are now, pod by pod in the order of their names.
///
/// # Errors
/// There is no pod, this identity may not read logs, no log can be read, or `tell` fails.
pub(crate) async fn logs<E: From<OpsError>>(
    source: &LogSource,
    query: LogQuery,
    mut tell: impl FnMut(LogEvent) -> Result<(), E>,
) -> Result<Read, E> {
    let pods = wanted(source, query).await?;
    let mut missing = Vec::new();
    for pod in &pods {
        match one(source, pod, query, &mut tell).await? {
            Ok(()) => {}
            Err(cause @ ClusterError::Forbidden(_)) => return Err(OpsError::from(cause).into()),
            Err(cause) => missing.push((pod.name.clone(), cause)),
        }
    }
    let read = if missing.is_empty() { Read::All } else { Read::Some };
    let error = if missing.len() == pods.len() { missing.pop() } else { None };
    for (pod, cause) in missing {
        tell(LogEvent::Missing { pod, because: cause.to_string() })?;
    }
    match error {
        Some((pod, cause)) => Err(OpsError::NoLog { pod, cause }.into()),
        None => Ok(read),
    }
}

/// Reads one log to its end. What is wrong with it is the inner error.
async fn one<E>(
    source: &LogSource,
    pod: &GatewayPod,
    query: LogQuery,
    tell: &mut impl FnMut(LogEvent) -> Result<(), E>,
) -> Result<Result<(), ClusterError>, E> {
    let mut log = match source.logs.open((&source.cluster, &pod.name), GATEWAY, query).await {
        Ok(log) => log,
        Err(error) => return Ok(Err(error)),
    };
    loop {
        match log.next().await {
            Ok(Some(text)) => tell(LogEvent::Line { pod: pod.name.clone(), text })?,
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error)),
        }
    }
}

/// The pods whose logs are asked for: a container that was never started again has none from before.
async fn wanted(source: &LogSource, query: LogQuery) -> Result<Vec<GatewayPod>, OpsError> {
    let mut pods = gateway_pods(source).await?;
    if query.previous {
        pods.retain(|pod| pod.restarts > 0);
        if pods.is_empty() {
            let because = "no container of its pods was started again".to_owned();
            return Err(OpsError::NoGatewayLog { cluster: source.cluster.clone(), because });
        }
    }
    Ok(pods)
}
