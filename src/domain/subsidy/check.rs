//! What one programme must keep to by itself.

mod purse;

use std::collections::BTreeSet;

use super::book::RuleError;
use super::programme::{Base, Give, Percent, Programme, Tier};
use super::purse::PurseUnit;
use super::split::{LostIn, PartSize, Split};
use super::who::{ClassName, OLDEST_AGE, Residence, Who};
use crate::domain::{CareLevel, ElderClass, Fen, LineKind, has_hidden};

/// The most that a rule may say of one meal: 1,000 yuan. Nobody eats for more in a canteen.
const MOST_PER_MEAL: Fen = Fen::new(100_000);
/// The most that a rule may say of a month or a purse: 100,000 yuan.
const MOST_PER_MONTH: Fen = Fen::new(10_000_000);
/// The longest name: it stands on one line of the elder's screen, before what the rule gives.
const MOST_NAME_CHARS: usize = 20;
/// The most units that a rule may grant, take or lend.
const MOST_UNITS: i64 = 100_000;

pub(super) fn check_programme(p: &Programme) -> Result<(), RuleError> {
    let at = |line: usize| Complaint { programme: p, line };
    let readable = !p.name.trim().is_empty() && p.name.chars().count() <= MOST_NAME_CHARS && !has_hidden(&p.name);
    at(p.lines.id).unless(readable, || {
        (
            format!("name: {:?} has no readable name of 1 to {MOST_NAME_CHARS} characters", p.id.as_str()),
            "write the name that elders know it by",
        )
    })?;
    at(p.lines.version).unless(p.version >= 1, || ("version: 0 is no version".into(), "number versions from 1"))?;
    at(p.lines.until).unless(p.until.is_none_or(|until| p.from <= until), || {
        (
            format!("until: {:?} ends before it begins", p.id.as_str()),
            "`until` is the last day in force, not before `from`",
        )
    })?;
    check_scope(p)?;
    check_who(p, &p.who, p.lines.id)?;
    check_tiers(p)?;
    check_rounding(p)?;
    check_limits(p)?;
    check_split(p, &p.payers, p.lines.payers)?;
    purse::check_purse(p)
}

/// A place to complain about.
struct Complaint<'a> {
    programme: &'a Programme,
    line: usize,
}

impl Complaint<'_> {
    fn unless(&self, fine: bool, otherwise: impl FnOnce() -> (String, &'static str)) -> Result<(), RuleError> {
        if fine {
            return Ok(());
        }
        let (problem, remedy) = otherwise();
        Err(RuleError { place: self.programme.place(self.line), other: None, problem, remedy: remedy.to_owned() })
    }
}

fn nobody<T>(set: Option<&BTreeSet<T>>) -> bool {
    set.is_some_and(BTreeSet::is_empty)
}

fn check_scope(p: &Programme) -> Result<(), RuleError> {
    let s = &p.scope;
    let at = Complaint { programme: p, line: p.lines.id };
    for (key, empty) in [
        ("meals", s.meals.is_empty()),
        ("canteens", nobody(s.canteens.as_ref())),
        ("districts", nobody(s.districts.as_ref())),
        ("towns", nobody(s.towns.as_ref())),
    ] {
        at.unless(!empty, || {
            (
                format!("{key}: an empty list means that {:?} never holds", p.id.as_str()),
                "leave the key out, or name some",
            )
        })?;
    }
    Ok(())
}

