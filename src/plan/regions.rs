//! In which regions calls may be answered, before and after a plan, in words. Reads the kinds as they are written.

use std::collections::BTreeMap;

use serde_json::Value;

use super::inputs::Inputs;
use super::limits::before;
use super::{Action, Change};
use crate::object::field::names;
use crate::object::names::{CLUSTER_KIND, GROUP, TEAM_KIND};
use crate::object::{ObjectRef, first};

/// As many patterns stand in a sentence; of others it says how many there are.
const NAMED: usize = 5;

/// A sentence for each policy that changes, of clusters and teams that there are.
pub(super) fn effects(inputs: &Inputs<'_>, changes: &BTreeMap<ObjectRef, Change>) -> Vec<String> {
    let said = inputs.desired.iter().filter_map(|(object, desired)| {
        let (place, whose) = match object.namespace.as_deref() {
            None if object.is(GROUP, CLUSTER_KIND) => ("/spec/policy/regions", format!("calls in `{}`", object.name)),
            Some(cluster) if object.is(GROUP, TEAM_KIND) => {
                ("/spec/regions", format!("calls of team `{}` in `{cluster}`", object.name))
            }
            _ => return None,
        };
        let change = changes.get(object).filter(|change| change.action != Action::NoOp)?;
        let was = before(inputs.observed.get(object), desired, Some(change))?;
        let (was, is) = (words(&was, place), words(&desired.object.to_value(), place));
        (was != is).then(|| format!("{whose} may be answered {is}, until now {was}"))
    });
    said.collect()
}

fn words(object: &Value, place: &str) -> String {
    let patterns: Vec<_> = names(object, place).into_iter().map(|pattern| format!("`{pattern}`")).collect();
    if patterns.is_empty() { "in any region".to_owned() } else { format!("in {} alone", first(patterns.iter(), NAMED)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::limits::tests::said;

    #[test]
    fn a_policy_that_changes_is_told_of() {
        let policy = |regions: &[&str]| Some(json!({ "policy": { "regions": regions } }));
        let wanted = "calls in `prod` may be answered in any region, until now in `eu-*`, `eu` alone";
        assert_eq!(said([policy(&["eu-*", "eu"]), Some(json!({}))], &[]), [wanted]);
        assert_eq!(said([policy(&["eu"]), policy(&["eu"])], &[]), [""; 0]);
        assert_eq!(said([None, policy(&["eu"])], &[]), [""; 0]);
        let team = [Some(("team.t", json!({ "blocked": true }))), Some(("team.t", json!({ "regions": ["eu"] })))];
        let wanted = "calls of team `t` in `prod` may be answered in `eu` alone, until now in any region";
        assert_eq!(said([Some(json!({})), Some(json!({}))], &[team]), [wanted]);
    }
}
