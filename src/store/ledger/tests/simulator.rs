//! Months of a canteen by dice: whatever elders, staff, clocks and power do, the books agree with a plain model of them.
//! A failure names its seed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::*;
use crate::domain::{DueCause, DueMovement, EntryBody};

/// splitmix64
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        (!items.is_empty()).then(|| items[self.below(items.len() as u64) as usize])
    }
}

type Slot = (ElderId, MealDay, MealPeriod);

/// What should be so.
#[derive(Default)]
struct Model {
    standing: BTreeMap<Slot, (EntryId, i64)>,
    ids: BTreeSet<EntryId>,
    points: BTreeMap<ElderId, i64>,
    entries: u64,
}

fn simulate(seed: u64) {
    let mut dice = Dice(seed);
    let mut fixture = Fixture::new();
    let mut model = Model::default();
    for step in 0..160 {
        let at = format!("seed {seed}, step {step}");
        let today = fixture.ledger.today().expect("a day");
        let who = elder(dice.below(4) as u32);
        let before = model.entries;
        let known = fixture.ledger.now().expect(&at).state.is_known();
        match dice.below(14) {
            0..=5 => settle(&mut dice, &mut fixture, &mut model, &who, today, &at),
            6 => {
                let slots: Vec<_> = model.standing.keys().collect();
                if let Some(slot) = dice.one_of(&slots).cloned() {
                    let (id, units) = model.standing[&slot];
                    match fixture.ledger.reverse(new_id(), id, &staff(), "taken back") {
                        Ok(back) => {
                            assert!(known && back.day >= today, "{at}: booked into the past");
                            model.standing.remove(&slot);
                            model.entries += 1;
                            *model.points.entry(slot.0).or_default() += units;
                        }
                        Err(refused) => {
                            assert!(matches!(refused, LedgerError::ClockUnknown) && !known, "{at}: {refused}")
                        }
                    }
                }
            }
            7 => {
                let due = DueMovement {
                    programme: programme("points"),
                    version: 1,
                    cause: DueCause::Grant,
                    day: today,
                    units: 7,
                };
                let posted = match fixture.ledger.post_due(&who, &[due]) {
                    Err(LedgerError::ClockUnknown) if !known => 0,
                    posted => posted.expect(&at).len() as u64,
                };
                model.entries += posted;
                *model.points.entry(who).or_default() += 7 * i64::try_from(posted).expect("0 or 1");
            }
            8 => {
                for day in fixture.ledger.days_to_close().expect(&at) {
                    fixture.ledger.close_day(day).expect(&at);
                }
            }
            9 => fixture.clock.pass(SignedDuration::from_hours(i64::try_from(dice.below(30)).expect("hours"))),
            10 => {
                // Somebody sets the clock; sometimes the staff vouch for it, mostly it is put back.
                let wall = fixture.clock.read().wall;
                let hours = i64::try_from(dice.below(72)).expect("hours") - 36;
                fixture.clock.set(wall + SignedDuration::from_hours(hours));
                if fixture.clock_is_doubted() && dice.below(3) == 0 {
                    model.entries += u64::from(fixture.ledger.trust_clock(&staff()).is_ok());
                } else {
                    let today = fixture.ledger.today().expect(&at);
                    settle(&mut dice, &mut fixture, &mut model, &who, today, &at);
                    fixture.clock.set(wall);
                }
            }
            11 => fixture.clock.reboot(),
            _ => fixture = fixture.reopen().unwrap_or_else(|error| panic!("{at}: {error}")),
        }
        let head = fixture.ledger.head().expect(&at).number;
        assert_eq!(head, model.entries, "{at}: from {before}");
        for (elder, points) in &model.points {
            let purses = fixture.ledger.purses(elder).expect(&at);
            assert_eq!(purses.get(&programme("points")).map_or(0, |purse| purse.balance), *points, "{at}");
        }
    }
    for (elder, day, period) in model.standing.keys() {
        assert!(fixture.ledger.meal_of(elder, *day, *period).expect("readable").is_some(), "seed {seed}");
    }
    let report = fixture.ledger.check_all().expect("a check");
    assert_eq!((report.entries, report.findings), (model.entries, vec![]), "seed {seed}");
}

/// One elder comes to eat, with some points to spend; sometimes the same draft is sent twice.
fn settle(dice: &mut Dice, fixture: &mut Fixture, model: &mut Model, who: &ElderId, today: MealDay, at: &str) {
    let units = i64::try_from(dice.below(4)).expect("a few");
    let period = MealPeriod::ALL[dice.below(3) as usize];
    let lines = (units > 0).then(|| line("points", LineKind::Points, units * 100, units, "district"));
    let draft = MealDraft { period, ..lunch_with(who.clone(), today, lines.into_iter().collect()) };
    let slot = (who.clone(), today, period);
    let open = fixture.ledger.open_from().expect(at) <= today;
    let known = fixture.ledger.now().expect(at).state.is_known();
    let affordable = model.points.get(who).copied().unwrap_or(0) >= units;
    if dice.below(3) == 0 {
        let held = fixture.ledger.hold(&draft, SignedDuration::from_mins(1));
        assert!(held.is_ok() || model.standing.contains_key(&slot) || !affordable, "{at}: {held:?}");
        fixture.ledger.release(if dice.below(2) == 0 { draft.id } else { new_id() }).expect(at);
        fixture.ledger.release_all().expect(at);
    }
    match fixture.ledger.settle(draft.clone()) {
        Ok(entry) => {
            assert!(!model.standing.contains_key(&slot), "{at}: a second meal");
            assert!(open && affordable && known, "{at}: settled though it could not be");
            assert!(matches!(&entry.body, EntryBody::Meal(meal) if meal.day == today), "{at}");
            assert!(model.ids.insert(entry.id), "{at}: an id twice");
            assert_eq!(fixture.ledger.settle(draft).expect(at), entry, "{at}: a retry");
            model.standing.insert(slot, (entry.id, units));
            *model.points.entry(who.clone()).or_default() -= units;
            model.entries += 1;
        }
        Err(LedgerError::AlreadyServed { .. }) => assert!(model.standing.contains_key(&slot), "{at}: the slot is free"),
        Err(LedgerError::Short { .. }) => assert!(!affordable, "{at}: there were points enough"),
        Err(LedgerError::DayClosed(_)) => assert!(!open, "{at}: the day is open"),
        Err(LedgerError::ClockUnknown) => assert!(!known, "{at}: the books know the time"),
        Err(other) => panic!("{at}: {other}"),
    }
}

impl Fixture {
    /// Whether there is something to vouch for.
    fn clock_is_doubted(&self) -> bool {
        self.ledger.now().is_ok_and(|time| !time.state.is_steady())
    }
}

#[test]
fn whatever_elders_staff_clocks_and_power_do_the_books_agree_with_a_plain_model() {
    for seed in 0..12 {
        simulate(seed);
    }
}
