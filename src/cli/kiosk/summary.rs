//! What the kiosk prints when it ends, written down as it happens.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::domain::{EntryId, Quote};
use crate::kiosk::engine::Witness;
use crate::kiosk::session::{Effect, Event, Session};
use crate::vision::PackName;

/// What is printed when the kiosk ends.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Summary {
    pub source: String,
    /// The pack of models in use.
    pub models: PackName,
    /// Settled meals.
    pub meals: u64,
    /// Each of them, in order.
    pub settled: Vec<SettledMeal>,
    /// From the start of the program to the first accepted face.
    pub first_recognition_ms: Option<u64>,
    /// Screens that were shown, each once, in the order of their first showing.
    pub screens: Vec<&'static str>,
    /// Pictures that were saved.
    pub shots: Vec<PathBuf>,
    pub seconds: f64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SettledMeal {
    number: u64,
    price_fen: i64,
    /// What others than the elder bear.
    reduction_fen: i64,
    /// Taken from the elder's prepaid balance.
    prepaid_fen: i64,
    own_share_fen: i64,
}

/// Writes down what the summary says.
pub(super) struct Recorder {
    summary: Arc<Mutex<Summary>>,
    started: Instant,
    /// The confirmed meals that the ledger has been asked to write and has not said to hold.
    asked: BTreeMap<EntryId, Quote>,
}

impl Recorder {
    /// Of a program that was `started` then.
    pub(super) const fn new(summary: Arc<Mutex<Summary>>, started: Instant) -> Self {
        Self { summary, started, asked: BTreeMap::new() }
    }
}

impl Witness for Recorder {
    fn saw(&mut self, session: &Session, event: &Event, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Settle(settlement) = effect {
                self.asked.insert(settlement.entry, settlement.quote.clone());
            }
        }
        let mut summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = session.view().screen.name();
        if !summary.screens.contains(&screen) {
            summary.screens.push(screen);
        }
        match event {
            Event::Opened { .. } if summary.first_recognition_ms.is_none() => {
                summary.first_recognition_ms = u64::try_from(self.started.elapsed().as_millis()).ok();
            }
            // Whatever is on the screen by then. A second answer is that of a settlement that was asked for more than once.
            Event::Settled { entry, reply: Ok(number) } => {
                if let Some(quote) = self.asked.remove(entry) {
                    summary.meals += 1;
                    summary.settled.push(SettledMeal {
                        number: *number,
                        price_fen: quote.price.get(),
                        reduction_fen: quote.reduction().get(),
                        prepaid_fen: quote.prepaid().get(),
                        own_share_fen: quote.own_share.get(),
                    });
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::session::Touch;
    use crate::kiosk::session::tests::bench::{Bench, entry};

    /// A session whose elder has just confirmed, the summary, and who writes it down.
    fn confirmed() -> (Bench, Arc<Mutex<Summary>>, Recorder, EntryId) {
        let mut bench = Bench::at_lunch();
        let summary = Arc::new(Mutex::new(Summary::default()));
        let mut recorder = Recorder::new(Arc::clone(&summary), Instant::now());
        let visit = bench.up_to_the_question(1, "王秀英");
        let confirm = Touch::Confirm(visit, bench.choice());
        tell(&mut bench, &mut recorder, Event::Touch(confirm));
        (bench, summary, recorder, entry(visit))
    }

    fn tell(bench: &mut Bench, recorder: &mut Recorder, event: Event) {
        let effects = bench.session.handle(bench.now, event.clone());
        recorder.saw(&bench.session, &event, &effects);
        bench.effects.extend(effects);
    }

    /// The meals that are counted, and number and own share of each that is written down.
    fn written(summary: &Mutex<Summary>) -> (u64, Vec<(u64, i64)>) {
        let summary = summary.lock().expect("a summary");
        (summary.meals, summary.settled.iter().map(|meal| (meal.number, meal.own_share_fen)).collect())
    }

    #[test]
    fn a_meal_whose_settlement_was_asked_for_twice_is_written_down_once() {
        let (mut bench, summary, mut recorder, entry) = confirmed();
        bench.now = bench.now.plus(5_000);
        tell(&mut bench, &mut recorder, Event::Tick);
        assert_eq!(bench.settlements().len(), 2);
        for _ in 0..2 {
            tell(&mut bench, &mut recorder, Event::Settled { entry, reply: Ok(7) });
        }
        assert_eq!(written(&summary), (1, vec![(7, 1_000)]));
    }

    #[test]
    fn a_meal_that_was_answered_after_its_message_had_ended_is_counted_and_written_down_too() {
        let (mut bench, summary, mut recorder, entry) = confirmed();
        for _ in 0..5 {
            bench.now = bench.now.plus(5_000);
            tell(&mut bench, &mut recorder, Event::Tick);
        }
        assert_eq!(bench.screen(), "unsure");
        bench.now = bench.now.plus(60_000);
        tell(&mut bench, &mut recorder, Event::Tick);
        assert_ne!(bench.screen(), "unsure");
        tell(&mut bench, &mut recorder, Event::Settled { entry, reply: Ok(7) });
        assert_ne!(bench.screen(), "settled");
        assert_eq!(written(&summary), (bench.session.settled_meals(), vec![(7, 1_000)]));
        assert_eq!(bench.session.settled_meals(), 1);
    }
}
