//! `mealpoint staff`: who of the canteen may, with a PIN, look at the totals, close the day and change the books.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use zeroize::Zeroizing;

use super::close::date;
use super::out::line;
use super::roster::refuse_demo;
use super::{Context, print_json};
use crate::config::CanteenConfig;
use crate::domain::{ElderId, Pin, StaffId};
use crate::store::people::{Erasure, Staff, StaffAct};
use crate::store::{Home, People, PeopleError, StoreError};
use crate::words;

/// Acts, and erasures, that are listed where neither all are asked for nor those since a day.
const NEWEST: usize = 100;

/// Stands on the list of what was done for whoever ran a command that needs no PIN and named no member of the staff.
const COMMAND: &str = "command";

/// `mealpoint staff …`
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Add a member of the staff, or give one another name and PIN; the PIN, six digits, is read from standard input
    Set {
        /// The number that stands in the books
        #[arg(long, value_name = "ID")]
        id: StaffId,
        /// The name that the kiosk shows
        #[arg(long)]
        name: String,
    },
    /// Take a member of the staff off
    Remove {
        /// The number
        #[arg(long, value_name = "ID")]
        id: StaffId,
    },
    /// Who is there, what the staff did, at the kiosk and in the books by hand, and whose faces were erased: the newest 100 of
    /// each
    List {
        /// All of it
        #[arg(long, conflicts_with = "since")]
        all: bool,
        /// All of it since this day, as the canteen's clock has it
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
        since: Option<Date>,
    },
}

#[derive(Default, Serialize)]
struct Listing {
    staff: Vec<Member>,
    /// Newest first.
    acts: Vec<Act>,
    /// Receipts of the faces that were erased, newest first.
    erasures: Vec<Erased>,
    /// Whether there are older ones.
    older_left_out: bool,
}

#[derive(Serialize)]
struct Member {
    id: StaffId,
    name: String,
}

#[derive(Serialize)]
struct Act {
    at: Timestamp,
    staff: StaffId,
    act: String,
}

#[derive(Serialize)]
struct Erased {
    at: Timestamp,
    elder: ElderId,
    templates: usize,
    reason: String,
}

