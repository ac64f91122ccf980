//! What a line says is what the elder pays, and of the day that it was.

use mealpoint::domain::subsidy::{QuoteRequest, quote_said_on};
use mealpoint::domain::{Drawn, Fen, MealDay, MealMoment, MealPeriod, ProgrammeId, Quote, Tally, Usage};

use super::rules::{programme, tier};
use super::{assert_whole, book, date, elder, moment, quoted, yuan};

const HOME: &str = "甲区/东镇";
const AWAY: &str = "甲区/西镇";
/// A tier of which the half is lost away from home.
const HALF_LOST: &str = "[[programme.tier.payer]]\npayer = \"city\"\npercent = 50\n[[programme.tier.payer]]\n\
                         payer = \"town\"\npercent = 50\nlost_in_another = \"town\"";

fn lunch(place: &str) -> MealMoment {
    moment("2025-06-18", MealPeriod::Lunch, place)
}

/// The quote of a meal by the rules of this text for an elder of 70.
fn meal(rules: &str, place: &str, price: &str) -> Quote {
    let rules = book(rules).unwrap_or_else(|error| panic!("{error}\n{rules}"));
    quoted(&rules, &elder("1955-01-01", &[], None, HOME), &lunch(place), yuan(price), &Usage::default())
}

#[test]
fn a_meal_is_called_free_where_nothing_is_left_to_pay_and_nowhere_else() {
    let free = "elder_pays_yuan = \"0.00\"";
    let standard = "elder_pays_yuan = \"0.00\"\nstandard_price_yuan = \"12.00\"";
    let rest = "pays_rest = true";
    let capped = "pays_rest = true\nat_most_yuan = \"10.00\"";
    let whole = "share_percent = 100\nshare_of = \"price\"";
    let whole_capped = "share_percent = 100\nshare_of = \"price\"\nat_most_yuan = \"10.00\"";
    let half_lost = format!("pays_rest = true\n{HALF_LOST}");
    let [a_meal, a_day, a_month] =
        ["per_meal", "per_day", "per_month"].map(|span| format!("[programme.limits]\n{span}_yuan = \"10.00\""));
    let lost = "本餐减 4.50 元；不在户籍所在镇街就餐，另有 4.50 元由本人承担";
    for (kind, limits, keys, place, price, own, said) in [
        ("subsidy", "", free, HOME, "15.00", "0.00", "本餐免费，本餐减 15.00 元"),
        ("subsidy", "", standard, HOME, "12.00", "0.00", "本餐免费，本餐减 12.00 元"),
        ("subsidy", "", standard, HOME, "15.00", "3.00", "本餐减 12.00 元"),
        ("subsidy", "", rest, HOME, "15.00", "0.00", "本餐免费，本餐减 15.00 元"),
        ("subsidy", "", capped, HOME, "9.00", "0.00", "本餐免费，每餐最多 10.00 元，本餐减 9.00 元"),
        ("subsidy", "", capped, HOME, "15.00", "5.00", "本餐减 10.00 元"),
        ("subsidy", &a_meal, rest, HOME, "15.00", "5.00", "本餐减 10.00 元"),
        ("subsidy", &a_day, rest, HOME, "15.00", "5.00", "本餐减 10.00 元"),
        ("subsidy", &a_month, rest, HOME, "15.00", "5.00", "本餐减 10.00 元"),
        ("subsidy", "", &half_lost, HOME, "9.00", "0.00", "本餐免费，本餐减 9.00 元"),
        ("subsidy", "", &half_lost, AWAY, "9.00", "4.50", lost),
        ("discount", "", whole, HOME, "15.00", "0.00", "本餐免费，本餐减 15.00 元"),
        ("discount", "", whole_capped, HOME, "15.00", "5.00", "本餐减 10.00 元"),
    ] {
        let quote = meal(&programme("a", 1, kind, limits, &tier(keys)), place, price);
        let [line] = quote.lines.as_slice() else { panic!("{quote:?}") };
        assert_eq!((quote.own_share, line.sentence.as_str()), (yuan(own), format!("a：{said}").as_str()), "{keys}");
    }
}

