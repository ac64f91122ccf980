//! Samples for tests: a policy, evidence, and entries numbered and chained as the ledger would.

use jiff::Timestamp;
use uuid::Uuid;

use super::decision::{Policy, Threshold};
use super::encoding::Sealed;
use super::statement::{ChainPoint, DayBooks, Totals};
use super::{
    CanteenId, Dish, DishId, Elder, ElderId, ElderStatus, Entry, EntryBody, EntryHash, EntryId, Evidence, Fen,
    Household, IdentifiedBy, KioskId, LineKind, MealDay, MealEntry, MealPeriod, ModelDigest, MovementCause,
    MovementEntry, Payer, PayerShare, ProgrammeId, Quality, QualityReason, QuoteLine, ReversalEntry, RuleVersion,
    StaffId,
};

/// A kiosk's books in the making.
pub struct SampleBooks {
    at: ChainPoint,
    totals: Totals,
    day: MealDay,
    opening: (ChainPoint, Totals),
    entries: Vec<Sealed>,
}

/// The id of a sample.
pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("an id")
}

/// An elder of 武侯区, born on 2 May 1940.
pub fn elder(number: &str, status: ElderStatus) -> Elder {
    Elder {
        id: id(number),
        name: "王秀英".to_owned(),
        birth_date: jiff::civil::date(1940, 5, 2),
        sex: None,
        classes: Default::default(),
        household: Household { district: "武侯区".to_owned(), town: "玉林街道".to_owned() },
        care_level: None,
        status,
        absences: vec![],
    }
}

/// A policy that asks for three looks of a similarity of 0.5.
pub fn policy() -> Policy {
    Policy {
        threshold: Threshold::Fixed(0.5),
        margin: 0.05,
        frames: 3,
        patience: 6,
        poor_looks: 9,
        live: None,
        models: vec![ModelDigest("m".to_owned())],
    }
}

/// A look at a face 120 pixels wide that falls short in these ways.
pub fn quality(reasons: Vec<QualityReason>) -> Quality {
    Quality {
        score: 0.8,
        face_px: 120.0,
        yaw_deg: 0.0,
        pitch_deg: 0.0,
        roll_deg: 0.0,
        sharpness: 0.9,
        brightness: 0.5,
        reasons,
    }
}

/// What five clear looks leave behind.
pub fn evidence() -> Evidence {
    Evidence {
        similarity_e4: 8000,
        margin_e4: 4000,
        liveness_e4: None,
        quality_e4: 9000,
        frames: 5,
        models: Vec::new(),
    }
}

impl SampleBooks {
    /// Empty books that begin on `day`.
    pub fn begin(day: &str) -> Self {
        Self {
            at: ChainPoint::START,
            totals: Totals::default(),
            day: MealDay(day.parse().expect("a day")),
            opening: (ChainPoint::START, Totals::default()),
            entries: Vec::new(),
        }
    }

    /// Adds an entry with this body.
    pub fn add(&mut self, body: EntryBody) -> &mut Self {
        let number = self.at.number + 1;
        let noon = self.day.0.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a moment").timestamp();
        let recorded_at = Timestamp::from_millisecond(noon.as_millisecond() - 14_400_000 + number as i64 * 1_120);
        let entry = Sealed::new(Entry {
            id: EntryId::from_uuid(Uuid::from_u128(0x0193_53b2_5a1e_7cc3_8f00_0000_0000_0000 + u128::from(number))),
            number,
            kiosk: id::<KioskId>("K-001"),
            canteen: id::<CanteenId>("CT-001"),
            recorded_at: recorded_at.expect("a moment"),
            day: self.day,
            body,
            previous: self.at.hash,
            hash: EntryHash::ZERO,
        });
        self.at = ChainPoint { number, hash: entry.hash };
        self.entries.push(entry);
        self
    }

