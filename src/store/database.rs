//! Opening and creating the encrypted databases. Both kinds come through here, so that both survive the same faults.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{MigrationDefinitionError, Migrations};

use super::error::StoreError;
use super::home::{Database, Description, Home, LOGS, beside, create_folder, sync_folder};
use super::key::Key;

/// Marks a database as ours (`PRAGMA application_id`): "meal".
const APPLICATION_ID: i32 = 0x6d65_616c;

/// How long to wait for another program that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a database that exists. One that is damaged stays where it is: only who goes on to write moves it aside
/// ([`super::quarantine`]).
///
/// # Errors
/// Every [`StoreError`].
pub(super) fn open(home: &Home, database: Database, migrations: &Migrations) -> Result<Connection, StoreError> {
    let file = home.file(database);
    let description = Description::read(home)?;
    match fs::metadata(&file) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(if description.databases.contains(&database) {
                let (quarantine, command) = (home.quarantine(), database.restart_command());
                StoreError::Lost { file, statement: None, quarantine, command }
            } else {
                StoreError::Absent { database, file }
            });
        }
        Err(error) => return Err(StoreError::from_io(&file, error)),
    }
    let key = Key::read(home, database)?;
    if description.key.as_ref().is_some_and(|known| *known != key.fingerprint()) {
        return Err(StoreError::KeyWrong { key: Key::place(home), data: home.data().to_owned() });
    }
    mend_logs(&file);
    let connection = connect(&file, database, &key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    check_whole(&connection, &file, database)?;
    let connection = migrate(connection, &file, database, migrations)?;
    // Here and not where it is created: a power cut between the two would leave a description of what never was.
    Description::add(home, database, &key.fingerprint())?;
    Ok(connection)
}

/// Creates a database where there never was one. `fill` writes what it must hold from the start. It appears whole
/// or not at all.
///
/// # Errors
/// Every [`StoreError`]; [`StoreError::Lost`] when there was one before.
pub(super) fn create(
    home: &Home,
    database: Database,
    migrations: &Migrations,
    fill: impl FnOnce(&mut Connection) -> rusqlite::Result<()>,
) -> Result<Connection, StoreError> {
    create_folder(home.data())?;
    let _alone = lock(home)?;
    let file = home.file(database);
    let description = Description::read(home)?;
    if file.exists() || description.databases.contains(&database) {
        // Another program was quicker, or it was there before: `open` tells the two apart.
        return open(home, database, migrations);
    }
    // A key is made for the first database alone; where one exists already, it was written with the key that is missing.
    let first = description.key.is_none() && Database::ALL.iter().all(|other| !home.file(*other).exists());
    let key = if first { Key::read_or_create(home, database)? } else { Key::read(home, database)? };
    if description.key.as_ref().is_some_and(|known| *known != key.fingerprint()) {
        return Err(StoreError::KeyWrong { key: Key::place(home), data: home.data().to_owned() });
    }
    let sql = |error| StoreError::from_sqlite(database, &file, error);
    let unborn = file.with_extension("db.new");
    for leftover in [unborn.clone(), unborn.with_extension("new-journal")] {
        match fs::remove_file(&leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::from_io(&leftover, error));
            }
            _ => {}
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(&unborn, database, &key, flags)?;
    restrict(&unborn)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
    connection = migrate(connection, &unborn, database, migrations)?;
    fill(&mut connection).map_err(sql)?;
    connection.close().map_err(|(_, error)| sql(error))?;
    fs::rename(&unborn, &file).map_err(|error| StoreError::from_io(&file, error))?;
    sync_folder(home.data())?;
    open(home, database, migrations)
}

/// Holds the data folder for creating or replacing a database; released when the file is dropped.
pub(super) fn lock(home: &Home) -> Result<fs::File, StoreError> {
    let place = home.data().join("store.lock");
    let failed = |error| StoreError::from_io(&place, error);
    let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(&place).map_err(failed)?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).map_err(|errno| failed(errno.into()))?;
    Ok(file)
}

/// Gives the owner back the rights to the log files of a database that may be written: made while it was read-only, or by a
/// program that was killed then, they would keep it shut.
fn mend_logs(file: &Path) {
    const OWNER: u32 = 0o600;
    if rustix::fs::access(file, rustix::fs::Access::WRITE_OK).is_err() {
        return;
    }
    for log in LOGS.map(|suffix| beside(file, suffix)) {
        // Not through a link: only what SQLite made here is ours.
        let Some(about) = fs::symlink_metadata(&log).ok().filter(fs::Metadata::is_file) else { continue };
        let mode = about.permissions().mode();
        if mode & OWNER != OWNER {
            // What belongs to somebody else cannot be mended; opening names it.
            let _ = fs::set_permissions(&log, fs::Permissions::from_mode(mode | OWNER));
        }
    }
}

