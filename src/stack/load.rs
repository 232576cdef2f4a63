//! The way from files to a stack: read, merge, substitute, fit, check, decode. Each step says what is
//! wrong and goes on, so that all mistakes are found in one run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::check::{assign_clusters, check, credential};
use super::described::Described;
use super::diagnostic::{Code, Diagnostic, Files, Span, arrange};
use super::draft::{Draft, of_description};
use super::expected_target::ExpectedTarget;
use super::manifests::{Documents, sort};
use super::model::Stack;
use super::names::label_fault;
use super::read::{LoadRequest, read};
use super::schema::{fit, shapes};
use super::statements;
use super::tree::{Node, merge};
use super::{decode, environment, lifecycle, ownership, unread, variables};
use crate::object::ErrorKind;

/// Most diagnostics that are shown; a file of another kind altogether must not fill the screen.
const MOST: usize = 200;

/// A stack, and what is probably not meant in it.
#[derive(Debug)]
pub struct Loaded {
    /// The stack.
    pub stack: Stack,
    /// Warnings in the order of the files.
    pub warnings: Vec<Diagnostic>,
    /// The files, for showing the warnings.
    pub files: Files,
}

/// Files that are no stack.
#[derive(Debug)]
pub struct Invalid {
    /// All mistakes and warnings in the order of the files; at least one is an error.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for showing them.
    pub files: Files,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.diagnostics.iter().filter(|d| d.is_error()).count();
        let plural = if errors == 1 { "" } else { "s" };
        write!(f, "the description has {errors} mistake{plural}")
    }
}

impl std::error::Error for Invalid {}

impl Invalid {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    /// Its stable name, for programs; each mistake has a name of its own.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "invalid-description"
    }
}

/// Reads the files of a stack. The error holds every mistake that was found.
pub fn load(request: &LoadRequest) -> Result<Loaded, Invalid> {
    let mut files = Files::default();
    let mut found = Vec::new();
    let mut input = read(request, &mut files, &mut found);
    let mut root = input.take_descriptions().into_iter().reduce(merge);
    let environments = environment::choose(root.as_mut(), request, &mut found);
    let namespace = environments.namespace(request);
    let overlays = environments.read_files(request, &mut input, &mut files, &mut found);
    // What could not be read may be what the rest refers to.
    let whole = !found.iter().any(Diagnostic::is_error);
    let of_reading = found.len();
    let mut drafts = Vec::new();
    let (mut name, mut allowed, mut target, mut rules) = (None, None, None, Vec::new());
    if let Some(bare) = root.take() {
        let root = root.insert(environments.laid_on(bare, overlays, &mut found));
        environments.fit(&mut found);
        variables::resolve(root, request, &mut files, &mut found);
        fit(root, &shapes().root, "", &mut found);
        drafts.extend(of_description(root));
        name = root.get("stack").cloned();
        allowed = root.get("allowPlainValues").cloned();
        target = ExpectedTarget::of(root, &environments, &files);
        rules = ownership::rules(root, &files, &mut found);
        rules.extend(lifecycle::rules(root, &drafts, &files, &mut found));
    }
    let documents = sort(input.manifests, namespace, &files, &mut found);
    credential::check(drafts.iter().chain(&documents.drafts), allowed.as_ref(), &mut found);
    if drafts.is_empty() && documents.is_empty() && !found.iter().any(Diagnostic::is_error) {
        let message = "nothing is described: no cluster, no model, no Kubernetes object";
        let error = Diagnostic::error(Code::NothingDescribed, message);
        found.push(error.hint("describe a cluster: `[clusters.NAME]`"));
    }
    let described = Described::new(drafts.iter().chain(&documents.drafts), &documents.manifests);
    let statements = root.map(|root| statements::read(&root, &described, &files, &mut found)).unwrap_or_default();
    let name = stack_name(request, name.as_ref(), &mut found);
    let mut stack = assemble(name, drafts, documents, &files, &mut found);
    // Here, where nobody else holds them yet: later each would be copied for it.
    for manifest in &mut stack.manifests {
        manifest.put_in_stack(&stack.name);
    }
    stack.namespace.clone_from(namespace);
    stack.statements = statements;
    stack.target = target;
    stack.rules = rules;
    stack.environment = environments.name().map(str::to_owned);
    stack.unread = unread::describe(input.unread, namespace);
    found.extend(unread::warning(&stack.unread));
    if !whole {
        // What reading itself missed stays: it is the cause.
        let rest = found.split_off(of_reading);
        found.extend(rest.into_iter().filter(|diagnostic| !diagnostic.code.is_absence()));
        broken_lines(&files, &mut found);
    }
    specific(&mut found);
    arrange(&mut found);
    if found.iter().any(Diagnostic::is_error) {
        shorten(&mut found);
        found.iter_mut().for_each(Diagnostic::mask);
        let diagnostics = found;
        return Err(Invalid { diagnostics, files });
    }
    found.iter_mut().for_each(Diagnostic::mask);
    Ok(Loaded { stack, warnings: found, files })
}

