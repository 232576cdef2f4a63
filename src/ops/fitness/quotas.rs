//! Whether quotas are counted: an API server refuses every pod of a namespace whose quota nobody counts.

use serde_json::Value;

use super::{Finding, Topic};
use crate::cluster::{ClusterError, Reader};
use crate::object::GroupKind;

/// One LIST.
pub(super) async fn look(reader: &Reader) -> Result<Finding, ClusterError> {
    let resource = reader.resource(&GroupKind::new("", "ResourceQuota"), None)?;
    match reader.list(&resource, None, None).await {
        Ok(quotas) => Ok(judge(&quotas)),
        Err(ClusterError::Forbidden(_)) => Ok(unknown("this identity may not `list` resourcequotas")),
        Err(error) => Err(error),
    }
}

fn judge(quotas: &[Value]) -> Finding {
    // The controller copies what a quota says to where it counts it (Kubernetes, `resourcequota.Controller.syncResourceQuota`).
    let counted =
        |quota: &&Value| quota.pointer("/status/hard").is_some_and(|hard| Some(hard) == quota.pointer("/spec/hard"));
    match (quotas.len(), quotas.iter().filter(counted).count()) {
        (0, _) => unknown("the target has no quota"),
        (all, counted) if all == counted => {
            Finding::fit(Topic::Quotas, format!("quotas are counted, all {all} of them"))
        }
        (all, 0) => Finding::unfit(
            Topic::Quotas,
            format!("quotas are not counted, none of {all}: pods in their namespaces are refused"),
            "see whether kube-controller-manager runs, with its controller `resourcequota-controller`",
        ),
        (all, counted) => Finding::doubtful(
            Topic::Quotas,
            format!("{counted} of {all} quotas are counted as they are written"),
            "those that were just written may need a moment: look again",
        ),
    }
}

fn unknown(because: &str) -> Finding {
    Finding::doubtful(
        Topic::Quotas,
        format!("whether quotas are counted is not known: {because}"),
        "a language cluster with `capacity` has one, and an apply of it waits until it is counted",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::fitness::Fitness;

    #[test]
    fn a_quota_is_counted_whose_status_says_what_it_says_itself() {
        let hard = json!({ "pods": "4" });
        let counted = json!({ "spec": { "hard": hard }, "status": { "hard": hard, "used": { "pods": "1" } } });
        let stale = json!({ "spec": { "hard": hard }, "status": { "hard": { "pods": "3" } } });
        let fresh = json!({ "spec": { "hard": hard }, "status": {} });
        let fitness = |quotas: &[&Value]| judge(&quotas.iter().copied().cloned().collect::<Vec<_>>()).fitness;
        assert_eq!(fitness(&[&counted, &counted]), Fitness::Fit);
        assert_eq!(fitness(&[&counted, &stale]), Fitness::Doubtful);
        assert_eq!(fitness(&[&fresh, &stale]), Fitness::Unfit);
        assert_eq!(fitness(&[]), Fitness::Doubtful);
    }
}
