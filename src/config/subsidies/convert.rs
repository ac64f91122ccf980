//! From the keys of a rule file to a programme of the domain.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;

use super::super::values::{Id, Name};
use super::super::{ConfigError, line_of};
use super::shape::{LimitsShape, PayerShape, ProgrammeShape, PurseShape, TierShape, WhoShape};
use super::values::Yuan;
use crate::domain::subsidy::{
    Base, ELDER_AGE, Give, LastUnit, Limits, Lines, MinimumSpend, OLDEST_AGE, Part, PartSize, Programme, Purse,
    PurseUnit, Rounding, Scope, Split, Tier, Who,
};
use crate::domain::{CareLevel, Fen, LineKind, Payer};

/// The file that is being read.
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn line<T>(&self, value: &Spanned<T>) -> usize {
        line_of(self.text, value.span().start)
    }

    fn wrong(&self, line: usize, problem: impl Into<String>, remedy: &str) -> ConfigError {
        ConfigError::Wrong { file: self.file.to_owned(), line, problem: problem.into(), remedy: remedy.to_owned() }
    }
}

pub(super) fn programme(file: &Path, text: &str, shape: ProgrammeShape) -> Result<Programme, ConfigError> {
    let source = Source { file, text };
    let lines = lines(&source, &shape);
    let rounding = rounding(&source, &shape)?;
    if let (Some(when), None) = (&shape.excludes_when, &shape.excludes) {
        let problem = "excludes_when: there is no `excludes` it could belong to";
        return Err(source.wrong(source.line(when), problem, "add `excludes`, or leave excludes_when out"));
    }
    let kind = shape.kind;
    let youngest = if kind == LineKind::Prepaid { 0 } else { ELDER_AGE };
    Ok(Programme {
        id: shape.id.into_inner().0,
        name: shape.name,
        version: shape.version.into_inner(),
        from: shape.from.into_inner().0,
        until: shape.until.map(|until| until.into_inner().0),
        order: shape.order.into_inner(),
        kind,
        scope: Scope {
            meals: shape.meals,
            canteens: shape.canteens.map(|set| set.into_iter().map(|Id(id)| id).collect()),
            districts: shape.districts.map(names),
            towns: shape.towns.map(names),
            age_start: shape.age_counts_from.into(),
        },
        who: who(shape.who, youngest),
        tiers: shape.tier.into_iter().map(|shape| tier(&source, kind, shape)).collect::<Result<_, _>>()?,
        choice: shape.when_several_match.map(Into::into),
        rounding,
        limits: shape.limits.map(|shape| limits(shape.into_inner())).unwrap_or_default(),
        excludes: shape.excludes.into_iter().flat_map(Spanned::into_inner).map(|Id(id)| id).collect(),
        excludes_when: shape.excludes_when.map(|when| when.into_inner().into()).unwrap_or_default(),
        payers: payers(&source, kind, shape.payer)?,
        purse: shape.purse.map(|shape| purse(&source, kind, shape)).transpose()?,
        lines,
    })
}

fn lines(source: &Source<'_>, shape: &ProgrammeShape) -> Lines {
    let id = source.line(&shape.id);
    Lines {
        file: Arc::from(source.file.display().to_string()),
        id,
        version: source.line(&shape.version),
        from: source.line(&shape.from),
        until: source.line(shape.until.as_ref().unwrap_or(&shape.from)),
        order: source.line(&shape.order),
        excludes: shape.excludes.as_ref().map_or(id, |key| source.line(key)),
        payers: shape.payer.first().map_or(id, |key| source.line(key)),
        limits: shape.limits.as_ref().map_or(id, |key| source.line(key)),
        purse: shape.purse.as_ref().map_or(id, |key| source.line(key)),
    }
}

