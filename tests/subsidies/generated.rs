//! Made-up programmes, elders, moments and histories, in the widest variation.

use std::sync::Arc;

use jiff::civil::Date;
use mealpoint::domain::subsidy::{
    AgeStart, Base, ClassName, Coin, Cycle, ExcludesWhen, Give, LastUnit, Limits, Lines, LostIn, MinimumSpend, Part,
    PartSize, Percent, Programme, Purse, PurseUnit, Residence, Rounding, RoundingMode, Scope, Split, Tier, TierChoice,
    Who,
};
use mealpoint::domain::{
    Drawn, Elder, ElderClass, Fen, LineKind, MealMoment, MealPeriod, Payer, ProgrammeId, Tally, Usage,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{elder, moment};

pub const KINDS: [LineKind; 7] = [
    LineKind::Discount,
    LineKind::Subsidy,
    LineKind::Points,
    LineKind::Voucher,
    LineKind::Allowance,
    LineKind::TimeCoin,
    LineKind::Prepaid,
];
const PLACES: [&str; 3] = ["甲区/东镇", "甲区/西镇", "乙区/东镇"];

pub fn fen(range: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Fen> {
    range.prop_map(Fen::new)
}

fn percent() -> impl Strategy<Value = Percent> {
    (1..=10_000_u16).prop_map(|n| Percent::from_hundredths(n).expect("in range"))
}

fn limits(units: bool) -> impl Strategy<Value = Limits> {
    let caps = || (prop::option::of(1..600_i64), prop::option::of(0..600_i64), prop::option::of(0..6_000_i64));
    let rising = |(meal, day, month): (Option<i64>, Option<i64>, Option<i64>)| {
        let least = meal.unwrap_or(1);
        let day = day.map(|more| least + more);
        (meal, day, month.map(|more| day.unwrap_or(least) + more))
    };
    (caps(), caps(), caps()).prop_map(move |(amounts, times, counts)| {
        let (amounts, times, counts) = (rising(amounts), rising(times), rising(counts));
        let times_of = |n: Option<i64>| n.map(|n| u32::try_from(n / 200 + 1).expect("small"));
        let unit = |n: Option<i64>| n.filter(|_| units);
        Limits {
            per_meal: amounts.0.map(Fen::new),
            per_day: amounts.1.map(Fen::new),
            per_month: amounts.2.map(Fen::new),
            times_per_period: times_of(times.0),
            times_per_day: times_of(times.1),
            times_per_month: times_of(times.2),
            units_per_meal: unit(counts.0),
            units_per_day: unit(counts.1),
            units_per_month: unit(counts.2),
        }
    })
}

fn split(kind: LineKind) -> BoxedStrategy<Split> {
    if kind == LineKind::Prepaid {
        return Just(Split::single(Payer::elder())).boxed();
    }
    let lost = if PurseUnit::of(kind).is_none() {
        vec![LostIn::Nowhere, LostIn::AnotherTown, LostIn::AnotherDistrict]
    } else {
        vec![LostIn::Nowhere]
    };
    let sizes = prop_oneof![
        (1..5_000_u16, 1..5_000_u16).prop_map(|(a, b)| {
            [a, b, 10_000 - a - b].map(|n| PartSize::Percent(Percent::from_hundredths(n).expect("in range")))
        }),
        (1..300_i64, percent().prop_filter("leaves a rest", |p| *p < Percent::WHOLE)).prop_map(|(sum, percent)| {
            [PartSize::Amount(Fen::new(sum)), PartSize::Rest, PartSize::Percent(percent)]
        }),
    ];
    (sizes, prop::array::uniform3(select(lost)))
        .prop_map(|(sizes, lost)| {
            let part = |((name, size), lost): ((&str, PartSize), LostIn)| Part {
                payer: Payer::new(name).expect("an id"),
                size,
                lost,
            };
            Split(["city", "district", "town"].into_iter().zip(sizes).zip(lost).map(part).collect())
        })
        .boxed()
}

fn give() -> impl Strategy<Value = Give> {
    prop_oneof![
        fen(1..=2_000).prop_map(Give::Amount),
        (percent(), select(vec![Base::Price, Base::DiscountedPrice, Base::OwnShare]))
            .prop_map(|(percent, of)| Give::Share { percent, of }),
        (0..1_500_i64, prop::option::of(1..1_000_i64)).prop_map(|(price, more)| Give::ElderPays {
            price: Fen::new(price),
            standard_price: more.map(|more| Fen::new(price + more)),
        }),
        Just(Give::Rest),
    ]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    let modes = vec![RoundingMode::Down, RoundingMode::Up, RoundingMode::HalfUp];
    (select(modes), select(vec![Coin::Fen, Coin::Jiao, Coin::Yuan])).prop_map(|(mode, to)| Rounding { mode, to })
}

/// A programme that is sensible by itself, of the given name and place in the order.
pub fn programme(number: u32, kind: LineKind) -> impl Strategy<Value = Programme> {
    let unit = PurseUnit::of(kind);
    let counts_units = matches!(unit, Some(unit) if unit != PurseUnit::Fen);
    // Only people fill a purse of prepaid money.
    let by_rules = kind != LineKind::Prepaid;
    let tier =
        (give(), prop::option::of(fen(1..=1_500)), prop::option::of(fen(1..=1_500)), prop::option::of(split(kind)));
    let purse = (1..=1_500_i64, any::<bool>(), 1..=400_i64, any::<bool>());
    (
        prop::collection::vec(tier, 1..4),
        limits(counts_units),
        split(kind),
        rounding(),
        purse,
        subsequence(MealPeriod::ALL.to_vec(), 1..=3),
        prop::option::of(select(vec![TierChoice::First, TierChoice::Best])),
        select(vec![Residence::Anywhere, Residence::SameDistrict, Residence::SameTown]),
    )
        .prop_map(move |(tiers, limits, payers, rounding, purse, meals, choice, residence)| {
            let (value, forfeited, grant, clears) = purse;
            let [poor, disabled] = [ElderClass::LowIncome, ElderClass::Disabled].map(ClassName::Of);
            let ordinary = ClassName::Ordinary;
            let fraction = |give: &Give| matches!(give, Give::Share { percent, .. } if *percent < Percent::WHOLE);
            let rounds = tiers.iter().any(|(give, ..)| fraction(give));
            let tiers = tiers
                .into_iter()
                .zip([(60_u8, [poor, ordinary]), (70, [poor, disabled]), (80, [ordinary, disabled])])
                .map(|((give, at_most, minimum, payers), (age_from, classes))| Tier {
                    // Bands of ten years; where several may match, classes that overlap.
                    who: match choice {
                        None => Who { age_from, age_to: age_from + 9, ..Who::default() },
                        Some(_) => Who { residence, classes: Some(classes.into()), ..Who::default() },
                    },
                    give,
                    at_most,
                    minimum_spend: minimum.map(|amount| MinimumSpend { amount, on: Base::Price }),
                    payers,
                    grant: unit.filter(|_| by_rules).map(|_| grant),
                    line: 1,
                })
                .collect();
            let line = 1;
            Programme {
                id: ProgrammeId::new(format!("p{number}")).expect("an id"),
                name: "补贴".to_owned(),
                version: 1,
                from: Date::constant(2025, 1, 1),
                until: None,
                order: number,
                kind,
                scope: Scope {
                    meals: meals.into_iter().collect(),
                    canteens: None,
                    districts: None,
                    towns: None,
                    age_start: AgeStart::Birthday,
                },
                who: Who { age_from: 60, ..Who::default() },
                tiers,
                choice,
                rounding: rounds.then_some(rounding),
                limits,
                excludes: Vec::new(),
                excludes_when: ExcludesWhen::Entitled,
                payers,
                purse: unit.map(|unit| Purse {
                    unit_value: Fen::new(if unit == PurseUnit::Fen { 1 } else { value }),
                    last_unit: if forfeited { LastUnit::Forfeited } else { LastUnit::Kept },
                    granted_every: by_rules.then_some(Cycle::Month),
                    cleared_every: (by_rules && clears).then_some(Cycle::Month),
                    offline_credit: 0,
                }),
                lines: Lines {
                    file: Arc::from("rules.toml"),
                    id: line,
                    version: line,
                    from: line,
                    until: line,
                    order: line,
                    excludes: line,
                    payers: line,
                    limits: line,
                    purse: line,
                },
            }
        })
}

/// Programmes in an order that may stand: discounts first, own money last; some exclude later ones.
pub fn programmes() -> impl Strategy<Value = Vec<Programme>> {
    let whens = vec![ExcludesWhen::Entitled, ExcludesWhen::PaidToday, ExcludesWhen::PaidThisMeal];
    let rank = |kind: &LineKind| match kind {
        LineKind::Discount => 0,
        LineKind::Prepaid => 2,
        _ => 1,
    };
    prop::collection::vec(select(KINDS.to_vec()), 1..6)
        .prop_flat_map(move |mut kinds| {
            kinds.sort_by_key(rank);
            let each: Vec<_> = kinds.into_iter().zip(1..).map(|(kind, n)| programme(n, kind).boxed()).collect();
            let count = each.len();
            (
                each,
                prop::collection::vec(any::<bool>(), count * count),
                prop::collection::vec(select(whens.clone()), count),
            )
        })
        .prop_map(|(mut programmes, excludes, whens)| {
            let ids: Vec<_> = programmes.iter().map(|p| p.id.clone()).collect();
            for (i, (programme, when)) in programmes.iter_mut().zip(whens).enumerate() {
                programme.excludes_when = when;
                let later = ids.iter().enumerate().skip(i + 1);
                programme.excludes = later
                    .filter(|(j, _)| excludes[i * ids.len() + j] && (i + j) % 3 == 0)
                    .map(|(_, id)| id.clone())
                    .collect();
            }
            programmes
        })
}

pub fn someone() -> impl Strategy<Value = (Elder, MealMoment)> {
    let birth = ("19[2-9][0-9]", "0[1-9]", "0[1-9]").prop_map(|(y, m, d)| format!("{y}-{m}-{d}"));
    let classes = subsequence(vec![ElderClass::LowIncome, ElderClass::Disabled], 0..=2);
    (
        birth,
        classes,
        prop::option::of(1..=5_u8),
        select(PLACES.to_vec()),
        select(PLACES.to_vec()),
        select(MealPeriod::ALL.to_vec()),
    )
        .prop_map(|(born, classes, care, home, at, period)| {
            (elder(&born, &classes, care, home), moment("2025-06-18", period, at))
        })
}

fn tally() -> impl Strategy<Value = Tally> {
    (0..4_u32, -200..2_000_i64, -5..20_i64).prop_map(|(times, amount, units)| Tally {
        times,
        amount: Fen::new(amount),
        units,
    })
}

pub fn history() -> impl Strategy<Value = Usage> {
    let drawn = (tally(), tally(), tally()).prop_map(|(period, day, month)| Drawn { period, day, month });
    let purse = prop_oneof![-50..3_000_i64, Just(i64::MAX), Just(i64::MIN)];
    (prop::collection::vec(prop::option::of(drawn), 6), prop::collection::vec(prop::option::of(purse), 6)).prop_map(
        |(drawn, purses)| {
            let id = |n: usize| ProgrammeId::new(format!("p{n}")).expect("an id");
            let known = |n: usize| n + 1;
            Usage {
                drawn: drawn.into_iter().enumerate().filter_map(|(n, d)| Some((id(known(n)), d?))).collect(),
                purses: purses.into_iter().enumerate().filter_map(|(n, p)| Some((id(known(n)), p?))).collect(),
                ..Usage::default()
            }
        },
    )
}
