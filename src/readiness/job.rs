//! Jobs. Unlike kstatus, a running Job is not done: one that downloads a model must have downloaded it.

use serde_json::Value;

use super::condition::Condition;
use super::state::Readiness;
use crate::object::field::{count, number};

pub(super) fn assess(object: &Value) -> Readiness {
    let holds = |kind: &str| Condition::find(object, kind).filter(Condition::is_true);
    if holds("Complete").is_some() {
        return Readiness::current("it has completed");
    }
    if let Some(failed) = holds("Failed").or_else(|| holds("FailureTarget")) {
        return Readiness::failed(failed.words());
    }
    if holds("Suspended").is_some() {
        return Readiness::current("it is suspended");
    }
    let wanted = number(object, "/spec/completions").unwrap_or(1);
    let has = |field: &str| count(object, &format!("/status/{field}"));
    let failures = match has("failed") {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let succeeded = has("succeeded");
    let active = has("active");
    Readiness::in_progress(format!("{succeeded} of {wanted} completed, {active} active{failures}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::readiness::State::{Current, Failed, InProgress};
    use crate::readiness::table::{Row, check, object};

    #[test]
    fn jobs() {
        let job = |status: Value| object("batch/v1", "Job", &json!({"completions": 2}), &status);
        let ends =
            |kind: &str| job(json!({"conditions": [{"type": kind, "status": "True", "reason": "R", "message": "m"}]}));
        check(&[
            Row(job(json!({})), InProgress, "0 of 2 completed, 0 active"),
            Row(
                job(json!({"startTime": "2026-01-01T00:00:00Z", "active": 1, "failed": 1, "succeeded": 1})),
                InProgress,
                "1 of 2 completed, 1 active, 1 failed",
            ),
            Row(ends("SuccessCriteriaMet"), InProgress, "0 of 2 completed, 0 active"),
            Row(ends("Complete"), Current, "it has completed"),
            Row(ends("Failed"), Failed, "R: m"),
            Row(ends("FailureTarget"), Failed, "R: m"),
            Row(ends("Suspended"), Current, "it is suspended"),
            Row(object("batch/v1", "CronJob", &json!({}), &json!({})), Current, "it exists"),
        ]);
    }
}