#[test]
fn what_the_elder_only_pays_is_not_said_of_a_meal_that_a_cap_makes_dearer() {
    let keys = "elder_pays_yuan = \"1.00\"\nat_most_yuan = \"10.00\"";
    for (price, own, said) in [
        ("9.00", "1.00", "a：每餐只付 1.00 元，每餐最多 10.00 元，本餐减 8.00 元"),
        ("15.00", "5.00", "a：本餐减 10.00 元"),
    ] {
        let quote = meal(&programme("a", 1, "subsidy", "", &tier(keys)), HOME, price);
        assert_eq!((quote.own_share, quote.lines[0].sentence.as_str()), (yuan(own), said));
    }
}

#[test]
fn a_price_or_a_discount_that_a_cap_or_a_payer_breaks_is_not_promised() {
    let standard = "elder_pays_yuan = \"1.00\"\nstandard_price_yuan = \"12.00\"";
    let standard_capped = format!("{standard}\nat_most_yuan = \"10.00\"");
    let standard_half_lost = format!("{standard}\n{HALF_LOST}");
    let fold = "share_percent = 15\nshare_of = \"price\"";
    let fold_capped = format!("{fold}\nat_most_yuan = \"2.00\"");
    let own_share = "share_percent = 15\nshare_of = \"own_share\"";
    let a_month = "[programme.limits]\nper_month_yuan = \"200.00\"";
    let round = "rounding = \"down\"\nround_to = \"fen\"";
    let round_a_month = format!("{round}\n{a_month}");
    let whole = "12.00 元的餐只付 1.00 元";
    let lost = "本餐减 5.50 元；不在户籍所在镇街就餐，另有 5.50 元由本人承担";
    for (kind, extra, keys, used, place, price, own, said) in [
        ("subsidy", a_month, standard, "0.00", HOME, "12.00", "1.00", format!("{whole}，本餐减 11.00 元")),
        ("subsidy", a_month, standard, "189.00", HOME, "12.00", "1.00", format!("{whole}，本餐减 11.00 元")),
        ("subsidy", a_month, standard, "189.01", HOME, "12.00", "1.01", "本餐减 10.99 元".to_owned()),
        ("subsidy", a_month, standard, "198.00", HOME, "12.00", "10.00", "本餐减 2.00 元".to_owned()),
        ("subsidy", a_month, standard, "0.00", HOME, "15.00", "4.00", format!("{whole}，本餐减 11.00 元")),
        ("subsidy", a_month, standard, "198.00", HOME, "15.00", "13.00", "本餐减 2.00 元".to_owned()),
        ("subsidy", "", &standard_capped, "0.00", HOME, "12.00", "2.00", "本餐减 10.00 元".to_owned()),
        ("subsidy", "", &standard_half_lost, "0.00", HOME, "12.00", "1.00", format!("{whole}，本餐减 11.00 元")),
        ("subsidy", "", &standard_half_lost, "0.00", AWAY, "12.00", "6.50", lost.to_owned()),
        ("discount", &round_a_month, fold, "0.00", HOME, "20.00", "17.00", "打八五折，本餐减 3.00 元".to_owned()),
        ("discount", &round_a_month, fold, "0.00", HOME, "12.33", "10.49", "打八五折，本餐减 1.84 元".to_owned()),
        ("discount", &round_a_month, fold, "197.01", HOME, "20.00", "17.01", "本餐减 2.99 元".to_owned()),
        ("discount", &round_a_month, own_share, "198.00", HOME, "20.00", "18.00", "本餐减 2.00 元".to_owned()),
        ("discount", round, &fold_capped, "0.00", HOME, "20.00", "18.00", "本餐减 2.00 元".to_owned()),
    ] {
        let rules = programme("a", 1, kind, extra, &tier(keys));
        let rules = book(&rules).unwrap_or_else(|error| panic!("{error}\n{rules}"));
        let month = Tally { times: 1, amount: yuan(used), units: 0 };
        let drawn = Drawn { month, ..Drawn::default() };
        let usage = Usage { drawn: [(ProgrammeId::new("a").expect("an id"), drawn)].into(), ..Usage::default() };
        let quote = quoted(&rules, &elder("1955-01-01", &[], None, HOME), &lunch(place), yuan(price), &usage);
        let [line] = quote.lines.as_slice() else { panic!("{quote:?}") };
        assert_eq!((quote.own_share, line.sentence.as_str()), (yuan(own), format!("a：{said}").as_str()), "{keys}");
    }
}

