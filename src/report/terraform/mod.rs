//! A plan in the shape that `terraform show -json` gives one, for policies that were written for it (JSON Output Format,
//! `format_version` 1.2). A view: our own document says more.

mod change;
mod marks;
mod sides;

use jiff::Timestamp;
use serde::Serialize;

use self::change::ResourceChange;
use crate::plan::Plan;

/// The document.
#[derive(Debug, Serialize)]
pub(crate) struct TerraformPlan {
    format_version: &'static str,
    resource_changes: Vec<ResourceChange>,
    timestamp: Timestamp,
    applyable: bool,
    complete: bool,
    errored: bool,
}

/// The view of a plan that was made at a time.
#[must_use]
pub(crate) fn terraform(plan: &Plan, made_at: Timestamp) -> TerraformPlan {
    let errored = plan.errors().next().is_some();
    TerraformPlan {
        format_version: "1.2",
        resource_changes: plan.changes.iter().map(ResourceChange::of).collect(),
        timestamp: made_at,
        applyable: plan.has_changes() && !errored,
        complete: plan.incomplete.is_none(),
        errored,
    }
}

#[cfg(test)]
mod tests;
