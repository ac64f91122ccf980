//! The demo's data: a folder that says it is a demo's, roster and menu of the drawn people, their enrolment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use jiff::Timestamp;

use crate::camera::drawn::{CastMember, Light, Pose, cast};
use crate::domain::{Dish, DishId, Fen, IdError, MealDay, MealPeriod, Pin, StaffId};
use crate::files::{self, Access, FileError};
use crate::store::people::{Consent, MenuItem, Staff};
use crate::store::{Database, Home, Ledger, LedgerError, People, PeopleError};
use crate::vision::{Vision, VisionError};
use crate::words::demo as words;

/// The file that says that a data folder holds a demo.
const MARK: &str = "demo-data.txt";
const MARK_TEXT: &str = "This folder holds the data of drawn people (mealpoint kiosk --source drawn).\n\
                         Nothing real goes into it, and the demo refuses every other folder.\n";

/// One of the cast, last of all, who stays a stranger: never enrolled.
pub const STRANGER: usize = 9;

/// The PIN of the demo's one member of the staff.
const PIN: &str = "246810";

/// How the drawn people are enrolled: three views, as a member of staff would take them.
const VIEWS: [(Pose, f32); 3] = [
    (Pose { yaw_deg: 0.0, pitch_deg: 0.0, roll_deg: 0.0 }, 0.60),
    (Pose { yaw_deg: 10.0, pitch_deg: 2.0, roll_deg: 0.0 }, 0.62),
    (Pose { yaw_deg: -10.0, pitch_deg: -3.0, roll_deg: 1.5 }, 0.58),
];

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Real data is there.
    #[error("{0} holds a kiosk's data, and drawn people never mix with it; remedy: name an empty folder with --data")]
    RealData(PathBuf),
    /// A demo's data is there, and what would join it is real: the frames, or what a command brings.
    #[error(
        "{0} holds the data of drawn people, and nothing real is mixed with it; remedy: move that folder away, or name \
         another one with --data"
    )]
    DemoData(PathBuf),
    /// The folder cannot be used.
    #[error("{0}, or name another folder with --data")]
    Folder(#[source] FileError),
    /// The demo's people cannot be saved.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The demo's meals cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The demo's people cannot be seen.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// A drawn face that vision does not find, or an id that is none: an error of this program.
    #[error("the demo is not sound: {0}")]
    Unsound(String),
}

impl From<IdError> for DemoError {
    fn from(error: IdError) -> Self {
        Self::Unsound(error.to_string())
    }
}

/// Whether a demo may use this folder: it is a demo's, or nothing is in it yet.
pub fn is_possible(data: &Path) -> bool {
    is_one(data) || !is_used(data)
}

/// Whether this folder is a demo's.
pub fn is_one(data: &Path) -> bool {
    data.join(MARK).exists()
}

fn is_used(data: &Path) -> bool {
    let home = Home::at(data);
    // The description outlives databases that were lost or moved away.
    Home::is_at(data) || [Database::People, Database::Ledger].iter().any(|database| home.file(*database).exists())
}

/// Makes sure that drawn and real people do not meet in one data folder: marks an empty folder as a demo's, refuses what
/// does not fit.
///
/// # Errors
/// [`DemoError::RealData`], [`DemoError::DemoData`] and [`DemoError::Folder`].
pub fn keep_apart(data: &Path, drawn: bool) -> Result<(), DemoError> {
    let mark = data.join(MARK);
    match (drawn, mark.exists()) {
        (false, true) => Err(DemoError::DemoData(data.to_owned())),
        (true, false) if is_used(data) => Err(DemoError::RealData(data.to_owned())),
        (true, false) => files::make_folder(data, Access::Private)
            .and_then(|()| files::write_atomic(&mark, MARK_TEXT.as_bytes(), Access::Private))
            .map_err(DemoError::Folder),
        (true, true) | (false, false) => Ok(()),
    }
}

