//! Which tools an agent uses before and after a plan: told by the configurations that agents are started with. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Observed, Plan};
use crate::object::field::{map, text};
use crate::object::names::AGENT_KIND;
use crate::object::{ObjectRef, first, labels};

/// As many names stand in a sentence; of others it says how many there are.
const NAMED: usize = 5;

/// A sentence for each agent that loses or gains tools. `before` has what objects were that others come in the place of, by
/// the latter.
#[must_use]
pub(crate) fn effects(
    plan: &Plan,
    observed: &BTreeMap<ObjectRef, Observed>,
    before: &BTreeMap<ObjectRef, Value>,
) -> Vec<String> {
    let maps = plan.changes.iter().filter(|change| change.object.is("", "ConfigMap") && change.action != Action::NoOp);
    let said = maps.filter_map(|change| {
        let is = change.desired.to_value();
        let agent = agent(&is)?;
        let was = match observed.get(&change.object) {
            Some(Observed::Live { live, .. }) => Some(live),
            _ => before.get(&change.object),
        };
        let (was, is) = (tools(was?)?, tools(&is)?);
        sentence(&agent, change.object.namespace.as_deref()?, &was, &is)
    });
    said.collect()
}

/// The agent whose configuration an object is.
fn agent(object: &Value) -> Option<String> {
    let label = |key: &str| map(object, "/metadata/labels")?.get(key)?.as_str().map(str::to_owned);
    label(labels::KIND).filter(|kind| kind == AGENT_KIND)?;
    label(labels::NAME)
}

/// The tools of a configuration, by name.
fn tools(object: &Value) -> Option<BTreeSet<String>> {
    let config: Value = serde_saphyr::from_str(text(object, "/data/config.yaml")?).ok()?;
    Some(map(&config, "/tools").into_iter().flatten().map(|(name, _)| name.clone()).collect())
}

/// "agent `scout` in `prod` loses tool `search`, gains tool `papers`"
fn sentence(agent: &str, cluster: &str, was: &BTreeSet<String>, is: &BTreeSet<String>) -> Option<String> {
    let part = |verb: &str, names: Vec<&String>| {
        let noun = if names.len() == 1 { "tool" } else { "tools" };
        let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("{verb} {noun} {}", first(quoted.iter(), NAMED)))
    };
    let parts = [part("loses", was.difference(is).collect()), part("gains", is.difference(was).collect())];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("agent `{agent}` in `{cluster}` {}", parts.join(" and ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tools_that_come_and_go_are_told_of() {
        let object = |config: &str| {
            json!({ "metadata": { "labels": { "langop.io/kind": "LanguageAgent", "app.kubernetes.io/name": "scout" } },
                "data": { "config.yaml": config } })
        };
        let was = object("tools:\n  search: {}\n  papers: {}\n");
        let is = object("tools:\n  papers: {}\n  a: {}\n  b: {}\n");
        assert_eq!(agent(&was).as_deref(), Some("scout"));
        let said = sentence("scout", "prod", &tools(&was).unwrap(), &tools(&is).unwrap());
        assert_eq!(said.as_deref(), Some("agent `scout` in `prod` loses tool `search` and gains tools `a`, `b`"));
        assert_eq!(sentence("scout", "prod", &tools(&is).unwrap(), &tools(&is).unwrap()), None);
        assert_eq!(tools(&object("agent: {}")).unwrap(), BTreeSet::new());
    }
}