fn check_who(p: &Programme, who: &Who, line: usize) -> Result<(), RuleError> {
    let at = Complaint { programme: p, line };
    at.unless(who.age_from <= who.age_to && who.age_to <= OLDEST_AGE, || {
        let ages = format!("age_from {} and age_to {}", who.age_from, who.age_to);
        (format!("{ages}: nobody is that old"), "write completed years, the younger first")
    })?;
    for (key, empty) in [
        ("classes", nobody(who.classes.as_ref())),
        ("care_levels", nobody(who.care_levels.as_ref())),
        ("household_districts", nobody(who.household_districts.as_ref())),
        ("household_towns", nobody(who.household_towns.as_ref())),
    ] {
        at.unless(!empty, || (format!("{key}: an empty list means nobody"), "leave the key out, or name some"))?;
    }
    at.unless(!nobody(refusing(who, &who.not_classes).classes.as_ref()), || {
        ("not_classes: it leaves out everybody who is meant".into(), "take out of it the classes that are meant")
    })?;
    let apart = |canteens: Option<&BTreeSet<String>>, homes: Option<&BTreeSet<String>>| {
        canteens.zip(homes).is_some_and(|(canteens, homes)| canteens.is_disjoint(homes))
    };
    let (districts, towns) = (p.scope.districts.as_ref(), p.scope.towns.as_ref());
    let elsewhere = match who.residence {
        Residence::Anywhere => false,
        Residence::SameDistrict => apart(districts, who.household_districts.as_ref()),
        Residence::SameTown => {
            apart(districts, who.household_districts.as_ref()) || apart(towns, who.household_towns.as_ref())
        }
    };
    at.unless(!elsewhere, || {
        (
            "household: the canteens lie in none of the districts or towns in which the elders are registered".into(),
            "name the canteens' own, or leave `household` out",
        )
    })?;
    let levels = who.care_levels.iter().flatten();
    let wrong = levels.copied().find(|CareLevel(level)| !(1..=5).contains(level));
    at.unless(wrong.is_none(), || ("care_levels: levels run from 1 to 5".into(), "write levels from 1 to 5"))
}

/// `who` with what is left of its classes, or of all where it asks for none, when these are refused.
fn refusing(who: &Who, refused: &BTreeSet<ClassName>) -> Who {
    let all = || ElderClass::ALL.map(ClassName::Of).into_iter().chain([ClassName::Ordinary]).collect();
    let asked = who.classes.clone().unwrap_or_else(all);
    Who { classes: Some(&asked - refused), ..who.clone() }
}

fn check_tiers(p: &Programme) -> Result<(), RuleError> {
    Complaint { programme: p, line: p.lines.id }.unless(!p.tiers.is_empty(), || {
        (format!("{:?} has no [[programme.tier]], so nobody gets anything", p.id.as_str()), "add a tier")
    })?;
    for (i, tier) in p.tiers.iter().enumerate() {
        check_tier(p, tier)?;
        for later in p.tiers.iter().skip(i + 1) {
            check_two_tiers(p, tier, later)?;
        }
    }
    Ok(())
}

fn check_tier(p: &Programme, tier: &Tier) -> Result<(), RuleError> {
    let at = Complaint { programme: p, line: tier.line };
    check_who(p, &tier.who, tier.line)?;
    let refused = &tier.who.not_classes | &p.who.not_classes;
    at.unless(refusing(&tier.who, &refused).meets(&refusing(&p.who, &refused)), || {
        ("tier: no elder can meet both its conditions and the programme's".into(), "correct one of the two")
    })?;
    let sums = match tier.give {
        Give::Amount(amount) => vec![("amount_yuan", amount, false)],
        Give::ElderPays { price, standard_price } => [("elder_pays_yuan", price, true)]
            .into_iter()
            .chain(standard_price.map(|s| ("standard_price_yuan", s, false)))
            .collect(),
        Give::Share { .. } | Give::Rest => Vec::new(),
    };
    let more = [("at_most_yuan", tier.at_most), ("minimum_spend_yuan", tier.minimum_spend.map(|m| m.amount))];
    let sums = sums.into_iter().chain(more.into_iter().filter_map(|(key, sum)| Some((key, sum?, false))));
    for (key, sum, zero_is_fine) in sums {
        check_amount(&at, key, sum, zero_is_fine, MOST_PER_MEAL)?;
    }
    if let Give::ElderPays { price, standard_price: Some(standard) } = tier.give {
        at.unless(price < standard, || {
            let problem = format!("standard_price_yuan {standard} is not above elder_pays_yuan {price}");
            (problem, "the programme pays the difference, so the standard price must be higher")
        })?;
    }
    at.unless(tier.minimum_spend.is_none_or(|m| m.on != Base::OwnShare), || {
        ("minimum_spend_on: must be price or discounted_price".into(), "say what the minimum is measured on")
    })?;
    tier.payers.as_ref().map_or(Ok(()), |split| check_split(p, split, tier.line))
}

