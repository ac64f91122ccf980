//! The rule book: all versions of all programmes, checked against each other.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::check::check_programme;
use super::programme::{Place, Programme};
use super::who::Who;
use crate::domain::{LineKind, ProgrammeId};

/// All programmes of a canteen, past, present and announced. Nothing in it is ambiguous.
///
/// Equal books follow from equal programmes, in whichever order and in however many files they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleBook {
    /// By order, then id, then version.
    programmes: Vec<Programme>,
}

/// Why a set of rules was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The line that is wrong.
    pub place: Place,
    /// The line it contradicts, where it takes two.
    pub other: Option<Place>,
    /// What is wrong, naming keys and programmes.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)?;
        if let Some(other) = &self.other {
            write!(f, " (see {other})")?;
        }
        write!(f, "; remedy: {}", self.remedy)
    }
}

impl std::error::Error for RuleError {}

impl RuleBook {
    /// Takes programmes that are sensible each and unambiguous together.
    ///
    /// # Errors
    /// The first [`RuleError`], with both lines where two contradict each other.
    pub fn new(mut programmes: Vec<Programme>) -> Result<Self, RuleError> {
        programmes.iter().try_for_each(check_programme)?;
        programmes.sort_by(|a, b| (a.order, &a.id, a.version).cmp(&(b.order, &b.id, b.version)));
        for (i, a) in programmes.iter().enumerate() {
            for b in programmes.iter().skip(i + 1) {
                if a.id == b.id { check_versions(a, b)? } else { check_neighbours(a, b)? }
            }
        }
        check_exclusions(&programmes)?;
        Ok(Self { programmes })
    }

    /// Every version of every programme, in the order they are asked.
    pub fn programmes(&self) -> &[Programme] {
        &self.programmes
    }

    /// The versions in force on `day`, in the order they are asked.
    pub fn in_force(&self, day: Date) -> impl Iterator<Item = &Programme> {
        self.programmes.iter().filter(move |p| p.in_force_on(day))
    }

    /// Of each programme that has begun, the version in force on `day`, else the last one before; in order of id.
    pub fn latest_versions(&self, day: Date) -> Vec<&Programme> {
        let mut begun: Vec<_> = self.programmes.iter().filter(|p| p.from <= day).collect();
        begun.sort_by(|a, b| (&a.id, b.from).cmp(&(&b.id, a.from)));
        begun.dedup_by(|b, a| a.id == b.id);
        begun
    }

    /// Of one programme, the version in force on `day`, else the last one before; none before it has begun.
    pub fn latest_version(&self, programme: &ProgrammeId, day: Date) -> Option<&Programme> {
        self.programmes.iter().filter(|p| p.id == *programme && p.from <= day).max_by_key(|p| p.from)
    }
}

impl RuleBook {
    /// How far each purse may go below zero on `day` while the district cannot be asked, in the purse's unit; purses
    /// without credit are left out.
    pub fn offline_credit(&self, day: Date) -> BTreeMap<ProgrammeId, i64> {
        let credit = |p: &Programme| Some((p.id.clone(), p.purse.as_ref()?.offline_credit));
        self.in_force(day).filter_map(credit).filter(|(_, credit)| *credit > 0).collect()
    }
}

fn error(a: &Programme, line_a: usize, b: &Programme, line_b: usize, problem: String, remedy: &str) -> RuleError {
    RuleError { place: a.place(line_a), other: Some(b.place(line_b)), problem, remedy: remedy.to_owned() }
}

fn overlap(a: &Programme, b: &Programme) -> bool {
    a.until.is_none_or(|until| b.from <= until) && b.until.is_none_or(|until| a.from <= until)
}

/// Two versions of one programme.
fn check_versions(a: &Programme, b: &Programme) -> Result<(), RuleError> {
    let id = a.id.as_str();
    if a.version == b.version {
        let problem = format!("id: {id:?} version {} stands twice", a.version);
        return Err(error(b, b.lines.id, a, a.lines.id, problem, "give the later one the next version, or another id"));
    }
    let (old, new) = if a.version < b.version { (a, b) } else { (b, a) };
    if overlap(old, new) {
        let problem = format!("versions {} and {} of {id:?} are in force at the same time", old.version, new.version);
        let remedy = "set `until` of the older version to the day before `from` of the newer one";
        return Err(error(new, new.lines.from, old, old.lines.until, problem, remedy));
    }
    if new.from < old.from {
        let problem = format!("version {} of {id:?} starts before version {}", new.version, old.version);
        return Err(error(
            new,
            new.lines.version,
            old,
            old.lines.version,
            problem,
            "number the versions by their dates",
        ));
    }
    if a.kind != b.kind {
        let problem = format!("{id:?} changes its kind from version {} to {}", old.version, new.version);
        return Err(error(
            new,
            new.lines.id,
            old,
            old.lines.id,
            problem,
            "a programme of another kind needs another id",
        ));
    }
    Ok(())
}

