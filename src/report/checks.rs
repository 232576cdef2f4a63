//! What a check of gateways found wrong, as problems for reports.

use super::human::check::faults;
use crate::object::Address;
use crate::ops::ClusterCheck;
use crate::plan::Problem;

/// A problem for each finding that is not good.
#[must_use]
pub(crate) fn problems(checks: &[ClusterCheck]) -> Vec<Problem> {
    let of_cluster = |check: &ClusterCheck| {
        let of_fault = |(severity, words): (_, String)| Problem {
            address: Some(Address::cluster(&check.cluster)),
            ..Problem::new(severity, "gateway", format!("cluster `{}`: {words}", check.cluster))
        };
        faults(check).into_iter().map(of_fault).collect::<Vec<_>>()
    };
    checks.iter().flat_map(of_cluster).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn what_is_not_good_is_a_problem_of_its_cluster() {
        let problems = problems(&samples::checks());
        let words: Vec<_> = problems.iter().map(|one| (one.is_error(), one.message.as_str())).collect();
        assert!(
            words.contains(&(true, "cluster `prod`: gpt: 401: the provider refuses the credentials (0.3s)")),
            "{words:?}"
        );
        assert!(
            words
                .iter()
                .any(|(is_error, words)| !is_error && words.starts_with("cluster `stage`: the pod runs another"))
        );
        assert!(!words.iter().any(|(_, words)| words.contains("it is ready")), "{words:?}");
    }
}
