//! Rules that are changed on the disk while the kiosk serves.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::kiosk::engine::counter::rules::LEFT_ALONE;

/// A version of a rule that takes `yuan` off every meal.
fn version(number: u32, dates: &str, yuan: &str) -> String {
    format!(
        "[[programme]]\nid = \"meal\"\nname = \"餐补\"\nversion = {number}\n{dates}\norder = 1\nkind = \"subsidy\"\n\
         meals = [\"breakfast\", \"lunch\", \"supper\"]\n[[programme.payer]]\npayer = \"district\"\npercent = 100\n\
         [[programme.tier]]\namount_yuan = \"{yuan}\"\n"
    )
}

/// The counter by a first version that takes 3.00 off, and the file of its rules.
fn by_the_first() -> (Fixture, PathBuf) {
    let Fixture { folder, mut counter } = open();
    let config = folder.path().join("config");
    let file = config.join("subsidies").join("rules.toml");
    fs::create_dir_all(config.join("subsidies")).expect("a folder");
    fs::write(&file, version(1, "from = 2020-01-01", "3.00")).expect("written");
    counter.rules = Rules::read(&config).expect("rules");
    (Fixture { folder, counter }, file)
}

/// What staff write when a rule changes: the first version has ended, the second one takes 5.00 off.
fn with_the_second() -> String {
    let first = version(1, "from = 2020-01-01\nuntil = 2020-12-31", "3.00");
    first + &version(2, "from = 2021-01-01", "5.00")
}

/// What was changed a moment ago was changed a while ago.
fn leave_alone(counter: &mut Counter) {
    counter.renew_rules();
    let (_, since) = counter.rules.seen.as_mut().expect("something was changed");
    *since = since.checked_sub(LEFT_ALONE).expect("a time");
}

/// Versions and amounts of the rules that pay.
fn paid(quote: &Quote) -> Vec<(u32, Fen)> {
    quote.lines.iter().map(|line| (line.rule.version, line.amount)).collect()
}

#[test]
fn rules_that_were_changed_pay_from_the_next_visit_on_and_a_visit_under_way_keeps_those_it_was_quoted_by() {
    let (Fixture { mut counter, folder: _folder }, file) = by_the_first();
    let people = &mut counter.open.as_mut().expect("open").people;
    people.save_elders(&[elder("E-3", ElderStatus::Active)], Timestamp::now()).expect("saved");
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    assert_eq!(paid(&offer.quote), [(1, Fen::new(300))]);

    fs::write(&file, with_the_second()).expect("written");
    leave_alone(&mut counter);
    counter.renew_rules();
    let dishes = vec![offer.dishes[1].clone()];
    let quote = counter.quote(VisitId(1), &dishes).expect("a quote");
    assert_eq!(paid(&quote), [(1, Fen::new(300))], "the rules changed under the elder");
    counter.settle(&settlement(VisitId(1), &offer, dishes, quote)).expect("settled");

    let offer = counter.offer(VisitId(2), &id("E-3"), evidence()).expect("an offer");
    assert_eq!(paid(&offer.quote), [(2, Fen::new(500))], "the rule that has ended still pays");
    let dishes = vec![offer.dishes[0].clone()];
    counter.settle(&settlement(VisitId(2), &offer, dishes, offer.quote.clone())).expect("settled");
}

#[test]
fn a_broken_file_leaves_the_rules_in_force_and_is_told_of_until_it_is_put_right() {
    let (Fixture { mut counter, folder: _folder }, file) = by_the_first();
    fs::write(&file, format!("{}until = someday\n", with_the_second())).expect("written");
    leave_alone(&mut counter);
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    assert_eq!((paid(&offer.quote), counter.rules().are_refused()), (vec![(1, Fen::new(300))], true));
    counter.end_visit();

    fs::write(&file, with_the_second()).expect("written");
    leave_alone(&mut counter);
    // Nobody need come for it.
    counter.renew_rules();
    assert!(!counter.rules().are_refused());
    let offer = counter.offer(VisitId(2), &id("E-1"), evidence()).expect("an offer");
    assert_eq!(paid(&offer.quote), [(2, Fen::new(500))]);
}
