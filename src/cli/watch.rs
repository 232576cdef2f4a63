//! `langop status --watch`: the same again and again, drawn over itself on a terminal, elsewhere only what has changed.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::output;
use super::signals::Signals;
use crate::error::{Error, chain};
use crate::exit::Exit;
use crate::object::credential::masked;
use crate::report::human::{self, StatusRow};

/// How long until the next look.
const PAUSE: Duration = Duration::from_secs(2);

/// Shows what `look` sees until a signal ends it. A server that does not answer for a while is looked for again.
pub(super) async fn watch(look: impl AsyncFn() -> Result<Vec<StatusRow>, Error>) -> Result<Exit, Error> {
    let signals = Signals::listen()?;
    let mut view = if output::redraws() { View::Screen } else { View::Lines(Shown::default()) };
    loop {
        let seen = match signals.unless_interrupted(look()).await {
            Ok(Err(error)) if error.exit() != Exit::Unreachable => return Err(error),
            Ok(seen) => seen.map_err(|error| masked(&chain(&error)).into_owned()),
            Err(exit) => return Ok(exit),
        };
        view.show(seen.as_deref(), Timestamp::now())?;
        if let Err(exit) = signals.unless_interrupted(tokio::time::sleep(PAUSE)).await {
            return Ok(exit);
        }
    }
}

/// Where it is shown.
enum View {
    Screen,
    Lines(Shown),
}

impl View {
    fn show(&mut self, seen: Result<&[StatusRow], &String>, now: Timestamp) -> Result<(), Error> {
        match self {
            Self::Screen => {
                let text =
                    seen.map_or_else(|error| format!("{error}\n"), |rows| human::status(rows, &output::table_style()));
                output::redraw(&format!("{now:.0}, every {} s, until Ctrl-C\n\n{text}", PAUSE.as_secs()))
            }
            Self::Lines(shown) => {
                let lines = match seen {
                    Ok(rows) => shown.news(&human::status_lines(rows)),
                    Err(error) => shown.fault(error),
                };
                lines.into_iter().try_for_each(|line| output::result_line(&format!("{now:.0} {line}")))
            }
        }
    }
}

/// What was shown of what.
#[derive(Default)]
struct Shown {
    lines: Option<BTreeMap<String, String>>,
    fault: Option<String>,
}

impl Shown {
    /// What is another than before.
    fn news(&mut self, lines: &BTreeMap<String, String>) -> Vec<String> {
        self.fault = None;
        let first = self.lines.is_none();
        let before = self.lines.replace(lines.clone()).unwrap_or_default();
        let gone = before.keys().filter(|name| !lines.contains_key(*name)).map(|name| format!("{name}: gone"));
        let other = lines.iter().filter(|(name, words)| before.get(*name) != Some(words));
        let mut news: Vec<_> = gone.chain(other.map(|(name, words)| format!("{name}: {words}"))).collect();
        if first && news.is_empty() {
            news.push("no language clusters".to_owned());
        }
        news
    }

    /// The same fault is said once.
    fn fault(&mut self, error: &str) -> Vec<String> {
        let said = self.fault.replace(error.to_owned());
        if said.as_deref() == Some(error) { Vec::new() } else { vec![format!("error: {error}")] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(name, words)| ((*name).to_owned(), (*words).to_owned())).collect()
    }

    #[test]
    fn only_what_has_changed_is_news() {
        let mut shown = Shown::default();
        assert_eq!(shown.news(&lines(&[])), ["no language clusters"]);
        assert_eq!(
            shown.news(&lines(&[("cluster a", "Pending"), ("agent b", "Running")])),
            ["agent b: Running", "cluster a: Pending"]
        );
        assert_eq!(shown.news(&lines(&[("cluster a", "Pending"), ("agent b", "Running")])), [""; 0]);
        assert_eq!((shown.fault("down"), shown.fault("down")), (vec!["error: down".to_owned()], Vec::new()));
        assert_eq!(shown.news(&lines(&[("cluster a", "Ready")])), ["agent b: gone", "cluster a: Ready"]);
        assert_eq!(shown.fault("down"), ["error: down"], "it was up in between");
        assert_eq!(shown.news(&lines(&[])), ["cluster a: gone"]);
    }
}
