//! Books of invented meals, quoted by the canteen's own rules.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use uuid::Uuid;

use crate::config::{CanteenConfig, subsidies};
use crate::domain::subsidy::{self, QuoteRequest, RuleBook};
use crate::domain::{
    Dish, DishId, Elder, ElderClass, ElderId, ElderStatus, EntryId, Evidence, Fen, Household, IdentifiedBy, MealDraft,
    MealMoment, MealPeriod, ModelDigest, Quote, Usage,
};
use crate::store::ledger::{Books, HandClock};
use crate::store::{Home, Ledger};

/// When the books begin: noon of 2026-01-01 in China.
const BEGIN: Timestamp = Timestamp::constant(1_767_240_000, 0);

/// Entries a transaction while books are built.
const CHUNK: u64 = 5000;

/// A canteen whose books are measured.
pub(super) struct Canteen {
    pub config: CanteenConfig,
    pub rules: RuleBook,
}

impl Canteen {
    /// The canteen and the rules of a configuration folder.
    pub fn read(config: &Path) -> anyhow::Result<Self> {
        Ok(Self { config: CanteenConfig::read(config)?, rules: subsidies::read(config)? })
    }

    /// The elder of this number: every age from 60 to 99 and every class.
    pub fn elder(&self, number: u64) -> anyhow::Result<Elder> {
        let age = i64::try_from(60 + number % 40)?;
        let classes = ElderClass::ALL.into_iter().nth(usize::try_from(number % 13)?);
        Ok(Elder {
            id: ElderId::new(format!("E-{number:05}"))?,
            name: "an elder".to_owned(),
            birth_date: Date::constant(2026, 1, 1).checked_sub(age.years())?,
            sex: None,
            classes: classes.into_iter().collect(),
            household: Household { district: self.config.district.clone(), town: self.config.town.clone() },
            care_level: None,
            status: ElderStatus::Active,
            absences: vec![],
        })
    }

    /// What the rules make of a meal at 15.00.
    pub fn quote(&self, elder: &Elder, moment: &MealMoment, usage: &Usage) -> anyhow::Result<Quote> {
        Ok(subsidy::quote(&self.rules, &QuoteRequest { elder, moment, price: PRICE, usage })?)
    }
}

/// What every meal costs.
const PRICE: Fen = Fen::new(1500);

/// Books of one canteen in a folder of their own: lunch and supper for so many elders, day after day.
pub(super) struct Shelf<'a> {
    pub canteen: &'a Canteen,
    pub folder: PathBuf,
    /// How many elders eat.
    pub elders: u64,
}

impl Shelf<'_> {
    pub fn home(&self) -> Home {
        Home::with_keys(&self.folder, self.folder.join("keys"))
    }

    /// Creates empty books and the clock they go by.
    pub fn create(&self) -> anyhow::Result<(Ledger, HandClock)> {
        let clock = HandClock::at(BEGIN);
        let books = Books::from(&self.canteen.config);
        Ok((Ledger::create_with(&self.home(), &books, Box::new(clock.clone()))?, clock))
    }

    /// Creates books of `entries` meals, as fast as the disk takes them.
    pub fn build(&self, entries: u64) -> anyhow::Result<()> {
        let (mut ledger, clock) = self.create()?;
        let mut number = 0;
        while number < entries {
            let end = entries.min(number + CHUNK.min(2 * self.elders));
            let drafts: Vec<MealDraft> = (number..end).map(|number| self.meal(number)).collect::<Result<_, _>>()?;
            self.turn(&clock, &ledger, end)?;
            ledger.settle_all(drafts)?;
            if end / 100_000 > number / 100_000 {
                tracing::info!(end, entries, "building the long books");
            }
            number = end;
        }
        Ok(())
    }

    /// Opens books of `entries` meals on their last day.
    pub fn open(&self, entries: u64) -> anyhow::Result<Ledger> {
        let clock = HandClock::at(self.day(entries));
        Ok(Ledger::open_with(&self.home(), &Books::from(&self.canteen.config), Box::new(clock))?)
    }

    /// Lets the clock go on to the day of the last of `entries` meals.
    pub fn turn(&self, clock: &HandClock, ledger: &Ledger, entries: u64) -> anyhow::Result<()> {
        let (now, due) = (ledger.now()?.now, self.day(entries));
        if now < due {
            clock.pass(due.duration_since(now));
        }
        Ok(())
    }

    /// Noon of the day on which the last of `entries` meals is eaten.
    fn day(&self, entries: u64) -> Timestamp {
        let days = i32::try_from(entries.saturating_sub(1) / (2 * self.elders)).unwrap_or(i32::MAX);
        BEGIN + SignedDuration::from_hours(24) * days
    }

    /// The meal of this number, from 0: lunch for everybody, then supper, then the next day.
    pub fn meal(&self, number: u64) -> anyhow::Result<MealDraft> {
        let canteen = self.canteen;
        let period = if (number / self.elders).is_multiple_of(2) { MealPeriod::Lunch } else { MealPeriod::Supper };
        let elder = canteen.elder(number % self.elders)?;
        let moment = canteen.config.moment_of(canteen.config.day(self.day(number + 1)), period);
        let quote = canteen.quote(&elder, &moment, &Usage::default())?;
        Ok(MealDraft {
            id: EntryId::from_uuid(Uuid::now_v7()),
            elder: elder.id,
            day: moment.day,
            period,
            dishes: vec![Dish { id: DishId::new("D-1")?, name: "set meal".to_owned(), price: PRICE }],
            quote,
            identified_by: IdentifiedBy::Face,
            staff: None,
            evidence: Some(Evidence {
                similarity_e4: 6500,
                margin_e4: 3000,
                liveness_e4: Some(9900),
                quality_e4: 8700,
                frames: 3,
                models: vec![ModelDigest("ab".repeat(32)), ModelDigest("cd".repeat(32)), ModelDigest("ef".repeat(32))],
            }),
            credit: Default::default(),
        })
    }

    /// The same books in another folder; nobody may have them open.
    pub fn copy_to(&self, folder: PathBuf) -> anyhow::Result<Self> {
        copy(&self.folder, &folder)?;
        Ok(Self { folder, ..*self })
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for item in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() {
            copy(&item.path(), &target)?;
        } else {
            fs::copy(item.path(), &target).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}
