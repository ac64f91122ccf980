//! What an import or an enrolment must not take, or lose, without a word.

use super::*;

const HEADER: &str = "id,name,birth_date,classes,district,town,status";

/// A roster of one elder with these number and classes.
fn one(number: &str, classes: &str) -> String {
    format!("{HEADER}\n{number},王秀英,1938-05-02,{classes},武侯区,玉林街道,\n")
}

#[test]
fn a_great_age_is_read_over_and_a_class_that_is_written_together_with_it_is_not() {
    let (_folder, mut people) = people();
    for age in [
        "高龄",
        "高龄老人",
        "高龄老年人",
        "高龄80",
        "高龄 90",
        "高龄100岁",
        "高龄80周岁以上",
        "高龄80岁及以上老人",
        "高龄老人（80-89岁）",
        "高龄80至89周岁",
        "高龄90+",
        "高龄(100岁)",
        "高龄80岁（含）以上",
    ] {
        let file = one("E-1", &format!("低保;{age}"));
        people.import_roster(file.as_bytes(), now()).unwrap_or_else(|error| panic!("{age}: {error}"));
        let elder = people.elder(&id("E-1")).expect("readable").expect("on the roster");
        assert_eq!(elder.classes, [ElderClass::LowIncome].into(), "{age}");
    }
    for (compound, remedy) in [
        ("高龄低保", "remedy: write 低保;"),
        ("高龄特困", "remedy: write 特困;"),
        ("高龄低保边缘", "remedy: write 低保边缘;"),
        ("高龄/低保", "several joined with «;»"),
        ("高龄80低保", "several joined with «;»"),
        ("高龄独居老人", "several joined with «;»"),
        ("高龄老人（失能）", "several joined with «;»"),
        ("高龄津贴", "several joined with «;»"),
        ("高龄2", "several joined with «;»"),
        ("高龄8０岁", "several joined with «;»"),
    ] {
        let error = people.import_roster(one("E-1", compound).as_bytes(), now()).expect_err(compound);
        let said = error.to_string();
        assert!(said.contains(&format!("no such class: {compound:?}")) && said.contains(remedy), "{said}");
        assert_eq!(problems(error), [(2, "classes".to_owned())], "{compound}");
    }
}

#[test]
fn a_column_without_a_name_is_refused_where_something_stands_in_it_and_passes_where_nothing_does() {
    let (_folder, mut people) = people();
    let row = |number: u8, more: &str| format!("E-{number},王秀英,1938-05-02,,武侯区,玉林街道,,{more}\n");
    for unnamed in ["", "  ", "\u{3000}", "\u{200b}"] {
        let dead = format!("{HEADER},{unnamed}\n\n{}{}{}", row(1, ""), row(2, "死亡"), row(3, "死亡"));
        let said = people.import_roster(dead.as_bytes(), now()).expect_err(unnamed).to_string();
        assert!(said.contains("column 8 has no name, and line 4 has something in it; remedy: "), "{unnamed:?}: {said}");
        assert!(!said.contains("死亡"), "what stands there is private: {said}");
    }
    assert!(people.elders().expect("readable").is_empty(), "rows were taken");
    let menu = "id,,name,price\nD-1,lunch,粥,2.50\n";
    let said = people.import_menu(menu.as_bytes()).expect_err("an unnamed column").to_string();
    assert!(said.contains("column 2 has no name, and line 2 has something in it"), "{said}");

    let trailing = format!("{HEADER},,\n{}{}", row(1, ","), row(2, " ,"));
    let done = people.import_roster(trailing.as_bytes(), now()).expect("Excel's empty columns");
    assert_eq!((done.added, done.ignored_columns), (2, vec![]));
}

#[test]
fn a_number_that_only_looks_like_another_is_refused_by_its_line_with_the_remedy() {
    let (_folder, mut people) = people();
    people.import_roster(one("A1", "").as_bytes(), now()).expect("taken");
    for number in ["Ａ1", "E-００００１", "E－1", "E-١"] {
        let error = people.import_roster(one(number, "").as_bytes(), now()).expect_err(number);
        let said = error.to_string();
        assert!(said.contains("line 2, column id: ") && said.contains("; remedy: type the id anew"), "{said}");
    }
    let error = people.import_menu("id,name,price\nＤ1,粥,2.50\n".as_bytes()).expect_err("a full-width dish");
    assert_eq!(problems(error), [(2, "id".to_owned())]);
    assert_eq!(people.elders().expect("readable").len(), 1, "two elders of one number");
}

