//! The modules of a crate as its files declare them: what each defines, what it imports, what it names. Code for
//! tests is left out. Knows the grammar, not what a name means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, UseTree};

/// A path of names: `crate::dev::files`, without `crate`.
pub type Names = Vec<String>;

/// One module, in a file of its own or inside of one.
#[derive(Debug, Default)]
pub struct Module {
    /// The file that it stands in.
    pub file: PathBuf,
    /// The names of the items that it defines.
    pub items: BTreeSet<String>,
    /// The name that each import gives, with the path as written. A re-export is one, too.
    pub imports: BTreeMap<String, Names>,
    /// The modules whose names are all imported.
    pub globs: Vec<Names>,
    /// The paths that it uses, re-exports excepted.
    pub used: BTreeSet<Names>,
}

/// All modules of the crate that `root` is the first file of, by their paths. They are found by their declarations,
/// so that files which nothing declares, or only tests do, are no part of it.
pub fn modules(root: &Path) -> BTreeMap<Names, Module> {
    let mut found = BTreeMap::new();
    read(root, Names::new(), &mut found);
    found
}

fn read(file: &Path, path: Names, found: &mut BTreeMap<Names, Module>) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    fill(file, path, &parsed.items, found);
}

fn fill(file: &Path, path: Names, items: &[Item], found: &mut BTreeMap<Names, Module>) {
    let mut module = Module { file: file.to_owned(), ..Module::default() };
    for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
        if let Item::Mod(declared) = item {
            let name = declared.ident.to_string();
            let below: Names = path.iter().cloned().chain([name.clone()]).collect();
            match &declared.content {
                Some((_, items)) => fill(file, below, items, found),
                None => read(&file_of(file, &name), below, found),
            }
        } else {
            module.items.extend(defined(item));
            module.visit_item(item);
        }
    }
    found.insert(path, module);
}

/// The file of a module that another file declares.
fn file_of(declaring: &Path, name: &str) -> PathBuf {
    let stem = declaring.file_stem().unwrap().to_str().unwrap();
    let folder = declaring.parent().unwrap();
    let folder = if matches!(stem, "mod" | "lib" | "main") { folder.to_owned() } else { folder.join(stem) };
    let beside = folder.join(format!("{name}.rs"));
    if beside.is_file() { beside } else { folder.join(name).join("mod.rs") }
}

impl Visit<'_> for Module {
    fn visit_item_use(&mut self, item: &ItemUse) {
        let is_own = matches!(item.vis, syn::Visibility::Inherited);
        let mut leaves = Vec::new();
        flatten(&item.tree, &mut Names::new(), &mut leaves);
        for Leaf { name, path } in leaves {
            match name {
                Some(name) => drop(self.imports.insert(name, path.clone())),
                None => self.globs.push(path.clone()),
            }
            if is_own {
                self.used.insert(path);
            }
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.used.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        self.scan(&call.tokens);
        visit::visit_macro(self, call);
    }

    fn visit_item(&mut self, item: &Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    // Only words about the code, and conditions.
    fn visit_attribute(&mut self, _: &Attribute) {}
}

impl Module {
    /// The paths among the tokens of a macro call, which has no grammar of its own.
    fn scan(&mut self, tokens: &TokenStream) {
        let mut path = Names::new();
        let mut colons = 0;
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(name) if path.is_empty() || colons == 2 => {
                    path.push(name.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() && colons < 2 => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.scan(&group.stream()),
                TokenTree::Ident(name) => {
                    self.used.insert(std::mem::replace(&mut path, vec![name.to_string()]));
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            self.used.insert(std::mem::take(&mut path));
            colons = 0;
        }
        self.used.insert(path);
    }
}

/// One name of an import; none for `*`.
struct Leaf {
    name: Option<String>,
    path: Names,
}

fn flatten(tree: &UseTree, above: &mut Names, leaves: &mut Vec<Leaf>) {
    let mut leaf = |name: Option<String>, last: Option<String>| {
        // `{self}` names what stands before it.
        let last = last.filter(|last| last != "self");
        let path: Names = above.iter().cloned().chain(last).collect();
        leaves.push(Leaf {
            name: name.map(|name| if name == "self" { path.last().unwrap().clone() } else { name }),
            path,
        });
    };
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            flatten(&path.tree, above, leaves);
            above.pop();
        }
        UseTree::Name(name) => leaf(Some(name.ident.to_string()), Some(name.ident.to_string())),
        UseTree::Rename(renamed) => leaf(Some(renamed.rename.to_string()), Some(renamed.ident.to_string())),
        UseTree::Glob(_) => leaf(None, None),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, above, leaves)),
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let test = |list: &syn::MetaList| list.path.is_ident("cfg") && list.tokens.to_string() == "test";
    attributes.iter().any(|attribute| attribute.meta.require_list().is_ok_and(test))
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item adds to its module.
fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
