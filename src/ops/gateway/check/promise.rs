//! What a description promises of a gateway: the names that it lists, and the models behind them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::object::Manifest;
use crate::object::field::{items, text};
use crate::object::names::deployed_model;
use crate::object::pod_template::{config_maps, pod_template};
use crate::object::role::{gateway_deployment, is_gateway_config};

/// The promise of one cluster's gateway, read from the configuration that it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Promise {
    /// Names that are listed as they are: of models and aliases.
    pub names: BTreeSet<String>,
    /// Names with a `*`, which the gateway lists as what they stand for, if it knows that.
    pub catalogues: BTreeSet<String>,
    /// Models that can be called, and how.
    pub models: BTreeMap<String, Way>,
    /// The `ConfigMap`s that its pods mount: another configuration has another name.
    pub config_maps: BTreeSet<String>,
}

/// How to call one model, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The name to call.
    pub called: String,
    /// Who must answer; none where several may.
    pub answers: Option<String>,
}

/// A list of models against a promise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Promised and listed.
    pub listed: BTreeSet<String>,
    /// Promised and not listed.
    pub missing: BTreeSet<String>,
    /// Listed and not promised.
    pub extra: BTreeSet<String>,
    /// How many of the listed names each catalogue stands for. None is no fault: of some providers the gateway
    /// knows no names.
    pub catalogues: BTreeMap<String, usize>,
}

impl Promise {
    /// The promise for a cluster of a rendered stack.
    pub(super) fn from_manifests(manifests: &[Manifest], cluster: &str) -> Self {
        let mut objects = manifests.iter().map(|manifest| (&manifest.reference, &*manifest.object));
        let map = objects.clone().find(|(reference, object)| is_gateway_config(reference, object, cluster));
        let yaml = map.and_then(|(_, map)| map.pointer("/data/config.yaml")?.as_str());
        let config: Value = yaml.and_then(|yaml| serde_saphyr::from_str(yaml).ok()).unwrap_or_default();
        let gateway = gateway_deployment(cluster);
        let deployment = objects.find(|(reference, _)| **reference == gateway).map(|(_, object)| object);
        let spec = deployment.and_then(pod_template).map(|found| found.spec);
        let config_maps = spec.map(config_maps).unwrap_or_default().into_iter().map(str::to_owned).collect();
        Self { config_maps, ..Self::from_config(&config) }
    }

    fn from_config(config: &Value) -> Self {
        let mut promise = Self::default();
        let entries = items(config, "/model_list")
            .iter()
            .filter_map(|entry| Some((text(entry, "/model_name")?, text(entry, "/model_info/id"))));
        let (catalogues, models): (Vec<_>, Vec<_>) = entries.partition(|(name, _)| name.contains('*'));
        promise.catalogues = catalogues.into_iter().map(|(name, _)| name.to_owned()).collect();
        promise.names = models.iter().map(|(name, _)| (*name).to_owned()).collect();
        promise.models = models
            .iter()
            .map(|(name, id)| (id.map_or(*name, deployed_model).to_owned(), way(&models, name, *id)))
            .collect();
        let aliases = config.pointer("/router_settings/model_group_alias").and_then(Value::as_object);
        let shown = aliases.into_iter().flatten().filter(|(_, to)| to.get("hidden") != Some(&Value::Bool(true)));
        promise.names.extend(shown.map(|(alias, _)| alias.clone()));
        promise
    }

    /// Compares a list of names with the promise.
    pub(super) fn compare(&self, names: &BTreeSet<String>) -> Listing {
        let of = |catalogue: &str, name: &str| matches(catalogue, name);
        let others: BTreeSet<_> = names.difference(&self.names).collect();
        let count = |catalogue: &String| others.iter().filter(|name| of(catalogue, name)).count();
        let promised = |name: &String| self.catalogues.iter().any(|catalogue| of(catalogue, name));
        Listing {
            listed: self.names.intersection(names).cloned().collect(),
            missing: self.names.difference(names).cloned().collect(),
            extra: others.iter().filter(|name| !promised(name)).map(|name| (*name).clone()).collect(),
            catalogues: self.catalogues.iter().map(|catalogue| (catalogue.clone(), count(catalogue))).collect(),
        }
    }
}

/// By name, as agents do. Of several models of one name, by id: `LiteLLM` takes ids that are not also names.
fn way(models: &[(&str, Option<&str>)], name: &str, id: Option<&str>) -> Way {
    let alone = models.iter().filter(|(other, _)| *other == name).count() == 1;
    let own = id.filter(|id| !alone && models.iter().all(|(name, _)| name != id));
    Way { called: own.unwrap_or(name).to_owned(), answers: if alone { id } else { own }.map(str::to_owned) }
}

/// Whether a name is one of a catalogue: `gpt/*` stands for all that begins with `gpt/`.
fn matches(catalogue: &str, name: &str) -> bool {
    let (before, after) = catalogue.split_once('*').unwrap_or((catalogue, ""));
    name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    fn promise() -> Promise {
        Promise::from_config(&json!({
            "model_list": [
                { "model_name": "m", "model_info": { "id": "one" } },
                { "model_name": "m", "model_info": { "id": "two" } },
                { "model_name": "own" },
                { "model_name": "all/*", "model_info": { "id": "all" } },
            ],
            "router_settings": { "model_group_alias": {
                "fast": "m", "old": { "model": "m", "hidden": true }, "new": { "model": "m", "hidden": false },
            } },
        }))
    }

    #[test]
    fn names_aliases_and_models_are_read_from_the_configuration() {
        let promise = promise();
        assert_eq!(promise.names, names(&["fast", "m", "new", "own"]));
        let models = [("one", "one", Some("one")), ("own", "own", None), ("two", "two", Some("two"))];
        let ways = models.map(|(model, called, answers)| {
            (model.to_owned(), Way { called: called.to_owned(), answers: answers.map(str::to_owned) })
        });
        assert_eq!(promise.models, BTreeMap::from(ways));
        assert_eq!(promise.catalogues, names(&["all/*"]));
    }

    #[test]
    fn a_name_that_is_also_an_id_calls_the_name() {
        let models = [("gpt", Some("gpt")), ("gpt", Some("eu")), ("eu", Some("x")), ("solo", Some("s"))];
        let ways = models.map(|(name, id)| way(&models, name, id));
        let way = |called: &str, answers: Option<&str>| Way {
            called: called.to_owned(),
            answers: answers.map(str::to_owned),
        };
        assert_eq!(ways, [way("gpt", None), way("gpt", None), way("eu", Some("x")), way("solo", Some("s"))]);
    }

    #[test]
    fn a_difference_is_missing_or_extra() {
        let listing = promise().compare(&names(&["m", "fast", "new", "all/a", "all/b", "stranger"]));
        assert_eq!(listing.listed, names(&["fast", "m", "new"]));
        assert_eq!((listing.missing, listing.extra), (names(&["own"]), names(&["stranger"])));
        assert_eq!(listing.catalogues, BTreeMap::from([("all/*".to_owned(), 2)]));
    }

    #[test]
    fn a_catalogue_that_the_gateway_cannot_list_is_no_fault() {
        let listing = promise().compare(&names(&["m", "fast", "new", "own"]));
        assert!(listing.missing.is_empty() && listing.extra.is_empty());
        assert_eq!(listing.catalogues["all/*"], 0);
    }
}
