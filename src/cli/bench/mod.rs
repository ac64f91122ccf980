//! `mealpoint bench`: the product's own figures, each beside the bare cost beneath it.

mod figures;
mod vision;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Context;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A frame from the camera to the candidates: detect, align, embed, search
    Vision(vision::Arguments),
}

pub(super) fn run(context: &Context, arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.what {
        What::Vision(arguments) => vision::run(context, &arguments),
    }
}
