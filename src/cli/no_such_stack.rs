//! What is said of a stack that is to be destroyed and is not there: a slip in its name must not look like success.

use super::args::Output;
use super::output;
use crate::error::Error;
use crate::state::Records;

/// Whether the command ends here, since there is no such stack. A program reads the empty plan or run all the same.
pub(crate) async fn is_told(records: &Records, stack: &str, reader: Output) -> Result<bool, Error> {
    // Who holds the lock may be about to write the first record; who left it behind took away all else.
    if records.read(stack).await?.is_some() || records.has_lock(stack).await? {
        return Ok(false);
    }
    let text = text(stack, records.stacks().await?.as_deref());
    match reader {
        Output::Human => output::result_line(&text)?,
        Output::Json => output::note(&text),
    }
    Ok(reader == Output::Human)
}

fn text(stack: &str, stacks: Option<&[String]>) -> String {
    let quoted = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let others = match stacks {
        None => "which stacks there are, this identity may not see".to_owned(),
        Some([]) => "there is none at all".to_owned(),
        Some([one]) => format!("there is `{one}`"),
        Some(names) => format!("there are {}", quoted(names)),
    };
    format!(
        "there is no stack `{stack}`, so nothing to destroy; {others}\n\
         if only its record was lost, `langop state rebuild {stack}` makes it anew"
    )
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_stacks_that_there_are_are_named() {
        let of = |names: &[&str]| text("x", Some(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
        assert!(of(&["a", "b"]).starts_with("there is no stack `x`, so nothing to destroy; there are `a`, `b`\n"));
        assert!(of(&["a"]).contains("there is `a`\n") && of(&[]).contains("there is none at all\n"));
        assert!(text("x", None).contains("may not see"));
    }
}
