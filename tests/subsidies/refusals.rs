//! Rules that two people could read in two ways, or that make no sense, are refused with their lines.

use std::collections::BTreeSet;

use super::{book, folder};

/// A sound file; line numbers of its parts are used below.
const SOUND: &str = r#"[[programme]]
id = "a"
name = "甲"
version = 1
from = 2025-01-01
until = 2025-12-31
order = 10
kind = "subsidy"
meals = ["lunch"]
rounding = "down"
round_to = "fen"
excludes = ["b"]
[programme.limits]
per_meal_yuan = "5.00"
per_day_yuan = "8.00"
[[programme.payer]]
payer = "city"
percent = 40
[[programme.payer]]
payer = "district"
percent = 60
[[programme.tier]]
who = { age_from = 60, age_to = 79 }
share_percent = 25
share_of = "price"
[[programme.tier]]
who = { age_from = 80 }
amount_yuan = "3.00"
minimum_spend_yuan = "8.00"
minimum_spend_on = "price"

[[programme]]
id = "b"
name = "乙"
version = 1
from = 2025-01-01
order = 20
kind = "points"
meals = ["lunch"]
[programme.purse]
unit_value_yuan = "1.00"
last_unit = "kept"
granted_every = "month"
cleared_every = "month"
[[programme.payer]]
payer = "city"
percent = 100
[[programme.tier]]
pays_rest = true
grant_units = 300
"#;

/// The message about `SOUND` with `from` replaced by `to`.
fn refusal(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "{from:?} is not in the sound file");
    book(&SOUND.replacen(from, to, 1)).expect_err(&format!("{to:?} was taken"))
}

fn assert_refused(from: &str, to: &str, line: usize, says: &[&str]) {
    let message = refusal(from, to);
    assert!(message.starts_with(&format!("rules.toml:{line}: ")), "{to:?}: {message}");
    for part in says {
        assert!(message.contains(part), "{to:?}: {part:?} is not in {message}");
    }
    assert!(message.contains("remedy: "), "{message}");
}

#[test]
fn the_sound_file_is_taken() {
    book(SOUND).expect("a sound file");
}

#[test]
fn unknown_keys_and_words_are_refused_by_name() {
    assert_refused("order = 10", "ordre = 10", 7, &["ordre"]);
    assert_refused("per_meal_yuan", "per_meal_fen", 14, &["per_meal_fen"]);
    assert_refused("age_to = 79", "age_too = 79", 23, &["age_too"]);
    assert_refused("kind = \"subsidy\"", "kind = \"gift\"", 8, &["gift"]);
    assert_refused("[\"lunch\"]", "[\"dinner\"]", 9, &["dinner"]);
    assert_refused("[programme.limits]", "[programme.limit]", 13, &["limit"]);
    for name in ["", " ", "甲\u{202e}", "很长很长很长很长很长很长很长很长很长很长长"] {
        assert_refused("name = \"甲\"", &format!("name = \"{name}\""), 2, &["name", "1 to 20"]);
    }
}

#[test]
fn wrong_units_are_refused() {
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = 3.00", 28, &["amount_yuan", "in quotes"]);
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = 300", 28, &["amount_yuan", "in quotes"]);
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = \"3.00元\"", 28, &["amount_yuan", "3.00元"]);
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = \"3.005\"", 28, &["3.005"]);
    assert_refused("share_percent = 25", "share_percent = 0.25", 24, &["share_percent", "0.25"]);
    assert_refused("share_percent = 25", "share_percent = \"25%\"", 24, &["share_percent"]);
    assert_refused("grant_units = 300", "grant_yuan = \"300.00\"", 48, &["grant_yuan", "grant_units"]);
}