fn rounding(source: &Source<'_>, shape: &ProgrammeShape) -> Result<Option<Rounding>, ConfigError> {
    let (line, missing) = match (&shape.rounding, &shape.round_to) {
        (Some(mode), Some(to)) => {
            return Ok(Some(Rounding { mode: (*mode.get_ref()).into(), to: (*to.get_ref()).into() }));
        }
        (None, None) => return Ok(None),
        (Some(mode), None) => (source.line(mode), "round_to"),
        (None, Some(to)) => (source.line(to), "rounding"),
    };
    let problem = format!("{missing}: `rounding` and `round_to` go together");
    Err(source.wrong(line, problem, "write both, such as rounding = \"half_up\" and round_to = \"fen\""))
}

fn who(shape: WhoShape, youngest: u8) -> Who {
    let classes = |set: BTreeSet<_>| set.into_iter().map(Into::into).collect();
    Who {
        age_from: shape.age_from.unwrap_or(youngest),
        age_to: shape.age_to.unwrap_or(OLDEST_AGE),
        classes: shape.classes.map(classes),
        not_classes: classes(shape.not_classes),
        care_levels: shape.care_levels.map(|levels| levels.into_iter().map(CareLevel).collect()),
        residence: shape.household.into(),
        household_districts: shape.household_districts.map(names),
        household_towns: shape.household_towns.map(names),
    }
}

fn names(set: BTreeSet<Name>) -> BTreeSet<String> {
    set.into_iter().map(|Name(name)| name).collect()
}

fn tier(source: &Source<'_>, kind: LineKind, shape: Spanned<TierShape>) -> Result<Tier, ConfigError> {
    let line = source.line(&shape);
    let shape = shape.into_inner();
    let give = give(source, line, &shape)?;
    let minimum_spend = match (shape.minimum_spend_yuan, shape.minimum_spend_on) {
        (Some(Yuan(amount)), Some(on)) => Some(MinimumSpend { amount, on: on.into() }),
        (None, None) => None,
        _ => {
            let problem = "minimum_spend_on: it must be said whether the minimum counts before or after discounts";
            let remedy = "write minimum_spend_yuan together with minimum_spend_on = \"price\" or \"discounted_price\"";
            return Err(source.wrong(line, problem, remedy));
        }
    };
    let grant = in_unit(source, line, kind, "grant", shape.grant_units, shape.grant_yuan)?;
    let payers = shape.payer.map(|shapes| payers(source, kind, shapes)).transpose()?;
    let who = who(shape.who, 0);
    Ok(Tier { who, give, at_most: shape.at_most_yuan.map(|y| y.0), minimum_spend, payers, grant, line })
}

fn give(source: &Source<'_>, line: usize, shape: &TierShape) -> Result<Give, ConfigError> {
    let ways = [
        shape.amount_yuan.map(|Yuan(amount)| Give::Amount(amount)),
        shape
            .share_percent
            .map(|percent| Give::Share { percent: percent.0, of: shape.share_of.map_or(Base::Price, Into::into) }),
        shape
            .elder_pays_yuan
            .map(|Yuan(price)| Give::ElderPays { price, standard_price: shape.standard_price_yuan.map(|y| y.0) }),
        shape.pays_rest.then_some(Give::Rest),
    ];
    let mut ways = ways.into_iter().flatten();
    let (Some(give), None) = (ways.next(), ways.next()) else {
        let problem = "tier: it must say in exactly one way how much it gives";
        let remedy = "write one of amount_yuan, share_percent, elder_pays_yuan, pays_rest = true";
        return Err(source.wrong(line, problem, remedy));
    };
    if shape.share_percent.is_some() != shape.share_of.is_some() {
        let problem = "share_of: a share must say what it is a share of";
        let remedy = "write share_percent together with share_of = \"price\", \"discounted_price\" or \"own_share\"";
        return Err(source.wrong(line, problem, remedy));
    }
    if shape.standard_price_yuan.is_some() && shape.elder_pays_yuan.is_none() {
        let problem = "standard_price_yuan: it belongs to elder_pays_yuan, which is missing";
        return Err(source.wrong(line, problem, "add elder_pays_yuan, or leave standard_price_yuan out"));
    }
    Ok(give)
}

