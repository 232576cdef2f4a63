//! What `[[adopt]]` says, put to the objects that it is about.

use crate::object::{Address, Manifest};
use crate::plan::{Problem, Severity};
use crate::stack::Adopt;

/// Notes on each manifest from which managers it is adopted. A warning for each statement that is about no object.
pub(crate) fn adopt_statements(statements: &[Adopt], manifests: &mut [Manifest]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for adopt in statements {
        let is_about = |manifest: &Manifest| {
            adopt.address == manifest.address || adopt.address == Address::object(&manifest.reference)
        };
        let mut about = manifests.iter_mut().filter(|manifest| is_about(manifest)).peekable();
        if about.peek().is_none() {
            let message = format!("nothing is described as `{}`: nothing is adopted", adopt.address);
            let mut problem = Problem::new(Severity::Warning, "adopt-nothing", message);
            problem.source = Some(adopt.source.clone());
            problems.push(problem.with_hint("`langop graph` lists what there is".to_owned()));
        }
        about.for_each(|manifest| manifest.adopts_from.extend(adopt.managers.iter().cloned()));
    }
    problems
}