#[test]
fn negative_and_absurd_amounts_are_refused() {
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = \"-3.00\"", 26, &["amount_yuan", "-3.00"]);
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = \"0.00\"", 26, &["amount_yuan"]);
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = \"3000.00\"", 26, &["3000.00", "not fen"]);
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = \"99999999999999999999\"", 28, &["ten million"]);
    assert_refused("share_percent = 25", "share_percent = 0", 24, &["share_percent"]);
    assert_refused("share_percent = 25", "share_percent = 101", 24, &["101"]);
    assert_refused("share_percent = 25", "share_percent = -5", 24, &["-5"]);
    assert_refused("share_percent = 25", "share_percent = 9223372036854775807", 24, &["share_percent"]);
    assert_refused("per_meal_yuan = \"5.00\"", "per_meal_yuan = \"-5.00\"", 13, &["per_meal_yuan"]);
    assert_refused("per_meal_yuan = \"5.00\"", "per_meal_yuan = \"9.00\"", 13, &["per_day_yuan", "per_meal_yuan"]);
    assert_refused("grant_units = 300", "grant_units = -300", 48, &["grant"]);
    assert_refused("grant_units = 300", "grant_units = 9223372036854775807", 48, &["grant"]);
    assert_refused("unit_value_yuan = \"1.00\"", "unit_value_yuan = \"0.00\"", 40, &["unit_value_yuan"]);
    assert_refused("order = 10", "order = -1", 7, &["order"]);
    assert_refused("version = 1", "version = 0", 4, &["version"]);
    assert_refused("order = 10", "order = 99999999999", 7, &["order", "a whole number from 0 to"]);
}

#[test]
fn ages_that_overlap_or_make_no_sense_are_refused_with_both_tiers() {
    assert_refused("age_to = 79", "age_to = 80", 26, &["rules.toml:22", "60 to 80", "80 to 150"]);
    assert_refused("age_from = 60, age_to = 79", "age_from = 79, age_to = 60", 22, &["79", "60"]);
    assert_refused("age_to = 79", "age_to = 300", 23, &["300"]);
    assert_refused("age_from = 60, age_to = 79", "age_from = 40, age_to = 59", 22, &["no elder"]);
    assert_refused("age_from = 80 }", "age_from = 80, classes = [] }", 26, &["classes"]);
    assert_refused("age_from = 80 }", "age_from = 80, care_levels = [6] }", 26, &["care_levels"]);
    assert_refused("age_from = 80 }", "classes = [\"disabled\"] }", 26, &["rules.toml:22", "when_several_match"]);
}

