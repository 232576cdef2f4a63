//! What the settings say of models: aliases, fallbacks, how long a call may take, and which names they use.

use std::collections::{BTreeMap, BTreeSet};

use crate::stack::Node;

/// Where fallbacks are written, the stronger first.
pub(super) const FALLBACKS: [&str; 2] = ["router_settings", "litellm_settings"];

/// Parts of the top that are no settings.
pub(super) const READ: [&str; 3] = ["credential_list", "environment_variables", "model_list"];

/// The settings of a configuration.
pub(super) struct Settings<'a> {
    root: &'a Node,
    aliases: BTreeMap<&'a str, &'a str>,
    fallbacks: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Settings<'a> {
    pub(super) fn read(root: &'a Node) -> Self {
        let mut settings = Self { root, aliases: BTreeMap::new(), fallbacks: BTreeMap::new() };
        let aliases = root.at(&["router_settings", "model_group_alias"]).into_iter().flat_map(Node::entries);
        settings.aliases = aliases.filter_map(|(alias, entry)| Some((alias, entry.node.text()?))).collect();
        for section in FALLBACKS {
            for (group, others) in
                root.at(&[section, "fallbacks"]).into_iter().flat_map(Node::items).flat_map(Node::entries)
            {
                if let Some(others) = texts(&others.node) {
                    settings.fallbacks.entry(group).or_insert(others);
                }
            }
        }
        settings
    }

    /// Aliases and the groups that they stand for.
    pub(super) fn aliases(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.aliases.iter().map(|(alias, group)| (*alias, *group))
    }

    /// What is called in a group's place; none unless all of it is described.
    pub(super) fn fallbacks(&self, group: &str, groups: &BTreeSet<String>) -> Vec<&'a str> {
        let others = self.fallbacks.get(group).filter(|others| others.iter().all(|other| self.serves(other, groups)));
        others.into_iter().flatten().copied().filter(|other| *other != group).collect()
    }

    /// Whether a group has these fallbacks, and no others.
    pub(super) fn are_fallbacks(&self, group: &str, others: &Node) -> bool {
        texts(others).as_ref() == self.fallbacks.get(group)
    }

    fn serves(&self, name: &str, groups: &BTreeSet<String>) -> bool {
        let of_alias = self.aliases.get(name).is_some_and(|group| groups.contains(*group));
        !name.contains('*') && (groups.contains(name) || of_alias)
    }

    /// After how many seconds a call of any model is given up.
    pub(super) fn timeout(&self) -> Option<&'a Node> {
        let router = self.root.at(&["router_settings", "timeout"]);
        router.or_else(|| self.root.at(&["litellm_settings", "request_timeout"]))
    }

    /// Whether what stays in the configuration names a group, so that it must go on being called so.
    pub(super) fn names(&self, group: &str) -> bool {
        let parts = self.root.entries().filter(|(key, _)| !READ.contains(key));
        parts
            .flat_map(|(section, entry)| entry.node.entries().map(move |(key, entry)| (section, key, entry)))
            .filter(|(section, key, _)| {
                *key != "model_group_alias" && !(*key == "fallbacks" && FALLBACKS.contains(section))
            })
            .any(|(_, _, entry)| mentions(&entry.node, group))
    }
}

/// The texts of a list of nothing else.
pub(super) fn texts(node: &Node) -> Option<Vec<&str>> {
    node.items().iter().map(Node::text).collect()
}

fn mentions(node: &Node, name: &str) -> bool {
    let mut found = BTreeSet::new();
    words(node, &mut found);
    found.contains(name)
}

fn words<'a>(node: &'a Node, found: &mut BTreeSet<&'a str>) {
    found.extend(node.text());
    node.items().iter().for_each(|item| words(item, found));
    for (key, entry) in node.entries() {
        found.insert(key);
        words(&entry.node, found);
    }
}
