//! `langop import namespace`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::OutArgs;
use super::described::Described;
use super::files::{write_all, write_one};
use super::name::name;
use crate::cli::args::TargetArgs;
use crate::cli::connect::connect;
use crate::cli::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::import::{ADOPT, LeftOut, adoptions, comment};
use crate::object::{Address, GroupKind};
use crate::ops::{self, ImportedNamespace, NamespaceRequest};
use crate::report::yaml;

/// Write manifests of what people made in a namespace
///
/// Left out are objects that others own, that Kubernetes makes by itself, and fields that the server fills in again.
/// Secrets stay as they are: their values are not written. `adopt` in what is written makes each object the stack's.
#[derive(Args, Debug)]
pub(crate) struct NamespaceArgs {
    /// The namespace
    #[arg(value_name = "NAMESPACE")]
    namespace: String,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    out: OutArgs,
    /// Only these kinds, such as `deployments,services`
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<String>,
    /// Name of the stack; default: that of the namespace
    #[arg(long, value_name = "NAME", value_parser = name)]
    stack: Option<String>,
}

pub(super) async fn run(args: NamespaceArgs) -> Result<Exit, Error> {
    let imported = import(&args.target, &args.namespace, &args.kinds).await?;
    let stack = args.stack.as_deref().unwrap_or(&args.namespace);
    let written = Written { stack, imported: &imported };
    match args.out.out.as_deref() {
        Some(path) if !is_file(path) => write_all(&written.files(path), args.out.force)?,
        _ => write_one(&args.out, &written.stream())?,
    }
    tell(&imported, args.out.out.as_deref());
    Ok(Exit::Done)
}

async fn import(target: &TargetArgs, namespace: &str, kinds: &[String]) -> Result<ImportedNamespace, Error> {
    let connection = connect(target).await?;
    let request = NamespaceRequest { namespace: namespace.to_owned(), kinds: kinds.to_owned() };
    Ok(ops::import_namespace(&connection.reader(), &request).await?)
}

/// What people made in a namespace as one stream of documents, the description first.
///
/// # Errors
/// The server does not answer, or refuses.
pub(in crate::cli) async fn describe(
    target: &TargetArgs,
    namespace: &str,
    stack: Option<&str>,
) -> Result<Described, Error> {
    let imported = import(target, namespace, &[]).await?;
    let text = Written { stack: stack.unwrap_or(namespace), imported: &imported }.stream();
    Ok(Described { text, notes: notes(&imported), valid: true })
}

/// Whether a path means one file.
fn is_file(path: &Path) -> bool {
    !path.is_dir() && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// What is written.
struct Written<'a> {
    stack: &'a str,
    imported: &'a ImportedNamespace,
}

impl Written<'_> {
    /// The description: the name of the stack, what is not in it, and how each object is taken over.
    fn head(&self) -> String {
        let left_out = told(self.imported).map(|one| comment(&format!("left out: {}: {}", one.object, one.reason)));
        let unlisted = self.imported.unlisted.iter();
        let unlisted = unlisted.map(|(kind, words)| comment(&format!("not known: objects of kind {kind}: {words}")));
        let comments: String = left_out.chain(unlisted).collect();
        let adopted = adoptions(self.imported.manifests.keys().map(Address::object));
        format!("{comments}{}", yaml::documents([json!({"stack": self.stack, ADOPT: adopted})]))
    }

    /// All in one stream of documents.
    fn stream(&self) -> String {
        format!("{}{}", self.head(), yaml::documents(self.imported.manifests.values().cloned()))
    }

    /// A file for each kind, beside the description.
    fn files(&self, directory: &Path) -> BTreeMap<PathBuf, String> {
        let mut kinds: BTreeMap<GroupKind, Vec<Value>> = BTreeMap::new();
        for (object, manifest) in &self.imported.manifests {
            kinds.entry(object.group_kind()).or_default().push(manifest.clone());
        }
        let files = kinds.into_iter().map(|(kind, manifests)| (file_name(&kind), yaml::documents(manifests)));
        let files = files.chain([("stack.yaml".to_owned(), self.head())]);
        files.map(|(name, text)| (directory.join(name), text)).collect()
    }
}

/// `deployment.apps.yaml`, `configmap.yaml`: no two kinds share it.
fn file_name(GroupKind { group, kind }: &GroupKind) -> String {
    let dot = if group.is_empty() { "" } else { "." };
    format!("{}{dot}{group}.yaml", kind.to_ascii_lowercase())
}

fn told(imported: &ImportedNamespace) -> impl Iterator<Item = &LeftOut> {
    imported.left_out.iter().filter(|one| one.reason.is_told())
}

/// What was left out, and what is not known.
fn notes(imported: &ImportedNamespace) -> Vec<String> {
    let left_out = told(imported).map(|LeftOut { object, reason }| format!("left out: {object}: {reason}"));
    let unlisted = imported.unlisted.iter();
    let unlisted = unlisted.map(|(kind, words)| format!("objects of kind {kind} are not known: {words}"));
    let unproved = "fields that the server fills in are written out, for this identity may not try a write";
    left_out.chain(unlisted).chain(imported.unproved.then(|| unproved.to_owned())).collect()
}

/// Says what was left out, and how to go on.
fn tell(imported: &ImportedNamespace, out: Option<&Path>) {
    for note in notes(imported) {
        output::note(&format!("note: {note}"));
    }
    let Some(path) = out else { return };
    let (count, path) = (imported.manifests.len(), path.display());
    output::note(&format!("wrote {count} objects: `langop plan {path}` shows what taking them over changes"));
}
