//! `mealpoint bench`: the product's own figures, each beside the bare cost beneath it.

#[cfg(feature = "kiosk")]
mod crowd;
mod figures;
#[cfg(feature = "kiosk")]
mod search;
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
    /// A frame from the camera to the candidates: detect, align, embed, search; liveness is left out
    #[cfg(feature = "kiosk")]
    Vision(vision::Arguments),
    /// A durable settlement beside a bare fsync, and books of a million entries beside empty ones
    Settle(settle::Arguments),
    /// The most similar of thousands of people
    #[cfg(feature = "kiosk")]
    Search(search::Arguments),
}

pub(super) fn run(context: &Context, arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.what {
        #[cfg(feature = "kiosk")]
        What::Vision(arguments) => vision::run(context, &arguments),
        What::Settle(arguments) => settle::run(context, &arguments),
        #[cfg(feature = "kiosk")]
        What::Search(arguments) => search::run(context, &arguments),
    }
}
