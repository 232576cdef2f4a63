//! How long an object may be at work, as it says itself, without anything to be seen of it. A Job that runs changes nothing
//! about itself until it ends, and one with a deadline is ended by its controller in time: until then it is not stuck.

use std::time::Duration;

use serde_json::Value;

use super::group_and_kind;
use crate::object::field::{count, number};

/// Where a Job says how long it may run (Kubernetes, *Job termination and cleanup*), or each of its pods.
const DEADLINES: [&str; 2] = ["/spec/activeDeadlineSeconds", "/spec/template/spec/activeDeadlineSeconds"];

/// The time that a Job has said that it may run, while a pod of it runs: one that waits for a node or an image does not work.
/// None of one that has not said so, and of any other object.
#[must_use]
pub(crate) fn work(object: &Value) -> Option<Duration> {
    let is_at_work = group_and_kind(object) == ("batch", "Job") && count(object, "/status/ready") > 0;
    let deadline = || DEADLINES.iter().find_map(|pointer| number(object, pointer));
    is_at_work.then(deadline).flatten().and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::readiness::table::object;

    #[test]
    fn a_job_that_runs_is_at_work_for_as_long_as_it_may_run() {
        let job = |spec: &Value, status: &Value| work(&object("batch/v1", "Job", spec, status));
        let two_hours = json!({ "activeDeadlineSeconds": 7200 });
        let runs = json!({ "active": 1, "ready": 1 });
        assert_eq!(job(&two_hours, &runs), Some(Duration::from_hours(2)));
        assert_eq!(job(&two_hours, &json!({ "active": 1, "ready": 0 })), None, "its pod waits for something");
        assert_eq!(job(&two_hours, &json!({ "failed": 1 })), None);
        assert_eq!(job(&json!({}), &runs), None, "nobody said how long it may take");
        let of_its_pods = json!({ "template": { "spec": { "activeDeadlineSeconds": 60 } } });
        assert_eq!(job(&of_its_pods, &runs), Some(Duration::from_mins(1)));
        assert_eq!(work(&object("apps/v1", "Deployment", &two_hours, &runs)), None);
    }
}
