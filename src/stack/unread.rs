//! What description files hold that stand beside the one that was read. Nothing of it becomes part of a stack: a plan
//! that deletes what such a file describes says so.

use std::collections::BTreeSet;

use super::default_namespace::DefaultNamespace;
use super::diagnostic::{Code, Diagnostic, Files};
use super::draft::{Kind, of_description};
use super::manifests::sort;
use super::read::UnreadInput;
use super::schema::shapes;
use super::tree::Node;
use crate::object::{Address, ObjectRef};

/// A description file that was not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub file: String,
    objects: BTreeSet<ObjectRef>,
    addresses: BTreeSet<Address>,
}

impl Unread {
    /// Whether the file describes an object, or the thing of that address which the object is a part of.
    #[must_use]
    pub fn describes(&self, object: &ObjectRef, address: &Address) -> bool {
        // Where a kind belongs that the server alone knows is not known here.
        let anywhere = ObjectRef { namespace: None, ..object.clone() };
        self.objects.contains(object) || self.objects.contains(&anywhere) || self.addresses.contains(address)
    }
}

/// What the files hold; those that describe nothing are left out: not every YAML file is a description.
pub(super) fn describe(inputs: Vec<UnreadInput>, namespace: &DefaultNamespace) -> Vec<Unread> {
    let described = inputs.into_iter().map(|input| {
        let drafts = input.descriptions.iter().filter(|node| is_description(node)).flat_map(of_description);
        let documents = input.manifests.into_iter().filter(is_object).collect();
        let documents = sort(documents, namespace, &Files::default(), &mut Vec::new());
        let addresses = drafts.chain(documents.drafts).map(|draft| draft.address()).collect();
        let objects = documents.manifests.into_iter().map(|manifest| manifest.reference).collect();
        Unread { file: input.name, objects, addresses }
    });
    described.filter(|unread| !unread.objects.is_empty() || !unread.addresses.is_empty()).collect()
}

/// Says which files were not read.
pub(super) fn warning(unread: &[Unread]) -> Option<Diagnostic> {
    let names: Vec<_> = unread.iter().map(|unread| format!("`{}`", unread.file)).collect();
    let (was, them) =
        if names.len() == 1 { ("describes something and was", "it") } else { ("describe something and were", "them") };
    let message = format!("{} {was} not read: a directory stands for its `langop.*` alone", names.join(", "));
    let warning = Diagnostic::warning(Code::UnreadFile, message);
    let hint = format!("name {them} beside it if it is one stack; `-R` reads everything in the directory");
    (!names.is_empty()).then(|| warning.hint(hint))
}

fn is_description(node: &Node) -> bool {
    let known = shapes().root.get("properties").and_then(serde_json::Value::as_object);
    let all_known = node.entries().all(|(key, _)| known.is_some_and(|known| known.contains_key(key)));
    all_known && Kind::ALL.iter().any(|kind| node.get(kind.section()).is_some())
}

/// A customization stands beside objects and is none.
fn is_object(node: &Node) -> bool {
    node.text_at(&["apiVersion"]).is_some_and(|version| !version.starts_with("kustomize.config.k8s.io/"))
}
