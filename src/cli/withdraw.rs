//! `mealpoint withdraw`: an elder's consent is withdrawn, and their face is erased.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::staff::ask_pin;
use super::{Context, print_json};
use crate::domain::{ElderId, StaffId};
use crate::store::people::StaffAct;
use crate::store::{Database, Home, People, PeopleError};

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
    /// Copies that may still hold the face, to be deleted by hand: databases that were set aside as damaged.
    copies_left: Vec<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// That the PIN is not theirs or that nobody has this number; or what keeps the database from being used.
pub fn run(context: &Context, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { elder, staff } = arguments;
    let home = Home::at(&context.data);
    let mut people = People::open(&home)?;
    ask_pin(&people, &staff)?;
    let copies_left = home.quarantined(Database::People);
    if people.elder(&elder)?.is_none() {
        return unknown(context, elder, &copies_left);
    }
    let erasure = people.erase_templates(&elder, Timestamp::now())?;
    let act = format!("withdraw the consent of {elder}: {} templates erased", erasure.templates);
    people
        .note_act(&StaffAct { at: erasure.at, staff, act })
        .with_context(|| format!("the face of {elder} is erased, but the list of what the staff did lacks it"))?;
    let receipt = Receipt { elder, erased_templates: erasure.templates, at: erasure.at, copies_left };
    if context.json {
        print_json(&receipt)?;
    } else {
        let Receipt { elder, erased_templates, at, copies_left } = receipt;
        say!("{elder}: consent withdrawn, {erased_templates} templates erased at {at}");
        say_copies_left(&copies_left);
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that nobody on the roster has this number: after `roster restart` the database that was set aside may know it.
fn unknown(context: &Context, elder: ElderId, copies_left: &[PathBuf]) -> anyhow::Result<ExitCode> {
    if context.json {
        print_json(&serde_json::json!({ "elder": elder, "erased_templates": 0, "copies_left": copies_left }))?;
    } else {
        say_copies_left(copies_left);
    }
    Err(PeopleError::NoElder(elder).into())
}

/// Names the copies that still hold what was erased: databases that were set aside as damaged.
pub(super) fn say_copies_left(copies_left: &[PathBuf]) {
    for copy in copies_left {
        say!("{} was set aside as damaged and may still hold the face; delete this folder", copy.display());
    }
}
