//! What the signed statements say of the books beside them.
//!
//! The anchor goes back in time with a data folder that is put back, or is lost with it; a day that was closed and signed
//! is not undone by that. Books that do not hold such a day are older than it, or were lost: going on with them, an elder
//! would be served a meal again that stands in the file, and the day would be signed a second time.
//!
//! A statement that cannot be read, or that another key signed, keeps nobody from the books: the log names it, and the one
//! before it is looked at. One that the books agree with is not looked at closer: [`crate::statement::verify`] does that.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::read;
use super::write::{Fault, date};
use super::{Books, LedgerError};
use crate::domain::MealDay;
use crate::domain::statement::ChainPoint;
use crate::files;
use crate::statement::manifest::Manifest;
use crate::statement::signature::Signer;
use crate::statement::{self, FileKind, Names};
use crate::store::{Home, StoreError};

/// Most statements that are looked at, newest first, when those after them cannot be relied on.
const MOST: usize = 8;

/// Far more than a manifest or a signature holds.
const MAX_BYTES: u64 = 16 << 20;

/// A day that was closed and signed.
pub(super) struct Signed {
    /// Its manifest.
    pub file: PathBuf,
    /// The day.
    pub day: MealDay,
    /// Where the chain stood after it.
    pub after: ChainPoint,
}

/// The newest day of these books that a statement shows to be closed; `None` where there is none that can be relied on.
///
/// # Errors
/// [`StoreError`] when it cannot be told what statements there are.
pub(super) fn newest(home: &Home, books: &Books) -> Result<Option<Signed>, StoreError> {
    first_not_held(home, manifests(home, books)?, |_| Ok(false))
}

/// Finds books that go on from before the newest day that was signed, or from another one in its place.
///
/// The statements are listed before the database is asked, since a day is closed in the books before it is signed: a day that
/// another program closes meanwhile is found there too.
///
/// # Errors
/// [`LedgerError::RolledBack`], and what keeps the database from being asked.
pub(super) fn check(home: &Home, books: &Books, connection: &Connection) -> Result<(), Fault> {
    let days = match manifests(home, books) {
        Ok(days) => days,
        Err(error) => {
            tracing::warn!(%error, "whether the books hold every signed day cannot be told");
            return Ok(());
        }
    };
    let Some(signed) = first_not_held(home, days, |signed| holds(connection, signed))? else { return Ok(()) };
    let found = read::tail(connection)?.point.number;
    Err(LedgerError::RolledBack { found, known: signed.after.number, statement: Some(signed.file) }.into())
}

/// The days of these books among the statements by their names, with their manifests, newest first.
///
/// # Errors
/// [`StoreError`] when the folder cannot be listed.
pub fn manifests(home: &Home, books: &Books) -> Result<Vec<(MealDay, PathBuf)>, StoreError> {
    let folder = statement::folder(home.data());
    let failed = |error| StoreError::from_io(&folder, error);
    let listing = match std::fs::read_dir(&folder) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        listing => listing.map_err(failed)?,
    };
    let mut days = Vec::new();
    for item in listing {
        let name = item.map_err(failed)?.file_name();
        if let Some((names, FileKind::Manifest)) = name.to_str().and_then(Names::of_file) {
            days.extend(names.day_of(&books.canteen, &books.kiosk).map(|day| (day, folder.join(name))));
        }
    }
    days.sort_unstable_by(|one, other| other.cmp(one));
    Ok(days)
}

/// The first of `days` that is signed and that the books do not hold. One that they hold ends the search: what was before
/// it is in its chain.
fn first_not_held<E>(
    home: &Home,
    days: Vec<(MealDay, PathBuf)>,
    held: impl Fn(&Signed) -> Result<bool, E>,
) -> Result<Option<Signed>, E> {
    for (day, file) in days.into_iter().take(MOST) {
        let doubt = match read(&file) {
            Ok((manifest, bytes)) => {
                let signed = Signed { file: file.clone(), day, after: manifest.after };
                if held(&signed)? {
                    return Ok(None);
                }
                match signature_doubt(home, &file, &manifest, &bytes) {
                    None => return Ok(Some(signed)),
                    Some(doubt) => doubt,
                }
            }
            Err(doubt) => doubt,
        };
        tracing::warn!(
            "{} is not relied on: {doubt}; remedy: bring the day's files back from a copy, or move them away",
            file.display()
        );
    }
    Ok(None)
}

/// A manifest with its bytes, or why it is none.
fn read(file: &Path) -> Result<(Manifest, Vec<u8>), String> {
    let bytes = files::read_limited(file, MAX_BYTES).map_err(|error| error.source.to_string())?.ok_or("it is gone")?;
    let manifest = Manifest::read(&bytes).map_err(|error| format!("it is not a manifest: {error}"))?;
    if file.file_name().is_none_or(|name| name != manifest.names().file(FileKind::Manifest).as_str()) {
        return Err("it was renamed: its canteen, day and kiosk make another name".to_owned());
    }
    Ok((manifest, bytes))
}

/// Why it is not shown that this kiosk signed the manifest. Where its key is not at hand, nobody else can be told to have
/// done so: the statements that lie here are then taken for its own.
fn signature_doubt(home: &Home, file: &Path, manifest: &Manifest, bytes: &[u8]) -> Option<String> {
    let key = manifest.signature.public_key;
    // What is wrong with the key is said where something is signed with it.
    if let Ok(Some(own)) = Signer::open(home.keys())
        && own.public_key() != key
    {
        return Some(format!("it is signed with another key than that of {}", home.keys().display()));
    }
    let signature = file.with_file_name(manifest.names().file(FileKind::Signature));
    let signature = files::read_limited(&signature, MAX_BYTES);
    let fits = signature.is_ok_and(|signature| signature.is_some_and(|signature| key.verifies(bytes, &signature)));
    (!fits).then(|| "its signature is missing or does not fit".to_owned())
}

/// Whether the day is closed in the books as it was signed.
fn holds(connection: &Connection, signed: &Signed) -> Result<bool, Fault> {
    // Books that were begun anew by order begin after the days that were signed then: see `restart`.
    if begun_by_order(connection)? && signed.day < read::first_day(connection)? {
        return Ok(true);
    }
    let after = connection
        .prepare_cached("SELECT after_number, after_hash FROM closed_day WHERE day = ?1")?
        .query_row([date(signed.day.0)], read::point)
        .optional()?;
    Ok(after == Some(signed.after))
}

/// Whether the books go on from others that were lost.
fn begun_by_order(connection: &Connection) -> Result<bool, Fault> {
    let sql =
        "SELECT base_number > 0 OR EXISTS (SELECT 1 FROM entry WHERE number = base_number + 1 AND kind = 'restart')
        FROM book";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
