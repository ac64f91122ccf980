//! What is asked before the books begin anew: whether they are lost at all, and up to where closed days show how they stood.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use serde::Serialize;

use super::desk::note;
use super::{printed, say};
use crate::cli::staff::ask_pin;
use crate::cli::{Context, print_json};
use crate::domain::statement::{ChainPoint, Totals};
use crate::domain::{Entry, MealDay, StaffId};
use crate::statement::manifest::Manifest;
use crate::statement::signature::{PublicKey, Signer};
use crate::statement::verify;
use crate::store::ledger::{Books, Restart, SystemClock, manifests, restart};
use crate::store::{Home, Ledger, LedgerError, People, PeopleError};

/// Who orders it, why, and which keys are believed.
pub(super) struct Order {
    pub staff: StaffId,
    pub reason: String,
    pub keys: Vec<PublicKey>,
}

/// What books that were begun anew do not know, and what staff do about it.
#[derive(Debug, Serialize)]
pub(super) struct Forgotten {
    what: &'static str,
    remedy: &'static str,
}

/// Everything that is summed up over the entries begins at nothing.
const FORGOTTEN: [Forgotten; 4] = [
    Forgotten {
        what: "prepaid money and every purse that the staff fill stand at zero",
        remedy: "put back what each elder had, as your receipts show, with `mealpoint ledger adjust`",
    },
    Forgotten {
        what: "what the rules grant each month or year is given again, whole, at the elder's next meal",
        remedy: "take off what was spent of it, as far as you know, with `mealpoint ledger adjust` and a number below zero",
    },
    Forgotten {
        what: "meals of days that were not closed stand in no books, and who ate today counts as not served",
        remedy: "enter those that were noted down with `mealpoint ledger enter`, of an earlier day with --date",
    },
    Forgotten {
        what: "what was drawn today and this month is not known: their caps begin anew",
        remedy: "meals that are entered again count; for those of closed days no command does it, so tell the district",
    },
];

/// Says that the books go on, and without what.
///
/// # Errors
/// None but that nothing can be printed.
pub(super) fn tell(context: &Context, entry: &Entry) -> anyhow::Result<ExitCode> {
    if context.json {
        print_json(&printed::Restarted::new(entry, &FORGOTTEN))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(context, entry, "the books go on")?;
    say!("they begin empty:");
    FORGOTTEN.iter().for_each(|Forgotten { what, remedy }| say!("  {what}; remedy: {remedy}"));
    Ok(ExitCode::SUCCESS)
}

/// Begins the books anew. Where the people's database can be opened the staff's PIN is asked for; where it is lost too,
/// nobody's PIN is known any more, and the books themselves say who gave the order.
///
/// # Errors
/// That the PIN is not theirs, that nothing is lost, or what keeps the books from being begun.
pub(super) fn restart_books(home: &Home, books: &Books, order: Order) -> anyhow::Result<Entry> {
    let mut people = match People::open(home) {
        Ok(people) => {
            ask_pin(&people, &order.staff)?;
            Some(people)
        }
        Err(PeopleError::Store(error)) if error.is_loss() => None,
        Err(error) => return Err(error).context("whose PIN this is cannot be told, and nothing was moved"),
    };
    let staff = order.staff.clone();
    let done = begin(home, books, order);
    if let Some(people) = &mut people {
        let at = done.as_ref().map_or_else(|_| Timestamp::now(), |entry| entry.recorded_at);
        note(people, at, &staff, "restart the books", done.as_ref().ok());
    }
    done
}

fn begin(home: &Home, books: &Books, order: Order) -> anyhow::Result<Entry> {
    let Order { staff, reason, keys } = order;
    refuse_if_whole(home, books)?;
    let last_closed = last_closed(home, books, keys)?;
    let order = Restart { staff, reason, last_closed };
    Ok(restart(home, books, Box::new(SystemClock::new()), &order)?.1)
}

/// Refuses to give up books that are in order.
///
/// # Errors
/// That they are; or what keeps this from being found out, such as a missing key.
fn refuse_if_whole(home: &Home, books: &Books) -> anyhow::Result<()> {
    let unknown = "whether the books are lost cannot be told, and nothing was moved";
    let report = match Ledger::open(home, books).and_then(|ledger| ledger.check_all()) {
        Ok(report) => report,
        Err(LedgerError::RolledBack { .. }) => return Ok(()),
        Err(LedgerError::Store(error)) if error.is_loss() => return Ok(()),
        Err(error) => return Err(error).context(unknown),
    };
    // Begun anew, but without the entry that says so: the power failed in between, and the order is carried out again.
    let interrupted = report.entries == 0 && report.head != ChainPoint::START;
    if !report.findings.is_empty() || interrupted {
        return Ok(());
    }
    bail!(
        "the books are in order up to number {}: nothing is lost, and nothing was moved; remedy: go on with them; \
         `mealpoint doctor` tells what else is wrong",
        report.head.number
    )
}

/// The last day of these books among the statements that verifies and that a key of this kiosk's signed: the one in its
/// keys folder, or one of `keys`. Later days that do not are named on stderr.
///
/// # Errors
/// A folder that cannot be listed, and a damaged key.
fn last_closed(
    home: &Home,
    books: &Books,
    mut keys: Vec<PublicKey>,
) -> anyhow::Result<Option<(MealDay, ChainPoint, Totals)>> {
    keys.extend(Signer::open(home.keys())?.map(|signer| signer.public_key()));
    for (_, manifest) in manifests(home, books)? {
        match believed(&manifest, &keys) {
            Ok(Manifest { day, after, closing, .. }) => return Ok(Some((day, after, closing))),
            Err(why) => eprintln!(
                "{} is not relied on: {why:#}; remedy: bring the day's files back from a copy, or move them away",
                manifest.display()
            ),
        }
    }
    Ok(None)
}

/// The manifest of a day that verifies with one of these keys.
fn believed(manifest: &Path, keys: &[PublicKey]) -> anyhow::Result<Manifest> {
    if keys.is_empty() {
        // Without a key anybody's signature would do.
        bail!("no key of this kiosk's is at hand; --key names one");
    }
    let report = verify::verify(&[manifest.to_owned()], keys)?;
    if let Some(finding) = report.findings.first() {
        return Err(anyhow!("{finding}"));
    }
    Ok(Manifest::read(&std::fs::read(manifest)?)?)
}
