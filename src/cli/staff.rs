//! `mealpoint staff`: who of the canteen may, with a PIN, look at the totals, close the day and change the books.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;
use zeroize::Zeroizing;

use super::roster::refuse_demo;
use super::{Context, print_json};
use crate::domain::{Pin, StaffId};
use crate::store::people::{Staff, StaffAct};
use crate::store::{Home, People};

/// Acts that are listed.
const MOST_ACTS: u32 = 100;

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
    /// Who is there, and what the staff did lately, at the kiosk and in the books by hand
    List,
}

#[derive(Serialize)]
struct Listing {
    staff: Vec<Member>,
    /// Newest first.
    acts: Vec<Act>,
}

#[derive(Serialize)]
struct Member {
    id: StaffId,
    name: String,
}

#[derive(Serialize)]
struct Act {
    at: jiff::Timestamp,
    staff: StaffId,
    act: String,
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
            let pin = Pin::chosen(&read_pin()?)?;
            let mut people = People::open_or_create(&home)?;
            people.save_staff(&Staff { id: id.clone(), name }, &pin)?;
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
        StaffCommand::List => list(context, &People::open(&home)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Notes what befell `staff`; whoever has the shell needs no PIN for it.
fn note(people: &mut People, staff: &StaffId, act: &str) -> anyhow::Result<()> {
    let act = StaffAct { at: jiff::Timestamp::now(), staff: staff.clone(), act: act.to_owned() };
    people.note_act(&act).context("it is done, but the list of what the staff did lacks it")
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

fn list(context: &Context, people: &People) -> anyhow::Result<()> {
    let staff = people.staff()?.into_iter().map(|Staff { id, name }| Member { id, name }).collect();
    let acts =
        people.acts(MOST_ACTS)?.into_iter().map(|act| Act { at: act.at, staff: act.staff, act: act.act }).collect();
    let listing = Listing { staff, acts };
    if context.json {
        return print_json(&listing);
    }
    listing.staff.iter().for_each(|member| say!("{}  {}", member.id, member.name));
    listing.acts.iter().for_each(|act| say!("{}  {}  {}", act.at, act.staff, act.act));
    Ok(())
}
