//! Why the command failed, what is wrong with description and plan, what is lost, and what the plan is not about: before
//! anything else of a page.

use std::collections::BTreeMap;

use super::escape::{code, prose};
use super::fit::Section;
use super::message::{hint, message};
use crate::object::{Address, Source};
use crate::plan::{Plan, Problem, Severity};
use crate::report::Report;
use crate::report::json::FaultDocument;
use crate::stack::diagnostic::{Finding, Severity as Weight};

/// From top to bottom.
pub(super) fn sections(report: &Report) -> Vec<Section> {
    let items: Vec<_> =
        report.findings.iter().map(Item::of_finding).chain(report.all_problems().map(Item::of_problem)).collect();
    let of = |is_error: bool| items.iter().filter(|item| item.is_error == is_error).collect::<Vec<_>>();
    let (errors, warnings) = (of(true), of(false));
    let mut sections: Vec<_> = report.untold_fault().map(fault).into_iter().collect();
    sections.extend(section(1, "Errors", &errors));
    sections.extend(section(3, "Warnings", &warnings));
    sections.extend(report.plan.iter().flat_map(|plan| [incomplete(plan), lost(plan)]).flatten());
    sections
}

/// One mistake.
struct Item<'a> {
    is_error: bool,
    code: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
    about: Option<String>,
    place: Option<String>,
}

impl<'a> Item<'a> {
    fn of_finding(finding: &'a Finding) -> Self {
        let place = finding.place.as_ref();
        Self {
            is_error: finding.severity == Weight::Error,
            code: finding.code,
            message: &finding.message,
            hint: finding.hint.as_deref(),
            about: None,
            place: place.map(|place| format!("{}:{}:{}", place.file, place.line, place.column)),
        }
    }

    fn of_problem(problem: &'a Problem) -> Self {
        let address = || problem.address.as_ref().map(Address::to_string);
        Self {
            is_error: problem.severity == Severity::Error,
            code: &problem.code,
            message: &problem.message,
            hint: problem.hint.as_deref(),
            about: problem.object.as_ref().map(ToString::to_string).or_else(address),
            place: problem.source.as_ref().map(Source::to_string),
        }
    }

    fn whole(&self) -> String {
        let place = self.place.as_ref().map(|place| format!(" at {}", code(place))).unwrap_or_default();
        let before = format!("- **{}**{place}: {}", prose(self.code), self.about());
        message(&before, self.message) + &hint(self.hint)
    }

    fn short(&self) -> String {
        let place = self.place.as_ref().map(|place| format!(" at {}", code(place))).unwrap_or_default();
        format!("- **{}**{place} {}\n", prose(self.code), self.about())
    }

    fn about(&self) -> String {
        self.about.as_ref().map(|about| format!("{}: ", code(about))).unwrap_or_default()
    }
}

fn section<'a>(weight: u8, title: &str, items: &[&Item<'a>]) -> Option<Section> {
    if items.is_empty() {
        return None;
    }
    let title = format!("\n### {title}\n\n");
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items {
        *codes.entry(item.code).or_default() += 1;
    }
    let codes: Vec<_> = codes.iter().map(|(code, count)| format!("{count} {}", prose(code))).collect();
    let of =
        |write: fn(&Item<'a>) -> String| format!("{title}{}", items.iter().map(|item| write(item)).collect::<String>());
    Some(Section::new(weight, vec![of(Item::whole), of(Item::short), format!("{title}{}\n", codes.join(", "))]))
}

fn fault(fault: &FaultDocument) -> Section {
    let code = prose(fault.code);
    let whole = message(&format!("\n- **{code}**: "), &fault.message) + &hint(fault.hint.as_deref());
    Section::new(0, vec![whole, format!("\n- **{code}**\n")])
}

/// What is lost with what is deleted, by what takes it along.
fn lost(plan: &Plan) -> Option<Section> {
    let counted = plan.unmanaged.iter().filter_map(|(taker, kinds)| {
        let kinds: Vec<_> = kinds.iter().filter(|(_, n)| **n > 0).map(|(kind, n)| format!("{n} × {kind}")).collect();
        (!kinds.is_empty()).then(|| format!("`{taker}`: {}", kinds.join(", ")))
    });
    let unknown = plan.unknown.iter().map(|(taker, kinds)| {
        let kinds: Vec<_> = kinds.iter().map(|(kind, why)| format!("{kind} ({why})")).collect();
        format!("`{taker}`: nobody could look for {}", kinds.join(", "))
    });
    let lost: Vec<String> = counted.chain(unknown).collect();
    let all: Vec<_> = lost.iter().map(|one| format!("- {}\n", prose(one))).collect();
    let all = all.concat();
    let title = "\n### Lost too, though this stack did not make it\n\n";
    (!lost.is_empty())
        .then(|| Section::new(2, vec![format!("{title}{all}"), format!("{title}{} places\n", lost.len())]))
}

/// What a plan is about that is not about the whole stack.
fn incomplete(plan: &Plan) -> Option<Section> {
    let incomplete = plan.incomplete.as_ref()?;
    let left = incomplete.left_alone.len();
    let patterns =
        |flag: &str, all: &[String]| all.iter().map(|one| code(&format!("{flag} {one}"))).collect::<Vec<_>>();
    let asked = [patterns("--target", &incomplete.target), patterns("--exclude", &incomplete.exclude)].concat();
    let short = format!("\n**Incomplete**: objects of the stack that are left alone: {left}");
    Some(Section::new(1, vec![format!("{short} ({})\n", asked.join(" ")), format!("{short}\n")]))
}
