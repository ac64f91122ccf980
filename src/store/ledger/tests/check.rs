//! What the full check and the opening find in books that somebody got at past the triggers. The pages are whole and their
//! seals fit: only the rules of the books can tell.

use super::*;
use crate::domain::encoding::Sealed;
use crate::domain::{DueCause, DueMovement, EntryBody, EntryHash};
use crate::store::StoreError;
use crate::store::ledger::anchor::Anchor;

/// Two lunches, a grant of points and a supper of them on a day that is closed; a lunch (5) and a late reversal (6) on the
/// next. Nothing guards the tables any more.
fn unguarded() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.lunch(1);
    let second = fixture.lunch(2);
    let due = DueMovement {
        programme: programme("points"),
        version: 1,
        cause: DueCause::Grant,
        day: day("2026-11-22"),
        units: 5,
    };
    fixture.ledger.post_due(&elder(1), &[due]).expect("posted");
    let points = line("points", LineKind::Points, 300, 3, "district");
    let supper = lunch_with(elder(1), day("2026-11-22"), vec![points]);
    fixture.ledger.settle(MealDraft { period: MealPeriod::Supper, ..supper }).expect("settled");
    fixture.ledger.close_day(day("2026-11-22")).expect("closed");
    fixture.clock.pass(jiff::SignedDuration::from_hours(24));
    fixture.lunch(1);
    fixture.ledger.reverse(new_id(), second.id, &staff(), "昨天未到店").expect("taken back");
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
    let connection = &fixture.ledger.connection;
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").expect("a list");
    let triggers: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("a list").map(|name| name.expect("a name")).collect();
    for trigger in triggers {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}")).expect("dropped");
    }
    connection.execute_batch("PRAGMA foreign_keys = OFF").expect("as another program would connect");
    drop(statement);
    fixture
}

/// Writes another entry in the place of number `number`, sealed as if it were genuine.
fn forge(fixture: &Fixture, number: i64, change: impl FnOnce(&mut Entry)) {
    let connection = &fixture.ledger.connection;
    let mut entry = read::by_number(connection, number).expect("readable").expect("an entry");
    change(&mut entry);
    let forged = Sealed::new(entry);
    let columns = write::Columns::of(&forged);
    connection
        .execute(
            "UPDATE entry SET number = ?2, day = ?3, meal_day = ?4, reverses = ?5, content = ?6, previous = ?7, hash = ?8
             WHERE number = ?1",
            (
                number,
                columns.number,
                forged.day.to_string(),
                columns.meal_day,
                columns.reverses,
                std::str::from_utf8(forged.bytes()).expect("UTF-8"),
                forged.previous.0,
                forged.hash.0,
            ),
        )
        .expect("written");
}

/// The full check finds this, whatever else follows from it.
fn assert_found(fixture: &Fixture, number: Option<u64>, what: &str) {
    let findings = fixture.ledger.check_all().expect("a check").findings;
    let found = findings.iter().any(|finding| finding.number == number && finding.what.contains(what));
    assert!(found, "{number:?} {what}: {findings:?}");
}

#[test]
fn a_forged_entry_is_found_by_its_hash_its_link_its_number_its_day_or_its_columns() {
    let content = unguarded();
    let sql = "UPDATE entry SET content = replace(content, '红烧肉', '回锅肉') WHERE number = 2";
    assert_eq!(content.ledger.connection.execute(sql, []).expect("changed"), 1);
    assert_found(&content, Some(2), "its content has the hash");

    let link = unguarded();
    forge(&link, 6, |entry| entry.previous = EntryHash::ZERO);
    assert_found(&link, Some(6), "it does not follow number 5");

    let number = unguarded();
    forge(&number, 6, |entry| entry.number = 7);
    assert_found(&number, Some(7), "it does not follow number 5");

    let earlier = unguarded();
    forge(&earlier, 6, |entry| entry.day = day("2026-11-22"));
    assert_found(&earlier, Some(6), "its day is earlier");

    for column in ["kind = 'meal', reverses = NULL", "elder = 'E-9'", "meal_day = '2026-11-23'", "period = 'supper'"] {
        let columns = unguarded();
        let sql = format!("UPDATE entry SET {column} WHERE number = 6");
        columns.ledger.connection.execute(&sql, []).expect("changed");
        assert_found(&columns, Some(6), "its columns differ from its content");
    }
}

#[test]
fn a_meal_served_twice_and_a_reversal_of_what_does_not_stand_are_found_though_they_are_sealed() {
    let twice = unguarded();
    forge(&twice, 5, |entry| {
        if let EntryBody::Meal(meal) = &mut entry.body {
            meal.day = day("2026-11-22");
        }
    });
    assert_found(&twice, Some(5), "the same meal was served as number 1");

    let other = unguarded();
    forge(&other, 6, |entry| {
        if let EntryBody::Reversal(back) = &mut entry.body {
            back.of_number = 1;
        }
    });
    assert_found(&other, Some(6), "it takes back number 1, which does not stand");
}

