//! `mealpoint bench`: the product's own figures, each beside the bare cost beneath it.

mod figures;
mod settle;
#[cfg(feature = "kiosk")]
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
    #[cfg(feature = "kiosk")]
    /// A frame from the camera to the candidates: detect, align, embed, search
    Vision(vision::Arguments),
    /// A durable settlement beside a bare fsync, and books of a million entries beside empty ones
    Settle(settle::Arguments),
}

pub(super) fn run(context: &Context, arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.what {
        #[cfg(feature = "kiosk")]
        What::Vision(arguments) => vision::run(context, &arguments),
        What::Settle(arguments) => settle::run(context, &arguments),
    }
}
