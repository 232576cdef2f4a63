//! `langop man`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;

/// Write the pages of the manual into a directory, one for each command
///
/// For packages, or for a person: `langop man ~/.local/share/man/man1`, then `man langop-plan`.
#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The directory; it is made where it is not there, and pages in it are replaced
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub(crate) fn run(args: &ManArgs, command: Command) -> Result<Exit, Error> {
    let pages = pages(command)?;
    write(&args.directory, &pages)?;
    output::note(&format!("wrote {} pages to `{}`", pages.len(), args.directory.display()));
    Ok(Exit::Done)
}

/// All pages by the names of their files.
fn pages(command: Command) -> Result<BTreeMap<String, Vec<u8>>, CommandError> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = BTreeMap::new();
    add(&command, &mut pages).map_err(CommandError::Output)?;
    Ok(pages)
}

fn add(command: &Command, pages: &mut BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    pages.insert(man.get_filename(), page);
    command.get_subcommands().filter(|below| !below.is_hide_set()).try_for_each(|below| add(below, pages))
}

fn write(directory: &Path, pages: &BTreeMap<String, Vec<u8>>) -> Result<(), CommandError> {
    let at = |path: PathBuf| move |cause| CommandError::WriteFile { path, cause };
    std::fs::create_dir_all(directory).map_err(at(directory.to_owned()))?;
    for (name, page) in pages {
        let path = directory.join(name);
        std::fs::write(&path, page).map_err(at(path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::pages;

    #[test]
    fn there_is_a_page_for_each_command() {
        let plan = Command::new("plan").about("Show it").arg(Arg::new("full").long("full").help("All of it"));
        let below = Command::new("dev").subcommand(Command::new("up"));
        let pages = pages(Command::new("langop").version("1.2.3").subcommand(plan).subcommand(below)).unwrap();
        let names: Vec<_> = pages.keys().map(String::as_str).collect();
        assert_eq!(names, ["langop-dev-up.1", "langop-dev.1", "langop-plan.1", "langop.1"]);
        let page = String::from_utf8(pages["langop-plan.1"].clone()).unwrap();
        assert!(page.contains(".TH langop-plan 1") && page.contains("All of it"), "{page}");
    }
}