/// Puts the drawn people on the roster, their menu in its place, and enrols whoever is not, as photos would be.
///
/// # Errors
/// [`DemoError`].
pub fn enrol(people: &mut People, vision: &mut Vision) -> Result<(), DemoError> {
    let now = Timestamp::now();
    let known: Vec<CastMember> = cast().into_iter().take(STRANGER).collect();
    let elders: Vec<_> = known.iter().map(|member| member.elder.clone()).collect();
    people.save_elders(&elders, now)?;
    people.save_menu(&menu()?)?;
    let staff = Staff { id: StaffId::new("S-01")?, name: words::DEMO_STAFF.to_owned() };
    people.save_staff(&staff, &Pin::entered(PIN).map_err(|error| DemoError::Unsound(error.to_string()))?)?;
    let model = vision.embedder().clone();
    let enrolled: BTreeSet<_> = people.templates(&model)?.into_iter().map(|template| template.elder).collect();
    let consent = Consent {
        version: "demo".to_owned(),
        signer: words::DEMO_SIGNER.to_owned(),
        relation: words::DEMO_RELATION.to_owned(),
        given_at: now,
    };
    let missing: Vec<CastMember> = known.into_iter().filter(|member| !enrolled.contains(&member.elder.id)).collect();
    std::thread::scope(|scope| {
        // Painting takes about as long as looking: each has a thread.
        let (easel, painted) = mpsc::sync_channel(1);
        let sitters = &missing;
        scope.spawn(move || {
            for (member, (pose, distance_m)) in sitters.iter().flat_map(|member| VIEWS.map(|view| (member, view))) {
                if easel.send(member.portrait.frame(pose, Light::default(), distance_m)).is_err() {
                    return;
                }
            }
        });
        for member in sitters {
            let mut templates = Vec::with_capacity(VIEWS.len());
            for picture in painted.iter().take(VIEWS.len()) {
                let seen = vision.look(&picture)?;
                let template = seen.nearest().and_then(|face| face.template.as_ref());
                let template = template.ok_or_else(|| DemoError::Unsound("a drawn face is not found".to_owned()))?;
                templates.push(template.values().to_vec());
            }
            people.save_templates(&member.elder.id, &model, &templates, &consent)?;
        }
        Ok(())
    })
}

fn menu() -> Result<Vec<MenuItem>, DemoError> {
    let item = |(id, name, price): (&str, &str, i64)| -> Result<MenuItem, DemoError> {
        Ok(MenuItem {
            dish: Dish { id: DishId::new(id)?, name: name.to_owned(), price: Fen::new(price) },
            periods: MealPeriod::ALL.into_iter().collect(),
            from: None,
            to: None,
            weekdays: (1..=7).collect(),
            tags: Vec::new(),
        })
    };
    words::DEMO_MENU.into_iter().map(item).collect()
}

/// Places in the cast of those who have not eaten at this meal, in order.
///
/// # Errors
/// [`DemoError::Ledger`].
pub fn to_be_served(ledger: &Ledger, day: MealDay, period: MealPeriod) -> Result<Vec<usize>, DemoError> {
    let mut hungry = Vec::new();
    for (place, member) in cast().iter().enumerate().take(STRANGER) {
        if ledger.meal_of(&member.elder.id, day, period)?.is_none() {
            hungry.push(place);
        }
    }
    Ok(hungry)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_demo_marks_an_empty_folder_and_is_refused_by_a_used_one_as_real_people_are_by_a_demos() {
        let folder = tempfile::tempdir().expect("a folder");
        let (empty, used) = (folder.path().join("demo"), folder.path().join("real"));
        keep_apart(&empty, true).expect("an empty folder");
        let mode = std::fs::metadata(&empty).expect("made").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "it is as private as a kiosk's own");
        keep_apart(&empty, true).expect("its own folder");
        assert!(matches!(keep_apart(&empty, false), Err(DemoError::DemoData(_))));
        keep_apart(&used, false).expect("a real kiosk's first start");
        std::fs::create_dir_all(&used).expect("a folder");
        std::fs::write(Home::with_keys(&used, used.join("keys")).file(Database::People), "x").expect("a file");
        assert!(matches!(keep_apart(&used, true), Err(DemoError::RealData(_))));
        keep_apart(&used, false).expect("a real kiosk again");
    }

    #[test]
    fn a_real_folder_whose_databases_are_gone_does_not_become_a_demos() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::with_keys(folder.path(), folder.path().join("keys"));
        drop(People::open_or_create(&home).expect("a database"));
        std::fs::remove_file(home.file(Database::People)).expect("lost");
        assert!(!is_possible(folder.path()));
        assert!(matches!(keep_apart(folder.path(), true), Err(DemoError::RealData(_))));
        assert!(!is_one(folder.path()), "it was marked");
    }
}