#[test]
fn a_discount_is_called_no_subsidy_whatever_its_share_is_of() {
    let round = "rounding = \"down\"\nround_to = \"fen\"";
    for (of, base) in [("discounted_price", "折后餐费"), ("own_share", "自付部分")] {
        let share = tier(&format!("share_percent = 10\nshare_of = \"{of}\""));
        for (kind, word) in [("discount", "优惠"), ("subsidy", "补贴")] {
            let rules = programme("a", 1, "discount", "", &tier("amount_yuan = \"2.00\""))
                + &programme("b", 2, kind, round, &share);
            let said = format!("b：按{base}的 10% {word}，本餐减 1.80 元");
            assert_eq!(meal(&rules, HOME, "20.00").lines[1].sentence, said);
        }
    }
}

/// All that a quote says.
fn sentences(quote: &Quote) -> Vec<&str> {
    let lines = quote.lines.iter().map(|line| line.sentence.as_str());
    let notes = quote.notes.iter().map(|note| note.sentence.as_str());
    lines.chain(notes).chain(quote.remaining.iter().map(|left| left.sentence.as_str())).collect()
}

#[test]
fn a_meal_that_is_entered_later_is_split_the_same_and_spoken_of_without_today() {
    let limits = |keys: &str| format!("[programme.limits]\n{keys}");
    let points = "[programme.purse]\nunit_value_yuan = \"1.00\"\nlast_unit = \"kept\"\n";
    let coins = format!("{points}granted_every = \"year\"\ncleared_every = \"year\"");
    let points = format!("{points}granted_every = \"month\"\ncleared_every = \"month\"");
    let grant = tier("pays_rest = true\nat_most_yuan = \"2.00\"\ngrant_units = 300");
    let three = tier("amount_yuan = \"3.00\"");
    let rules = [
        programme("a", 1, "subsidy", &limits("times_per_day = 2"), &three),
        programme("b", 2, "subsidy", &limits("times_per_day = 1"), &three),
        programme("c", 3, "subsidy", &limits("per_month_yuan = \"9.00\""), &three),
        programme("d", 4, "points", &points, &grant),
        programme("e", 5, "time_coin", &coins, &grant),
    ]
    .concat();
    let rules = book(&rules).unwrap_or_else(|error| panic!("{error}\n{rules}"));
    let id = |text: &str| ProgrammeId::new(text).expect("an id");
    let once = Tally { times: 1, amount: yuan("3.00"), units: 0 };
    let usage = Usage {
        drawn: [(id("b"), Drawn { period: once, day: once, month: once })].into(),
        purses: [(id("d"), 300), (id("e"), 300)].into(),
        ..Usage::default()
    };
    let (elder, moment) = (elder("1955-01-01", &[], None, HOME), lunch(HOME));
    let request = QuoteRequest { elder: &elder, moment: &moment, price: yuan("20.00"), usage: &usage };
    let said_on = |day: &str| quote_said_on(&rules, &request, MealDay(date(day))).expect("a quote");
    let (then, later) = (said_on("2025-06-18"), said_on("2025-07-02"));
    assert_eq!(then, quoted(&rules, &elder, &moment, request.price, &usage), "on its day as ever");
    assert_whole(&later);
    let pairs: Vec<_> = sentences(&then).into_iter().zip(sentences(&later)).collect();
    let same = |sentence: &'static str| (sentence, sentence);
    assert_eq!(
        pairs,
        [
            ("a：每餐 3.00 元，今日午餐可用", "a：每餐 3.00 元，本餐减 3.00 元"),
            ("c：每餐 3.00 元，今日午餐可用", "c：每餐 3.00 元，本餐减 3.00 元"),
            same("d：用 2 分，抵 2.00 元"),
            same("e：用 2 枚，抵 2.00 元"),
            ("b：今日已用完", "b：当日已用完"),
            ("a今日还可用 1 次", "a当日还可用 1 次"),
            ("b今日已用完", "b当日已用完"),
            ("c本月还可用 6.00 元", "c当月还可用 6.00 元"),
            ("本月d还剩 298 分", "当月d还剩 298 分"),
            ("今年e还剩 298 枚", "当年e还剩 298 枚"),
        ]
    );
    let amounts = |quote: &Quote| quote.lines.iter().map(|line| line.amount).collect::<Vec<Fen>>();
    assert_eq!((amounts(&then), then.own_share), (amounts(&later), later.own_share));
}
