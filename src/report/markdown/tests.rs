//! Pages of whole reports.

use std::collections::BTreeSet;

use super::page;
use crate::report::{Report, sample_reports, samples};

/// What GitHub takes as a comment.
const COMMENT: usize = 65_536;

fn whole(report: &Report) -> String {
    page(report, COMMENT)
}

#[test]
fn pages_of_whole_reports() {
    insta::assert_snapshot!("update", whole(&sample_reports::planned(samples::update_all())));
    insta::assert_snapshot!("create", whole(&sample_reports::planned(samples::create_all())));
    insta::assert_snapshot!("conflict", whole(&sample_reports::planned(samples::conflict())));
    insta::assert_snapshot!("destroy", whole(&sample_reports::planned(samples::destroy())));
    insta::assert_snapshot!("nothing", whole(&sample_reports::planned(samples::nothing())));
    insta::assert_snapshot!("applied_in_part", whole(&sample_reports::applied_in_part()));
    insta::assert_snapshot!("unreachable", whole(&sample_reports::unreachable()));
    insta::assert_snapshot!("invalid", whole(&sample_reports::invalid()));
}

#[test]
fn text_of_others_does_not_break_out() {
    insta::assert_snapshot!("evil", whole(&sample_reports::evil()));
}

#[test]
fn a_page_of_five_thousand_objects_is_a_comment_and_names_what_goes() {
    let report = sample_reports::big();
    let text = whole(&report);
    assert!(text.len() <= COMMENT && text.len() > COMMENT / 2, "{}", text.len());
    assert_eq!(text, whole(&report));
    for name in ["Job/job-0 in namespace-0", "Secret/secret-2 in namespace-2"] {
        assert!(text.contains(name), "{name}:\n{}", &text[..2_000]);
    }
    assert!(
        text.contains("### 3000 to create\n\n3000 ConfigMap\n")
            && text.ends_with("_Not all is shown: this page would be too long._\n")
    );
}

#[test]
fn a_page_keeps_to_any_number_of_bytes() {
    let reports = [samples::update_all(), samples::conflict(), samples::destroy()].map(sample_reports::planned);
    for report in reports.into_iter().chain([sample_reports::applied_in_part(), sample_reports::evil()]) {
        for most in (0..4_000).step_by(97) {
            assert!(page(&report, most).len() <= most);
        }
    }
    for most in [1_024, 10_000, 1_000_000] {
        assert!(page(&sample_reports::big(), most).len() <= most);
    }
}

#[test]
fn less_room_takes_details_first_then_paths_then_names() {
    let report = sample_reports::planned(samples::update_all());
    let full = whole(&report);
    let has = |page: &str, words: &str| page.contains(words);
    let image = "+ spec.template.spec.containers[gateway].image";
    assert!(has(&full, image) && has(&full, "+- model_name: opus"));
    let shorter = page(&report, full.len() - 1);
    assert!(has(&shorter, image) && has(&shorter, "Not all is shown"), "{shorter}");
    let state = |page: &str| match () {
        () if has(page, image) => "details",
        () if has(page, "`spec.template.spec.containers[gateway].image`") => "paths",
        () if has(page, "- `Deployment/gateway in prod`\n") => "names",
        () if has(page, "### 2 to change\n\n1 Deployment, 1 Secret\n") => "counts",
        () => "nothing",
    };
    let states: BTreeSet<_> = (0..full.len()).map(|most| state(&page(&report, most))).collect();
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["counts", "details", "names", "nothing", "paths"]);
}