/// Connects and sets what every connection needs.
fn connect(file: &Path, database: Database, key: &Key, flags: OpenFlags) -> Result<Connection, StoreError> {
    let sql = |error| StoreError::from_sqlite(database, file, error);
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(sql)?;
    // SQLite opens what may not be written for reading alone, and says nothing. Its log would then be made with the same
    // rights and keep them.
    if connection.is_readonly("main").map_err(sql)? {
        return Err(StoreError::unwritable(file));
    }
    // SQLCipher would tell stderr of every damaged page; what is wrong stands in our own error.
    connection.execute_batch("PRAGMA cipher_log_level = NONE").map_err(sql)?;
    connection.execute_batch(&key.pragma()).map_err(sql)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sql)?;
    // The first read: here a wrong key or a damaged head shows.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(sql)?;
    // FULL: WAL with NORMAL may lose a committed row when the power fails. Recursive triggers: otherwise INSERT OR
    // REPLACE would delete a row of the ledger without asking the trigger that forbids it. Eight MiB of cache hold the
    // upper pages of a million entries, each of which would otherwise be decrypted again for every look-up. The log is
    // folded into the file when nobody waits ([`super::Ledger::fold`]); within a write only once it has 32 MiB.
    connection
        .execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON;
             PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = -8192;
             PRAGMA wal_autocheckpoint = 8192;",
        )
        .map_err(sql)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Finds a database that was emptied or cut short, which SQLite itself would take for a new or a smaller one.
fn check_whole(connection: &Connection, file: &Path, database: Database) -> Result<(), StoreError> {
    let sql = |error| StoreError::from_sqlite(database, file, error);
    // SQLCipher answers some of these with text.
    let read = |pragma: &str| -> rusqlite::Result<i64> {
        connection.pragma_query_value(None, pragma, |row| match row.get_ref(0)? {
            ValueRef::Text(text) => Ok(std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0)),
            value => Ok(value.as_i64()?),
        })
    };
    if read("application_id").map_err(sql)? != i64::from(APPLICATION_ID) {
        return Err(StoreError::corrupt(database, file, "it holds none of this program's tables"));
    }
    // Asked before the log is folded, and not after: a kiosk that serves meanwhile adds pages, which lie in its log alone
    // until the next folding. What was there when this was asked is in the file once the log is folded, and no program of
    // ours ever makes the file shorter.
    let least = read("page_count").map_err(sql)? * read("page_size").map_err(sql)?;
    // Folds what the write-ahead log holds into the file, so that its length can be compared; another open connection
    // may prevent it, and then the file was whole when that one opened it.
    let folded: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(sql)?;
    if folded == 0 {
        let length = fs::metadata(file).map_err(|error| StoreError::from_io(file, error))?.len();
        if i64::try_from(length).is_ok_and(|length| length < least) {
            let what = format!("it is {length} bytes long and should be {least}: the end is cut off");
            return Err(StoreError::corrupt(database, file, what));
        }
    }
    Ok(())
}

fn migrate(
    mut connection: Connection,
    file: &Path,
    database: Database,
    migrations: &Migrations,
) -> Result<Connection, StoreError> {
    migrations.to_latest(&mut connection).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            StoreError::Newer(file.to_owned())
        }
        rusqlite_migration::Error::RusqliteError { err, .. } => StoreError::from_sqlite(database, file, err),
        other => StoreError::Failed { file: file.to_owned(), source: Box::new(other) },
    })?;
    // After the schema: SQLite wants the journal mode changed outside a transaction, and a file that is not yet
    // in place keeps the mode that needs no second file.
    if file.extension().is_some_and(|extension| extension == "db") {
        let sql = |error| StoreError::from_sqlite(database, file, error);
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sql)?;
        if mode != "wal" {
            let source = format!("the journal mode stays {mode}; the file system may lack shared memory").into();
            return Err(StoreError::Failed { file: file.to_owned(), source });
        }
    }
    Ok(connection)
}

/// Nobody but the kiosk's user reads it, encrypted as it is.
fn restrict(file: &Path) -> Result<(), StoreError> {
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(|error| StoreError::from_io(file, error))
}

#[cfg(test)]
mod tests {
    use std::ffi::{c_int, c_uint, c_void};

    use rusqlite::ffi;
    use rusqlite_migration::M;

    use super::*;

    /// Adds some pages by the connection that `kiosk` points to: called at the beginning of each statement of another one.
    unsafe extern "C" fn add_pages(_: c_uint, kiosk: *mut c_void, _: *mut c_void, _: *mut c_void) -> c_int {
        // SAFETY: the test hands over a connection of its own, which lives longer than the one that calls this.
        let kiosk = unsafe { &*kiosk.cast::<Connection>() };
        // What did not come off the test sees by counting.
        let _ = kiosk.execute("INSERT INTO filler VALUES (zeroblob(20000))", []);
        0
    }

    #[test]
    fn a_database_to_which_a_kiosk_adds_pages_between_any_two_steps_is_not_called_cut_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::with_keys(folder.path(), folder.path().join("keys"));
        let (database, file) = (Database::Ledger, home.file(Database::Ledger));
        let migrations = Migrations::new(vec![M::up("CREATE TABLE filler (bytes BLOB NOT NULL)")]);
        let kiosk = create(&home, database, &migrations, |_| Ok(())).expect("a database");
        let key = Key::read(&home, database).expect("its key");
        let command = connect(&file, database, &key, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("a second connection");
        let watched = (&raw const kiosk).cast_mut().cast::<c_void>();
        // SAFETY: `kiosk` is declared before `command`, stays where it is and is dropped after it; both are used here alone.
        // No safe call lets one connection write between two given statements of another.
        unsafe { ffi::sqlite3_trace_v2(command.handle(), ffi::SQLITE_TRACE_STMT as c_uint, Some(add_pages), watched) };
        let checked = check_whole(&command, &file, database);
        let added: i64 = kiosk.query_row("SELECT count(*) FROM filler", [], |row| row.get(0)).expect("a number");
        assert!(added >= 4, "pages were added {added} times");
        assert!(checked.is_ok(), "{checked:?}");
    }
}
