//! Why the ledger refused.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::domain::{CanteenId, DraftError, EntryId, KioskId, MealDay, MealPeriod, ProgrammeId};
use crate::store::StoreError;
use crate::store::error::AFTER_THE_SIGNED_DAY;

/// Why the ledger refused, or could not.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database or a file beside it could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The books belong to another kiosk or canteen.
    #[error(
        "these books are those of kiosk {book_kiosk} in canteen {book_canteen}, and canteen.toml says {kiosk} in {canteen}; \
         remedy: correct canteen.toml, or use another data folder"
    )]
    OtherBooks {
        /// Of the database.
        book_kiosk: KioskId,
        /// Of the database.
        book_canteen: CanteenId,
        /// Of the configuration.
        kiosk: KioskId,
        /// Of the configuration.
        canteen: CanteenId,
    },
    /// Entries that were written are not there any more: an old copy was put back, or the end was cut off.
    #[error("{}", rolled_back(*found, *known, statement.as_deref()))]
    RolledBack {
        /// The last number in the database.
        found: u64,
        /// The last number that is known.
        known: u64,
        /// The manifest of the day that was closed and signed with it and that the books do not hold; `None` where the
        /// anchor knows it.
        statement: Option<PathBuf>,
    },
    /// The elder had this meal. Not a fault: the screen says so.
    #[error("this elder was served {period} on {day} already, as number {number}", period = period.as_str())]
    AlreadyServed {
        /// The meal's number.
        number: u64,
        /// The day.
        day: MealDay,
        /// The meal.
        period: MealPeriod,
        /// When it was settled.
        at: Timestamp,
    },
    /// Another entry has this id.
    #[error("the id {0} belongs to an entry with other content; remedy: make a new id for a new entry")]
    IdTaken(EntryId),
    /// The day's books are closed.
    #[error("the books of {0} are closed; remedy: enter it with `mealpoint ledger enter --date`")]
    DayClosed(MealDay),
    /// Not the books' day.
    #[error(
        "a meal of {day} cannot be settled while the books' day is {today}; remedy: check the clock with `mealpoint \
         doctor`, or enter an earlier one with `mealpoint ledger enter --date`"
    )]
    NotToday {
        /// The meal's day.
        day: MealDay,
        /// The books' day.
        today: MealDay,
    },
    /// Too long ago.
    #[error(
        "a meal of {day} is not entered on {today} any more, but within {} days; remedy: correct --date, or agree on it with \
         the district",
        super::meals::LATE_DAYS
    )]
    TooLate {
        /// The meal's day.
        day: MealDay,
        /// The books' day.
        today: MealDay,
    },
    /// The day has not come yet.
    #[error(
        "{day} cannot be closed while the books' day is {today}; remedy: check the clock with `mealpoint doctor`, or correct \
         --date"
    )]
    NotYet {
        /// The day to close.
        day: MealDay,
        /// The books' day.
        today: MealDay,
    },
    /// An earlier day is still open.
    #[error("{0} must be closed first; remedy: `mealpoint close --date {0}`")]
    EarlierDayOpen(MealDay),
    /// A day before the first.
    #[error("the books begin on {0}; remedy: correct --date")]
    BeforeTheBooks(MealDay),
    /// Sums or amounts of the draft are wrong.
    #[error(
        "this meal cannot be settled: {0}; remedy: check the menu's prices and the amounts in kiosk-config/subsidies; where \
         they are right, report it as an error of this program"
    )]
    Draft(#[from] DraftError),
    /// The purse holds too little. The ledger does not know its unit: the sentence names none.
    #[error(
        "the purse of programme {programme} holds too little: {spendable} of {wanted} (of money, in fen); remedy: look \
         again, for something was taken from it meanwhile"
    )]
    Short {
        /// Whose purse.
        programme: ProgrammeId,
        /// What may be spent, credit included.
        spendable: i64,
        /// What the quote takes.
        wanted: i64,
    },
    /// No such entry.
    #[error("there is no entry {0}; remedy: `mealpoint ledger print` shows all entries")]
    NoEntry(EntryId),
    /// It is not a meal.
    #[error(
        "entry number {0} is not a meal and cannot be taken back; remedy: `mealpoint ledger print` shows all entries"
    )]
    NotAMeal(u64),
    /// It was taken back.
    #[error("meal number {0} was taken back already; remedy: `mealpoint ledger print` shows with which number")]
    AlreadyReversed(u64),
    /// A movement of nothing, or in the wrong direction.
    #[error("a {cause} of {units} (of money, in fen) cannot be; remedy: name an amount of the right sign and size")]
    Movement {
        /// Its cause.
        cause: &'static str,
        /// Its units.
        units: i64,
    },
    /// A reason is missing or too long.
    #[error("a reason of 1 to 200 characters is needed; remedy: --reason, in plain words and without line ends")]
    Reason,
    /// What time it is cannot be told: see [`crate::domain::ClockState::is_known`].
    #[error(
        "the computer's clock is behind the books or years behind, and nothing is booked meanwhile; remedy: set the clock \
         (timedatectl), or, where it is right and not years behind, vouch for it with `mealpoint ledger trust-clock`"
    )]
    ClockUnknown,
    /// The clock is believed already.
    #[error(
        "the clock agrees with the books; there is nothing to vouch for; remedy: set the clock first if it is wrong"
    )]
    ClockSteady,
}

fn rolled_back(found: u64, known: u64, statement: Option<&Path>) -> String {
    match statement {
        None => format!(
            "the books end at number {found}, but number {known} was written; remedy: put the newer ledger.db back, or run \
             `mealpoint ledger restart` to go on from number {known}"
        ),
        Some(statement) => format!(
            "the books end at number {found} and do not hold the day that was signed up to number {known} in {}; remedy: put \
             the ledger.db back that it was closed in, or run `mealpoint ledger restart` to go on {AFTER_THE_SIGNED_DAY}",
            statement.display()
        ),
    }
}

/// What every call of the ledger returns.
pub type Result<T, E = LedgerError> = std::result::Result<T, E>;
