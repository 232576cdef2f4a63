//! Which file uses which: every name is followed to the file that defines it, through imports and re-exports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::source::{Module, Names, modules};

/// A file that uses another one, and a path by which it does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub by: PathBuf,
    pub of: PathBuf,
    pub path: String,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Module(Names),
    /// The module that defines the item.
    Item(Names),
}

struct Tree(BTreeMap<Names, Module>);

/// All uses among the files of the crate that begins with `root`, relative to its folder. A declaration of a module
/// is no use of it, nor is a re-export: it only gives a name.
pub fn uses(root: &Path) -> BTreeSet<Use> {
    let tree = Tree(modules(root));
    let folder = root.parent().unwrap();
    let relative = |file: &Path| file.strip_prefix(folder).unwrap().to_owned();
    let mut found = BTreeSet::new();
    for (at, module) in &tree.0 {
        for path in &module.used {
            let Some(Target::Item(place)) = tree.follow(at, path, &mut Vec::new()) else { continue };
            let of = &tree.0[&place].file;
            if *of != module.file {
                found.insert(Use { by: relative(&module.file), of: relative(of), path: path.join("::") });
            }
        }
    }
    found
}

/// The sets of files that use each other in a circle. A module may use its own children while they use what it
/// defines: it is the front of their room, and holds its words. Such a use alone closes no circle.
pub fn circles(uses: &BTreeSet<Use>) -> Vec<BTreeSet<&Path>> {
    let mut graph = DiGraph::<&Path, ()>::new();
    let mut nodes = BTreeMap::new();
    for found in uses.iter().filter(|found| !is_below(&found.of, &found.by)) {
        let [by, of] = [&*found.by, &*found.of].map(|file| *nodes.entry(file).or_insert_with(|| graph.add_node(file)));
        graph.add_edge(by, of, ());
    }
    let sets = tarjan_scc(&graph).into_iter().filter(|set| set.len() > 1);
    let mut sets: Vec<BTreeSet<_>> = sets.map(|set| set.into_iter().map(|node| graph[node]).collect()).collect();
    sets.sort();
    sets
}

/// Whether a file stands in the folder of a module: below `a.rs` or `a/mod.rs` is everything in `a`.
fn is_below(file: &Path, module: &Path) -> bool {
    let folder = module.with_extension("");
    let is_front = folder.ends_with("mod") || folder == Path::new("lib");
    file.starts_with(if is_front { folder.parent().unwrap() } else { &folder })
}

impl Tree {
    /// Follows a path that is written in the module `at`. Nothing for what is not of this crate, and for names that
    /// are no items: variables, variants, associated items. `seen` are the imports that led here.
    fn follow(&self, at: &Names, path: &[String], seen: &mut Vec<(Names, String)>) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let mut here = at.clone();
        match first.as_str() {
            "crate" => self.descend(Target::Module(Names::new()), rest, seen),
            "self" => self.descend(Target::Module(here), rest, seen),
            "super" => {
                here.pop()?;
                if rest.first().is_some_and(|next| next == "super") {
                    return self.follow(&here, rest, seen);
                }
                self.descend(Target::Module(here), rest, seen)
            }
            name => {
                let target = self.member(at, name, rest.is_empty(), seen)?;
                self.descend(target, rest, seen)
            }
        }
    }

    /// Follows names below a module; what comes after an item is part of it.
    fn descend(&self, target: Target, names: &[String], seen: &mut Vec<(Names, String)>) -> Option<Target> {
        let (Target::Module(module), Some((name, rest))) = (&target, names.split_first()) else { return Some(target) };
        let next = self.member(module, name, rest.is_empty(), seen)?;
        self.descend(next, rest, seen)
    }

    /// What a name means in a module: a module or an item of its own, else what it imports under this name. A
    /// module and a function may share a name; what ends a path is then the function.
    fn member(&self, at: &Names, name: &str, is_last: bool, seen: &mut Vec<(Names, String)>) -> Option<Target> {
        let module = self.0.get(at)?;
        let below: Names = at.iter().cloned().chain([name.to_owned()]).collect();
        let is_item = module.items.contains(name);
        if self.0.contains_key(&below) && !(is_last && (is_item || module.imports.contains_key(name))) {
            return Some(Target::Module(below));
        }
        if is_item {
            return Some(Target::Item(at.clone()));
        }
        let step = (at.clone(), name.to_owned());
        if seen.contains(&step) {
            return None;
        }
        seen.push(step);
        if let Some(path) = module.imports.get(name) {
            return self.follow(at, path, seen);
        }
        module.globs.iter().find_map(|glob| match self.follow(at, glob, seen)? {
            Target::Module(other) => self.member(&other, name, is_last, seen),
            Target::Item(_) => None,
        })
    }
}
