//! The description of a command whose plain arguments are something else: its files are named by a flag.

use std::path::PathBuf;

use clap::Args;

use super::args::DescriptionArgs;

/// Which description is meant.
#[derive(Args, Clone, Debug)]
pub(super) struct NamedFiles {
    /// Description file, manifest or directory; later ones win. Default: langop.{toml,yaml,yml} here
    #[arg(short, long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Descend into directories
    #[arg(short = 'R', long)]
    recursive: bool,
    /// Set a variable of the description (also `LANGOP_VAR_name` in the environment)
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = super::args::Variable)]
    vars: Vec<(String, String)>,
    /// Environment of the description
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Name of the stack, for descriptions that do not name one
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
}

impl NamedFiles {
    pub(super) fn description(&self) -> DescriptionArgs {
        DescriptionArgs {
            files: Vec::new(),
            named: self.files.clone(),
            recursive: self.recursive,
            vars: self.vars.clone(),
            env: self.env.iter().cloned().collect(),
            stack: self.stack.clone(),
            namespace: None,
        }
    }
}
