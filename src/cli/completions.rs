//! `langop completions`.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

use super::{complete, output};
use crate::error::{CommandError, Error};
use crate::exit::Exit;

/// Print what makes a shell complete langop's commands, and the names in the description at hand
///
/// Commands and flags, and clusters, agents, addresses, variables and environments of the
/// description that the command line names, else of the one in the working directory; no server is
/// asked.
///
///   bash        source <(langop completions bash)                ~/.bashrc
///   zsh         source <(langop completions zsh)                 ~/.zshrc, after compinit
///   fish        langop completions fish | source                 ~/.config/fish/config.fish
///   elvish      eval (langop completions elvish | slurp)         ~/.elvish/rc.elv
///   powershell  langop completions powershell | Out-String | Invoke-Expression     $PROFILE
///
/// What is printed belongs to the langop that prints it: have it printed when the shell starts, and
/// keep it in no file.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, name: &str) -> Result<Exit, Error> {
    let mut script = Vec::new();
    if let Some(shell) = Shells::builtins().completer(&args.shell.to_string()) {
        let written = shell.write_registration(complete::VARIABLE, name, name, name, &mut script);
        written.map_err(CommandError::Output)?;
    }
    output::result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
