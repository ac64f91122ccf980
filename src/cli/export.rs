//! `mealpoint export`: the closed days copied out.

use std::path::PathBuf;
use std::process::ExitCode;

use super::roster::refuse_demo;
use super::{Context, print_json};
use crate::statement::{self, export};

/// Where to. The days of a demo are not exported: nobody ate, and nobody is to be paid for them.
#[derive(clap::Args)]
pub struct Args {
    /// The folder or the USB stick's folder; a folder that is missing is made where the one above it exists
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

pub fn run(context: &Context, args: &Args) -> anyhow::Result<ExitCode> {
    refuse_demo(context)?;
    let exported = export::export(&statement::folder(&context.data), &args.to)?;
    if context.json {
        print_json(&exported)?;
    } else {
        exported.copied.iter().for_each(|day| say!("copied and checked: {day}"));
        exported.findings.iter().for_each(|finding| say!("{finding}"));
        exported.notes.iter().for_each(|note| say!("{note}"));
        let (copied, before) = (exported.copied.len(), exported.already_there.len());
        say!("{copied} days copied to {}, {before} were there already", exported.to.display());
    }
    Ok(if exported.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
