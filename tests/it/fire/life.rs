//! One life of a stack, made, changed and destroyed, with a blow in each; after each blow the next run ends where a clean
//! one ends.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::blow::{Blow, Moment, strike};
use super::world;
use crate::bench::{Bench, Said};
use crate::proxy::Recorder;

/// A stack of its own behind a proxy of its own.
pub(super) struct Place {
    pub(super) recorder: Recorder,
    pub(super) bench: Bench,
    _files: tempfile::TempDir,
}

impl Place {
    pub(super) fn new(name: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(files.path());
        let bench = Bench::at(name, recorder.kubeconfig.clone());
        Self { recorder, bench, _files: files }
    }

    /// Several.
    pub(super) fn some(name: &str, count: usize) -> Vec<Self> {
        (0..count).map(|_| Self::new(name)).collect()
    }

    /// What is there of a stack, or known of it.
    pub(super) fn left(recorder: &Recorder, name: &str) -> Vec<String> {
        let objects = world::of(recorder, name).into_keys();
        objects.chain(world::kept(recorder, name)).collect()
    }

    /// Runs langop to its end.
    pub(super) fn run(&self, args: &[&str]) -> Said {
        self.bench.langop(args)
    }

    /// What is there of the stack.
    pub(super) fn world(&self) -> BTreeMap<String, Value> {
        world::of(&self.recorder, &self.bench.name)
    }
}

/// A description and what it becomes; `NAME` is the stack.
#[derive(Clone, Copy)]
pub(super) struct Story {
    pub(super) first: &'static str,
    pub(super) second: &'static str,
}

/// A chapter of a life: a command, and what is there after it.
struct Chapter {
    name: &'static str,
    args: &'static [&'static str],
    requests: usize,
    after: BTreeMap<String, Value>,
}

/// A clean life: what each command sends, and what is there then.
pub(super) struct Clean {
    story: Story,
    chapters: Vec<Chapter>,
}

const APPLY: &[&str] = &["apply", "--yes"];
const DESTROY: &[&str] = &["destroy", "--yes"];

impl Clean {
    /// Lives once, undisturbed.
    pub(super) fn live(place: &Place, story: Story) -> Self {
        let chapters =
            [("apply", APPLY, story.first), ("update", APPLY, story.second), ("destroy", DESTROY, story.second)];
        let chapters = chapters.map(|(name, args, text)| {
            place.bench.write("langop.toml", text);
            place.recorder.take();
            let _ = place.run(args).exits(0);
            Chapter { name, args, requests: place.recorder.take().len(), after: place.world() }
        });
        Self { story, chapters: chapters.into() }
    }

    /// A stack that is made as it is in the end is what it becomes when it is changed.
    pub(super) fn live_shortly(&self, place: &Place) -> Option<String> {
        place.bench.write("langop.toml", self.story.second);
        let _ = place.run(APPLY).exits(0);
        let difference = world::difference(&self.chapters[1].after, &place.world());
        let _ = place.run(DESTROY).exits(0);
        difference
    }

    /// How many moments the longest command has.
    pub(super) fn moments(&self) -> usize {
        self.chapters.iter().map(|chapter| 2 * chapter.requests).max().unwrap_or_default()
    }

    /// How many requests each command sends.
    pub(super) fn requests(&self) -> Vec<(&'static str, usize)> {
        self.chapters.iter().map(|chapter| (chapter.name, chapter.requests)).collect()
    }

    /// Lives with a blow in each command, at the moments of this number. What is wrong then; `also` judges the struck run.
    pub(super) fn relive(
        &self,
        place: &Place,
        number: u64,
        blow: &Blow,
        also: impl Fn(&Place, &Said) -> Option<String>,
    ) -> Result<usize, String> {
        place.recorder.take_deleted();
        let mut struck = 0;
        for (chapter, text) in self.chapters.iter().zip([self.story.first, self.story.second, self.story.second]) {
            place.bench.write("langop.toml", text);
            place.recorder.take();
            let moment = Moment::numbered(usize::try_from(number).unwrap(), chapter.requests);
            let said = strike((&place.recorder, &place.bench), chapter.args, moment, blow);
            let wrong = |what: String| format!("{} struck at {moment:?}: {what}\n{said:?}", chapter.name);
            match &said {
                Ok(ended) => {
                    struck += 1;
                    also(place, ended).map_or(Ok(()), |what| Err(wrong(what)))?;
                }
                // It was faster than the clean one.
                Err(ended) if ended.code == Some(0) => {}
                Err(_) => return Err(wrong("it fails by itself".to_owned())),
            }
            converge(place, chapter).map_err(wrong)?;
        }
        Ok(struck)
    }
}

/// Runs the command again, undisturbed: it ends as a clean run ends, and nothing is left to do.
fn converge(place: &Place, chapter: &Chapter) -> Result<(), String> {
    let Place { recorder, bench, .. } = place;
    let again = place.run(chapter.args);
    if again.code != Some(0) {
        return Err(format!("the next run fails: {again:?}"));
    }
    if let Some(difference) = world::difference(&chapter.after, &place.world()) {
        return Err(format!("the next run ends elsewhere:\n{difference}\n{again:?}"));
    }
    let kept = world::kept(recorder, &bench.name);
    if chapter.after.is_empty() {
        if !kept.is_empty() || recorder.look(&format!("/api/v1/namespaces/{}", bench.name)).is_some() {
            return Err(format!("something is left: {kept:?}"));
        }
    } else {
        let plan = place.run(&["plan", "--detailed-exitcode"]);
        if plan.code != Some(0) {
            return Err(format!("the next plan is not empty: {plan:?}"));
        }
    }
    if world::is_locked(recorder, &bench.name) {
        return Err("the lock is held".to_owned());
    }
    let deleted = recorder.take_deleted();
    let once: BTreeSet<_> = deleted.iter().collect();
    if once.len() < deleted.len() { Err(format!("something was deleted twice: {deleted:?}")) } else { Ok(()) }
}