#[test]
fn a_stored_number_that_is_no_id_is_damage_of_its_row_and_keeps_nobody_else_from_being_recognised() {
    let (_folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    let model = ModelDigest("m".repeat(64));
    let consent = Consent { version: "2026-1".to_owned(), ..Consent::trial(now()) };
    people.save_templates(&id("E-2"), &model, &[[0.5_f32; 4]], &consent).expect("saved");
    // As a program that still took such a number left it.
    for (table, others) in [
        ("elder", "name, birth_date, sex, classes, district, town, care_level, status"),
        ("consent", "version, signer, relation, given_ms"),
        ("template", "model, place, dimension, components"),
    ] {
        let key = if table == "elder" { "id" } else { "elder" };
        let copy =
            format!("INSERT INTO {table} ({key}, {others}) SELECT 'E-０', {others} FROM {table} WHERE {key} = 'E-2'");
        people.connection.execute(&copy, []).expect(table);
    }
    let whole = people.elders().expect_err("a row that cannot be read");
    assert!(matches!(whole, PeopleError::Store(StoreError::Corrupt { .. })), "{whole}");
    assert!(whole.to_string().contains("an elder's number"), "{whole}");
    assert!(people.elder(&id("E-2")).expect("readable").is_some());
    let left: Vec<_> = people.templates(&model).expect("readable").into_iter().map(|t| t.elder.to_string()).collect();
    assert_eq!(left, ["E-2"]);
    people.import_roster(ROSTER.as_bytes(), now()).expect("the roster can still be brought up to date");
}

#[test]
fn a_consent_is_signed_by_a_name_that_the_roster_would_take() {
    let (_folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    let model = ModelDigest("m".repeat(64));
    let consent = Consent {
        version: "2026-1".to_owned(),
        signer: "阿依古丽·买买提".to_owned(),
        relation: "女儿".to_owned(),
        given_at: now(),
    };
    let mut save = |consent: &Consent| people.save_templates(&id("E-2"), &model, &[[0.5_f32; 4]], consent);
    for wrong in ["", " ", "王\u{202e}\n英", "王\u{200b}英", &"王".repeat(51)] {
        for consent in [
            Consent { signer: wrong.to_owned(), ..consent.clone() },
            Consent { relation: wrong.to_owned(), ..consent.clone() },
            Consent { version: wrong.to_owned(), ..consent.clone() },
        ] {
            assert!(matches!(save(&consent), Err(PeopleError::Consent)), "{consent:?}");
        }
    }
    save(&consent).expect("a name");
    save(&Consent { signer: "王".repeat(50), ..consent }).expect("a name as long as the roster takes");
}

#[test]
fn cells_that_full_width_commas_separate_are_called_that() {
    let (_folder, mut people) = people();
    let file = "编号，姓名，出生日期，区，镇街\nE-1，王秀英，1938-05-02，武侯区，玉林街道\n";
    let said = people.import_roster(file.as_bytes(), now()).expect_err("one column").to_string();
    assert!(said.contains("separated by full-width commas") && said.contains("; remedy: put half-width"), "{said}");
}

#[test]
fn a_heading_with_blanks_or_what_does_not_show_in_it_names_its_column_all_the_same() {
    for pad in ["\u{3000}", " ", "\u{a0}", "\t", "\n", "\u{200b}", "\u{feff}", "\u{ad}\u{202e}"] {
        let (_folder, mut people) = people();
        let header =
            format!("\"编{pad}号\",姓名,出生日期,区,镇街,\"类{pad}别{pad}\",\"状{pad}态\",\"care{pad}_level\"");
        let roster = |status: &str| format!("{header}\nE-1,王秀英,1938-05-02,武侯区,玉林街道,低保,{status},3\n");
        let done = people.import_roster(roster("死亡").as_bytes(), now()).expect("taken");
        assert!(done.ignored_columns.is_empty(), "{pad:?}: {:?} were passed over", done.ignored_columns);
        let elder = people.elder(&id("E-1")).expect("readable").expect("on the roster");
        assert_eq!((elder.status, elder.care_level), (ElderStatus::Deceased, Some(CareLevel(3))), "{pad:?}");
        assert_eq!(elder.classes, [ElderClass::LowIncome].into(), "{pad:?}");
        let error = people.import_roster(roster("不详").as_bytes(), now()).expect_err("no status");
        assert!(error.to_string().contains("column 状态: "), "the message is spoilt by what does not show: {error}");

        let menu = format!("菜品编号,菜名,价格,\"餐{pad}次\"\nD-1,小米粥,2.50,早餐\n");
        assert!(people.import_menu(menu.as_bytes()).expect("taken").ignored_columns.is_empty(), "{pad:?}");
        let monday = MealDay("2026-11-23".parse().expect("a day"));
        assert!(people.menu(monday, MealPeriod::Lunch).expect("readable").is_empty(), "{pad:?}: breakfast at lunch");
        assert_eq!(people.menu(monday, MealPeriod::Breakfast).expect("readable").len(), 1, "{pad:?}");
    }
}

#[test]
fn a_column_in_the_singular_or_misspelt_behind_blanks_is_refused_and_one_that_stands_there_twice_is_named() {
    let (_folder, mut people) = people();
    let refused = |people: &mut People, heading: &str| {
        let file = format!("编号,姓名,出生日期,区,镇街,状态,{heading}\nE-1,王秀英,1938-05-02,武侯区,玉林街道,死亡,\n");
        people.import_roster(file.as_bytes(), now()).expect_err(heading).to_string()
    };
    for heading in ["class", "Class", "cla\u{3000}ss", "\u{200b}class", "人员类　别", "cla\u{200b}ses"] {
        let said = refused(&mut people, heading);
        assert!(said.contains("looks like classes (类别) misspelt; remedy: "), "{heading:?}: {said}");
    }
    let said = refused(&mut people, "状　态");
    assert!(said.contains("status stands there twice, as columns 6 and 7; remedy: "), "{said}");
    assert!(people.elders().expect("readable").is_empty(), "rows were taken");
    let said =
        people.import_menu("id,name,price,pe riod\nD-1,粥,2.50,早餐\n".as_bytes()).expect_err("one meal").to_string();
    assert!(said.contains("looks like periods (餐次) misspelt"), "{said}");
}
