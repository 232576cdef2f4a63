//! The names in a description, also in one that has mistakes: for whoever is still writing it. Checks nothing, and holds
//! no value.

use std::collections::BTreeSet;

use super::diagnostic::Files;
use super::draft::{Draft, Kind, of_description};
use super::environment;
use super::manifests::sort;
use super::read::{LoadRequest, read};
use super::tree::{Node, merge};
use crate::object::Address;

/// What a description names, as far as its files can be read.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// Things and manifests, by what the user calls them.
    pub addresses: BTreeSet<Address>,
    /// Clusters.
    pub clusters: BTreeSet<String>,
    /// Agents: `NAME`, and `CLUSTER/NAME` where one goes to several clusters.
    pub agents: BTreeSet<String>,
    /// Tools.
    pub tools: BTreeSet<String>,
    /// Groups of agents.
    pub groups: BTreeSet<String>,
    /// Declared variables.
    pub variables: BTreeSet<String>,
    /// Environments.
    pub environments: BTreeSet<String>,
}

/// Reads the names. What cannot be read is left out without a word.
#[must_use]
pub(crate) fn outline(request: &LoadRequest) -> Outline {
    let (mut files, mut found) = (Files::default(), Vec::new());
    let mut input = read(request, &mut files, &mut found);
    let root = input.take_descriptions().into_iter().reduce(merge);
    let documents = sort(input.manifests, &request.namespace, &files, &mut found);
    let described = root.as_ref().map(of_description).unwrap_or_default();
    let mut outline = Outline {
        addresses: documents.manifests.iter().map(|one| one.address.clone()).collect(),
        variables: keys(root.as_ref(), "variables"),
        environments: environment::names(root.as_ref()).into_iter().collect(),
        ..Outline::default()
    };
    described.iter().chain(&documents.drafts).for_each(|draft| add(draft, &mut outline));
    outline
}

fn add(draft: &Draft, outline: &mut Outline) {
    outline.addresses.insert(draft.address());
    match draft.kind {
        Kind::Cluster => drop(outline.clusters.insert(draft.name.clone())),
        Kind::Agent => {
            outline.groups.extend(draft.node.text_at(&["group"]).map(str::to_owned));
            outline.agents.extend(called(draft));
        }
        Kind::Tool => drop(outline.tools.insert(draft.name.clone())),
        _ => {}
    }
}

/// What a command may call an agent.
fn called(draft: &Draft) -> BTreeSet<String> {
    let several = draft.written.iter().filter(|clusters| clusters.len() > 1).flatten();
    let several = several.map(|one| format!("{}/{}", one.cluster, draft.name));
    several.chain([draft.name.clone()]).collect()
}

fn keys(root: Option<&Node>, section: &str) -> BTreeSet<String> {
    let table = root.and_then(|root| root.get(section));
    table.into_iter().flat_map(Node::entries).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_before_the_description_is_right() {
        let text = "[variables]\nsize = {}\n[clusters.a]\nwrong = 1\n[agents.scout]\ngroup = \"g\"\nclusters = [\"a\", \"b\"]\n";
        let request =
            LoadRequest { paths: vec!["-".into()], stdin: Some(text.as_bytes().to_vec()), ..LoadRequest::default() };
        let outline = outline(&request);
        assert_eq!(outline.addresses.iter().map(Address::as_str).collect::<Vec<_>>(), ["agent.scout", "cluster.a"]);
        assert_eq!(outline.agents.into_iter().collect::<Vec<_>>(), ["a/scout", "b/scout", "scout"]);
        assert_eq!((outline.groups.len(), outline.variables.len()), (1, 1));
    }
}