/// An amount in the purse's unit, from the key that fits the kind: `…_yuan` for purses of money, `…_units` for others.
fn in_unit(
    source: &Source<'_>,
    line: usize,
    kind: LineKind,
    key: &str,
    units: Option<i64>,
    yuan: Option<Yuan>,
) -> Result<Option<i64>, ConfigError> {
    let money = PurseUnit::of(kind) == Some(PurseUnit::Fen);
    match (units, yuan) {
        (Some(_), _) if money => {
            Err(source.wrong(line, format!("{key}_units: this purse holds money"), &format!("write {key}_yuan")))
        }
        (_, Some(_)) if !money => {
            Err(source.wrong(line, format!("{key}_yuan: this purse holds no money"), &format!("write {key}_units")))
        }
        (units, yuan) => Ok(units.or(yuan.map(|Yuan(amount)| amount.get()))),
    }
}

fn limits(shape: LimitsShape) -> Limits {
    let fen = |yuan: Option<Yuan>| yuan.map(|y| y.0);
    Limits {
        per_meal: fen(shape.per_meal_yuan),
        per_day: fen(shape.per_day_yuan),
        per_month: fen(shape.per_month_yuan),
        times_per_period: shape.times_per_meal_period,
        times_per_day: shape.times_per_day,
        times_per_month: shape.times_per_month,
        units_per_meal: shape.units_per_meal,
        units_per_day: shape.units_per_day,
        units_per_month: shape.units_per_month,
    }
}

fn purse(source: &Source<'_>, kind: LineKind, shape: Spanned<PurseShape>) -> Result<Purse, ConfigError> {
    let line = source.line(&shape);
    let shape = shape.into_inner();
    let money = PurseUnit::of(kind) == Some(PurseUnit::Fen);
    let unit_value = match shape.unit_value_yuan {
        Some(Yuan(value)) => value,
        None if money => Fen::new(1),
        None => {
            let problem = "unit_value_yuan: it must be said what a point, voucher or coin pays";
            return Err(source.wrong(line, problem, "add it, such as unit_value_yuan = \"1.00\""));
        }
    };
    let last_unit = match shape.last_unit {
        Some(word) => word.into(),
        None if money => LastUnit::Kept,
        None => {
            let problem = "last_unit: it must be said what happens to a last unit worth more than what is left to pay";
            return Err(source.wrong(line, problem, "add last_unit = \"kept\" or \"forfeited\""));
        }
    };
    let credit = (shape.offline_credit_units, shape.offline_credit_yuan);
    Ok(Purse {
        unit_value,
        last_unit,
        granted_every: shape.granted_every.map(Into::into),
        cleared_every: shape.cleared_every.map(Into::into),
        offline_credit: in_unit(source, line, kind, "offline_credit", credit.0, credit.1)?.unwrap_or(0),
    })
}

fn payers(source: &Source<'_>, kind: LineKind, shapes: Vec<Spanned<PayerShape>>) -> Result<Split, ConfigError> {
    if shapes.is_empty() && kind == LineKind::Prepaid {
        return Ok(Split::single(Payer::elder()));
    }
    let mut parts = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let line = source.line(&shape);
        let shape = shape.into_inner();
        let size = match (shape.percent, shape.amount_yuan, shape.rest) {
            (Some(percent), None, false) => PartSize::Percent(percent.0),
            (None, Some(Yuan(amount)), false) => PartSize::Amount(amount),
            (None, None, true) => PartSize::Rest,
            _ => {
                let problem =
                    format!("payer: it must be said in exactly one way how much {:?} pays", shape.payer.as_str());
                return Err(source.wrong(line, problem, "write one of percent, amount_yuan, rest = true"));
            }
        };
        parts.push(Part { payer: shape.payer, size, lost: shape.lost_in_another.into() });
    }
    Ok(Split(parts))
}
