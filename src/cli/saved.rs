//! Files of saved plans on the command line: told from descriptions by their content, and never mixed with them.

use std::path::{Path, PathBuf};

use super::output;
use crate::error::{CommandError, Error};
use crate::ops::{OpsError, saved};
use crate::plan::saved::{SavedPlan, is_saved_plan};

/// The saved plan among the files that were named, if there is one.
///
/// # Errors
/// It is not alone.
pub(crate) fn named(files: &[PathBuf]) -> Result<Option<&Path>, CommandError> {
    // What cannot be read, whoever wants to read it says.
    let is_plan = |file: &&PathBuf| saved::read(file).is_ok_and(|text| text.is_some_and(|text| is_saved_plan(&text)));
    match files.iter().find(is_plan) {
        Some(plan) if files.len() > 1 => Err(CommandError::PlanAmongFiles(plan.clone())),
        plan => Ok(plan.map(PathBuf::as_path)),
    }
}

/// Reads a saved plan.
pub(crate) fn open(file: &Path) -> Result<SavedPlan, Error> {
    let text = saved::read(file).map_err(|cause| CommandError::PlanFile { verb: "read", path: file.into(), cause })?;
    let text = text.filter(|text| is_saved_plan(text)).ok_or_else(|| CommandError::NoSavedPlan(file.into()))?;
    Ok(SavedPlan::open(&text).map_err(OpsError::from)?)
}

/// Writes a saved plan.
pub(crate) fn write(file: &Path, plan: &SavedPlan) -> Result<(), Error> {
    let text = plan.sealed().map_err(OpsError::from)?;
    saved::write(file, &text).map_err(|cause| CommandError::PlanFile { verb: "write", path: file.into(), cause })?;
    output::note(&format!("saved this plan: `langop apply {}` applies it", file.display()));
    Ok(())
}
