//! The numbers that GitLab shows beside a merge request (`artifacts:reports:terraform`): of a plan what it would do, of a run
//! what it did.

use serde::Serialize;

use super::{Counts, Report, json};

#[derive(Serialize)]
struct Widget {
    create: usize,
    update: usize,
    delete: usize,
}

/// The numbers as JSON. A replacement is one of the first and one of the last, as elsewhere.
pub(super) fn document(report: &Report) -> Result<String, serde_json::Error> {
    let does = report.writes();
    let counts = match (&report.run, &report.plan) {
        (Some(run), _) => Counts::of_run(run),
        (None, Some(plan)) if !does => Counts::of_plan(plan),
        (None, _) => Counts::default(),
    };
    json::line(&Widget { create: counts.add, update: counts.change, delete: counts.destroy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{sample_reports, samples};

    #[test]
    fn a_plan_is_counted_as_it_would_be_and_a_run_as_it_was() {
        let of = |report: &Report| document(report).unwrap();
        assert_eq!(of(&sample_reports::planned(samples::update_all())), "{\"create\":2,\"update\":2,\"delete\":3}\n");
        assert_eq!(of(&sample_reports::applied_in_part()), "{\"create\":1,\"update\":1,\"delete\":1}\n");
        let refused = Report { command: "apply", ..sample_reports::planned(samples::conflict()) };
        assert_eq!(of(&refused), "{\"create\":0,\"update\":0,\"delete\":0}\n");
        assert_eq!(of(&sample_reports::unreachable()), "{\"create\":0,\"update\":0,\"delete\":0}\n");
    }
}
