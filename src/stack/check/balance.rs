//! Several deployments of one model name: `LiteLLM` spreads calls over them by weight, else by limits. One
//! without what others have gets no calls at all (found by running it).

use std::collections::BTreeMap;

use super::Index;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};

/// What calls are spread by, the first that any deployment has: its parameter, and its field.
const SPREAD: [(&str, Option<&str>); 3] =
    [("weight", None), ("rpm", Some("requestsPerMinute")), ("tpm", Some("tokensPerMinute"))];

pub(super) fn check<'a>(cluster: &'a str, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let mut deployments: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
    for model in index.of(cluster, Kind::Model) {
        if let Some(name) = model.node.text_at(&["modelName"]).filter(|name| *name != "*") {
            deployments.entry(name).or_default().push(model);
        }
    }
    for (name, models) in &deployments {
        let spread = SPREAD.iter().find(|by| models.iter().any(|model| has(model, by)));
        let Some(by) = spread else { continue };
        let Some(with) = models.iter().find(|model| has(model, by)) else { continue };
        for without in models.iter().filter(|model| !has(model, by)) {
            let what = by.1.map_or_else(|| format!("params.{}", by.0), |field| format!("rateLimits.{field}"));
            let message = format!("{} gets no calls: another deployment of `{name}` has `{what}`", without.called());
            let warning = Diagnostic::warning(Code::MixedLimits, message);
            let warning = warning.at(without.named, "has none").also(with.named, "has it");
            found.push(warning.hint(format!("set `{what}` for all models of this name or for none")));
        }
    }
}

fn has(model: &Draft, (param, field): &(&str, Option<&str>)) -> bool {
    let by_field = field.is_some_and(|field| model.node.at(&["rateLimits", field]).is_some());
    by_field || model.node.at(&["params", param]).is_some()
}