/// The names of a description's environments, sorted. The error holds what could not be read.
pub fn environments(request: &LoadRequest) -> Result<Vec<String>, Invalid> {
    let (mut files, mut found) = (Files::default(), Vec::new());
    let root = read(request, &mut files, &mut found).take_descriptions().into_iter().reduce(merge);
    if found.iter().any(Diagnostic::is_error) {
        found.iter_mut().for_each(Diagnostic::mask);
        return Err(Invalid { diagnostics: found, files });
    }
    Ok(environment::names(root.as_ref()))
}

fn assemble(
    name: String,
    mut drafts: Vec<Draft>,
    documents: Documents,
    files: &Files,
    found: &mut Vec<Diagnostic>,
) -> Stack {
    drafts.extend(documents.drafts);
    let mut manifests = documents.manifests;
    manifests.sort_by(|a, b| a.reference.cmp(&b.reference));
    assign_clusters(&mut drafts, found);
    check(&drafts, &manifests, found);
    let mut stack = Stack { name, manifests, ..Stack::default() };
    if !found.iter().any(Diagnostic::is_error) {
        for draft in &drafts {
            decode::add(draft, files, &mut stack, found);
        }
    }
    stack
}

/// `--stack` wins: it is what the user says last.
fn stack_name(request: &LoadRequest, written: Option<&Node>, found: &mut Vec<Diagnostic>) -> String {
    let place = written.map(|node| node.span).filter(|_| request.stack.is_none());
    let name = request.stack.as_deref().or_else(|| written?.text());
    let fault = match name {
        // Its record and its lock are objects of that name.
        Some(name) => label_fault(name),
        None if written.is_none() => {
            let message = "the stack has no name";
            let error = Diagnostic::error(Code::MissingStackName, message);
            found.push(error.hint("write `stack = \"NAME\"` at the top, or pass `--stack NAME`"));
            None
        }
        None => None,
    };
    if let Some(fault) = fault {
        let shown: String = name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(80).collect();
        let message = format!("`{shown}` cannot be the name of a stack: {fault}");
        let error = Diagnostic::error(Code::BadName, message);
        found.push(match place {
            Some(span) => error.at(span, ""),
            None => error,
        });
    }
    name.unwrap_or_default().to_owned()
}

/// What a line with a syntax error was read as says nothing; it may even be a value read as a key.
fn broken_lines(files: &Files, found: &mut Vec<Diagnostic>) {
    let line = |diagnostic: &Diagnostic| {
        let lines = files.lines(diagnostic.primary.as_ref()?.span);
        Some((lines.file, lines.start))
    };
    let syntax = |diagnostic: &Diagnostic| diagnostic.code == Code::Syntax;
    let broken: BTreeSet<_> = found.iter().filter(|d| syntax(d)).filter_map(line).collect();
    found.retain(|diagnostic| syntax(diagnostic) || line(diagnostic).is_none_or(|line| !broken.contains(&line)));
}

/// Of several things said about one value, the most specific stays: a reference to a variable that
/// could not be replaced, else a rule with words of its own, else the pattern that the value breaks.
fn specific(found: &mut Vec<Diagnostic>) {
    let rank = |code: Code| match code {
        Code::Malformed | Code::OutOfRange => 0,
        code if code.is_substitution() => 2,
        _ => 1,
    };
    let mut best: BTreeMap<Span, u8> = BTreeMap::new();
    for diagnostic in found.iter().filter(|diagnostic| diagnostic.is_error()) {
        if let Some(label) = &diagnostic.primary {
            let best = best.entry(label.span).or_default();
            *best = rank(diagnostic.code).max(*best);
        }
    }
    found.retain(|diagnostic| {
        let best = diagnostic.primary.as_ref().and_then(|label| best.get(&label.span));
        best.is_none_or(|best| rank(diagnostic.code) >= *best)
    });
}

fn shorten(found: &mut Vec<Diagnostic>) {
    if found.len() > MOST {
        let rest = found.len() - MOST;
        found.truncate(MOST);
        let message = format!("{rest} more mistakes are not shown");
        found.push(Diagnostic::error(Code::TooBig, message).hint("mend these first"));
    }
}
