//! The budgets of a gateway, for the module that counts what calls cost: by what each is of. Only where there is a store to
//! count in.

use std::collections::BTreeMap;

use serde_json::json;

use crate::api::Budget;
use crate::object::Spender;
use crate::render::scope::Scope;

/// The file's content.
pub(super) fn file(scope: &Scope<'_>) -> String {
    let cluster = scope.spec().budget.as_ref().map(|budget| (Spender::Cluster, budget));
    let agents =
        scope.agents().filter_map(|(name, agent)| Some((Spender::Agent(name.to_owned()), agent.budget.as_ref()?)));
    let models =
        scope.models().filter_map(|(name, model)| Some((Spender::Model(name.to_owned()), model.budget.as_ref()?)));
    let teams = scope.teams().filter_map(|(name, team)| Some((Spender::Team(name.to_owned()), team.budget.as_ref()?)));
    let all: BTreeMap<String, &Budget> = cluster
        .into_iter()
        .chain(agents)
        .chain(teams)
        .chain(models)
        .map(|(of, budget)| (of.to_string(), budget))
        .collect();
    format!("{:#}\n", json!(all))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{config, field, gateway_config, rendered};

    const BUDGETS: &str = "[clusters.c]\nbudget = { usd = 500, window = 'month', timezone = 'Europe/Berlin' }\n\
                           gateway.store = {}\n[models.m]\nprovider = 'openai'\nmodelName = 'gpt-4o'\n\
                           budget = { usd = 2.5, window = 'day' }\n\
                           [agents.a]\nimage = 'a'\nbudget = { usd = 20, window = '30d' }\n[agents.b]\nimage = 'a'\n\
                           [teams.t]\nagents = ['a']\nbudget = { usd = 9, window = 'day' }\n";

    #[test]
    fn budgets_are_said_by_what_they_are_of_in_a_file_that_changes_in_place() {
        let manifests = rendered(BUDGETS);
        let text = field(&manifests, "ConfigMap", "gateway-agents", "/data/budgets.json").as_str().unwrap();
        let read: Value = serde_json::from_str(text).unwrap();
        let wanted = json!({
            "cluster": { "usd": 500.0, "window": "month", "timezone": "Europe/Berlin" },
            "team/t": { "usd": 9.0, "window": "day" },
            "agent/a": { "usd": 20.0, "window": "30d" },
            "model/m": { "usd": 2.5, "window": "day" },
        });
        assert_eq!(read, wanted);
    }

    #[test]
    fn a_gateway_counts_what_calls_cost_where_it_has_a_store() {
        let with = rendered(BUDGETS);
        assert_eq!(config(&with)["litellm_settings"]["callbacks"], json!(["budgets.budgets"]));
        assert!(gateway_config(&with).object["data"].get("budgets.py").is_some());
        let without = rendered("clusters.c = {}");
        assert_eq!(config(&without)["litellm_settings"].get("callbacks"), None);
        assert!(gateway_config(&without).object["data"].get("budgets.py").is_none());
        assert!(field(&without, "ConfigMap", "gateway-agents", "/data").get("budgets.json").is_none());
    }
}
