//! Pages of whole reports: nothing breaks out of them, no secret is in them, and the same report is the same page. How they
//! look and work in a browser is `tests/it/page`'s to say.

use super::page;
use crate::object::{Address, ObjectRef, Source, is_unprintable};
use crate::ops::{Access, AgentCalls, Calls, ClusterAccess, Ends, ModelCall};
use crate::plan::{Action, Change, Plan, Problem, Reason, Severity};
use crate::report::{Report, sample_reports, samples};

/// Text that ends every element a page has, and wants to run.
const EVIL: &str = "a\"'`</pre></title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\u{1b}[31m\u{0}\u{202e}";

fn ends(all: &[&str]) -> Ends {
    Ends { shown: all.iter().map(|&one| one.to_owned()).collect(), more: 3 }
}

fn evil() -> Report {
    let object = ObjectRef::namespaced("", EVIL, EVIL, EVIL);
    let source = Some(Source { file: EVIL.into(), line: 1, column: 1 });
    let body = serde_json::json!({"metadata": {"annotations": {EVIL: EVIL, "text": format!("{EVIL}\n{EVIL}\n")}}});
    let change = Change {
        source: source.clone(),
        address: Address::member("model", EVIL),
        desired: body.into(),
        takes: vec![EVIL.to_owned()],
        ..Change::bare(object.clone(), Action::Create, Reason::Absent)
    };
    let problem = Problem::new(Severity::Error, EVIL, format!("{EVIL}\n{EVIL}")).about(&object, None, source);
    let plan = Plan {
        stack: EVIL.to_owned(),
        changes: vec![change],
        problems: vec![problem.with_hint(EVIL.to_owned())],
        effects: vec![EVIL.to_owned()],
        ..Plan::default()
    };
    let calls = Calls {
        models: ends(&[EVIL]),
        agents: vec![AgentCalls { agent: EVIL.to_owned(), calls: vec![ModelCall::Refused] }],
        more_agents: 0,
    };
    let cluster = ClusterAccess {
        cluster: EVIL.to_owned(),
        from: ends(&[EVIL]),
        to: ends(&[EVIL]),
        answers: vec![vec![None]],
        calls,
    };
    Report { access: Some(Access { clusters: vec![cluster], left_out: 1 }), ..sample_reports::planned(plan) }
}

fn all() -> Vec<Report> {
    let planned =
        [samples::update_all(), samples::create_all(), samples::conflict(), samples::destroy(), samples::nothing()];
    let others = [
        sample_reports::applied_in_part(),
        sample_reports::unreachable(),
        sample_reports::invalid(),
        sample_reports::evil(),
        evil(),
    ];
    planned.map(sample_reports::planned).into_iter().chain(others).collect()
}

#[test]
fn a_page_is_as_it_was() {
    let page = page(&sample_reports::applied_in_part());
    // The digests and what they are of are no part of what is looked at here.
    let body = &page[page.find("<body>").unwrap()..page.find("<script>").unwrap()];
    insta::assert_snapshot!(body.replace("><", ">\n<"));
}

#[test]
fn nothing_breaks_out_of_a_page() {
    for report in all() {
        let page = page(&report);
        let (head, body) = page.split_once("</head>").unwrap();
        let count = |text: &str, tag: &str| text.matches(tag).count();
        assert_eq!(["<script", "</title", "</style"].map(|tag| count(head, tag)), [0, 1, 1], "{head}");
        assert_eq!(["<script", "</script", "</style", "<img"].map(|tag| count(body, tag)), [1, 1, 0, 0], "{body}");
        assert!(!page.contains(|c: char| c != '\n' && is_unprintable(c)));
        assert!(!page.contains(" onerror=alert(1)>") && !page.contains(" style=\""));
    }
}

#[test]
fn no_secret_is_in_a_page() {
    for report in all() {
        let page = page(&report);
        assert!(!page.contains("c2VjcmV0"), "{page}");
    }
}

#[test]
fn the_same_report_is_the_same_page() {
    for report in all() {
        assert_eq!(page(&report), page(&report.clone()));
    }
}

#[test]
fn a_page_of_five_thousand_objects_has_a_bound_and_all_names() {
    let page = page(&sample_reports::big());
    assert!(page.len() < 6_000_000, "{}", page.len());
    for name in
        ["Job/job-0 in namespace-0", "ConfigMap/configmap-4999 in namespace-1", "Objects of a kind stand together"]
    {
        assert!(page.contains(name), "{name}");
    }
    let changed = page.find("id=\"o3\"").unwrap();
    assert!(page[changed..changed + 2_000].contains("<pre class=\"diff\">"), "{}", &page[changed..changed + 2_000]);
}
