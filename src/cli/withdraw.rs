//! `mealpoint withdraw`: an elder's consent is withdrawn, and their face is erased.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::staff::ask_pin;
use super::{Context, print_json};
use crate::domain::{ElderId, StaffId};
use crate::store::people::StaffAct;
use crate::store::{Home, People, PeopleError};

/// `mealpoint withdraw`
#[derive(Debug, Args)]
pub struct Arguments {
    /// Whose consent is withdrawn
    #[arg(long, value_name = "ID")]
    elder: ElderId,
    /// Who of the staff does it; their PIN is asked for
    #[arg(long, value_name = "ID")]
    staff: StaffId,
}

/// The receipt.
#[derive(Serialize)]
struct Receipt {
    elder: ElderId,
    erased_templates: usize,
    at: Timestamp,
}

/// Runs it.
///
/// # Errors
/// That the PIN is not theirs or that nobody has this number; or what keeps the database from being used.
pub fn run(context: &Context, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { elder, staff } = arguments;
    let mut people = People::open(&Home::at(&context.data))?;
    ask_pin(&people, &staff)?;
    people.elder(&elder)?.ok_or_else(|| PeopleError::NoElder(elder.clone()))?;
    let erasure = people.erase_templates(&elder, Timestamp::now())?;
    let act = format!("withdraw the consent of {elder}: {} templates erased", erasure.templates);
    people
        .note_act(&StaffAct { at: erasure.at, staff, act })
        .with_context(|| format!("the face of {elder} is erased, but the list of what the staff did lacks it"))?;
    let receipt = Receipt { elder, erased_templates: erasure.templates, at: erasure.at };
    if context.json {
        print_json(&receipt)?;
    } else {
        let Receipt { elder, erased_templates, at } = receipt;
        say!("{elder}: consent withdrawn, {erased_templates} templates erased at {at}");
    }
    Ok(ExitCode::SUCCESS)
}
