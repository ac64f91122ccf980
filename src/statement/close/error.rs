//! Why a day is not closed.

use std::path::PathBuf;

use crate::domain::MealDay;
use crate::domain::statement::StatementError;
use crate::files::FileError;
use crate::statement::files_of_day::MakeError;
use crate::statement::signature::KeyError;
use crate::statement::verify::VerifyError;
use crate::store::LedgerError;

/// Why a day could not be closed. Days closed before stay closed, with their files.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no key to sign with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The XLSX cannot be made.
    #[error(transparent)]
    Make(#[from] MakeError),
    /// The books are not sound.
    #[error("the books of {day} are not sound: {error}; remedy: `mealpoint ledger check` says more")]
    Books {
        /// The day.
        day: MealDay,
        /// What is wrong.
        error: StatementError,
    },
    /// The zone has no name to print.
    #[error("the zone of canteen.toml has no IANA name; remedy: name one such as Asia/Shanghai")]
    Zone,
    /// A file of a closed day is not what the books say.
    #[error(
        "{file} is not the file of the closed day: {why}. It is left as it is, for a closed file never changes; remedy: \
         bring it back from a copy, or move it away and close the day again"
    )]
    Differs {
        /// The file.
        file: PathBuf,
        /// What differs.
        why: String,
    },
    /// A closed day would not come out as it was signed.
    #[error(
        "the files of {day} cannot be made again as they were signed, and none was replaced: {why}; remedy: bring them back \
         from a copy, such as an exported one, or the earlier signing.pem from the backup, then `mealpoint close --date {day}`"
    )]
    NotAsSigned {
        /// The day.
        day: MealDay,
        /// What is another.
        why: String,
    },
    /// What was written is not there as it was made.
    #[error("{0} does not hold what was written to it; remedy: check the disk, then close again")]
    Unwritten(PathBuf),
    /// The files of a day that was closed before do not verify.
    #[error("the files of {day} do not verify: {problem}; remedy: check the disk, then close again")]
    Unsound {
        /// The day.
        day: MealDay,
        /// What is wrong.
        problem: String,
    },
    /// The files of a day that was closed before cannot be read back.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Too many days would be closed at once.
    #[error(
        "{days} days from {from} to {to} are not closed, which looks like a wrong clock; remedy: check the clock, then \
         `mealpoint close --date {to}`"
    )]
    ManyDays {
        /// How many.
        days: i64,
        /// The first.
        from: MealDay,
        /// The last.
        to: MealDay,
    },
}
