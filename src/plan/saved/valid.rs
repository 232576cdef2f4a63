//! Whether a saved plan can be applied at all, before any object is looked at: by this langop, now, here, to this
//! record.

use jiff::{SignedDuration, Timestamp};

use super::document::{RecordVersion, SavedPlan, TargetId};
use super::error::SavedPlanError;

/// How far the clocks of two machines may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// When a plan is applied, and how old it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// The time.
    pub time: Timestamp,
    /// How old a plan may be.
    pub max_age: SignedDuration,
}

impl SavedPlan {
    /// Whether the plan can be applied by this langop and now. Asks no server.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check_applicable(&self, now: Now) -> Result<(), SavedPlanError> {
        let errors = self.errors();
        if errors > 0 {
            return Err(SavedPlanError::HasErrors(errors));
        }
        if self.langop != env!("CARGO_PKG_VERSION") {
            return Err(SavedPlanError::OtherVersion { made_by: self.langop.clone() });
        }
        let (made_at, age) = (self.made_at, now.time.duration_since(self.made_at));
        if age > now.max_age {
            return Err(SavedPlanError::Expired { made_at, max_age: now.max_age });
        }
        if age < -SKEW {
            return Err(SavedPlanError::FromTheFuture { made_at });
        }
        Ok(())
    }

    /// Whether the plan was made for this cluster. The uid of `kube-system` decides; one cluster may have several URLs.
    ///
    /// # Errors
    /// It was not.
    pub(crate) fn check_target(&self, here: &TargetId) -> Result<(), SavedPlanError> {
        let because = match (&self.target.cluster_id, &here.cluster_id) {
            (Some(made), Some(here)) if made == here => return Ok(()),
            (Some(_), Some(_)) => "its namespace `kube-system` has another uid",
            _ if self.target.server == here.server => return Ok(()),
            _ => "its server has another URL, and the uid of `kube-system` is not known",
        };
        Err(SavedPlanError::OtherTarget(because.to_owned()))
    }

    /// Whether the record can be one that followed from the record of the plan. A later serial can: this very plan may
    /// have been applied in part; what that run or another one did to objects is seen at them.
    ///
    /// # Errors
    /// It is another record, or an earlier one.
    pub(crate) fn check_record(&self, record: Option<&RecordVersion>) -> Result<(), SavedPlanError> {
        let because = match (&self.record, record) {
            (None, _) => return Ok(()),
            (Some(then), Some(now)) if then.lineage == now.lineage && then.serial <= now.serial => return Ok(()),
            (Some(then), Some(now)) if then.lineage == now.lineage => "it is an earlier one, as from a backup",
            (Some(_), Some(_)) => "it was made anew",
            (Some(_), None) => "there is none any more",
        };
        Err(SavedPlanError::OtherRecord { stack: self.stack.clone(), because: because.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::plan::saved::{Asked, Salt, SaveRequest};
    use crate::plan::{Plan, Problem, Severity};

    const MADE: Timestamp = Timestamp::UNIX_EPOCH;

    fn target(server: &str, id: Option<&str>) -> TargetId {
        TargetId { server: server.to_owned(), context: None, cluster_id: id.map(str::to_owned), identity: None }
    }

    fn version(lineage: u128, serial: u64) -> RecordVersion {
        RecordVersion { lineage: Uuid::from_u128(lineage), serial }
    }

    fn saved(plan: &Plan, target: TargetId, record: Option<RecordVersion>) -> SavedPlan {
        let (values, salt, asked) = (std::collections::BTreeMap::new(), Salt::new(), Asked::default());
        let request = SaveRequest { plan, manifests: &[], values, salt, asked, target, record, made_at: MADE };
        request.saved().unwrap()
    }

    fn plain() -> SavedPlan {
        saved(&Plan::default(), target("a", Some("1")), Some(version(1, 3)))
    }

    #[test]
    fn a_plan_has_its_time_its_langop_and_no_errors() {
        let at = |seconds: i64| Now {
            time: MADE + SignedDuration::from_secs(seconds),
            max_age: SignedDuration::from_hours(1),
        };
        let code = |plan: &SavedPlan, now| plan.check_applicable(now).err().map(|error| error.code());
        assert_eq!(code(&plain(), at(3600)), None);
        assert_eq!(code(&plain(), at(3601)), Some("expired-plan"));
        assert_eq!((code(&plain(), at(-299)), code(&plain(), at(-301))), (None, Some("expired-plan")));
        let other = SavedPlan { langop: "0.0.1".to_owned(), ..plain() };
        assert_eq!(code(&other, at(0)), Some("other-version"));
        let problem = Problem::new(Severity::Error, "x", "no".to_owned());
        let failed = Plan { problems: vec![problem], ..Plan::default() };
        assert_eq!(code(&saved(&failed, target("a", None), None), at(0)), Some("plan-with-errors"));
    }

    #[test]
    fn the_cluster_decides_and_where_it_is_not_known_its_url() {
        let is_ok = |made: TargetId, here: TargetId| saved(&Plan::default(), made, None).check_target(&here).is_ok();
        assert!(is_ok(target("a", Some("1")), target("b", Some("1"))));
        assert!(!is_ok(target("a", Some("1")), target("a", Some("2"))));
        assert!(is_ok(target("a", None), target("a", Some("2"))));
        assert!(!is_ok(target("a", None), target("b", Some("2"))) && !is_ok(target("a", Some("1")), target("b", None)));
    }

    #[test]
    fn a_record_may_have_gone_on_and_is_else_another_one() {
        let is_ok = |record: Option<RecordVersion>| plain().check_record(record.as_ref()).is_ok();
        assert!(is_ok(Some(version(1, 3))) && is_ok(Some(version(1, 9))));
        assert!(!is_ok(Some(version(1, 2))) && !is_ok(Some(version(2, 3))) && !is_ok(None));
        let first = saved(&Plan::default(), target("a", None), None);
        assert!(first.check_record(None).is_ok() && first.check_record(Some(&version(5, 1))).is_ok());
    }
}
