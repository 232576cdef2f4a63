//! Whether a target is fit for langop: what can be seen of it before anything is applied. Reads only.

mod clock;
mod definitions;
mod network;
mod quotas;
mod rights;
mod version;

use super::OpsError;
use crate::cluster::Reader;
use crate::stack::Stack;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// The release of Kubernetes.
    Version,
    /// langop's own kinds.
    Kinds,
    /// What this identity may do.
    Rights,
    /// Whether something keeps network policies.
    Network,
    /// Whether quotas are counted.
    Quotas,
    /// Whether this machine and the server agree on the time.
    Clock,
}

/// What a finding means for the target; the worst comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fitness {
    /// It is as it should be.
    Fit,
    /// Nobody can tell from here, or it works with a loss that the finding names.
    Doubtful,
    /// langop does not work there, or does not do what it promises.
    Unfit,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What it is about.
    pub topic: Topic,
    /// What it means.
    pub fitness: Fitness,
    /// What was seen.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    fn fit(topic: Topic, text: String) -> Self {
        Self { topic, fitness: Fitness::Fit, text, hint: None }
    }

    fn doubtful(topic: Topic, text: String, hint: &str) -> Self {
        Self { topic, fitness: Fitness::Doubtful, text, hint: Some(hint.to_owned()) }
    }

    fn unfit(topic: Topic, text: String, hint: &str) -> Self {
        Self { topic, fitness: Fitness::Unfit, text, hint: Some(hint.to_owned()) }
    }
}

/// Looks at the target of `reader`, one finding a topic; the rights are those that `langop apply` of `stack` needs.
///
/// Costs one GET of the version and one for each of langop's CRDs, two LISTs, one review for each right and one GET for each
/// namespace of the stack.
///
/// # Errors
/// The server does not answer. What this identity may not see is a finding.
pub(crate) async fn fitness(reader: &Reader, stack: Option<&Stack>) -> Result<Vec<Finding>, OpsError> {
    let server = reader.server_version().await?;
    let now = jiff::Timestamp::now();
    let (kinds, rights, network, quotas) = tokio::try_join!(
        definitions::look(reader),
        rights::look(reader, stack),
        network::look(reader),
        quotas::look(reader),
    )?;
    Ok(vec![version::judge(&server), kinds, rights, network, quotas, clock::judge(server.date, now)])
}
