//! Grants and clearings: what the rules put into purses and take out of them.

use std::collections::BTreeMap;

use mealpoint::config::subsidies;
use mealpoint::domain::subsidy::RuleBook;
use mealpoint::domain::{
    Absence, CanteenId, DueCause, DueMovement, Elder, ElderStatus, EntryBody, KioskId, MealDay, MealPeriod,
    ProgrammeId, PurseState, Usage, granted_later, movements_due,
};
use mealpoint::store::ledger::{Books, HandClock};
use mealpoint::store::{Home, Ledger};

use super::{book, date, elder, folder, moment, quoted, yuan};

const HOME: &str = "武侯区/玉林街道";

fn example(name: &str) -> RuleBook {
    subsidies::read_files(&[folder("kiosk-config/examples/subsidies").join(name)]).expect("an example")
}

fn id(programme: &str) -> ProgrammeId {
    ProgrammeId::new(programme).expect("an id")
}

fn state(balance: i64, touched: &str, granted: &str) -> PurseState {
    let day = |text: &str| (!text.is_empty()).then(|| MealDay(date(text)));
    PurseState { balance, touched_on: day(touched), granted_on: day(granted), cleared_on: None }
}

/// What is due on `day`, as `grant 2025-06-01 +300`.
fn due(book: &RuleBook, elder: &Elder, day: &str, purses: &BTreeMap<ProgrammeId, PurseState>) -> Vec<String> {
    let home = format!("{}/{}", elder.household.district, elder.household.town);
    let shown = |m: DueMovement| {
        let cause = match m.cause {
            DueCause::Grant => "grant",
            DueCause::Clearing => "clearing",
        };
        format!("{cause} {} {:+}", m.day, m.units)
    };
    movements_due(book, elder, &moment(day, MealPeriod::Lunch, &home), purses).into_iter().map(shown).collect()
}

#[test]
fn points_left_at_the_end_of_the_month_are_cleared_before_the_next_grant() {
    let book = example("wuhou-2025.toml");
    let old = elder("1935-01-01", &[], None, HOME);
    let left = |balance, touched| [(id("wuhou-points"), state(balance, touched, "2025-06-02"))].into();
    assert_eq!(due(&book, &old, "2025-06-30", &left(285, "2025-06-10")), [""; 0]);
    assert_eq!(
        due(&book, &old, "2025-07-01", &left(285, "2025-06-10")),
        ["clearing 2025-06-30 -285", "grant 2025-07-01 +300"]
    );
    assert_eq!(
        due(&book, &old, "2025-09-15", &left(285, "2025-06-10")),
        ["clearing 2025-06-30 -285", "grant 2025-09-15 +300"],
        "months that nobody came leave nothing behind"
    );
    assert_eq!(
        due(&book, &old, "2025-07-01", &left(0, "2025-06-10")),
        ["clearing 2025-06-30 +0", "grant 2025-07-01 +300"],
        "the month is over all the same"
    );
    assert_eq!(
        due(&book, &old, "2025-07-01", &left(-5, "2025-06-10")),
        ["clearing 2025-06-30 +0", "grant 2025-07-01 +300"],
        "a debt stays, and its month is over"
    );
    let over = PurseState { cleared_on: Some(MealDay(date("2025-06-30"))), ..state(0, "2025-06-10", "2025-06-02") };
    assert_eq!(due(&book, &old, "2025-07-01", &[(id("wuhou-points"), over)].into()), ["grant 2025-07-01 +300"]);
}

