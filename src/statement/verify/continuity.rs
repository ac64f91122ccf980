//! From day to day: nothing is missing between two statements of a kiosk, and each begins where the last one ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::day::VerifiedDay;
use super::report::Finding;
use crate::domain::statement::{ChainPoint, Statement, Totals};
use crate::domain::{EntryBody, EntryId, Fen, MealEntry, PayerShare, ReversalEntry};
use crate::statement::manifest::Manifest;
use crate::statement::names::FileKind;

/// What was found between days.
#[derive(Default)]
pub struct Continuity {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What a reader should know although nothing was changed.
    pub notes: Vec<String>,
}

/// Compares the days of each kiosk. `pinned`: whether the caller named the keys, so that a change of key is meant.
pub fn check(days: &[VerifiedDay], pinned: bool) -> Continuity {
    let mut kiosks: BTreeMap<_, Vec<(&Manifest, &VerifiedDay)>> = BTreeMap::new();
    for day in days {
        if let Some(manifest) = &day.manifest {
            kiosks.entry((&manifest.canteen, &manifest.kiosk)).or_default().push((manifest, day));
        }
    }
    let mut continuity = Continuity::default();
    let Continuity { findings, notes } = &mut continuity;
    for of_kiosk in kiosks.values_mut() {
        of_kiosk.sort_by_key(|(manifest, _)| manifest.day);
        if let Some((first, _)) = of_kiosk.first() {
            findings.extend(check_beginning(first));
            if first.before.number > 0 {
                notes.push(format!(
                    "{} {}: what is here begins on {} after number {}; earlier days are not here",
                    first.canteen, first.kiosk, first.day, first.before.number
                ));
            }
        }
        for pair in of_kiosk.windows(2) {
            if let [(before, _), (after, day)] = pair {
                check_pair(before, after, pinned, findings);
                match day.statement.as_ref().and_then(restart) {
                    Some(note) if after.before.number >= before.after.number => notes.push(note),
                    _ => check_chain(before, after, findings),
                }
            }
        }
        // A day that is given twice is one day.
        of_kiosk.retain(|(_, day)| day.statement.is_some());
        of_kiosk.dedup_by_key(|(manifest, _)| *manifest);
        check_reversals(of_kiosk.iter().map(|(_, day)| *day), findings);
    }
    continuity
}

/// Books that begin anew after a loss say so in the day's first entry; the chain then has a gap that is known.
fn restart(statement: &Statement) -> Option<String> {
    let books = statement.books();
    let EntryBody::Restart(restart) = &books.entries.first()?.body else { return None };
    Some(format!(
        "{} {}: the books were lost and begin anew on {} after number {}; entries of the lost books between the closed \
         day before and here are in no statement",
        books.canteen, books.kiosk, books.day, restart.known_to
    ))
}

fn file(manifest: &Manifest) -> String {
    manifest.names().file(FileKind::Manifest)
}

/// Books that begin at number 1 begin with nothing.
fn check_beginning(first: &Manifest) -> Option<Finding> {
    let nothing = first.opening == Totals::default();
    (first.before.number == 0 && (first.before != ChainPoint::START || !nothing))
        .then(|| Finding::new(&file(first), "the books begin here, but not with nothing").in_column("opening"))
}

fn check_pair(before: &Manifest, after: &Manifest, pinned: bool, findings: &mut Vec<Finding>) {
    let finding = |problem: String| Finding::new(&file(after), problem);
    if before.day == after.day {
        if before != after {
            findings.push(finding(format!("there are two different statements of {}", after.day)));
        }
        return;
    }
    if let Some(missing) = missing_between(before, after) {
        findings.push(finding(missing));
    }
    if !pinned && before.signature.public_key != after.signature.public_key {
        findings.push(
            finding(
                "it is signed with another key than the day before; if both are the kiosk's, name both with --key"
                    .to_owned(),
            )
            .in_column("signature")
            .between(before.signature.public_key, after.signature.public_key),
        );
    }
}

/// The chain and the totals go on from the day before.
fn check_chain(before: &Manifest, after: &Manifest, findings: &mut Vec<Finding>) {
    if before.day == after.day {
        return;
    }
    let finding = |problem: String| Finding::new(&file(after), problem);
    if before.after != after.before {
        let point = |at: ChainPoint| format!("number {} with hash {}", at.number, at.hash);
        findings.push(
            finding(format!("the chain does not go on from {}", before.day))
                .in_column("before")
                .between(point(before.after), point(after.before)),
        );
    }
    if before.closing != after.opening {
        let sum = |totals: &Totals| format!("{} entries, {}", totals.entries, totals.price);
        findings.push(
            finding(format!("it does not open with the closing totals of {}", before.day))
                .in_column("opening")
                .between(sum(&before.closing), sum(&after.opening)),
        );
    }
}

/// Names the days between two statements.
fn missing_between(before: &Manifest, after: &Manifest) -> Option<String> {
    let first = before.date().tomorrow().ok()?;
    let last = after.date().yesterday().ok()?;
    if first > last {
        return None;
    }
    let canteen = &after.canteen;
    Some(if first == last {
        format!("the statement of {first} of {canteen} is missing")
    } else {
        format!("the statements of {first} to {last} of {canteen} are missing")
    })
}

/// Every reversal takes back exactly what a meal of these days booked, and each meal at most once.
fn check_reversals<'a>(days: impl Iterator<Item = &'a VerifiedDay>, findings: &mut Vec<Finding>) {
    let mut meals: HashMap<EntryId, &MealEntry> = HashMap::new();
    let mut reversed: HashSet<EntryId> = HashSet::new();
    for statement in days.filter_map(|day| day.statement.as_ref()) {
        let books = statement.books();
        let names = crate::statement::Names::new(&books.canteen, &books.kiosk, books.day);
        for (line, entry) in (1..).zip(&books.entries) {
            let finding = |problem: &str| Finding::new(&names.file(FileKind::Entries), problem).at(line);
            match &entry.body {
                EntryBody::Meal(meal) => {
                    meals.insert(entry.id, meal);
                }
                EntryBody::Reversal(back) => {
                    if !reversed.insert(back.of) {
                        findings.push(finding("it takes back a meal that was taken back before"));
                    }
                    if meals.get(&back.of).is_some_and(|meal| !is_opposite(meal, back)) {
                        findings.push(finding("it takes back other amounts than the meal booked"));
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_opposite(meal: &MealEntry, back: &ReversalEntry) -> bool {
    let shares = |shares: &[PayerShare]| -> BTreeMap<_, Fen> {
        shares.iter().map(|share| (share.payer.clone(), share.amount)).collect()
    };
    let negative = shares(&back.payers).into_iter().map(|(payer, amount)| (payer, Fen::ZERO - amount)).collect();
    meal.elder == back.elder && meal.price == Fen::ZERO - back.price && shares(&meal.payers) == negative
}
