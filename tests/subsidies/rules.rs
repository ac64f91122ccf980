//! What each key of a rule means, on small rule books.

use mealpoint::domain::subsidy::RuleBook;
use mealpoint::domain::{CanteenId, Drawn, ElderClass, MealMoment, MealPeriod, ProgrammeId, Quote, Tally, Usage};

use super::{elder, moment, quoted, yuan};

const HOME: &str = "甲区/东镇";

/// One programme, `extra` standing among its own keys and `rest` (tables) after them.
pub fn programme(id: &str, order: u32, kind: &str, extra: &str, rest: &str) -> String {
    format!(
        "[[programme]]\nid = \"{id}\"\nname = \"{id}\"\nversion = 1\nfrom = 2025-01-01\norder = {order}\n\
         kind = \"{kind}\"\nmeals = [\"lunch\", \"supper\"]\n{extra}\n[[programme.payer]]\npayer = \"city\"\n\
         percent = 100\n{rest}\n"
    )
}

pub fn tier(keys: &str) -> String {
    format!("[[programme.tier]]\n{keys}\n")
}

fn book(text: &str) -> RuleBook {
    super::book(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn id(text: &str) -> ProgrammeId {
    ProgrammeId::new(text).expect("an id")
}

fn lunch() -> MealMoment {
    moment("2025-06-18", MealPeriod::Lunch, HOME)
}

fn drawn(programme: &str, times: u32, amount: &str, spans: [bool; 3]) -> Usage {
    let tally = Tally { times, amount: yuan(amount), units: 0 };
    let [period, day, month] = spans.map(|counts| if counts { tally } else { Tally::default() });
    Usage { drawn: [(id(programme), Drawn { period, day, month })].into(), ..Usage::default() }
}

/// `a 3.00; b 1.00` for an elder of 70 with these classes at lunch.
fn lines(book: &RuleBook, classes: &[ElderClass], price: &str, usage: &Usage) -> String {
    shown(&quoted(book, &elder("1955-01-01", classes, None, HOME), &lunch(), yuan(price), usage))
}

fn shown(quote: &Quote) -> String {
    quote.lines.iter().map(|l| format!("{} {}", l.rule.programme, l.amount)).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_share_is_rounded_as_its_programme_says() {
    for (mode, to, price, expected) in [
        ("down", "fen", "0.09", "0.02"),
        ("up", "fen", "0.09", "0.03"),
        ("half_up", "fen", "0.09", "0.02"),
        ("half_up", "fen", "0.10", "0.03"),
        ("down", "jiao", "12.90", "3.20"),
        ("up", "jiao", "12.90", "3.30"),
        ("half_up", "jiao", "12.90", "3.20"),
        ("half_up", "jiao", "13.00", "3.30"),
        ("down", "yuan", "13.90", "3.00"),
        ("up", "yuan", "12.01", "4.00"),
        ("up", "yuan", "12.00", "3.00"),
        ("half_up", "yuan", "13.99", "3.00"),
        ("half_up", "yuan", "14.00", "4.00"),
    ] {
        let keys = format!("rounding = \"{mode}\"\nround_to = \"{to}\"");
        let share = tier("share_percent = 25\nshare_of = \"price\"");
        let book = book(&programme("a", 1, "subsidy", &keys, &share));
        assert_eq!(lines(&book, &[], price, &Usage::default()), format!("a {expected}"), "{mode} {to} of {price}");
    }
}

#[test]
fn a_share_is_of_the_price_the_discounted_price_or_what_is_left() {
    for (of, expected) in [("price", "5.00"), ("discounted_price", "4.50"), ("own_share", "4.00")] {
        let round = "rounding = \"down\"\nround_to = \"fen\"";
        let text = programme("d", 1, "discount", round, &tier("share_percent = 10\nshare_of = \"price\""))
            + &programme("s", 2, "subsidy", "", &tier("amount_yuan = \"2.00\""))
            + &programme("t", 3, "subsidy", round, &tier(&format!("share_percent = 25\nshare_of = \"{of}\"")));
        assert_eq!(
            lines(&book(&text), &[], "20.00", &Usage::default()),
            format!("d 2.00; s 2.00; t {expected}"),
            "{of}"
        );
    }
}

#[test]
fn a_minimum_spend_is_measured_before_or_after_the_discount() {
    for (on, expected) in [("price", "d 1.00; s 2.00"), ("discounted_price", "d 1.00")] {
        let minimum = format!("amount_yuan = \"2.00\"\nminimum_spend_yuan = \"10.00\"\nminimum_spend_on = \"{on}\"");
        let text = programme("d", 1, "discount", "", &tier("amount_yuan = \"1.00\""))
            + &programme("s", 2, "subsidy", "", &tier(&minimum));
        assert_eq!(lines(&book(&text), &[], "10.00", &Usage::default()), expected, "{on}");
    }
}

#[test]
fn of_several_tiers_the_first_or_the_best_holds() {
    let tiers = tier("who = { classes = [\"disabled\"] }\namount_yuan = \"1.00\"") + &tier("amount_yuan = \"4.00\"");
    for (choice, expected) in [("first", "a 1.00"), ("best", "a 4.00")] {
        let keys = format!("when_several_match = \"{choice}\"");
        let book = book(&programme("a", 1, "subsidy", &keys, &tiers));
        assert_eq!(lines(&book, &[ElderClass::Disabled], "20.00", &Usage::default()), expected);
        assert_eq!(lines(&book, &[], "20.00", &Usage::default()), "a 4.00");
    }
}

#[test]
fn the_best_tier_is_that_of_which_most_reaches_the_elder_where_some_payers_do_not_pay() {
    let split = "[[programme.tier.payer]]\npayer = \"city\"\npercent = 50\n[[programme.tier.payer]]\npayer = \"town\"\n\
                 percent = 50\nlost_in_another = \"town\"\n";
    let tiers = tier(&format!("who = {{ classes = [\"disabled\"] }}\namount_yuan = \"3.00\"\n{split}"))
        + &tier("amount_yuan = \"2.00\"");
    let book = book(&programme("a", 1, "subsidy", "when_several_match = \"best\"", &tiers));
    for (place, expected) in [(HOME, "a 3.00"), ("甲区/西镇", "a 2.00")] {
        let elder = elder("1955-01-01", &[ElderClass::Disabled], None, HOME);
        let there = moment("2025-06-18", MealPeriod::Lunch, place);
        let quote = quoted(&book, &elder, &there, yuan("20.00"), &Usage::default());
        assert_eq!(shown(&quote), expected, "{place}");
    }
}

#[test]
fn an_excluded_programme_is_kept_away_when_the_rule_says_so() {
    let spent = drawn("a", 1, "3.00", [false, true, true]);
    let yesterday = drawn("a", 1, "3.00", [false, false, true]);
    let minimum = "amount_yuan = \"3.00\"\nminimum_spend_yuan = \"10.00\"\nminimum_spend_on = \"price\"";
    for (when, price, usage, expected) in [
        ("entitled", "12.00", &Usage::default(), "a 3.00"),
        ("entitled", "9.00", &Usage::default(), ""),
        ("entitled", "12.00", &spent, ""),
        ("paid_today", "9.00", &Usage::default(), "b 2.00"),
        ("paid_today", "12.00", &spent, ""),
        ("paid_today", "12.00", &yesterday, "a 3.00"),
        ("paid_this_meal", "12.00", &Usage::default(), "a 3.00"),
        ("paid_this_meal", "12.00", &spent, "b 2.00"),
    ] {
        let keys = format!("excludes = [\"b\"]\nexcludes_when = \"{when}\"\n[programme.limits]\ntimes_per_day = 1");
        let text = programme("a", 1, "subsidy", &keys, &tier(minimum))
            + &programme("b", 2, "subsidy", "", &tier("amount_yuan = \"2.00\""));
        assert_eq!(lines(&book(&text), &[], price, usage), expected, "{when} at {price}");
    }
}

#[test]
fn what_was_paid_at_lunch_keeps_others_away_at_a_supper_where_it_does_not_hold_itself() {
    let keys = "excludes = [\"b\"]\nexcludes_when = \"paid_today\"";
    let at_lunch = programme("a", 1, "subsidy", keys, &tier("amount_yuan = \"3.00\"")).replace(", \"supper\"", "");
    let text = at_lunch + &programme("b", 2, "subsidy", "", &tier("amount_yuan = \"2.00\""));
    let book = book(&text);
    let at_supper = |usage: &Usage| {
        let supper = moment("2025-06-18", MealPeriod::Supper, HOME);
        shown(&quoted(&book, &elder("1955-01-01", &[], None, HOME), &supper, yuan("12.00"), usage))
    };
    assert_eq!(at_supper(&drawn("a", 1, "3.00", [false, true, true])), "");
    assert_eq!(at_supper(&Usage::default()), "b 2.00");
}

#[test]
fn what_was_paid_at_lunch_keeps_others_away_at_a_supper_where_it_is_kept_away_itself() {
    let keys = "excludes = [\"c\"]\nexcludes_when = \"paid_today\"";
    let at_supper_only =
        programme("a", 1, "subsidy", "excludes = [\"b\"]", &tier("amount_yuan = \"3.00\"")).replace("\"lunch\", ", "");
    let text = at_supper_only
        + &programme("b", 2, "subsidy", keys, &tier("amount_yuan = \"2.00\""))
        + &programme("c", 3, "subsidy", "", &tier("amount_yuan = \"1.00\""));
    let book = book(&text);
    assert_eq!(lines(&book, &[], "12.00", &Usage::default()), "b 2.00", "at lunch");
    let supper = moment("2025-06-18", MealPeriod::Supper, HOME);
    let at_supper = |usage: &Usage| quoted(&book, &elder("1955-01-01", &[], None, HOME), &supper, yuan("12.00"), usage);
    let quote = at_supper(&drawn("b", 1, "2.00", [false, true, true]));
    assert_eq!(shown(&quote), "a 3.00");
    let said: Vec<_> = quote.notes.iter().map(|note| note.sentence.as_str()).collect();
    assert_eq!(said, ["b：已有a，不同时享受", "c：已有b，不同时享受"]);
    assert_eq!(shown(&at_supper(&drawn("b", 1, "2.00", [false, false, true]))), "a 3.00; c 1.00", "paid yesterday");
}

#[test]
fn caps_of_the_day_and_the_month_leave_what_is_left_of_them() {
    let limits = "[programme.limits]\nper_meal_yuan = \"3.00\"\nper_day_yuan = \"5.00\"\nper_month_yuan = \"60.00\"";
    let book = book(&programme("a", 1, "subsidy", limits, &tier("amount_yuan = \"4.00\"")));
    for (usage, expected, left) in [
        (Usage::default(), "a 3.00", "a本月还可用 57.00 元"),
        (drawn("a", 1, "3.00", [false, true, true]), "a 2.00", "a本月还可用 55.00 元"),
        (drawn("a", 2, "5.00", [false, true, true]), "", "a本月还可用 55.00 元"),
        (drawn("a", 20, "58.80", [false, false, true]), "a 1.20", "a本月已用完"),
        (drawn("a", 20, "60.00", [false, false, true]), "", "a本月已用完"),
        (drawn("a", 0, "-3.00", [true, true, true]), "a 3.00", "a本月还可用 57.00 元"),
    ] {
        assert_eq!(lines(&book, &[], "20.00", &usage), expected, "{usage:?}");
        let quote = quoted(&book, &elder("1955-01-01", &[], None, HOME), &lunch(), yuan("20.00"), &usage);
        assert_eq!(quote.remaining.first().map(|r| r.sentence.as_str()), Some(left), "{usage:?}");
    }
}

#[test]
fn conditions_on_class_care_household_and_place_all_have_to_hold() {
    let who = "[programme.who]\nclasses = [\"ordinary\", \"disabled\"]\nnot_classes = [\"living_alone\"]\n\
               household_districts = [\"甲区\", \"乙区\"]\nhousehold_towns = [\"东镇\"]";
    let place = "canteens = [\"CT-001\"]\ndistricts = [\"甲区\"]\ntowns = [\"东镇\"]\n";
    let book = book(&programme("a", 1, "subsidy", &format!("{place}{who}"), &tier("amount_yuan = \"1.00\"")));
    let quote = |classes: &[ElderClass], home: &str, at: &str, canteen: &str| {
        let canteen = CanteenId::new(canteen).expect("an id");
        let at = MealMoment { canteen, ..moment("2025-06-18", MealPeriod::Lunch, at) };
        shown(&quoted(&book, &elder("1955-01-01", classes, None, home), &at, yuan("9.00"), &Usage::default()))
    };
    let (disabled, alone) = (ElderClass::Disabled, ElderClass::LivingAlone);
    assert_eq!(quote(&[], HOME, HOME, "CT-001"), "a 1.00");
    assert_eq!(quote(&[disabled], "乙区/东镇", HOME, "CT-001"), "a 1.00");
    for (classes, home, at, canteen) in [
        (&[ElderClass::LowIncome][..], HOME, HOME, "CT-001"),
        (&[disabled, alone], HOME, HOME, "CT-001"),
        (&[], "丙区/东镇", HOME, "CT-001"),
        (&[], "甲区/西镇", HOME, "CT-001"),
        (&[], HOME, "乙区/东镇", "CT-001"),
        (&[], HOME, "甲区/西镇", "CT-001"),
        (&[], HOME, HOME, "CT-002"),
    ] {
        assert_eq!(quote(classes, home, at, canteen), "", "{classes:?} of {home} at {at} in {canteen}");
    }
}

#[test]
fn a_year_of_age_counts_from_the_birthday_its_month_or_the_month_after() {
    for (start, first_day) in
        [("birthday", "2025-06-18"), ("birthday_month", "2025-06-01"), ("month_after_birthday", "2025-07-01")]
    {
        let keys = format!("age_counts_from = \"{start}\"\n[programme.who]\nage_from = 80");
        let book = book(&programme("a", 1, "subsidy", &keys, &tier("amount_yuan = \"1.00\"")));
        let born = elder("1945-06-18", &[], None, HOME);
        let paid = |day: &str| {
            let at = moment(day, MealPeriod::Lunch, HOME);
            !quoted(&book, &born, &at, yuan("9.00"), &Usage::default()).lines.is_empty()
        };
        let eve = super::date(first_day).yesterday().expect("a day before").to_string();
        assert!(paid(first_day) && !paid(&eve), "{start} counts from {first_day}");
    }
}

#[test]
fn programmes_whose_ages_count_from_different_days_can_meet_a_year_apart() {
    let two = |age_to: u8, second: &str, order: u32, start: &str| {
        let amount = tier("amount_yuan = \"1.00\"");
        let younger = format!("[programme.who]\nage_from = 60\nage_to = {age_to}");
        let older = format!("age_counts_from = \"{start}\"\n[programme.who]\nage_from = 80");
        super::book(
            &(programme("a", 1, "subsidy", &younger, &amount) + &programme("b", order, second, &older, &amount)),
        )
    };
    let both = two(79, "subsidy", 2, "birthday_month").expect("each has its own order");
    let eve = moment("2025-06-10", MealPeriod::Lunch, HOME);
    let quote = quoted(&both, &elder("1945-06-18", &[], None, HOME), &eve, yuan("9.00"), &Usage::default());
    assert_eq!(shown(&quote), "a 1.00; b 1.00", "79 by the birthday, 80 by its month");

    two(79, "subsidy", 1, "birthday").expect("nobody is 79 and 80 by the same count");
    for start in ["birthday_month", "month_after_birthday"] {
        two(78, "subsidy", 1, start).expect("nobody is 78 and 80 by any two");
        let said = two(79, "subsidy", 1, start).expect_err(start);
        assert!(said.contains("order 1 and can meet") && said.matches("rules.toml:").count() == 2, "{said}");
        let said = two(79, "discount", 2, start).expect_err(start);
        assert!(said.contains("the discount \"b\" comes after \"a\""), "{said}");
    }
}

#[test]
fn a_programme_that_says_nothing_of_age_pays_from_sixty() {
    let book = book(&programme("a", 1, "subsidy", "", &tier("amount_yuan = \"1.00\"")));
    for (born, expected) in [("1965-06-18", "a 1.00"), ("1965-06-19", ""), ("1925-01-01", "a 1.00"), ("2030-01-01", "")]
    {
        let quote = quoted(&book, &elder(born, &[], None, HOME), &lunch(), yuan("9.00"), &Usage::default());
        assert_eq!(shown(&quote), expected, "born {born}");
    }
}