#[test]
fn sums_that_are_not_those_of_the_entries_are_found() {
    let missing = "sums over the entries are missing";
    for (number, what, sql) in [
        (Some(5), "its slot is not", "UPDATE served SET number = 5 WHERE number = 1"),
        (Some(1), "its slot is not", "INSERT INTO served VALUES ('E-9', '2026-11-22', 'lunch', 1)"),
        (None, missing, "DELETE FROM served WHERE number = 1"),
        (None, "drawn from senior in 2026-11 ", "UPDATE drawn SET times = 1 WHERE elder = 'E-1' AND span = '2026-11'"),
        (None, "drawn from points in 2026-11 ", "UPDATE drawn SET amount_fen = 0 WHERE programme = 'points'"),
        (None, "drawn from points in 2026-11-22/supper", "UPDATE drawn SET units = 0 WHERE programme = 'points'"),
        (None, "drawn from other in 2026-12", "INSERT INTO drawn VALUES ('E-1', '2026-12', 'other', 1, 300, 0)"),
        (None, missing, "DELETE FROM drawn WHERE elder = 'E-1' AND span = '2026-11'"),
        (None, "a purse of points", "UPDATE purse SET balance = balance + 1"),
        (None, missing, "DELETE FROM purse"),
    ] {
        let fixture = unguarded();
        assert_ne!(fixture.ledger.connection.execute(sql, []).expect(sql), 0, "{sql}");
        assert_found(&fixture, number, what);
    }
}

#[test]
fn a_closed_day_that_was_moved_or_summed_anew_is_found() {
    for (what, sql) in [
        (
            "holds other entries",
            "UPDATE closed_day SET after_number = 3, after_hash = (SELECT hash FROM entry WHERE number = 3)",
        ),
        ("holds other entries", "UPDATE closed_day SET before_hash = randomblob(32)"),
        ("does not open with the totals", "UPDATE closed_day SET opening = closing"),
        ("closes with other totals", "UPDATE closed_day SET closing = replace(closing, '4500', '4400')"),
        ("closes with other totals", "UPDATE closed_day SET closing = opening"),
    ] {
        let fixture = unguarded();
        let closed = || fixture.ledger.closed_days().expect("readable");
        let before = closed();
        fixture.ledger.connection.execute(sql, []).expect(sql);
        assert_ne!(closed(), before, "{sql}");
        assert_found(&fixture, None, &format!("the closed day 2026-11-22 {what}"));
    }
}

#[test]
fn opening_looks_at_the_last_entries_and_at_the_anchor() {
    let refused = |fixture: Fixture, what: &str| match fixture.reopen().map(|_| ()) {
        Err(LedgerError::Store(error @ StoreError::Corrupt { .. })) => {
            assert!(error.to_string().contains(what), "{error}");
        }
        other => panic!("{what}: {other:?}"),
    };
    let content = unguarded();
    let sql = "UPDATE entry SET content = replace(content, '红烧肉', '回锅肉') WHERE number = 2";
    content.ledger.connection.execute(sql, []).expect("changed");
    refused(content, "entry 2: its content has the hash");

    let link = unguarded();
    forge(&link, 6, |entry| entry.previous = EntryHash::ZERO);
    refused(link, "entry 6 does not follow");

    // Sealed and linked as it should be: only the anchor knows that the last entry was another.
    let last = unguarded();
    forge(&last, 6, |entry| entry.recorded_at = time("2026-11-23T05:00:00Z"));
    refused(last, "entry 6 is not the one that was written");

    let ahead = unguarded();
    let point = ChainPoint { number: 7, hash: EntryHash::ZERO };
    Anchor::open(&ahead.home(), point).expect("an anchor");
    assert!(matches!(ahead.reopen(), Err(LedgerError::RolledBack { found: 6, known: 7, statement: None })));
}

#[test]
fn books_of_the_first_schema_are_taken_over_and_a_quote_finds_what_was_drawn_by_its_key() {
    let mut fixture = Fixture::new();
    (1..=20).for_each(|number| drop(fixture.lunch(number)));
    let usage = |fixture: &Fixture| {
        let moment = moment(day("2026-11-22"), MealPeriod::Lunch);
        fixture.ledger.usage(&elder(7), &moment).expect("readable")
    };
    let before = usage(&fixture);
    fixture.ledger.close_books(day("2026-11-22"), "玉林食堂", "Asia/Shanghai").expect("closed");
    let closed = fixture.ledger.last_closed().expect("readable").expect("a closed day");
    // As they were left by a program that knew the first schema alone.
    let older = "
        CREATE TABLE older (elder TEXT NOT NULL, span TEXT NOT NULL, programme TEXT NOT NULL, times INTEGER NOT NULL,
            amount_fen INTEGER NOT NULL, units INTEGER NOT NULL, PRIMARY KEY (elder, span, programme)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO older SELECT elder, span, programme, times, amount_fen, units FROM drawn;
        DROP TABLE drawn;
        ALTER TABLE older RENAME TO drawn;
        DROP TABLE signed_day;
        ALTER TABLE closed_day DROP COLUMN zone;
        ALTER TABLE closed_day DROP COLUMN canteen_name;
        PRAGMA user_version = 1";
    fixture.ledger.connection.execute_batch(older).expect("made older");
    let mut fixture = fixture.reopen().expect("taken over");
    assert_eq!(usage(&fixture), before);
    let nameless = ClosedDay { canteen_name: None, zone: None, ..closed };
    assert_eq!(fixture.ledger.closed_days().expect("readable"), [nameless]);
    let manifest = EntryHash([1; 32]);
    assert_eq!(fixture.ledger.note_signed(day("2026-11-22"), manifest).expect("noted"), manifest);
    fixture.clock.pass(jiff::SignedDuration::from_hours(24));
    assert_eq!(fixture.lunch(21).number, 21);
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
    let plan: String = fixture
        .ledger
        .connection
        .query_row(&format!("EXPLAIN QUERY PLAN {}", usage::DRAWN), ["", "", "", "", ""], |row| row.get(3))
        .expect("a plan");
    assert_eq!(plan, "SEARCH drawn USING PRIMARY KEY (span=? AND elder=?)");
}
