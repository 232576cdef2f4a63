//! The agent that a command names: `NAME`, or `CLUSTER/NAME` where several clusters have one of the name.

use crate::api::LanguageAgentSpec;
use crate::error::CommandError;
use crate::stack::{Item, MemberKey, Stack, nearest};

/// The agent with its cluster.
pub(super) fn find<'a>(
    stack: &'a Stack,
    named: &str,
) -> Result<(&'a MemberKey, &'a Item<LanguageAgentSpec>), CommandError> {
    let (cluster, name) = named.split_once('/').map_or((None, named), |(cluster, name)| (Some(cluster), name));
    let name = name.strip_prefix("agent.").unwrap_or(name);
    let is_meant = |key: &MemberKey| key.name == name && cluster.is_none_or(|cluster| key.cluster == cluster);
    let found: Vec<_> = stack.agents.iter().filter(|(key, _)| is_meant(key)).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let near = nearest(name, stack.agents.keys().map(|key| key.name.as_str())).map(str::to_owned);
            let has = stack.agents.keys().map(|key| key.name.clone()).collect();
            Err(CommandError::NoSuchAgent { name: name.to_owned(), near, has })
        }
        several => {
            let all = several.iter().map(|(key, _)| format!("{}/{}", key.cluster, key.name)).collect();
            Err(CommandError::WhichAgent(all))
        }
    }
}