#[test]
fn conditions_that_nobody_can_meet_are_refused_in_a_tier_in_a_programme_and_between_the_two() {
    const OLD: &str = "age_from = 80 }";
    const LIMITS: &str = "[programme.limits]";
    let all = r#"["extreme_poverty", "low_income", "low_income_margin", "family_planning_special", "disabled", "living_alone"]"#;
    let everybody = all.replacen('[', "[\"ordinary\", ", 1);
    for (classes, refused) in [
        (r#"["low_income"]"#, r#"["low_income"]"#),
        (r#"["low_income"]"#, r#"["low_income", "ordinary"]"#),
        (r#"["ordinary"]"#, r#"["ordinary"]"#),
        (r#"["ordinary", "disabled"]"#, r#"["disabled", "ordinary", "living_alone"]"#),
        (&everybody, &everybody),
    ] {
        let keys = format!("classes = {classes}, not_classes = {refused}");
        assert_refused(OLD, &format!("age_from = 80, {keys} }}"), 26, &["not_classes", "everybody"]);
        let who = format!("[programme.who]\n{}\n{LIMITS}", keys.replace(", not_", "\nnot_"));
        assert_refused(LIMITS, &who, 2, &["not_classes", "everybody"]);
    }
    assert_refused(OLD, &format!("age_from = 80, not_classes = {everybody} }}"), 26, &["not_classes"]);

    let two = |programme: &str, tier: &str| {
        let text = SOUND.replacen(LIMITS, &format!("[programme.who]\n{programme}\n{LIMITS}"), 1);
        book(&text.replacen(OLD, &format!("age_from = 80, {tier} }}"), 1))
    };
    let some = r#"classes = ["ordinary", "low_income"]"#;
    for (programme, tier) in [
        (some, r#"not_classes = ["ordinary", "low_income"]"#),
        (&format!("{some}\nnot_classes = [\"ordinary\"]"), r#"not_classes = ["low_income"]"#),
        (&format!("{some}\nnot_classes = [\"low_income\"]"), r#"classes = ["disabled"]"#),
        (&format!("not_classes = {all}"), r#"classes = ["low_income"]"#),
    ] {
        let said = two(programme, tier).expect_err(tier);
        assert!(said.starts_with("rules.toml:29: ") || said.starts_with("rules.toml:28: "), "{said}");
        assert!(said.contains("no elder can meet both"), "{programme}, {tier}: {said}");
    }
    for (programme, tier) in [
        (some, r#"classes = ["disabled"]"#),
        (some, r#"classes = ["ordinary", "disabled"], not_classes = ["low_income"]"#),
        (&format!("not_classes = {all}"), r#"classes = ["ordinary"], not_classes = ["disabled"]"#),
        (r#"not_classes = ["ordinary"]"#, r#"not_classes = ["low_income"]"#),
    ] {
        two(programme, tier).unwrap_or_else(|error| panic!("{programme}, {tier}: {error}"));
    }
}

#[test]
fn a_household_where_the_programme_does_not_hold_is_refused() {
    let at = |places: &str, who: &str| {
        let text = SOUND.replacen("meals = [\"lunch\"]", &format!("meals = [\"lunch\"]\n{places}"), 1);
        book(&text.replacen("age_from = 80 }", &format!("age_from = 80, {who} }}"), 1))
    };
    let (districts, towns) = ("districts = [\"武侯区\"]", "towns = [\"玉林街道\"]");
    for (places, who) in [
        (districts, "household = \"same_district\", household_districts = [\"锦江区\"]"),
        (districts, "household = \"same_town\", household_districts = [\"锦江区\"]"),
        (towns, "household = \"same_town\", household_towns = [\"浆洗街街道\"]"),
    ] {
        let said = at(places, who).expect_err(who);
        assert!(said.starts_with("rules.toml:27: household: ") && said.contains("; remedy: "), "{said}");
    }
    for (places, who) in [
        (districts, "household_districts = [\"锦江区\"]"),
        (districts, "household = \"same_district\", household_districts = [\"锦江区\", \"武侯区\"]"),
        (towns, "household = \"same_district\", household_towns = [\"浆洗街街道\"]"),
    ] {
        at(places, who).unwrap_or_else(|error| panic!("{places}, {who}: {error}"));
    }
}

#[test]
fn places_are_read_without_white_space_around_them_and_blank_or_hidden_ones_are_refused_by_their_key() {
    const MEALS: &str = "meals = [\"lunch\"]\nrounding";
    for key in ["districts", "towns"] {
        for (wrong, says) in
            [("", "blank"), ("  ", "blank"), ("武侯\u{200b}区", "do not show"), ("\u{feff}武侯区", "do not show")]
        {
            let listed = format!("meals = [\"lunch\"]\n{key} = [\"锦江区\", \"{wrong}\"]\nrounding");
            assert_refused(MEALS, &listed, 10, &[&format!(" {key}: "), says]);
            let home = format!("age_from = 80, household_{key} = [\"{wrong}\"] }}");
            assert_refused("age_from = 80 }", &home, 27, &[&format!(" household_{key}: "), says]);
        }
    }
    let wide = SOUND
        .replacen(MEALS, "meals = [\"lunch\"]\ntowns = [\"玉林街道 \", \"玉林街道\"]\nrounding", 1)
        .replacen("age_from = 80 }", "age_from = 80, household_districts = [\" 武侯区\u{3000}\"] }", 1);
    let taken = book(&wide).expect("places");
    let programme = taken.programmes().iter().find(|programme| programme.id.as_str() == "a").expect("a programme");
    let only = |name: &str| Some(BTreeSet::from([name.to_owned()]));
    assert_eq!(programme.scope.towns, only("玉林街道"));
    assert_eq!(programme.tiers[1].who.household_districts, only("武侯区"));
}

#[test]
fn full_width_ids_are_refused_with_the_half_width_one_as_the_remedy() {
    for (from, to, line) in [
        ("id = \"a\"", "id = \"ａ\"", 2),
        ("excludes = [\"b\"]", "excludes = [\"ｂ\"]", 12),
        ("payer = \"city\"", "payer = \"ｃity\"", 17),
        ("meals = [\"lunch\"]\nrounding", "meals = [\"lunch\"]\ncanteens = [\"ＣＴ-001\"]\nrounding", 10),
    ] {
        assert_refused(from, to, line, &["half-width", "remedy: type the id anew"]);
    }
}

#[test]
fn a_rule_file_of_a_name_of_its_own_is_sent_to_one_that_is_shipped() {
    for (from, to) in [("order = 10", "order = = 10"), ("order = 10", "ordre = 10")] {
        assert_refused(from, to, 7, &["kiosk-config/subsidies/wuhou.toml"]);
    }
    assert!(folder("kiosk-config/subsidies/wuhou.toml").is_file());
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    for (date, says) in [
        ("2025-02-29", "day between 01 and 28"),
        ("2025-13-01", "from"),
        ("\"2025-01-01\"", "from"),
        ("2025-01-01T00:00:00", "not a date"),
        ("20250101", "from"),
        ("0001-01-01", "century"),
        ("2025-12-32", ""),
    ] {
        let message = refusal("from = 2025-01-01\nuntil", &format!("from = {date}\nuntil"));
        assert!(message.starts_with("rules.toml:5: ") && message.contains(says), "{date}: {message}");
    }
    assert_refused("until = 2025-12-31", "until = 2024-12-31", 6, &["until", "before"]);
}

#[test]
fn payers_that_do_not_make_a_whole_are_refused() {
    assert_refused("percent = 60", "percent = 61", 16, &["101.00"]);
    assert_refused("percent = 60", "percent = 59", 16, &["99.00"]);
    assert_refused("payer = \"district\"", "payer = \"city\"", 16, &["twice"]);
    assert_refused("payer = \"district\"", "payer = \"elder\"", 16, &["elder"]);
    assert_refused("percent = 60", "amount_yuan = \"2.00\"", 16, &["rest"]);
    assert_refused("percent = 60", "percent = 60\nrest = true", 19, &["exactly one"]);
    assert_refused("percent = 60", "", 19, &["exactly one"]);
    assert_refused(
        "percent = 100",
        "percent = 100\nlost_in_another = \"town\"",
        45,
        &["lost_in_another", "canteens, districts or towns"],
    );
}

#[test]
fn a_tier_must_say_in_one_way_how_much_and_of_what() {
    assert_refused("amount_yuan = \"3.00\"", "", 26, &["exactly one"]);
    assert_refused("amount_yuan = \"3.00\"", "amount_yuan = \"3.00\"\npays_rest = true", 26, &["exactly one"]);
    assert_refused("share_of = \"price\"", "", 22, &["share_of"]);
    assert_refused("minimum_spend_on = \"price\"", "", 26, &["minimum_spend_on", "discounts"]);
    assert_refused("rounding = \"down\"\n", "", 10, &["rounding"]);
    assert_refused("rounding = \"down\"\nround_to = \"fen\"\n", "", 2, &["rounded"]);
    assert_refused("last_unit = \"kept\"\n", "", 40, &["last_unit"]);
    assert_refused("granted_every = \"month\"\n", "", 40, &["granted_every"]);
}

#[test]
fn programmes_that_exclude_each_other_are_refused_with_both_lines() {
    let meals = "order = 20\nkind = \"points\"\nmeals = [\"lunch\"]\n";
    let both = format!("{meals}excludes = [\"a\"]\n");
    assert_refused(meals, &both, 12, &["\"a\"", "\"b\"", "exclude each other", "rules.toml:40"]);
    assert_refused("order = 20", "order = 5", 12, &["excludes", "rules.toml:37"]);
    assert_refused("excludes = [\"b\"]", "excludes = [\"a\"]", 12, &["itself"]);
    assert_refused("excludes = [\"b\"]", "excludes = [\"c\"]", 12, &["\"c\""]);
}

#[test]
fn equal_orders_are_refused_where_order_matters_and_only_there() {
    assert_refused("order = 20", "order = 10", 37, &["rules.toml:7", "order 10"]);
    let unlike = SOUND.replacen("excludes = [\"b\"]\n", "", 1).replacen("order = 20", "order = 10", 1);
    book(&unlike).expect_err("both pay at lunch");
    book(&unlike.replacen("meals = [\"lunch\"]\n[programme.purse]", "meals = [\"supper\"]\n[programme.purse]", 1))
        .expect("one at lunch, one at supper");
}

#[test]
fn a_discount_comes_first_and_the_elders_own_money_last() {
    let two = |first: &str, second: &str| {
        let one = |id: &str, order: u32, kind: &str| {
            let (payer, purse) = match kind {
                "prepaid" => ("", "[programme.purse]\n"),
                _ => ("[[programme.payer]]\npayer = \"city\"\nrest = true\n", ""),
            };
            format!(
                "[[programme]]\nid = \"{id}\"\nname = \"名\"\nversion = 1\nfrom = 2025-01-01\norder = {order}\n\
                 kind = \"{kind}\"\nmeals = [\"lunch\"]\n{purse}{payer}[[programme.tier]]\namount_yuan = \"1.00\"\n"
            )
        };
        book(&(one("x", 1, first) + &one("y", 2, second)))
    };
    two("discount", "subsidy").expect("a discount first");
    two("subsidy", "prepaid").expect("own money last");
    for (first, second) in [("subsidy", "discount"), ("prepaid", "subsidy")] {
        let message = two(first, second).expect_err("the wrong order");
        assert!(message.contains("order") && message.matches("rules.toml:").count() == 2, "{message}");
    }
}

#[test]
fn prepaid_money_is_neither_granted_nor_cleared_by_the_rules() {
    let prepaid = |purse: &str, tier: &str| {
        book(&format!(
            "[[programme]]\nid = \"own\"\nname = \"预存餐费\"\nversion = 1\nfrom = 2025-01-01\norder = 90\n\
             kind = \"prepaid\"\nmeals = [\"lunch\"]\n[programme.purse]\n{purse}[[programme.tier]]\npays_rest = true\n{tier}"
        ))
    };
    prepaid("", "").expect("only people fill it");
    let (every, grant) = ("granted_every = \"month\"\n", "grant_yuan = \"50.00\"\n");
    for (purse, tier, line, key) in [
        (every, grant, 11, "grant_yuan"),
        ("", grant, 10, "grant_yuan"),
        (every, "", 9, "granted_every"),
        ("cleared_every = \"year\"\n", "", 9, "cleared_every"),
    ] {
        let said = prepaid(purse, tier).expect_err(key);
        assert!(
            said.starts_with(&format!("rules.toml:{line}: {key}: prepaid money of \"own\" is the elder's own")),
            "{said}"
        );
        assert!(said.contains(&format!("; remedy: leave {key} out; `mealpoint ledger ")), "{said}");
    }
}

#[test]
fn versions_and_ids_that_contradict_each_other_are_refused_with_both_lines() {
    let again = |dates: &str, version: u32| {
        let copy = SOUND
            .split("\n[[programme]]")
            .next()
            .unwrap_or_default()
            .replacen("from = 2025-01-01\nuntil = 2025-12-31", dates, 1)
            .replacen("version = 1", &format!("version = {version}"), 1);
        book(&format!("{SOUND}\n{copy}"))
    };
    again("from = 2026-01-01", 2).expect("the next version begins the day after the first ends");
    for (dates, version, lines, says) in [
        ("from = 2025-12-31", 2, ["rules.toml:56", "rules.toml:6"], "at the same time"),
        ("from = 2024-01-01", 2, ["rules.toml:56", "rules.toml:6"], "at the same time"),
        ("from = 2026-01-01", 1, ["rules.toml:53", "rules.toml:2"], "twice"),
        ("from = 2024-01-01\nuntil = 2024-12-31", 2, ["rules.toml:55", "rules.toml:4"], "starts before"),
    ] {
        let message = again(dates, version).expect_err(dates);
        assert!(lines.iter().all(|l| message.contains(l)) && message.contains(says), "{message}");
    }
}
