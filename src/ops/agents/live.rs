//! What is read to judge how agents and tools run: one LIST a kind and namespace, by the labels of what langop makes.

use serde_json::Value;

use crate::cluster::{ClusterError, Reader};
use crate::object::field::{text, text_map};
use crate::object::names::{AGENT_KIND, GROUP, TOOL_KIND};
use crate::object::role::{Part, part};
use crate::object::{GroupKind, labels};

/// Agents and tools of a namespace, what keeps or starts their pods, and these.
#[derive(Default)]
pub(in crate::ops) struct Live {
    pub(super) agents: Vec<Value>,
    pub(super) tools: Vec<Value>,
    pub(super) deployments: Vec<Value>,
    pub(super) cron_jobs: Vec<Value>,
    pub(super) jobs: Vec<Value>,
    pub(super) pods: Vec<Value>,
}

impl Live {
    /// Reads a namespace. Six LISTs where there are agents or tools, else two.
    pub(in crate::ops) async fn read(reader: &Reader, namespace: &str) -> Result<Self, ClusterError> {
        let (agents, tools) = tokio::try_join!(
            list(reader, (GROUP, AGENT_KIND), namespace, None),
            list(reader, (GROUP, TOOL_KIND), namespace, None),
        )?;
        if agents.is_empty() && tools.is_empty() {
            return Ok(Self::default());
        }
        let theirs = format!("{} in ({AGENT_KIND}, {TOOL_KIND})", labels::KIND);
        let theirs = Some(theirs.as_str());
        let (deployments, cron_jobs, jobs, pods) = tokio::try_join!(
            list(reader, ("apps", "Deployment"), namespace, theirs),
            list(reader, ("batch", "CronJob"), namespace, theirs),
            list(reader, ("batch", "Job"), namespace, theirs),
            list(reader, ("", "Pod"), namespace, theirs),
        )?;
        Ok(Self { agents, tools, deployments, cron_jobs, jobs, pods })
    }
}

/// Those that are a part.
pub(super) fn of_part<'a>(objects: &'a [Value], wanted: Part<'a>) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| part(&text_map(object, "/metadata/labels")) == Some(wanted))
}

/// The one of this name.
pub(super) fn named<'a>(objects: &'a [Value], name: &str) -> Option<&'a Value> {
    objects.iter().find(|object| text(object, "/metadata/name") == Some(name))
}

/// What a namespace has of a kind; nothing of one that the target does not serve, and nothing that may not be read.
async fn list(
    reader: &Reader,
    (group, kind): (&str, &str),
    namespace: &str,
    selector: Option<&str>,
) -> Result<Vec<Value>, ClusterError> {
    let Some(resource) = reader.served(&GroupKind::new(group, kind)).await? else { return Ok(Vec::new()) };
    let mut objects = reader.list(&resource, Some(namespace), selector).await?;
    // The items of a list do not say what they are.
    for object in &mut objects {
        object["kind"] = kind.into();
        object["apiVersion"] = resource.api.api_version.clone().into();
    }
    Ok(objects)
}
