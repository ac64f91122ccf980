//! The keys of a rule file, as TOML has them. What they mean is written in `kiosk-config/subsidies/wuhou.toml`.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::super::values::{Id, Name, id};
use super::values::{Day, PercentValue, Yuan};
use crate::domain::{CanteenId, LineKind, MealPeriod, Payer, ProgrammeId};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileShape {
    #[serde(default)]
    pub programme: Vec<ProgrammeShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProgrammeShape {
    pub id: Spanned<Id<ProgrammeId>>,
    pub name: String,
    pub version: Spanned<u32>,
    pub from: Spanned<Day>,
    pub until: Option<Spanned<Day>>,
    pub order: Spanned<u32>,
    pub kind: LineKind,
    pub meals: BTreeSet<MealPeriod>,
    pub canteens: Option<BTreeSet<Id<CanteenId>>>,
    pub districts: Option<BTreeSet<Name>>,
    pub towns: Option<BTreeSet<Name>>,
    #[serde(default)]
    pub age_counts_from: AgeCountsFrom,
    #[serde(default)]
    pub who: WhoShape,
    pub when_several_match: Option<WhenSeveralMatch>,
    pub rounding: Option<Spanned<RoundingShape>>,
    pub round_to: Option<Spanned<RoundTo>>,
    pub excludes: Option<Spanned<Vec<Id<ProgrammeId>>>>,
    pub excludes_when: Option<Spanned<ExcludesWhenShape>>,
    pub limits: Option<Spanned<LimitsShape>>,
    pub purse: Option<Spanned<PurseShape>>,
    #[serde(default)]
    pub payer: Vec<Spanned<PayerShape>>,
    #[serde(default)]
    pub tier: Vec<Spanned<TierShape>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct WhoShape {
    pub age_from: Option<u8>,
    pub age_to: Option<u8>,
    pub classes: Option<BTreeSet<ClassShape>>,
    #[serde(default)]
    pub not_classes: BTreeSet<ClassShape>,
    pub care_levels: Option<BTreeSet<u8>>,
    #[serde(default)]
    pub household: HouseholdShape,
    pub household_districts: Option<BTreeSet<Name>>,
    pub household_towns: Option<BTreeSet<Name>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TierShape {
    #[serde(default)]
    pub who: WhoShape,
    pub amount_yuan: Option<Yuan>,
    pub share_percent: Option<PercentValue>,
    pub share_of: Option<BaseShape>,
    pub elder_pays_yuan: Option<Yuan>,
    pub standard_price_yuan: Option<Yuan>,
    #[serde(default)]
    pub pays_rest: bool,
    pub at_most_yuan: Option<Yuan>,
    pub minimum_spend_yuan: Option<Yuan>,
    pub minimum_spend_on: Option<SpendBaseShape>,
    pub grant_units: Option<i64>,
    pub grant_yuan: Option<Yuan>,
    pub payer: Option<Vec<Spanned<PayerShape>>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsShape {
    pub per_meal_yuan: Option<Yuan>,
    pub per_day_yuan: Option<Yuan>,
    pub per_month_yuan: Option<Yuan>,
    pub times_per_meal_period: Option<u32>,
    pub times_per_day: Option<u32>,
    pub times_per_month: Option<u32>,
    pub units_per_meal: Option<i64>,
    pub units_per_day: Option<i64>,
    pub units_per_month: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PurseShape {
    pub unit_value_yuan: Option<Yuan>,
    pub last_unit: Option<LastUnitShape>,
    pub granted_every: Option<CycleShape>,
    pub cleared_every: Option<CycleShape>,
    pub offline_credit_units: Option<i64>,
    pub offline_credit_yuan: Option<Yuan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PayerShape {
    #[serde(deserialize_with = "id")]
    pub payer: Payer,
    pub percent: Option<PercentValue>,
    pub amount_yuan: Option<Yuan>,
    #[serde(default)]
    pub rest: bool,
    #[serde(default)]
    pub lost_in_another: LostShape,
}

/// A closed list of words, and what each means in the domain.
macro_rules! words {
    ($name:ident -> $meaning:ty { $($word:ident => $value:expr),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum $name { $($word),+ }

        impl From<$name> for $meaning {
            fn from(word: $name) -> Self {
                match word { $($name::$word => $value),+ }
            }
        }
    };
    ($name:ident -> $meaning:ty { default $first:ident => $value:expr, $($rest:tt)+ }) => {
        words!($name -> $meaning { $first => $value, $($rest)+ });

        #[allow(clippy::derivable_impls, reason = "the default stands in the list of words")]
        impl Default for $name {
            fn default() -> Self { Self::$first }
        }
    };
}

use crate::domain::ElderClass;
use crate::domain::subsidy as d;

words!(AgeCountsFrom -> d::AgeStart {
    default Birthday => d::AgeStart::Birthday,
    BirthdayMonth => d::AgeStart::BirthdayMonth,
    MonthAfterBirthday => d::AgeStart::MonthAfterBirthday,
});
words!(WhenSeveralMatch -> d::TierChoice { First => d::TierChoice::First, Best => d::TierChoice::Best });
words!(RoundingShape -> d::RoundingMode {
    Down => d::RoundingMode::Down,
    Up => d::RoundingMode::Up,
    HalfUp => d::RoundingMode::HalfUp,
});
words!(RoundTo -> d::Coin { Fen => d::Coin::Fen, Jiao => d::Coin::Jiao, Yuan => d::Coin::Yuan });
words!(ExcludesWhenShape -> d::ExcludesWhen {
    Entitled => d::ExcludesWhen::Entitled,
    PaidToday => d::ExcludesWhen::PaidToday,
    PaidThisMeal => d::ExcludesWhen::PaidThisMeal,
});
words!(ClassShape -> d::ClassName {
    Ordinary => d::ClassName::Ordinary,
    ExtremePoverty => d::ClassName::Of(ElderClass::ExtremePoverty),
    LowIncome => d::ClassName::Of(ElderClass::LowIncome),
    LowIncomeMargin => d::ClassName::Of(ElderClass::LowIncomeMargin),
    FamilyPlanningSpecial => d::ClassName::Of(ElderClass::FamilyPlanningSpecial),
    Disabled => d::ClassName::Of(ElderClass::Disabled),
    LivingAlone => d::ClassName::Of(ElderClass::LivingAlone),
});
words!(HouseholdShape -> d::Residence {
    default Anywhere => d::Residence::Anywhere,
    SameDistrict => d::Residence::SameDistrict,
    SameTown => d::Residence::SameTown,
});
words!(BaseShape -> d::Base {
    Price => d::Base::Price,
    DiscountedPrice => d::Base::DiscountedPrice,
    OwnShare => d::Base::OwnShare,
});
words!(SpendBaseShape -> d::Base { Price => d::Base::Price, DiscountedPrice => d::Base::DiscountedPrice });
words!(LastUnitShape -> d::LastUnit { Kept => d::LastUnit::Kept, Forfeited => d::LastUnit::Forfeited });
words!(CycleShape -> d::Cycle { Month => d::Cycle::Month, Year => d::Cycle::Year });
words!(LostShape -> d::LostIn {
    default Nowhere => d::LostIn::Nowhere,
    Town => d::LostIn::AnotherTown,
    District => d::LostIn::AnotherDistrict,
});