fn check_amount(at: &Complaint<'_>, key: &str, sum: Fen, zero_is_fine: bool, most: Fen) -> Result<(), RuleError> {
    let enough = if zero_is_fine { sum >= Fen::ZERO } else { sum > Fen::ZERO };
    at.unless(enough, || (format!("{key}: {sum} yuan is too little"), "write a positive amount in yuan"))?;
    at.unless(sum <= most, || {
        (format!("{key}: {sum} yuan is more than a rule may say ({most} yuan)"), "write yuan, not fen")
    })
}

fn check_two_tiers(p: &Programme, a: &Tier, b: &Tier) -> Result<(), RuleError> {
    let clash = |problem: String, remedy: &str| {
        Err(RuleError { place: p.place(b.line), other: Some(p.place(a.line)), problem, remedy: remedy.to_owned() })
    };
    if a.who.ages_overlap(&b.who) && a.who.differs_by_age_only(&b.who) {
        let ages = |w: &Who| format!("{} to {}", w.age_from, w.age_to);
        let problem = format!("two tiers of {:?} overlap: ages {} and {}", p.id.as_str(), ages(&a.who), ages(&b.who));
        return clash(problem, "let one range end a year before the next begins");
    }
    if p.choice.is_none() && a.who.meets(&b.who) {
        let problem = format!("one elder can meet two tiers of {:?}", p.id.as_str());
        let remedy = "say `when_several_match = \"first\"` or \"best\", or make the conditions exclude each other";
        return clash(problem, remedy);
    }
    Ok(())
}

fn check_rounding(p: &Programme) -> Result<(), RuleError> {
    let fractions = p.tiers.iter().any(|t| matches!(t.give, Give::Share { percent, .. } if percent < Percent::WHOLE));
    let at = Complaint { programme: p, line: p.lines.id };
    at.unless(!fractions || p.rounding.is_some(), || {
        (
            format!("{:?} gives a share and does not say how it is rounded", p.id.as_str()),
            "add `rounding` and `round_to`",
        )
    })?;
    at.unless(fractions || p.rounding.is_none(), || {
        (format!("rounding: {:?} has no share to round", p.id.as_str()), "leave `rounding` and `round_to` out")
    })
}

fn check_limits(p: &Programme) -> Result<(), RuleError> {
    let l = &p.limits;
    let at = Complaint { programme: p, line: p.lines.limits };
    let fen = |cap: Option<Fen>| cap.map(Fen::get);
    let times = |cap: Option<u32>| cap.map(i64::from);
    for (keys, caps, most) in [
        (
            ["per_meal_yuan", "per_day_yuan", "per_month_yuan"],
            [fen(l.per_meal), fen(l.per_day), fen(l.per_month)],
            MOST_PER_MONTH.get(),
        ),
        (
            ["times_per_meal_period", "times_per_day", "times_per_month"],
            [times(l.times_per_period), times(l.times_per_day), times(l.times_per_month)],
            1_000,
        ),
        (
            ["units_per_meal", "units_per_day", "units_per_month"],
            [l.units_per_meal, l.units_per_day, l.units_per_month],
            MOST_UNITS,
        ),
    ] {
        let mut narrower: Option<(&str, i64)> = None;
        for (key, cap) in keys.into_iter().zip(caps) {
            let Some(cap) = cap else { continue };
            at.unless((1..=most).contains(&cap), || {
                (format!("{key}: a cap of this size makes no sense"), "write a positive cap of sensible size")
            })?;
            if let Some((narrow_key, narrow)) = narrower {
                at.unless(narrow <= cap, || {
                    (
                        format!("{key} is smaller than {narrow_key}"),
                        "a longer span cannot allow less than a shorter one",
                    )
                })?;
            }
            narrower = Some((key, cap));
        }
    }
    let counts_units = matches!(PurseUnit::of(p.kind), Some(unit) if unit != PurseUnit::Fen);
    let has_units = [l.units_per_meal, l.units_per_day, l.units_per_month].iter().any(Option::is_some);
    at.unless(counts_units || !has_units, || {
        (format!("{:?} has no units to cap", p.id.as_str()), "units belong to points, vouchers and time coins")
    })
}

