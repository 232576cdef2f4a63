//! The names of models whose price is known, against the real `LiteLLM`: a plan goes by them.

use std::process::{Command, Stdio};

use super::process::python;
use crate::bench::repository;

#[test]
fn the_models_with_a_price_are_those_of_the_release() {
    let mut command = Command::new(python());
    command.arg(repository("tests/it/gateway/prices.py")).env("LITELLM_LOCAL_MODEL_COST_MAP", "True");
    let said = command.stderr(Stdio::null()).current_dir(std::env::temp_dir()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let names: String =
        said.lines().filter_map(|line| line.strip_prefix("price: ")).fold(String::new(), |all, name| all + name + "\n");
    let file = repository("src/stack/check/price/names.txt");
    if std::env::var_os("LANGOP_WRITE_PRICES").is_some() {
        std::fs::write(&file, &names).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(names.lines().count() > 1000);
    assert!(kept == names, "`LANGOP_WRITE_PRICES=1 cargo test --test it gateway::prices` writes them anew");
}