/// Whether both can have a say in the same meal of the same elder. Says yes in doubt.
fn can_meet(a: &Programme, b: &Programme) -> bool {
    // Where a year of age counts from different days, the ages that one elder has for the two are up to a year apart.
    let apart = u8::from(a.scope.age_start != b.scope.age_start);
    let widened = |who: &Who| Who {
        age_from: who.age_from.saturating_sub(apart),
        age_to: who.age_to.saturating_add(apart),
        ..who.clone()
    };
    let who = widened(&a.who);
    overlap(a, b)
        && a.scope.meets(&b.scope)
        && who.meets(&b.who)
        && a.tiers.iter().map(|x| widened(&x.who)).any(|x| x.meets(&b.who) && b.tiers.iter().any(|y| x.meets(&y.who)))
        && b.tiers.iter().any(|y| who.meets(&y.who))
}

/// Two programmes, `a` not after `b` in order.
fn check_neighbours(a: &Programme, b: &Programme) -> Result<(), RuleError> {
    if !can_meet(a, b) {
        return Ok(());
    }
    let (x, y) = (a.id.as_str(), b.id.as_str());
    if a.order == b.order {
        let problem = format!("order: {x:?} and {y:?} both have order {} and can meet at one meal", a.order);
        return Err(error(b, b.lines.order, a, a.lines.order, problem, "give each its own order; smaller comes first"));
    }
    if b.kind == LineKind::Discount && a.kind != LineKind::Discount {
        let problem = format!("order: the discount {y:?} comes after {x:?}, which does not make the meal cheaper");
        return Err(error(b, b.lines.order, a, a.lines.order, problem, "give discounts the smallest orders"));
    }
    if a.kind == LineKind::Prepaid && b.kind != LineKind::Prepaid {
        let problem = format!("order: {x:?} spends the elder's own money before {y:?} is asked");
        return Err(error(a, a.lines.order, b, b.lines.order, problem, "give prepaid money the largest order"));
    }
    Ok(())
}

fn check_exclusions(programmes: &[Programme]) -> Result<(), RuleError> {
    for a in programmes {
        for excluded in &a.excludes {
            if *excluded == a.id {
                return Err(RuleError {
                    place: a.place(a.lines.excludes),
                    other: None,
                    problem: format!("excludes: {:?} excludes itself", a.id.as_str()),
                    remedy: "name other programmes only".to_owned(),
                });
            }
            let mut others = programmes.iter().filter(|b| b.id == *excluded).peekable();
            if others.peek().is_none() {
                return Err(RuleError {
                    place: a.place(a.lines.excludes),
                    other: None,
                    problem: format!("excludes: there is no programme {:?}", excluded.as_str()),
                    remedy: "write the other programme's id, or leave it out".to_owned(),
                });
            }
            for b in others.filter(|b| overlap(a, b)) {
                check_exclusion(a, b)?;
            }
        }
    }
    Ok(())
}

/// `a` excludes `b` while both are in force.
fn check_exclusion(a: &Programme, b: &Programme) -> Result<(), RuleError> {
    let (x, y) = (a.id.as_str(), b.id.as_str());
    if b.excludes.contains(&a.id) {
        let problem = format!("excludes: {x:?} and {y:?} exclude each other, so neither is said to win");
        let remedy = "keep `excludes` in the one that wins only, and give it the smaller order";
        return Err(error(a, a.lines.excludes, b, b.lines.excludes, problem, remedy));
    }
    if a.order >= b.order {
        let problem =
            format!("excludes: {x:?} (order {}) excludes {y:?} (order {}), which is asked first", a.order, b.order);
        return Err(error(a, a.lines.excludes, b, b.lines.order, problem, "give the one that wins the smaller order"));
    }
    Ok(())
}
