//! Which tools an agent uses: those of its cluster by name, and servers that it names by their URL.

use crate::api::{Header, LanguageAgentSpec, LanguageToolSpec};
use crate::stack::{Item, MemberKey, Stack};

/// A tool that an agent uses.
pub(super) struct Used<'a> {
    /// What the agent calls it.
    pub name: &'a str,
    /// The tool of the cluster; none for a server that the agent names itself.
    pub tool: Option<&'a Item<LanguageToolSpec>>,
    /// Its URL, when langop does not run it.
    pub url: Option<&'a str>,
    /// What it is called with.
    pub headers: &'a [Header],
}

/// The tools that an agent of a cluster uses, by name.
pub(super) fn used<'a>(stack: &'a Stack, cluster: &str, agent: &'a LanguageAgentSpec) -> Vec<Used<'a>> {
    let mut all: Vec<_> = agent
        .tools
        .iter()
        .filter(|one| one.is_used())
        .filter_map(|one| {
            if let Some(url) = &one.url {
                return Some(Used { name: &one.name, tool: None, url: Some(url), headers: &one.headers });
            }
            let key = MemberKey { cluster: cluster.to_owned(), name: one.name.clone() };
            let tool = stack.tools.get(&key)?;
            let url = tool.spec.url.as_deref();
            Some(Used { name: &one.name, tool: Some(tool), url, headers: &tool.spec.headers })
        })
        .collect();
    all.sort_by_key(|one| one.name);
    all
}
