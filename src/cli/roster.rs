//! `mealpoint roster`: the elders that the canteen may serve.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

use super::Context;
use super::staff::{note, who_orders};
use super::withdraw::say_copies_left;
use crate::domain::StaffId;
use crate::files::read_start;
use crate::store::people::{ImportOrder, RosterImport};
use crate::store::{CsvError, Database, Home, MOST_CSV_BYTES, People, PeopleError};

/// `mealpoint roster …`
#[derive(Debug, Subcommand)]
pub enum RosterCommand {
    /// Take a roster file whole: elders are added or brought up to date
    Import {
        /// CSV with the columns id, name, birth_date, district, town and, where known, sex, classes, care_level, status
        /// (or 编号, 姓名, 出生日期, 区, 镇街, 性别, 类别, 护理等级, 状态)
        file: PathBuf,
        /// Who of the staff does it; their PIN is asked for, and the list of what the staff did names them
        #[arg(long, value_name = "ID")]
        staff: Option<StaffId>,
    },
    /// Begin an empty people.db after the old one was lost; what is left of it is moved to the quarantine. One that is in
    /// order is left alone
    Restart,
}

/// What an import did.
#[derive(Serialize)]
struct Imported {
    #[serde(flatten)]
    done: RosterImport,
    /// Where templates were erased: copies that may still hold the faces, to be deleted by hand.
    copies_left: Vec<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// What keeps the file from being read or the database from being written.
pub fn run(context: &Context, command: RosterCommand) -> anyhow::Result<ExitCode> {
    let home = Home::at(&context.data);
    match command {
        RosterCommand::Import { file, staff } => {
            refuse_demo(context)?;
            let staff = who_orders(&home, staff)?;
            let bytes = read(&file)?;
            let mut people = People::open_or_create(&home)?;
            let done = match people.import_roster_by(&bytes, &order(staff, &file, &bytes)) {
                Ok(done) => done,
                Err(error) => return refused(context, &file, error),
            };
            let erased = done.templates_erased + done.trial_templates_erased > 0;
            let copies_left = if erased { home.quarantined(Database::People) } else { vec![] };
            if context.json {
                say!("{}", serde_json::to_string(&Imported { done, copies_left })?);
            } else {
                say!(
                    "{}: {} elders, of them {} new, {} changed, {} as before",
                    file.display(),
                    done.rows,
                    done.added,
                    done.changed,
                    done.unchanged
                );
                if done.templates_erased > 0 {
                    say!("{} templates of elders who died or moved away were erased", done.templates_erased);
                }
                if done.trial_templates_erased > 0 {
                    say!(
                        "{} templates of a trial without consent were erased; remedy: enrol these elders again, with \
                         --consent-by",
                        done.trial_templates_erased
                    );
                }
                say_copies_left(&copies_left);
                say_ignored(&done.ignored_columns);
            }
        }
        RosterCommand::Restart => {
            refuse_if_whole(&home)?;
            let orders = who_orders(&home, None)?;
            note(&mut People::restart(&home)?, &orders, RESTART)?;
            let copies_left = home.quarantined(Database::People);
            if context.json {
                let document =
                    serde_json::json!({ "restarted": "people.db", "then": AFTER_A_LOSS, "copies_left": copies_left });
                say!("{document}");
            } else {
                say!(
                    "people.db begins anew, without elders, menu, templates, the staff and what they did; what fills it \
                     again, in this order:"
                );
                AFTER_A_LOSS.iter().for_each(|command| say!("  mealpoint {command}"));
                for copy in copies_left {
                    say!(
                        "{} may still hold faces; delete this folder once nothing more is to be saved from it",
                        copy.display()
                    );
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The first act on the list of a people.db that was begun anew.
const RESTART: &str = "restart the people";

/// What fills an empty people.db again.
const AFTER_A_LOSS: [&str; 4] = ["roster import", "menu import", "staff set", "enroll"];

/// Refuses to give up a people.db that is in order.
fn refuse_if_whole(home: &Home) -> anyhow::Result<()> {
    let read = |people: People| -> Result<usize, PeopleError> {
        people.check_all()?;
        people.whole_menu()?;
        people.staff()?;
        Ok(people.elders()?.len())
    };
    match People::open(home).and_then(read) {
        Err(PeopleError::Store(error)) if error.is_loss() => Ok(()),
        Err(error) => Err(error).context("whether people.db is lost cannot be told, and nothing was moved"),
        Ok(elders) => bail!(
            "people.db is in order, with {elders} elders: nothing is lost, and nothing was moved; remedy: go on with it; \
             `mealpoint roster import` and `mealpoint menu import` bring it up to date"
        ),
    }
}

/// Refuses to put anything real into the folder of a demo, where drawn people eat.
pub(super) fn refuse_demo(context: &Context) -> anyhow::Result<()> {
    #[cfg(feature = "kiosk")]
    crate::kiosk::demo::keep_apart(&context.data, false)?;
    // Without the kiosk there is no demo.
    #[cfg(not(feature = "kiosk"))]
    let _ = context;
    Ok(())
}

/// A file that a person named, as far as a CSV file may go; one that is longer is refused by its reader.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    read_start(file, MOST_CSV_BYTES + 1).map_err(|error| {
        let remedy = match error.kind() {
            ErrorKind::PermissionDenied => "give the user who imports it the right to read it",
            ErrorKind::IsADirectory => "name a file in it",
            _ => "check the file's name",
        };
        anyhow::anyhow!("{}: {error}; remedy: {remedy}", file.display())
    })
}

/// The order of `staff` to import `file`, which holds `bytes`.
pub(super) fn order(staff: StaffId, file: &Path, bytes: &[u8]) -> ImportOrder {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    ImportOrder::new(staff, Timestamp::now(), &name, bytes)
}

/// Says why a file was not taken: everything that is wrong with it, on stdout where a program asked.
pub(super) fn refused(context: &Context, file: &Path, error: PeopleError) -> anyhow::Result<ExitCode> {
    if let (true, PeopleError::Csv(error)) = (context.json, &error) {
        say!("{}", serde_json::json!({ "file": file.display().to_string(), "problems": problems(error) }));
    }
    Err(anyhow::Error::new(error).context(file.display().to_string()))
}

/// What is wrong with a file: its bad rows, or what keeps them from being read. The file as a whole has no line.
fn problems(error: &CsvError) -> serde_json::Value {
    let one = |line: Option<u64>, why: String| serde_json::json!([{ "line": line, "column": null, "why": why }]);
    match error {
        CsvError::Rows(problems) => serde_json::json!(problems),
        CsvError::Header(why) => one(Some(1), why.clone()),
        CsvError::Encoding { .. } | CsvError::TooLarge => one(None, error.to_string()),
    }
}

/// Says which columns were not read, so that a misspelt one is seen.
pub(super) fn say_ignored(columns: &[String]) {
    if !columns.is_empty() {
        say!("columns not read: {}", columns.join(", "));
    }
}
