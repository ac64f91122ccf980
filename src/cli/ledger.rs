//! `mealpoint ledger`: the books checked, printed, put right, continued after a loss, and their clock vouched for.

mod corrections;
mod desk;
mod enter;
mod loss;
mod printed;
mod purses;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::{Context, print_json};
use crate::config::CanteenConfig;
use crate::domain::{Entry, MovementCause, StaffId};
use crate::statement::signature::PublicKey;
use crate::store::ledger::{Books, LedgerError};
use crate::store::{Home, Ledger};
use corrections::MealOrder;
use desk::Desk;
use enter::MealByHand;
use purses::PurseOrder;

/// `mealpoint ledger …`
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Check every page, entry, link, closed day and sum; exit 1 when anything is wrong
    Check,
    /// Print entries as JSON lines, each exactly as it was hashed
    Print {
        /// First number
        #[arg(long, default_value_t = 1)]
        from: u64,
    },
    /// Enter a meal that no face settles: the staff looked the elder up, a carer collects it, or it is delivered
    Enter(MealByHand),
    /// Take a meal back: the payers get back what they paid, the purses what was drawn
    Reverse(MealOrder),
    /// Put a meal right that was settled by wrong rules: it is taken back and entered again as the rules now have it
    Correct(MealOrder),
    /// Pay money into an elder's prepaid purse
    TopUp(PurseOrder),
    /// Pay money out of an elder's prepaid purse
    Refund(PurseOrder),
    /// Give an elder what the rules do not give by themselves, such as vouchers or time coins
    Grant(PurseOrder),
    /// Put an error in a purse right, up or down
    Adjust(PurseOrder),
    /// Go on after the books were lost or damaged: what is left is moved to the quarantine, the numbering continues.
    /// Books that are in order are left alone
    Restart {
        /// Who orders it; unless people.db is lost too, the PIN is read from standard input
        #[arg(long, value_name = "STAFF")]
        staff: StaffId,
        /// Why
        #[arg(long)]
        reason: String,
        /// Another public key of this kiosk's: closed days that it signed are believed too, besides those of the key in
        /// the keys folder; may be given several times
        #[arg(long, value_name = "PEM")]
        key: Vec<PathBuf>,
    },
    /// Vouch for the computer's clock after it was set: the books go on with its time
    TrustClock {
        /// Who vouches; the PIN is read from standard input
        #[arg(long, value_name = "STAFF")]
        staff: StaffId,
    },
}

/// Runs it.
///
/// # Errors
/// What keeps the books from being opened, read or continued.
pub fn run(context: &Context, command: LedgerCommand) -> anyhow::Result<ExitCode> {
    let books = Books::from(&CanteenConfig::read(&context.config)?);
    let home = Home::at(&context.data);
    match command {
        LedgerCommand::Enter(order) => enter::enter(context, order),
        LedgerCommand::Reverse(order) => corrections::reverse(context, order),
        LedgerCommand::Correct(order) => corrections::correct(context, order),
        LedgerCommand::TopUp(order) => purses::move_purse(context, MovementCause::TopUp, order),
        LedgerCommand::Refund(order) => purses::move_purse(context, MovementCause::Refund, order),
        LedgerCommand::Grant(order) => purses::move_purse(context, MovementCause::Grant, order),
        LedgerCommand::Adjust(order) => purses::move_purse(context, MovementCause::Adjustment, order),
        LedgerCommand::Check => check(context, &Ledger::open(&home, &books)?),
        LedgerCommand::Print { from } => print(&Ledger::open(&home, &books)?, from),
        LedgerCommand::Restart { staff, reason, key } => {
            let keys = key.iter().map(|file| PublicKey::read(file)).collect::<Result<Vec<_>, _>>()?;
            let entry = loss::restart_books(&home, &books, loss::Order { staff, reason, keys })?;
            loss::tell(context, &entry)
        }
        LedgerCommand::TrustClock { staff } => {
            let mut desk = Desk::open(context, staff)?;
            let (entry, ()) = desk.carry_out("trust-clock", |desk| Ok((desk.ledger.trust_clock(&desk.staff)?, ())))?;
            let time = entry.recorded_at.to_zoned(desk.canteen.zone.clone());
            if context.json {
                print_json(&printed::Vouched::new(&entry, &time))?;
                return Ok(ExitCode::SUCCESS);
            }
            let (time, staff) = (time.strftime("%Y-%m-%d %H:%M:%S"), &desk.staff);
            say(context, &entry, &format!("it is {time} here, as {staff} vouched: the books follow the clock again"))
        }
    }
}

fn check(context: &Context, ledger: &Ledger) -> anyhow::Result<ExitCode> {
    let report = ledger.check_all()?;
    let sound = report.findings.is_empty();
    if context.json {
        let findings: Vec<_> = report
            .findings
            .iter()
            .map(|finding| serde_json::json!({ "number": finding.number, "what": finding.what }))
            .collect();
        let document = serde_json::json!({
            "sound": sound,
            "entries": report.entries,
            "head": report.head,
            "closed_days": report.closed_days,
            "findings": findings,
        });
        say!("{document}");
    } else {
        say!(
            "{} entries, {} closed days, the chain ends at number {} with {}",
            report.entries,
            report.closed_days,
            report.head.number,
            report.head.hash
        );
        for finding in &report.findings {
            match finding.number {
                Some(number) => say!("entry {number}: {}", finding.what),
                None => say!("{}", finding.what),
            }
        }
        if sound {
            say!("the books are in order");
        } else {
            say!("the books are damaged; remedy: keep a copy of the data folder, then restore a backup of it");
        }
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Why printing stopped.
#[derive(Debug, thiserror::Error)]
enum PrintError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("not all of the entries could be written to standard output: {0}; remedy: free some space where it goes")]
    Output(#[from] io::Error),
}

fn print(ledger: &Ledger, from: u64) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = ledger
        .for_each(from, |entry| -> Result<(), PrintError> {
            out.write_all(entry.bytes())?;
            Ok(out.write_all(b"\n")?)
        })
        .and_then(|()| Ok(out.flush()?));
    match printed {
        // Whoever was reading has seen enough.
        Err(PrintError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        printed => printed.map(|()| ExitCode::SUCCESS).map_err(anyhow::Error::from),
    }
}

fn say(context: &Context, entry: &Entry, what: &str) -> anyhow::Result<ExitCode> {
    if context.json {
        say!("{}", serde_json::to_string(&printed::Written::from(entry))?);
    } else {
        say!("{what}, with number {} in the books of {}", entry.number, entry.day);
    }
    Ok(ExitCode::SUCCESS)
}
