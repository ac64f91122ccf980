//! The `mealpoint` command: one file a subcommand, this one parses and dispatches.
//!
//! `--json` prints one JSON document (or JSON lines where said) on stdout; logs go to stderr. Exit code 0 done, 1
//! failed, 2 wrong usage.

#[macro_use]
mod out;

mod bench;
#[cfg(feature = "kiosk")]
mod capture_camera;
mod close;
mod doctor;
#[cfg(feature = "kiosk")]
mod draw;
#[cfg(feature = "kiosk")]
mod ending;
#[cfg(feature = "kiosk")]
mod enroll;
#[cfg(feature = "kiosk")]
mod evaluate;
mod export;
#[cfg(feature = "kiosk")]
mod identify;
#[cfg(feature = "kiosk")]
mod kiosk;
mod ledger;
mod menu;
#[cfg(feature = "kiosk")]
mod picture_files;
#[cfg(feature = "kiosk")]
mod recognition;
mod roster;
#[cfg(feature = "kiosk")]
mod size;
mod staff;
mod verify;
mod withdraw;

use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
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
    /// Print JSON on stdout: one document, or a line each where the command says so
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
    /// Run the kiosk: on a camera, on pictures of a folder, or on drawn people with data of their own
    #[cfg(feature = "kiosk")]
    Kiosk(kiosk::Args),
    /// The product's own figures, each beside the bare cost beneath it
    Bench(bench::Arguments),
    /// Close the day's books and write its files; days before it that are open are closed too
    Close(close::Args),
    /// Copy the closed days out, to a folder or a USB stick, and check the copies
    Export(export::Args),
    /// Check daily files: bytes, signature, sequence, chain and sums; names the first row that differs
    Verify(verify::Args),
    /// Check camera, models, database, clock, disk and settings, each with its remedy
    Doctor,
    /// Draw pictures of people who do not exist, with the truth about each, for training and tests
    #[cfg(feature = "kiosk")]
    Draw(draw::Arguments),
    /// Take an elder's face from photos into the gallery
    ///
    /// Photos are looked at and forgotten: only templates are kept, in the encrypted people.db. A new enrolment takes the place
    /// of the person's earlier one. Somebody who is not on the roster is noted there as suspended: recognised, and not served
    /// until a roster says who it is.
    #[cfg(feature = "kiosk")]
    Enroll(enroll::EnrollArguments),
    /// Who is on these pictures?
    #[cfg(feature = "kiosk")]
    Identify(identify::IdentifyArguments),
    /// How well recognition does on pictures of people one knows
    #[cfg(feature = "kiosk")]
    Evaluate(evaluate::EvaluateArguments),
    #[cfg(feature = "kiosk")]
    #[command(hide = true)]
    CaptureCamera(capture_camera::Arguments),
    /// The elders that the canteen may serve
    #[command(subcommand)]
    Roster(roster::RosterCommand),
    /// What the canteen offers
    #[command(subcommand)]
    Menu(menu::MenuCommand),
    /// Who may, with a PIN, look at the totals, close the day, order the `ledger` commands and erase a face
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// The books: meals by hand, reversals, corrections, purses, the clock, check, print, go on after a loss
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// An elder takes the consent back: erase their face, templates and all, and print the receipt
    Withdraw(withdraw::Arguments),
}

/// Asked of ONNX Runtime by its environment alone: once its library is loaded it has noted down this computer and asked for
/// its maker's address, whatever it is told afterwards.
const NO_TELEMETRY: (&str, &str) = ("ORT_DISABLE_TELEMETRY", "1");

/// Parses the command line, runs the subcommand and says how it ended.
pub fn main() -> ExitCode {
    if let Err(error) = without_telemetry() {
        eprintln!("mealpoint: it cannot start itself anew: {error}; remedy: set {}={}", NO_TELEMETRY.0, NO_TELEMETRY.1);
        return ExitCode::FAILURE;
    }
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .init();
    let data = arguments.data.or_else(platform_data_folder);
    let Some(data) = data.or_else(|| (!needs_data(&arguments.command)).then(PathBuf::new)) else {
        eprintln!("mealpoint: no data folder: neither HOME nor XDG_DATA_HOME is set; remedy: name it with --data");
        return ExitCode::FAILURE;
    };
    let context = Context { config: arguments.config, data, json: arguments.json };
    match run(&context, arguments.command).and_then(|code| out::all_written().map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mealpoint: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(context: &Context, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        #[cfg(feature = "kiosk")]
        Command::Kiosk(args) => kiosk::run(context, args),
        Command::Bench(arguments) => bench::run(context, arguments),
        Command::Close(args) => close::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::Verify(args) => verify::run(context, &args),
        Command::Doctor => doctor::run(context),
        #[cfg(feature = "kiosk")]
        Command::Draw(arguments) => draw::run(context, &arguments),
        #[cfg(feature = "kiosk")]
        Command::Enroll(arguments) => enroll::run(context, &arguments),
        #[cfg(feature = "kiosk")]
        Command::Identify(arguments) => identify::run(context, &arguments),
        #[cfg(feature = "kiosk")]
        Command::Evaluate(arguments) => evaluate::run(context, arguments),
        #[cfg(feature = "kiosk")]
        Command::CaptureCamera(arguments) => capture_camera::run(&arguments),
        Command::Roster(command) => roster::run(context, command),
        Command::Menu(command) => menu::run(context, command),
        Command::Staff(command) => staff::run(context, command),
        Command::Ledger(command) => ledger::run(context, command),
        Command::Withdraw(arguments) => withdraw::run(context, arguments),
    }
}

/// Starts this program anew with [`NO_TELEMETRY`], unless it was started so: a process cannot safely change its own
/// environment.
fn without_telemetry() -> std::io::Result<()> {
    let (name, value) = NO_TELEMETRY;
    if std::env::var_os(name).is_some_and(|set| set == value) {
        return Ok(());
    }
    let mut arguments = std::env::args_os();
    let mut again = std::process::Command::new(std::env::current_exe()?);
    if let Some(own_name) = arguments.next() {
        again.arg0(own_name);
    }
    // Returns only where it fails.
    Err(again.args(arguments).env(name, value).exec())
}

/// Prints one JSON document.
fn print_json(document: &impl serde::Serialize) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(document)?);
    Ok(())
}

/// Whether there is something in the data folder for the command.
const fn needs_data(command: &Command) -> bool {
    match command {
        Command::Verify(_) => false,
        #[cfg(feature = "kiosk")]
        Command::Draw(_) => false,
        _ => true,
    }
}

/// `$XDG_DATA_HOME/mealpoint`, else `~/.local/share/mealpoint`.
fn platform_data_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|folder| folder.join("mealpoint"))
}

/// See [`with_causes`].
fn told(error: &anyhow::Error) -> String {
    with_causes(error.as_ref())
}

/// An error with its causes, each of which is said once: many errors of ours name their cause themselves.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
