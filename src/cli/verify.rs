//! `mealpoint verify`: whether daily files are what the kiosk wrote.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;

use super::{Context, print_json};
use crate::statement;
use crate::statement::signature::PublicKey;
use crate::statement::verify::{self, Report, VerifyError};
use crate::store::Home;

/// Any file of a day, several, or folders of them.
#[derive(clap::Args)]
#[command(after_help = "The signature alone, with OpenSSL:\n  \
    openssl pkeyutl -verify -pubin -inkey KIOSK.pub.pem -rawin -in DAY.json -sigfile DAY.json.sig")]
pub struct Args {
    /// A day's file (.csv, .xlsx, .entries.jsonl, .json, .json.sig), a folder of days or a kiosk's data folder
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// The kiosk's public key, from a source other than these files; may be given several times
    #[arg(long, value_name = "PEM")]
    key: Vec<PathBuf>,
}

pub fn run(context: &Context, args: &Args) -> anyhow::Result<ExitCode> {
    let keys: Vec<PublicKey> = args.key.iter().map(|file| PublicKey::read(file)).collect::<Result<_, _>>()?;
    let of_days = |path: &PathBuf| if Home::is_at(path) { statement::folder(path) } else { path.clone() };
    let paths: Vec<PathBuf> = args.paths.iter().map(of_days).collect();
    let report = verify::verify(&paths, &keys).map_err(|error| match error {
        VerifyError::Missing(folder) | VerifyError::NoStatement(folder) if is_of_a_kiosk(&folder) => {
            anyhow!("{} holds no closed day yet; remedy: run `mealpoint close` first", folder.display())
        }
        error => error.into(),
    })?;
    if context.json {
        print_json(&report)?;
    } else {
        print_text(&report);
    }
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether a kiosk closes its days into this folder.
fn is_of_a_kiosk(folder: &Path) -> bool {
    folder.parent().is_some_and(|data| Home::is_at(data) && statement::folder(data) == folder)
}

fn print_text(report: &Report) {
    for day in &report.days {
        let state = if day.ok { "sound" } else { "DAMAGED" };
        say!(
            "{} {} {}: {} entries up to number {}: {state}",
            day.canteen,
            day.kiosk,
            day.day,
            day.entries,
            day.number_after
        );
    }
    for finding in &report.findings {
        say!("{finding}");
    }
    report.notes.iter().for_each(|note| say!("{note}"));
    if !report.ok {
        return;
    }
    if report.origin_shown {
        say!("unchanged since they were signed with the given key");
        return;
    }
    say!("unchanged since they were signed; whose key that is was not shown: name the kiosk's with --key");
    let mut keys: Vec<String> = report.days.iter().map(|day| day.public_key.to_string()).collect();
    keys.sort();
    keys.dedup();
    keys.iter().for_each(|key| say!("signed with {key}"));
}
