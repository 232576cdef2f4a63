//! Which texts are addresses: what the fields and flags that take one hold a text against. Whether there is such a thing
//! is not known here.

use super::{Address, ObjectRef};

/// What an address can begin with: the things of a description.
const NOUNS: [&str; 7] = ["cluster", "model", "agent", "tool", "persona", "team", "secret"];

/// What an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressForm<'a> {
    /// A thing of the description: its kind, in the description's word, and its name.
    Thing(&'a str, &'a str),
    /// An object by its own name: kind, namespace, name.
    Object(&'a str, Option<&'a str>, &'a str),
}

impl Address {
    /// The address that a user wrote.
    ///
    /// # Errors
    /// It has not the form of one; the error says what the forms are.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        form(text).map(|_| Self::written(text)).ok_or(
            "an address is `cluster.NAME`, `model.NAME`, `agent.NAME`, `tool.NAME`, `persona.NAME`, `team.NAME`, \
             `secret.NAME`, `Kind/NAMESPACE/NAME`, or `Kind/NAME` where there is no namespace",
        )
    }

    /// The cluster whose namespace an object is, or is in. Everything there belongs to `cluster.NAME`, if there is one.
    #[must_use]
    pub fn cluster_of(object: &ObjectRef) -> Option<Self> {
        let is_namespace = object.is("", "Namespace");
        let namespace = object.namespace.as_deref().or_else(|| Some(&*object.name).filter(|_| is_namespace));
        namespace.map(Self::cluster)
    }

    /// Whether it stands for an object: for the thing that the object belongs to, for the object itself, or for the cluster
    /// that it is in.
    #[must_use]
    pub fn covers(&self, address: &Self, object: &ObjectRef) -> bool {
        self == address || *self == Self::object(object) || Some(self) == Self::cluster_of(object).as_ref()
    }

    /// What it stands for; none of an address of no known form.
    #[must_use]
    pub fn form(&self) -> Option<AddressForm<'_>> {
        form(self.as_str())
    }
}

fn form(text: &str) -> Option<AddressForm<'_>> {
    let printable = text.chars().all(|c| c.is_ascii_graphic() && c != '*');
    let parts: Vec<_> = text.split('/').collect();
    let form = match parts[..] {
        [thing] => {
            let (noun, name) = thing.split_once('.')?;
            (NOUNS.contains(&noun) && !name.is_empty()).then_some(AddressForm::Thing(noun, name))
        }
        [kind, name] => Some(AddressForm::Object(kind, None, name)),
        [kind, namespace, name] => Some(AddressForm::Object(kind, Some(namespace), name)),
        _ => None,
    };
    let capital = |kind: &str| kind.starts_with(|c: char| c.is_ascii_uppercase());
    let whole = |form: &AddressForm<'_>| match form {
        AddressForm::Thing(..) => true,
        AddressForm::Object(kind, namespace, name) => capital(kind) && *namespace != Some("") && !name.is_empty(),
    };
    form.filter(whole).filter(|_| printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_and_objects_have_addresses_and_nothing_else_has() {
        let form = |text: &str| Address::parse(text).ok().map(|address| format!("{:?}", address.form()));
        assert_eq!(form("model.claude").unwrap(), "Some(Thing(\"model\", \"claude\"))");
        assert_eq!(form("Namespace/prod").unwrap(), "Some(Object(\"Namespace\", None, \"prod\"))");
        assert_eq!(form("Secret/prod/a.b").unwrap(), "Some(Object(\"Secret\", Some(\"prod\"), \"a.b\"))");
        for text in
            ["", "model", "model.", "models.x", "x/y", "Secret/", "Secret//x", "Secret/a/b/c", "model.*", "model.a b"]
        {
            assert_eq!(form(text), None, "{text}");
        }
    }
}
