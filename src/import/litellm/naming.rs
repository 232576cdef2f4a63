//! What a deployment is called in langop. Callers name a model by its `modelName` or an alias, and several models of one
//! `modelName` share its calls: the name that callers used stays one, and no two groups become one.

use std::collections::{BTreeMap, BTreeSet};

use super::deployment::Deployment;
use super::label::{LONGEST, label};
use super::settings::Settings;

/// The names of one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// Of the model in the description.
    pub thing: String,
    /// `modelName`.
    pub model: String,
    /// Whether the provider knows the model as `modelName`; else `params.model` says what is sent.
    pub is_upstream: bool,
}

/// The names of all deployments.
pub(super) struct Naming {
    names: Vec<Names>,
    /// The name that a group is called by in langop beside its own, if that is another.
    aliases: BTreeMap<String, String>,
    groups: BTreeSet<String>,
}

impl Naming {
    pub(super) fn new(deployments: &[Deployment<'_>], settings: &Settings<'_>) -> Self {
        let groups: BTreeSet<_> = deployments.iter().map(|one| one.group.to_owned()).collect();
        let mut upstreams: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut callers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for one in deployments {
            upstreams.entry(one.group).or_default().insert(&one.upstream.name);
            callers.entry(&one.upstream.name).or_default().insert(one.group);
        }
        let is_free = |name: &str, group: &str| {
            let taken = groups.contains(name) || settings.aliases().any(|(alias, _)| alias == name);
            name == group || !taken && !name.contains(char::is_whitespace) && !settings.names(group)
        };
        let mut naming = Self { names: Vec::new(), aliases: BTreeMap::new(), groups: groups.clone() };
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let reserved: BTreeSet<_> = groups.iter().map(|group| label(group)).collect();
        for one in deployments {
            let own = upstreams[one.group].len() == 1 && callers[one.upstream.name.as_str()].len() == 1;
            let is_upstream =
                one.is_catalogue() || one.upstream.name == one.group || own && is_free(&one.upstream.name, one.group);
            let model = if is_upstream { one.upstream.name.clone() } else { one.group.to_owned() };
            if model != one.group && !one.is_catalogue() {
                naming.aliases.insert(one.group.to_owned(), model.clone());
            }
            let thing = free_name(one.catalogue().unwrap_or(one.group), &mut taken, &reserved);
            naming.names.push(Names { thing, model, is_upstream });
        }
        naming
    }

    /// The names, in the order of the deployments.
    pub(super) fn names(&self) -> &[Names] {
        &self.names
    }

    /// The names that a deployment of a group answers to, beside its `modelName`.
    pub(super) fn aliases(&self, group: &str, settings: &Settings<'_>) -> BTreeSet<String> {
        let own = self.aliases.contains_key(group).then(|| group.to_owned());
        let others = settings.aliases().filter(|(alias, target)| *target == group && !self.groups.contains(*alias));
        own.into_iter().chain(others.map(|(alias, _)| alias.to_owned())).collect()
    }

    /// The groups that are described.
    pub(super) fn groups(&self) -> &BTreeSet<String> {
        &self.groups
    }
}

/// A name that is free: the group's, with a number behind it from the second on.
fn free_name(group: &str, taken: &mut BTreeSet<String>, reserved: &BTreeSet<String>) -> String {
    let plain = label(group);
    if taken.insert(plain.clone()) {
        return plain;
    }
    let numbered = (2_u32..).map(|count| {
        let end = format!("-{count}");
        let cut = plain.len().min(LONGEST - end.len());
        format!("{}{end}", plain[..cut].trim_end_matches('-'))
    });
    let mut free = numbered.filter(|name| !taken.contains(name) && !reserved.contains(name));
    let name = free.next().unwrap_or(plain);
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_numbered_name_is_that_of_another_group() {
        let (mut taken, reserved) = (BTreeSet::new(), BTreeSet::from(["a".to_owned(), "a-2".to_owned()]));
        let names: Vec<_> = ["a", "a", "a-2"].iter().map(|group| free_name(group, &mut taken, &reserved)).collect();
        assert_eq!(names, ["a", "a-3", "a-2"]);
    }
}