/// Points of two versions, the first until June 2026 and the second from July on, each granted and cleared every so often.
fn two_versions(first: [&str; 2], second: [&str; 2]) -> RuleBook {
    let version = |number: u32, dates: &str, [granted, cleared]: [&str; 2]| {
        format!(
            "[[programme]]\nid = \"points\"\nname = \"积分\"\nversion = {number}\n{dates}\norder = 1\nkind = \"points\"\n\
             meals = [\"lunch\"]\n[programme.purse]\nunit_value_yuan = \"1.00\"\nlast_unit = \"kept\"\n\
             granted_every = \"{granted}\"\ncleared_every = \"{cleared}\"\n[[programme.payer]]\npayer = \"city\"\n\
             percent = 100\n[[programme.tier]]\npays_rest = true\ngrant_units = 300\n"
        )
    };
    let first = version(1, "from = 2026-01-01\nuntil = 2026-06-30", first);
    let text = first + &version(2, "from = 2026-07-01", second);
    book(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn what_is_left_of_the_last_month_before_a_yearly_version_is_cleared_at_that_months_end() {
    let rules = two_versions(["month"; 2], ["year"; 2]);
    let old = elder("1935-01-01", &[], None, HOME);
    let left = |balance| [(id("points"), state(balance, "2026-06-10", "2026-06-02"))].into();
    assert_eq!(due(&rules, &old, "2026-06-30", &left(285)), [""; 0]);
    assert_eq!(due(&rules, &old, "2026-07-01", &left(285)), ["clearing 2026-06-30 -285"]);
    assert_eq!(due(&rules, &old, "2026-11-20", &left(285)), ["clearing 2026-06-30 -285"]);
    assert_eq!(due(&rules, &old, "2026-07-01", &left(0)), ["clearing 2026-06-30 +0"]);
    let since = [(id("points"), state(285, "2026-07-10", "2026-07-01"))].into();
    assert_eq!(due(&rules, &old, "2026-12-31", &since), [""; 0], "the new version keeps it for the year");
}

#[test]
fn what_is_left_under_a_yearly_version_is_not_cleared_with_the_months_of_the_next_before_they_touch_it() {
    let rules = two_versions(["year"; 2], ["month"; 2]);
    let old = elder("1935-01-01", &[], None, HOME);
    let left = [(id("points"), state(285, "2026-06-10", "2026-01-05"))].into();
    assert_eq!(due(&rules, &old, "2026-07-01", &left), ["grant 2026-07-01 +300"]);
    assert_eq!(due(&rules, &old, "2026-12-31", &left), ["grant 2026-12-31 +300"], "the year is not over");
    assert_eq!(due(&rules, &old, "2027-02-10", &left), ["clearing 2026-12-31 -285", "grant 2027-02-10 +300"]);
    let since = [(id("points"), state(585, "2026-07-01", "2026-07-01"))].into();
    assert_eq!(due(&rules, &old, "2026-08-05", &since), ["clearing 2026-07-31 -585", "grant 2026-08-05 +300"]);
}

#[test]
fn a_missed_grant_is_made_up_for_as_often_and_as_long_as_its_own_version_says() {
    let old = elder("1935-01-01", &[], None, HOME);
    let due_in_august = |first, second, granted: &str| {
        let purses = [(id("points"), state(0, granted, granted))].into();
        let mut due = due(&two_versions(first, second), &old, "2026-08-20", &purses);
        due.retain(|movement| movement.starts_with("grant"));
        due
    };
    let (month, year, kept_a_year) = (["month"; 2], ["year"; 2], ["month", "year"]);
    let (june, july, today) = ("grant 2026-06-30 +300", "grant 2026-07-31 +300", "grant 2026-08-20 +300");
    assert_eq!(due_in_august(month, month, "2026-05-02"), [today]);
    assert_eq!(due_in_august(month, kept_a_year, "2026-05-02"), [july, today]);
    assert_eq!(due_in_august(kept_a_year, month, "2026-05-02"), [june, today]);
    assert_eq!(due_in_august(kept_a_year, year, "2026-05-02"), [june], "the year has had a grant");
    assert_eq!(due_in_august(year, kept_a_year, "2026-01-05"), [july, today], "the year of the first has had its own");
    assert_eq!(due_in_august(year, kept_a_year, "2025-01-05"), [july, today], "the first did not see its year's end");
    let every_month = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"];
    let made_up = every_month.map(|day| format!("grant {day} +300"));
    assert_eq!(due_in_august(kept_a_year, year, "2025-12-02"), made_up, "and so nothing for the year");
}

#[test]
fn a_meal_of_an_earlier_version_draws_nothing_of_points_that_the_next_granted_for_a_later_month() {
    let later = |first, second, granted: &str| {
        let purses = [(id("points"), state(300, granted, granted))].into();
        granted_later(&two_versions([first; 2], [second; 2]), MealDay(date("2026-06-28")), &purses)
    };
    for (first, second) in [("year", "month"), ("month", "year"), ("month", "month")] {
        assert_eq!(later(first, second, "2026-07-01"), [id("points")], "{first}, then {second}");
        assert_eq!(later(first, second, "2026-06-02"), [], "{first}, then {second}");
    }
    assert_eq!(later("year", "year", "2026-07-01"), [], "granted later in its own year");
}

/// New books, at noon of a day.
fn books_of(day: &str) -> (tempfile::TempDir, HandClock, Ledger) {
    let folder = tempfile::tempdir().expect("a folder");
    let books = Books {
        kiosk: KioskId::new("K-001").expect("an id"),
        canteen: CanteenId::new("CT-001").expect("an id"),
        zone: jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone"),
    };
    let clock = HandClock::at(format!("{day}T12:00+08:00").parse().expect("a moment"));
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let ledger = Ledger::create_with(&home, &books, Box::new(clock.clone())).expect("new books");
    (folder, clock, ledger)
}

#[test]
fn a_missed_grant_of_an_earlier_version_is_posted_once() {
    let rules = two_versions(["month", "year"], ["month"; 2]);
    let old = elder("1935-01-01", &[], None, HOME);
    let (_folder, clock, mut ledger) = books_of("2026-05-10");
    let mut visit = |day: &str| {
        let purses = ledger.purses(&old.id).expect("readable");
        let due = movements_due(&rules, &old, &moment(day, MealPeriod::Lunch, HOME), &purses);
        let posted = ledger.post_due(&old.id, &due).expect("posted");
        let days = posted.iter().map(|entry| match &entry.body {
            EntryBody::Movement(moved) => format!("{} {:+}", moved.day, moved.units),
            other => panic!("{other:?}"),
        });
        days.collect::<Vec<_>>()
    };
    assert_eq!(visit("2026-05-10"), ["2026-05-10 +300"]);
    clock.pass(jiff::SignedDuration::from_hours(24 * 102));
    assert_eq!(visit("2026-08-20"), ["2026-06-30 +300", "2026-08-20 +300"]);
    assert_eq!(visit("2026-08-20"), [""; 0], "once");
}

#[test]
fn what_was_left_under_an_earlier_version_leaves_the_books_once_and_under_that_versions_number() {
    let rules = two_versions(["month"; 2], ["year"; 2]);
    let old = elder("1935-01-01", &[], None, HOME);
    let (_folder, clock, mut ledger) = books_of("2026-06-10");
    // As a visit to the canteen does it.
    let mut visit = |day: &str| {
        let purses = ledger.purses(&old.id).expect("readable");
        let due = movements_due(&rules, &old, &moment(day, MealPeriod::Lunch, HOME), &purses);
        ledger.post_due(&old.id, &due).expect("posted")
    };
    assert_eq!(visit("2026-06-10").len(), 1, "the grant of June");
    clock.pass(jiff::SignedDuration::from_hours(24 * 21));
    let posted = visit("2026-07-01");
    assert_eq!(visit("2026-07-01"), [], "once");
    let [entry] = &posted[..] else { panic!("not one entry: {posted:?}") };
    let EntryBody::Movement(cleared) = &entry.body else { panic!("{entry:?}") };
    assert_eq!((cleared.version, cleared.day, cleared.units), (Some(1), MealDay(date("2026-06-30")), -300));
    assert_eq!(ledger.purses(&old.id).expect("readable")[&id("points")].balance, 0);
    assert_eq!(ledger.check_all().expect("a check").findings, []);
}

#[test]
fn a_meal_that_is_entered_late_draws_nothing_of_points_that_were_granted_for_a_later_month() {
    let book = example("wuhou-2025.toml");
    let later = |day: &str, granted: &str| {
        let purses = [(id("wuhou-points"), state(300, granted, granted))].into();
        granted_later(&book, MealDay(date(day)), &purses)
    };
    assert_eq!(later("2025-06-28", "2025-07-01"), [id("wuhou-points")]);
    assert_eq!(later("2025-06-28", "2025-06-30"), [], "granted later in its own month");
    assert_eq!(later("2025-07-01", "2025-07-01"), []);
    assert_eq!(later("2025-06-28", ""), [], "topped up by hand");
}

#[test]
fn a_grant_is_due_once_a_month_and_from_the_month_of_the_birthday() {
    let book = example("wuhou-2025.toml");
    let soon_80 = elder("1945-06-30", &[], None, HOME);
    assert_eq!(due(&book, &soon_80, "2025-05-31", &BTreeMap::new()), [""; 0]);
    assert_eq!(due(&book, &soon_80, "2025-06-01", &BTreeMap::new()), ["grant 2025-06-01 +300"]);
    let granted = [(id("wuhou-points"), state(300, "2025-06-01", "2025-06-01"))].into();
    assert_eq!(due(&book, &soon_80, "2025-06-01", &granted), [""; 0]);
    assert_eq!(due(&book, &soon_80, "2025-06-29", &granted), [""; 0]);
}

#[test]
fn a_clock_set_back_moves_no_money() {
    let book = example("wuhou-2025.toml");
    let old = elder("1935-01-01", &[], None, HOME);
    let purses = [(id("wuhou-points"), state(120, "2025-07-03", "2025-07-01"))].into();
    assert_eq!(due(&book, &old, "2025-06-30", &purses), [""; 0]);
    assert_eq!(due(&book, &old, "2025-07-02", &purses), [""; 0]);
}

#[test]
fn the_dead_are_granted_nothing_and_their_points_still_expire() {
    let book = example("wuhou-2025.toml");
    let purses = [(id("wuhou-points"), state(120, "2025-06-20", "2025-06-01"))].into();
    for status in [ElderStatus::Deceased, ElderStatus::Moved, ElderStatus::Suspended] {
        let gone = Elder { status, ..elder("1935-01-01", &[], None, HOME) };
        assert_eq!(due(&book, &gone, "2025-07-01", &purses), ["clearing 2025-06-30 -120"], "{status:?}");
    }
}

#[test]
fn a_programme_that_ended_clears_and_grants_no_more() {
    let book = example("wuhou-2025.toml");
    let old = elder("1935-01-01", &[], None, HOME);
    let purses = [(id("wuhou-points"), state(40, "2025-12-31", "2025-12-01"))].into();
    assert_eq!(due(&book, &old, "2026-01-01", &purses), ["clearing 2025-12-31 -40"]);
}

#[test]
fn vouchers_of_missed_months_are_made_up_for_within_the_year_they_last() {
    let book = example("taizhou-2025.toml");
    let old = elder("1950-01-01", &[], None, "海陵区/城中街道");
    let purses = [(id("taizhou-voucher"), state(2, "2025-02-10", "2025-02-01"))].into();
    assert_eq!(
        due(&book, &old, "2025-05-20", &purses),
        ["grant 2025-03-31 +4", "grant 2025-04-30 +4", "grant 2025-05-20 +4"]
    );
    assert_eq!(due(&book, &old, "2025-05-20", &BTreeMap::new()), ["grant 2025-05-20 +4"], "a newcomer starts now");
}

#[test]
fn nothing_is_made_up_for_of_months_whose_last_day_the_elder_was_not_active() {
    let book = example("taizhou-2025.toml");
    let purses = [(id("taizhou-voucher"), state(2, "2025-02-10", "2025-02-01"))].into();
    let (march, april, may) = ("grant 2025-03-31 +4", "grant 2025-04-30 +4", "grant 2025-05-20 +4");
    let at = |local: &str| format!("{local}+08:00").parse().expect("a moment");
    for (since, until, made_up) in [
        ("2025-03-31T00:00", "2025-05-01T00:00", vec![may]),
        ("2025-03-31T08:00", "2025-05-01T00:00", vec![march, may]),
        ("2025-03-10T08:00", "2025-04-30T08:00", vec![april, may]),
        ("2025-05-10T08:00", "2025-05-20T08:00", vec![march, april, may]),
    ] {
        let absences = vec![Absence { since: at(since), until: Some(at(until)) }];
        let back = Elder { absences, ..elder("1950-01-01", &[], None, "海陵区/城中街道") };
        assert_eq!(due(&book, &back, "2025-05-20", &purses), made_up, "away from {since} until {until}");
    }
}

#[test]
fn an_allowance_follows_the_assessed_level() {
    let book = example("wuhan-2025.toml");
    for (level, grant) in [(1, 10_000), (2, 20_000), (3, 40_000), (4, 60_000), (5, 80_000)] {
        let cared_for = elder("1950-01-01", &[], Some(level), "江岸区/一元街道");
        assert_eq!(due(&book, &cared_for, "2025-03-15", &BTreeMap::new()), [format!("grant 2025-03-15 +{grant}")]);
    }
    assert_eq!(due(&book, &elder("1950-01-01", &[], None, "江岸区/一元街道"), "2025-03-15", &BTreeMap::new()), [""; 0]);
}

#[test]
fn a_purse_may_go_below_zero_only_offline_and_only_so_far() {
    let book = example("prepaid-2025.toml");
    let day = date("2025-06-18");
    assert_eq!(book.offline_credit(day), [(id("prepaid"), 2_000)].into());
    assert_eq!(book.offline_credit(date("2026-01-01")), BTreeMap::new(), "no credit from a rule that ended");
    let someone = elder("1950-01-01", &[], None, HOME);
    let lunch = moment("2025-06-18", MealPeriod::Lunch, HOME);
    for (balance, online, offline) in [(500, 500, 1_400), (-1_500, 0, 500), (-2_000, 0, 0), (-9_000, 0, 0)] {
        let usage = Usage { purses: [(id("prepaid"), balance)].into(), ..Usage::default() };
        let paid = |usage: &Usage| {
            let quote = quoted(&book, &someone, &lunch, yuan("14.00"), usage);
            quote.lines.iter().map(|line| line.amount.get()).sum::<i64>()
        };
        assert_eq!(paid(&usage), online, "online with {balance}");
        assert_eq!(paid(&usage.with_credit(&book.offline_credit(day))), offline, "offline with {balance}");
    }
}
