//! What the kiosk prints when it ends, written down as it happens.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::kiosk::engine::Witness;
use crate::kiosk::session::{Event, Screen, Session};
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
    pub summary: Arc<Mutex<Summary>>,
    pub started: Instant,
}

impl Witness for Recorder {
    fn saw(&mut self, session: &Session, event: &Event) {
        let mut summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = session.view().screen;
        if !summary.screens.contains(&screen.name()) {
            summary.screens.push(screen.name());
        }
        match (event, &screen) {
            (Event::Opened { .. }, _) if summary.first_recognition_ms.is_none() => {
                summary.first_recognition_ms = u64::try_from(self.started.elapsed().as_millis()).ok();
            }
            // An answer that counts no meal is the late one of a settlement that was asked for more than once.
            (Event::Settled { reply: Ok(number), .. }, Screen::Settled(order))
                if session.settled_meals() > summary.meals =>
            {
                summary.meals = session.settled_meals();
                if let Some(quote) = &order.quote {
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

    #[test]
    fn a_meal_whose_settlement_was_asked_for_twice_is_written_down_once() {
        let mut bench = Bench::at_lunch();
        let visit = bench.up_to_the_question(1, "王秀英");
        bench.touch(Touch::Confirm(visit, bench.choice()));
        bench.wait(5_000);
        assert_eq!(bench.settlements().len(), 2);
        let summary = Arc::new(Mutex::new(Summary::default()));
        let mut recorder = Recorder { summary: Arc::clone(&summary), started: Instant::now() };
        for _ in 0..2 {
            let answer = Event::Settled { entry: entry(visit), reply: Ok(7) };
            bench.tell(answer.clone());
            recorder.saw(&bench.session, &answer);
        }
        let summary = summary.lock().expect("a summary");
        let numbers: Vec<u64> = summary.settled.iter().map(|meal| meal.number).collect();
        assert_eq!((summary.meals, numbers), (1, vec![7]));
    }
}
