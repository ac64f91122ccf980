//! Conditions: who, where and at which meals.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::domain::{CanteenId, CareLevel, Elder, ElderClass, Household, MealMoment, MealPeriod};

/// What a programme or a tier asks of the elder. Every condition that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Youngest age in completed years.
    pub age_from: u8,
    /// Oldest age in completed years, included.
    pub age_to: u8,
    /// At least one of these; none asks nothing.
    pub classes: Option<BTreeSet<ClassName>>,
    /// None of these.
    pub not_classes: BTreeSet<ClassName>,
    /// The assessed level is one of these; none asks nothing.
    pub care_levels: Option<BTreeSet<CareLevel>>,
    /// Where the elder is registered, as seen from the canteen.
    pub residence: Residence,
    /// The elder is registered in one of these districts (区); none asks nothing.
    pub household_districts: Option<BTreeSet<String>>,
    /// The elder is registered in one of these towns (镇街); none asks nothing.
    pub household_towns: Option<BTreeSet<String>>,
}

/// The age from which a person is an elder, and programmes apply unless they say otherwise.
pub const ELDER_AGE: u8 = 60;

/// The oldest age a rule may speak of.
pub const OLDEST_AGE: u8 = 150;

impl Default for Who {
    /// Anybody of any age.
    fn default() -> Self {
        Self {
            age_from: 0,
            age_to: OLDEST_AGE,
            classes: None,
            not_classes: BTreeSet::new(),
            care_levels: None,
            residence: Residence::Anywhere,
            household_districts: None,
            household_towns: None,
        }
    }
}

/// A class as rules name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClassName {
    /// 普通: an elder without any class.
    Ordinary,
    /// An elder with this class.
    Of(ElderClass),
}

impl ClassName {
    fn holds_for(self, elder: &Elder) -> bool {
        match self {
            Self::Ordinary => elder.classes.is_empty(),
            Self::Of(class) => elder.classes.contains(&class),
        }
    }
}

/// Where an elder is registered, as seen from the canteen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Residence {
    /// Wherever.
    #[default]
    Anywhere,
    /// In the canteen's district.
    SameDistrict,
    /// In the canteen's town.
    SameTown,
}

/// From when a completed year of age counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AgeStart {
    /// From the birthday.
    #[default]
    Birthday,
    /// From the first day of the birthday's month (当月起).
    BirthdayMonth,
    /// From the first day of the month after the birthday (次月起).
    MonthAfterBirthday,
}

impl AgeStart {
    /// The age of `elder` that counts on `day`.
    pub fn age(self, elder: &Elder, day: Date) -> u8 {
        match self {
            Self::Birthday => elder.age_on(day),
            Self::BirthdayMonth => elder.age_on(day.last_of_month()),
            Self::MonthAfterBirthday => day.first_of_month().yesterday().map_or(0, |end| elder.age_on(end)),
        }
    }
}

/// Where and at which meals a programme holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The meals.
    pub meals: BTreeSet<MealPeriod>,
    /// Only at these canteens; none means all.
    pub canteens: Option<BTreeSet<CanteenId>>,
    /// Only at canteens in these districts; none means all.
    pub districts: Option<BTreeSet<String>>,
    /// Only at canteens in these towns; none means all.
    pub towns: Option<BTreeSet<String>>,
    /// From when a year of age counts.
    pub age_start: AgeStart,
}

impl Scope {
    /// Whether the programme holds at this meal.
    pub fn holds_at(&self, moment: &MealMoment) -> bool {
        self.meals.contains(&moment.period)
            && allows(self.canteens.as_ref(), &moment.canteen)
            && allows(self.districts.as_ref(), &moment.district)
            && allows(self.towns.as_ref(), &moment.town)
    }

    /// Whether two programmes can hold at the same meal.
    pub fn meets(&self, other: &Self) -> bool {
        !self.meals.is_disjoint(&other.meals)
            && may_share(self.canteens.as_ref(), other.canteens.as_ref())
            && may_share(self.districts.as_ref(), other.districts.as_ref())
            && may_share(self.towns.as_ref(), other.towns.as_ref())
    }
}

impl Who {
    /// Whether an elder of this age meets the conditions at this canteen.
    pub fn holds_for(&self, elder: &Elder, age: u8, moment: &MealMoment) -> bool {
        let home = &elder.household;
        (self.age_from..=self.age_to).contains(&age)
            && self.classes.as_ref().is_none_or(|set| set.iter().any(|c| c.holds_for(elder)))
            && !self.not_classes.iter().any(|c| c.holds_for(elder))
            && self.care_levels.as_ref().is_none_or(|set| elder.care_level.is_some_and(|l| set.contains(&l)))
            && self.residence.holds_for(home, moment)
            && allows(self.household_districts.as_ref(), &home.district)
            && allows(self.household_towns.as_ref(), &home.town)
    }

    /// Whether one elder could meet both conditions. Says yes in doubt.
    pub fn meets(&self, other: &Self) -> bool {
        self.ages_overlap(other)
            && !self.class_shuts_out(other)
            && !other.class_shuts_out(self)
            && may_share(self.care_levels.as_ref(), other.care_levels.as_ref())
            && may_share(self.household_districts.as_ref(), other.household_districts.as_ref())
            && may_share(self.household_towns.as_ref(), other.household_towns.as_ref())
    }

    /// Whether the two ranges of age have a year in common.
    pub fn ages_overlap(&self, other: &Self) -> bool {
        self.age_from <= other.age_to && other.age_from <= self.age_to
    }

    /// Whether all conditions but the ages are the same.
    pub fn differs_by_age_only(&self, other: &Self) -> bool {
        Self { age_from: other.age_from, age_to: other.age_to, ..self.clone() } == *other
    }

    /// Whether nobody of `self`'s classes can meet `other`: `other` refuses them all, or one of the two wants elders
    /// without any class and the other elders with one.
    fn class_shuts_out(&self, other: &Self) -> bool {
        let Some(mine) = &self.classes else { return false };
        let only_ordinary = mine.iter().all(|c| *c == ClassName::Ordinary);
        let other_wants_a_class = other.classes.as_ref().is_some_and(|set| !set.contains(&ClassName::Ordinary));
        mine.is_subset(&other.not_classes) || (only_ordinary && other_wants_a_class)
    }
}

impl Residence {
    fn holds_for(self, home: &Household, moment: &MealMoment) -> bool {
        match self {
            Self::Anywhere => true,
            Self::SameDistrict => same_district(home, moment),
            Self::SameTown => same_town(home, moment),
        }
    }
}

/// Whether the elder eats in the district of the household.
pub fn same_district(home: &Household, moment: &MealMoment) -> bool {
    home.district == moment.district
}

/// Whether the elder eats in the town of the household. Towns of the same name in two districts are two towns.
pub fn same_town(home: &Household, moment: &MealMoment) -> bool {
    same_district(home, moment) && home.town == moment.town
}

fn allows<T: Ord + std::borrow::Borrow<B>, B: Ord + ?Sized>(allowed: Option<&BTreeSet<T>>, value: &B) -> bool {
    allowed.is_none_or(|set| set.contains(value))
}

fn may_share<T: Ord>(a: Option<&BTreeSet<T>>, b: Option<&BTreeSet<T>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => !a.is_disjoint(b),
        _ => true,
    }
}
