//! What holds of every day and every damage.

use proptest::prelude::*;

use super::signature::Signer;
use super::tables::Letterhead;
use super::*;
use crate::domain::sample::{self, SampleBooks, grant, lunch};
use crate::domain::statement::Statement;
use crate::domain::{EntryBody, Fen, MealEntry, encoding};

/// Texts that spreadsheets, CSV and JSON trip over, and any other.
fn text() -> impl Strategy<Value = String> {
    let awkward =
        ["", "=1+1", "+1", "-1", "@x", "\t=1", "'", "''x", "000123", "1E5", "3-4", "a,b;c\td", "\"\"", "\r\n"];
    prop_oneof![proptest::sample::select(awkward.map(str::to_owned).to_vec()), any::<String>(), "\\PC{0,40}"]
}

/// What happens to the books: a meal, its reversal, or points.
#[derive(Debug, Clone)]
enum Event {
    Meal { elder: String, price: i64, dish: String },
    Back { reason: String },
    Points { elder: String },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => ("[0-9A-Za-z_-]{1,20}", 0i64..100_000, text())
            .prop_map(|(elder, price, dish)| Event::Meal { elder, price, dish }),
        1 => text().prop_map(|reason| Event::Back { reason }),
        1 => "[0-9A-Za-z_-]{1,20}".prop_map(|elder| Event::Points { elder }),
    ]
}

fn statement_of(events: &[Event]) -> Statement {
    let mut books = SampleBooks::begin("2026-11-22");
    let mut meals: Vec<(u64, MealEntry)> = Vec::new();
    for (number, event) in (1..).zip(events) {
        let body = match event {
            Event::Meal { elder, price, dish } => {
                let mut meal = lunch(elder, *price);
                meal.dishes.iter_mut().for_each(|sold| sold.name.clone_from(dish));
                meals.push((number, meal.clone()));
                EntryBody::Meal(meal)
            }
            Event::Back { reason } => match meals.pop() {
                Some((of, meal)) => {
                    let mut back = sample::reversal(&meal, of);
                    back.reason.clone_from(reason);
                    EntryBody::Reversal(back)
                }
                None => EntryBody::Movement(grant("E-1")),
            },
            Event::Points { elder } => EntryBody::Movement(grant(elder)),
        };
        books.add(body);
    }
    Statement::new(books.close()).expect("sound books")
}

fn head() -> Letterhead {
    Letterhead::new("Canteen", "Asia/Shanghai").expect("a zone")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_day_is_read_back_from_its_files_as_it_was_written(events in proptest::collection::vec(event(), 0..30)) {
        let statement = statement_of(&events);
        let (detail, summary) = (tables::detail(&statement, &head()), tables::summary(&statement, &head()));
        let found = csv::read(&csv::write(&detail, &summary));
        prop_assert_eq!(found.resaved, vec![]);
        for (table, found) in [(&detail, &found.detail), (&summary, &found.summary)] {
            prop_assert_eq!(&table.header, &found.header);
            prop_assert_eq!(table.rows.len(), found.rows.len());
            for (row, found) in table.rows.iter().zip(&found.rows) {
                let values: Vec<String> = row.iter().map(|cell| cell.value().into_owned()).collect();
                prop_assert_eq!(&values[..], &found.cells[..values.len()]);
            }
        }
        let file = files_of_day::entries_file(&statement);
        let entries: Vec<_> = file.split_inclusive(|byte| *byte == b'\n').map(|line| encoding::decode(&line[..line.len() - 1])).collect();
        let written: Vec<_> = statement.books().entries.iter().cloned().map(Ok).collect();
        prop_assert_eq!(entries, written);
    }

    #[test]
    fn payers_of_every_day_bear_what_its_meals_cost(events in proptest::collection::vec(event(), 0..30)) {
        let statement = statement_of(&events);
        let day = statement.day_totals();
        prop_assert_eq!(day.payers.values().copied().sum::<Fen>(), day.price);
        prop_assert_eq!(statement.periods().map(|(_, totals)| totals.price).sum::<Fen>(), day.price);
    }

    #[test]
    fn readers_take_any_bytes_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = csv::read(&bytes);
        let _ = manifest::Manifest::read(&bytes);
        let _ = encoding::decode(&bytes);
    }

    #[test]
    fn a_file_cut_and_pasted_anywhere_is_detected_without_a_panic(
        kind in 0usize..5,
        from in 0.0f64..1.0,
        cut in 0usize..400,
        pasted in prop_oneof![text().prop_map(String::into_bytes), proptest::collection::vec(any::<u8>(), 0..50)],
    ) {
        let dir = tempfile::tempdir().expect("a folder");
        let signer = Signer::open_or_create(dir.path()).expect("a key");
        let statement = Statement::new(sample::busy_day(&mut SampleBooks::begin("2026-11-22"))).expect("sound books");
        let day = DayFiles::make(&statement, &head(), &signer).expect("files");
        for kind in FileKind::ALL {
            std::fs::write(dir.path().join(day.names.file(kind)), day.bytes(kind)).expect("a file");
        }
        let kind = FileKind::ALL[kind];
        let mut bytes = day.bytes(kind).to_vec();
        let from = ((bytes.len() as f64 * from) as usize).min(bytes.len());
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, pasted);
        std::fs::write(dir.path().join(day.names.file(kind)), &bytes).expect("a file");
        let report = verify::verify(&[dir.path().to_owned()], &[]).expect("a statement");
        prop_assert_eq!(report.ok, bytes == day.bytes(kind));
    }
}
