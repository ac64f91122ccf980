//! The `mealpoint` command: one file a subcommand, this one parses and dispatches.
//!
//! `--json` prints one JSON document (or JSON lines where said) on stdout; logs go to stderr. Exit code 0 done, 1
//! failed, 2 wrong usage.

#[cfg(feature = "kiosk")]
mod bench;
#[cfg(feature = "kiosk")]
mod capture_camera;
mod doctor;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "mealpoint", version, about = "A kiosk at which elders pay for a canteen meal with their face")]
struct Arguments {
    /// Folder of the configuration files
    #[arg(long, global = true, value_name = "DIR", default_value = "kiosk-config")]
    config: PathBuf,
    /// Folder of the kiosk's data [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print one JSON document on stdout
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// What every subcommand is given.
#[derive(Debug, Clone)]
pub struct Context {
    /// Folder of the configuration files.
    pub config: PathBuf,
    /// Folder of the kiosk's data.
    pub data: PathBuf,
    /// Whether stdout is for a program.
    pub json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// The product's own figures, each beside the bare cost beneath it
    #[cfg(feature = "kiosk")]
    Bench(bench::Arguments),
    /// Check camera, models, database, clock, disk and settings, each with its remedy
    Doctor,
    #[cfg(feature = "kiosk")]
    #[command(hide = true)]
    CaptureCamera(capture_camera::Arguments),
}

/// Parses the command line, runs the subcommand and says how it ended.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .init();
    let context = Context {
        config: arguments.config,
        data: arguments.data.unwrap_or_else(platform_data_folder),
        json: arguments.json,
    };
    match run(&context, arguments.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mealpoint: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(context: &Context, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        #[cfg(feature = "kiosk")]
        Command::Bench(arguments) => bench::run(context, arguments),
        Command::Doctor => doctor::run(context),
        #[cfg(feature = "kiosk")]
        Command::CaptureCamera(arguments) => capture_camera::run(&arguments),
    }
}

/// `$XDG_DATA_HOME/mealpoint`, else `~/.local/share/mealpoint`, else `./mealpoint-data`.
fn platform_data_folder() -> PathBuf {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map_or_else(|| PathBuf::from("mealpoint-data"), |folder| folder.join("mealpoint"))
}