/// Runs it.
///
/// # Errors
/// A PIN that is none, or what keeps the database from being used.
pub fn run(context: &Context, command: StaffCommand) -> anyhow::Result<ExitCode> {
    let home = Home::at(&context.data);
    match command {
        StaffCommand::Set { id, name } => {
            refuse_demo(context)?;
            anyhow::ensure!(
                id.as_str() != COMMAND,
                "{COMMAND} stands on the list of what was done for whoever named no member of the staff; remedy: choose \
                 another number"
            );
            let staff = Staff { id: id.clone(), name }.checked()?;
            let pin = Pin::chosen(&read_pin()?)?;
            let mut people = People::open_or_create(&home)?;
            people.save_staff(&staff, &pin)?;
            note(&mut people, &id, "name and PIN set by the command")?;
            if context.json {
                return done(&serde_json::json!({ "staff": id, "saved": true }));
            }
            say!("{id} may now use the staff screen");
        }
        StaffCommand::Remove { id } => {
            let mut people = People::open(&home)?;
            anyhow::ensure!(
                people.remove_staff(&id)?,
                "nobody of the staff has the number {id}; remedy: `mealpoint staff list` shows who is there"
            );
            note(&mut people, &id, "taken off by the command")?;
            if context.json {
                return done(&serde_json::json!({ "staff": id, "removed": true }));
            }
            say!("{id} may no longer use the staff screen");
        }
        StaffCommand::List { all, since } => {
            let since = since.map(|day| beginning(context, day)).transpose()?;
            let most = if all || since.is_some() { usize::MAX } else { NEWEST };
            let people = People::open(&home)?;
            if context.json {
                print_json(&listing(&people, since, most)?)?;
            } else {
                list(&people, since, most)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Notes what befell `staff`, or what they ordered, now that it is done; whoever has the shell needs no PIN for it.
///
/// # Errors
/// That the list lacks it.
pub(super) fn note(people: &mut People, staff: &StaffId, act: &str) -> anyhow::Result<()> {
    let act = StaffAct { at: Timestamp::now(), staff: staff.clone(), act: act.to_owned() };
    people.note_act(&act).context("it is done, but the list of what the staff did lacks it")
}

/// Warns of what could not be noted: the books tell what was done, so the command does not fail for it. Where nobody ever was
/// there is no list.
pub(super) fn warn_unnoted(noted: Result<(), PeopleError>) {
    match noted {
        Ok(()) | Err(PeopleError::Store(StoreError::Absent { .. })) => {}
        Err(error) => tracing::warn!("the list of what the staff did lacks this order: {error}"),
    }
}

/// Who orders what needs no PIN: `staff`, where somebody is named, whose PIN is asked for all the same.
///
/// # Errors
/// That it is not theirs.
pub(super) fn who_orders(home: &Home, staff: Option<StaffId>) -> anyhow::Result<StaffId> {
    match staff {
        Some(staff) => {
            ask_pin(&People::open(home)?, &staff)?;
            Ok(staff)
        }
        None => Ok(StaffId::new(COMMAND)?),
    }
}

fn done(document: &serde_json::Value) -> anyhow::Result<ExitCode> {
    print_json(document)?;
    Ok(ExitCode::SUCCESS)
}

/// Asks for the PIN of `staff`.
///
/// # Errors
/// That it is not theirs.
pub(super) fn ask_pin(people: &People, staff: &StaffId) -> anyhow::Result<()> {
    let pin = Pin::entered(&read_pin()?)?;
    anyhow::ensure!(
        people.staff_of(&pin)?.is_some_and(|owner| owner.id == *staff),
        "this is not the PIN of {staff}; remedy: `mealpoint staff list` shows who is there, `mealpoint staff set` gives a \
         new PIN"
    );
    Ok(())
}

/// One line of standard input; what is typed on a terminal does not show.
fn read_pin() -> anyhow::Result<Zeroizing<String>> {
    let input = io::stdin();
    if input.is_terminal() {
        return rpassword::prompt_password("PIN (six digits): ").map(Zeroizing::new).context("asking for the PIN");
    }
    let mut line = Zeroizing::new(String::new());
    input.read_line(&mut line).context("reading the PIN from standard input")?;
    Ok(line)
}

/// When this day begins at the canteen.
fn beginning(context: &Context, day: Date) -> anyhow::Result<Timestamp> {
    let zone = CanteenConfig::read(&context.config)?.zone;
    Ok(day.to_zoned(zone).with_context(|| format!("--since {day}: no such day at the canteen"))?.timestamp())
}

/// Hands at most `most` to `each`; notes whether there were more.
fn newest<T>(most: usize, more: &mut bool, mut each: impl FnMut(T) -> bool) -> impl FnMut(T) -> bool {
    let mut given = 0;
    move |item| {
        let full = given == most;
        *more |= full;
        given += 1;
        !full && each(item)
    }
}

fn listing(people: &People, since: Option<Timestamp>, most: usize) -> anyhow::Result<Listing> {
    let mut listing = Listing::default();
    let Listing { staff: members, acts, erasures, older_left_out } = &mut listing;
    members.extend(people.staff()?.into_iter().map(|Staff { id, name }| Member { id, name }));
    let gather = |StaffAct { at, staff, act }| {
        acts.push(Act { at, staff, act });
        true
    };
    people.each_act(since, newest(most, older_left_out, gather))?;
    let gather = |Erasure { at, elder, templates, reason }| {
        erasures.push(Erased { at, elder, templates, reason });
        true
    };
    people.each_erasure(since, newest(most, older_left_out, gather))?;
    Ok(listing)
}

/// As [`listing`], for people, who see each line as it is read.
fn list(people: &People, since: Option<Timestamp>, most: usize) -> anyhow::Result<()> {
    let mut older_left_out = false;
    say!("{}", words::STAFF_THERE);
    people.staff()?.iter().for_each(|member| say!("{}  {}", member.id, member.name));
    say!("{}", words::STAFF_ACTS);
    let act = |StaffAct { at, staff, act }| line(format_args!("{at}  {staff}  {act}"));
    people.each_act(since, newest(most, &mut older_left_out, act))?;
    say!("{}", words::ERASURES);
    let erasure = |erased: Erasure| {
        let what = words::erasure(erased.templates, &erased.reason);
        line(format_args!("{}  {}  {what}", erased.at, erased.elder))
    };
    people.each_erasure(since, newest(most, &mut older_left_out, erasure))?;
    if older_left_out {
        say!("{}", words::NEWEST_ALONE);
    }
    Ok(())
}
