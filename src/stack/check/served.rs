//! What the gateway of one cluster serves: model names, aliases, catalogues. An alias must not hide a
//! model, and a fallback must be served: `LiteLLM` would take both without a word.

use std::collections::BTreeMap;

use super::Index;
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::{Draft, Kind};
use crate::stack::names::nearest;

pub(super) struct Served<'a> {
    /// Model names, and where the first of each is written.
    models: BTreeMap<&'a str, Span>,
    /// Aliases, where each is written first, and the model it stands for.
    aliases: BTreeMap<&'a str, (Span, &'a str)>,
    /// Names of models that are whole catalogues.
    catalogues: Vec<&'a str>,
    /// Model names by the models' own names, by which agents call them.
    own: BTreeMap<&'a str, &'a str>,
}

pub(super) fn check<'a>(cluster: &'a str, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let models: Vec<&Draft> = index.of(cluster, Kind::Model).collect();
    let served = Served::read(cluster, &models, found);
    for model in &models {
        fallbacks(model, cluster, &served, &models, found);
    }
}

impl<'a> Served<'a> {
    /// What the gateway of a cluster serves.
    pub(super) fn of(cluster: &'a str, index: &Index<'a>) -> Self {
        let models: Vec<&Draft> = index.of(cluster, Kind::Model).collect();
        Self::read(cluster, &models, &mut Vec::new())
    }

    fn read(cluster: &str, models: &[&'a Draft], found: &mut Vec<Diagnostic>) -> Self {
        let mut served =
            Self { models: BTreeMap::new(), aliases: BTreeMap::new(), catalogues: Vec::new(), own: BTreeMap::new() };
        for model in models {
            match model.node.get("modelName").and_then(|node| Some((node.text()?, node.span))) {
                Some(("*", _)) => served.catalogues.push(&model.name),
                Some((name, span)) => {
                    served.models.entry(name).or_insert(span);
                    served.own.insert(&model.name, name);
                }
                None => {}
            }
        }
        for model in models {
            aliases(model, cluster, &mut served, found);
        }
        served
    }

    /// The model name that the gateway knows a name for: a model name itself, an alias of one, a name of a
    /// catalogue, or the own name of a model.
    pub(super) fn model(&self, name: &'a str) -> Option<&'a str> {
        let of_catalogue = name.split_once('/').is_some_and(|(catalogue, _)| self.catalogues.contains(&catalogue));
        if of_catalogue || self.models.contains_key(name) {
            return Some(name);
        }
        self.aliases.get(name).map(|(_, target)| target).or_else(|| self.own.get(name)).copied()
    }

    /// Every name that can be written out.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.models.keys().chain(self.aliases.keys()).copied()
    }
}

fn aliases<'a>(model: &'a Draft, cluster: &str, served: &mut Served<'a>, found: &mut Vec<Diagnostic>) {
    let target = model.node.text_at(&["modelName"]).unwrap_or_default();
    for alias in model.node.items_of("aliases") {
        let Some(name) = alias.text() else {
            continue;
        };
        let taken = |first: Span, what: String| {
            let message = format!("alias `{}` is taken in cluster `{cluster}`", alias.shown());
            Diagnostic::error(Code::AliasTaken, message).at(alias.span, "").also(first, what)
        };
        if let Some(first) = served.models.get(name) {
            found.push(taken(*first, "a model of this name".to_owned()));
        } else if let Some((first, other)) = served.aliases.get(name) {
            // Deployments of one model may say its alias each.
            if *other != target {
                found.push(taken(*first, format!("an alias of `{other}`")));
            }
        } else {
            served.aliases.insert(name, (alias.span, target));
        }
    }
}

fn fallbacks(model: &Draft, cluster: &str, served: &Served<'_>, models: &[&Draft], found: &mut Vec<Diagnostic>) {
    let own = model.node.text_at(&["modelName"]);
    for fallback in model.node.items_of("fallbacks") {
        let Some(name) = fallback.text() else {
            continue;
        };
        let thing = models.iter().find(|model| model.name == name);
        let target = target(name, thing.copied(), served);
        if target.is_some() && target == own {
            let message = format!("{} cannot fall back on itself", model.called());
            found.push(Diagnostic::error(Code::UnknownFallback, message).at(fallback.span, ""));
        } else if target.is_none() {
            let message = format!("the gateway of cluster `{cluster}` serves no `{}`", fallback.shown());
            let error = Diagnostic::error(Code::UnknownFallback, message).at(fallback.span, "");
            let hint = if thing.is_some() {
                Some(format!("`{name}` is a catalogue: write `{name}/<model>`"))
            } else {
                let names = models.iter().map(|model| model.name.as_str());
                nearest(name, names.chain(served.names())).map(|near| format!("did you mean `{near}`?"))
            };
            found.push(error.maybe_hint(hint));
        }
    }
}

/// The model name that a fallback stands for: that of a model of the cluster, or what the gateway knows it for.
pub(super) fn target<'a>(name: &'a str, thing: Option<&'a Draft>, served: &Served<'a>) -> Option<&'a str> {
    let Some(thing) = thing else { return served.model(name) };
    let model_name = thing.node.text_at(&["modelName"]).unwrap_or(name);
    Some(model_name).filter(|name| *name != "*")
}