    /// Ends the day and begins the next; gives the day's books.
    pub fn close(&mut self) -> DayBooks {
        let (before, opening) = self.opening.clone();
        let books = DayBooks {
            canteen: id("CT-001"),
            kiosk: id("K-001"),
            day: self.day,
            before,
            opening,
            entries: std::mem::take(&mut self.entries),
        };
        let statement = super::statement::Statement::new(books.clone()).expect("the sample is sound");
        self.totals = statement.closing().clone();
        self.opening = (self.at, self.totals.clone());
        self.day = MealDay(self.day.0.tomorrow().expect("a day"));
        books
    }
}

/// A lunch at `price` fen with a subsidy of at most 3.00 borne by district and city.
pub fn lunch(elder: &str, price: i64) -> MealEntry {
    let subsidy = price.min(300);
    let (city, district) = (subsidy / 3, subsidy - subsidy / 3);
    let share = |payer: &str, fen| PayerShare { payer: id::<Payer>(payer), amount: Fen::new(fen) };
    MealEntry {
        elder: id::<ElderId>(elder),
        day: MealDay("2026-11-22".parse().expect("a day")),
        period: MealPeriod::Lunch,
        dishes: vec![Dish { id: id::<DishId>("D-1"), name: "Tofu, braised".to_owned(), price: Fen::new(price) }],
        price: Fen::new(price),
        lines: vec![QuoteLine {
            rule: RuleVersion { programme: id::<ProgrammeId>("great-age"), name: "Great age".to_owned(), version: 3 },
            kind: LineKind::Subsidy,
            amount: Fen::new(subsidy),
            payers: vec![share("city", city), share("district", district)],
            units: 0,
            sentence: "Great age: 3.00 a meal".to_owned(),
        }],
        payers: vec![share("city", city), share("district", district), share("elder", price - subsidy)],
        identified_by: IdentifiedBy::Face,
        staff: None,
        evidence: Some(Evidence {
            similarity_e4: 6123,
            margin_e4: 2100,
            liveness_e4: Some(9801),
            quality_e4: 7312,
            frames: 5,
            models: vec![ModelDigest("ab".repeat(32))],
        }),
        corrects: None,
    }
}

/// Takes back `meal`, which is entry `number`.
pub fn reversal(meal: &MealEntry, number: u64) -> ReversalEntry {
    let negative = |shares: &[PayerShare]| -> Vec<PayerShare> {
        shares.iter().map(|share| PayerShare { payer: share.payer.clone(), amount: -share.amount }).collect()
    };
    ReversalEntry {
        of: EntryId::from_uuid(Uuid::from_u128(0x0193_53b2_5a1e_7cc3_8f00_0000_0000_0000 + u128::from(number))),
        of_number: number,
        elder: meal.elder.clone(),
        day: meal.day,
        period: meal.period,
        price: -meal.price,
        lines: meal
            .lines
            .iter()
            .map(|line| QuoteLine {
                amount: -line.amount,
                units: -line.units,
                payers: negative(&line.payers),
                ..line.clone()
            })
            .collect(),
        payers: negative(&meal.payers),
        staff: id::<StaffId>("S-01"),
        reason: "=wrong key, \"back\"\n".to_owned(),
    }
}

/// 300 points for an elder.
pub fn grant(elder: &str) -> MovementEntry {
    MovementEntry {
        elder: id(elder),
        programme: id("points"),
        version: Some(1),
        cause: MovementCause::Grant,
        day: MealDay("2026-11-01".parse().expect("a day")),
        units: 300,
        staff: None,
        reason: "November".to_owned(),
    }
}

/// A day with meals of elders whose ids a spreadsheet would spoil, one taken back, and a movement.
pub fn busy_day(books: &mut SampleBooks) -> DayBooks {
    let wrong = lunch("000123", 1250);
    books
        .add(EntryBody::Movement(grant("1E5")))
        .add(EntryBody::Meal(wrong.clone()))
        .add(EntryBody::Meal(lunch("510107194001010012", 800)))
        .add(EntryBody::Meal(MealEntry {
            identified_by: IdentifiedBy::Carer { carer: "Li, daughter".to_owned() },
            evidence: None,
            period: MealPeriod::Supper,
            ..lunch("3-4", 250)
        }));
    let number = books.at.number - 2;
    books.add(EntryBody::Reversal(reversal(&wrong, number))).close()
}