fn check_split(p: &Programme, split: &Split, line: usize) -> Result<(), RuleError> {
    let at = Complaint { programme: p, line };
    at.unless(!split.0.is_empty(), || {
        (format!("payer: nobody pays for {:?}", p.id.as_str()), "add [[programme.payer]]")
    })?;
    for part in &split.0 {
        if let PartSize::Amount(sum) = part.size {
            check_amount(&at, "amount_yuan", sum, false, MOST_PER_MEAL)?;
        }
    }
    check_parts_make_a_whole(p, &at, split)?;
    let names: BTreeSet<_> = split.0.iter().map(|part| &part.payer).collect();
    at.unless(names.len() == split.0.len(), || {
        (format!("payer: one payer stands twice in {:?}", p.id.as_str()), "add the two parts up")
    })?;
    let elder_pays = split.0.iter().any(|part| part.payer.is_elder());
    let prepaid = p.kind == LineKind::Prepaid;
    at.unless(elder_pays == prepaid, || {
        if prepaid {
            (format!("payer: prepaid money of {:?} is the elder's own", p.id.as_str()), "leave the payers out")
        } else {
            (format!("payer: the elder cannot be a payer of {:?}", p.id.as_str()), "name who pays for the elder")
        }
    })?;
    at.unless(!prepaid || names.len() == 1, || {
        (format!("payer: prepaid money of {:?} is the elder's alone", p.id.as_str()), "leave the payers out")
    })?;
    let loses = split.0.iter().any(|part| part.lost != LostIn::Nowhere);
    at.unless(!loses || PurseUnit::of(p.kind).is_none(), || {
        let problem = format!("lost_in_another: what is spent from the purse of {:?} would buy nothing", p.id.as_str());
        (problem, "leave it out; canteens, districts or towns of the programme say where a purse pays")
    })
}

fn check_parts_make_a_whole(p: &Programme, at: &Complaint<'_>, split: &Split) -> Result<(), RuleError> {
    let rests = split.0.iter().filter(|part| part.size == PartSize::Rest).count();
    let sums = split.0.iter().any(|part| matches!(part.size, PartSize::Amount(_)));
    let percents = split.0.iter().map(|part| match part.size {
        PartSize::Percent(percent) => u32::from(percent.hundredths()),
        PartSize::Amount(_) | PartSize::Rest => 0,
    });
    let (sum, whole) = (percents.sum::<u32>(), u32::from(Percent::WHOLE.hundredths()));
    let shown = || format!("{}.{:02}", sum / 100, sum % 100);
    at.unless(rests <= 1, || {
        (format!("payer: two payers of {:?} take the rest", p.id.as_str()), "let one take the rest")
    })?;
    at.unless(rests == 1 || !sums, || {
        (
            format!("payer: nobody pays what the fixed sums of {:?} leave", p.id.as_str()),
            "write rest = true for one payer",
        )
    })?;
    at.unless(rests == 1 || sum == whole, || {
        (
            format!("payer: the percents of {:?} add up to {}, not 100", p.id.as_str(), shown()),
            "make them add up to 100",
        )
    })?;
    at.unless(rests == 0 || sum < whole, || {
        (
            format!("payer: the percents of {:?} add up to {} and leave no rest", p.id.as_str(), shown()),
            "lower a percent",
        )
    })
}
