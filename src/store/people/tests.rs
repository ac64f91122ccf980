//! Imports and templates on real files.

mod enrolled;
mod refused;
mod staff;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::domain::{Absence, CareLevel, ElderClass, ElderStatus, MealDay, MealPeriod, ModelDigest, Pin, Sex, StaffId};

const ROSTER: &str = "id,name,birth_date,sex,classes,district,town,care_level,status\n\
    E-1,王秀英,1938-05-02,女,低保;空巢独居,武侯区,玉林街道,2,正常\n\
    E-2,李建国,1945-12-31,男,普通,武侯区,浆洗街街道,,\n\
    E-3,张桂兰,1931-01-08,,low_income;高龄,锦江区,牛市口街道,,suspended\n";

const MENU: &str = "菜品编号,菜名,价格,餐次,星期,开始日期,结束日期,标签\r\n\
    D-1,红烧肉套餐,15,午餐;晚餐,一;三;五,2026-11-01,2026-11-30,软;咸\r\n\
    D-2,小米粥,2.50,早餐,,,,软\r\n\
    D-3,清蒸鱼,12.00,,,,,\r\n";

fn now() -> Timestamp {
    "2026-11-22T04:00:00Z".parse().expect("a timestamp")
}

fn people() -> (TempDir, People) {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let people = People::open_or_create(&home).expect("a database");
    (folder, people)
}

fn id(text: &str) -> ElderId {
    ElderId::new(text).expect(text)
}

fn problems(error: PeopleError) -> Vec<(u64, String)> {
    match error {
        PeopleError::Csv(CsvError::Rows(problems)) => {
            problems.into_iter().map(|problem| (problem.line, problem.column.unwrap_or_default())).collect()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_roster_is_read_by_column_names_and_importing_it_again_changes_nothing() {
    let (_folder, mut people) = people();
    let first = people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    assert_eq!((first.rows, first.added, first.changed, first.unchanged), (3, 3, 0, 0));
    let with_mark = format!("\u{feff}{}", ROSTER.replace('\n', "\r\n"));
    let again = people.import_roster(with_mark.as_bytes(), now()).expect("taken");
    assert_eq!((again.added, again.changed, again.unchanged), (0, 0, 3));
    let elder = people.elder(&id("E-1")).expect("readable").expect("on the roster");
    assert_eq!(elder.name, "王秀英");
    assert_eq!(elder.classes, [ElderClass::LowIncome, ElderClass::LivingAlone].into());
    assert_eq!(
        (elder.sex, elder.care_level, elder.status),
        (Some(Sex::Female), Some(CareLevel(2)), ElderStatus::Active)
    );
    let third = people.elder(&id("E-3")).expect("readable").expect("on the roster");
    assert_eq!((third.sex, third.status), (None, ElderStatus::Suspended));
}

#[test]
fn chinese_headers_in_another_order_and_unknown_columns_are_understood() {
    let (_folder, mut people) = people();
    let file = "姓名,编号,电话,镇街,区,出生日期\n陈玉珍,E-9,028-1234,玉林街道,武侯区,1940-02-29\n,,,,,\n";
    let done = people.import_roster(file.as_bytes(), now()).expect("taken");
    assert_eq!((done.added, done.ignored_columns), (1, vec!["电话".to_owned()]));
}

#[test]
fn a_shorter_file_brings_nobody_back_from_the_dead_and_takes_no_class_away() {
    let (_folder, mut people) = people();
    let whole = "id,name,birth_date,sex,classes,district,town,care_level,status\n\
                 E-1,王秀英,1938-05-02,女,低保,武侯区,玉林街道,2,死亡\n";
    people.import_roster(whole.as_bytes(), now()).expect("taken");
    let known = people.elder(&id("E-1")).expect("readable");
    for shorter in [
        "id,name,birth_date,district,town\nE-1,王秀英,1938-05-02,武侯区,玉林街道\n",
        "id,name,birth_date,sex,classes,district,town,care_level,status\n\
         E-1,王秀英,1938-05-02,女,低保,武侯区,玉林街道,2,\n",
    ] {
        let done = people.import_roster(shorter.as_bytes(), now()).expect("taken");
        assert_eq!((done.unchanged, done.changed), (1, 0), "{shorter}");
        assert_eq!(people.elder(&id("E-1")).expect("readable"), known, "{shorter}");
    }
    for misspelt in ["人员状态", "人员类别"] {
        let file = format!("编号,姓名,出生日期,区,镇街,{misspelt}\nE-1,王秀英,1938-05-02,武侯区,玉林街道,\n");
        let text = people.import_roster(file.as_bytes(), now()).expect_err(misspelt).to_string();
        assert!(text.contains(misspelt) && text.contains("misspelt"), "{text}");
    }
    let back = whole.replace("死亡", "正常");
    people.import_roster(back.as_bytes(), now()).expect("taken");
    let elder = people.elder(&id("E-1")).expect("readable").expect("on the roster");
    assert_eq!(elder.status, ElderStatus::Active, "somebody who was taken for dead");
}

#[test]
fn what_the_rosters_say_of_absences_is_kept() {
    let (_folder, mut people) = people();
    let mut import = |at: &str, status: &str| {
        let file = format!("编号,姓名,出生日期,区,镇街,状态\nE-1,王秀英,1938-05-02,武侯区,玉林街道,{status}\n");
        people.import_roster(file.as_bytes(), at.parse().expect("a moment")).expect("taken");
        let elder = people.elder(&id("E-1")).expect("readable").expect("on the roster");
        let day = |at: jiff::Timestamp| at.strftime("%m-%d").to_string();
        let shown = |away: &Absence| format!("{}/{}", day(away.since), away.until.map_or_else(String::new, day));
        elder.absences.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(import("2026-01-10T01:00:00Z", "正常"), [""; 0]);
    assert_eq!(import("2026-02-10T01:00:00Z", "暂停"), ["02-10/"]);
    assert_eq!(import("2026-03-10T01:00:00Z", "迁出"), ["02-10/"], "away still");
    assert_eq!(import("2026-04-10T01:00:00Z", "正常"), ["02-10/04-10"]);
    assert_eq!(import("2026-05-10T01:00:00Z", "正常"), ["02-10/04-10"]);
    assert_eq!(import("2026-06-10T01:00:00Z", "死亡"), ["02-10/04-10", "06-10/"]);
    assert_eq!(import("2036-07-10T01:00:00Z", "正常"), ["02-10/04-10", "06-10/07-10"], "the clock is ahead");
    assert_eq!(import("2026-06-12T01:00:00Z", "正常"), ["02-10/04-10", "06-10/06-12"], "it was set right");
}

#[test]
fn dates_as_spreadsheets_write_them_are_read() {
    let (_folder, mut people) = people();
    let file = "id,name,birth_date,district,town\nE-1,甲,1938/5/2,武侯区,玉林街道\nE-2,乙,1938/12/31,武侯区,玉林街道\n";
    people.import_roster(file.as_bytes(), now()).expect("taken");
    let born = people.elder(&id("E-1")).expect("readable").expect("on the roster").birth_date;
    assert_eq!(born.to_string(), "1938-05-02");
    for date in ["5/2/1938", "1938/13/2", "1938/5/2/1", "1938/5", "1938/5-2", "38/5/2"] {
        let file = format!("id,name,birth_date,district,town\nE-3,丙,{date},武侯区,玉林街道\n");
        let error = people.import_roster(file.as_bytes(), now()).expect_err(date);
        assert_eq!(problems(error), [(2, "birth_date".to_owned())], "{date}");
    }
}

#[test]
fn a_bad_row_is_named_by_its_line_whatever_ends_the_lines() {
    let (_folder, mut people) = people();
    for end in ["\n", "\r\n", "\r"] {
        let rows = [
            "id,name,birth_date,district,town",
            "E-1,甲,1938-05-02,武侯区,玉林街道",
            "",
            "E-2,乙,x,武侯区,玉林街道",
            "",
        ];
        let error = people.import_roster(rows.join(end).as_bytes(), now()).expect_err("a bad date");
        assert_eq!(problems(error), [(4, "birth_date".to_owned())], "{end:?}");
    }
}

#[test]
fn every_bad_row_is_named_and_nothing_of_the_file_is_taken() {
    let (_folder, mut people) = people();
    let file = ROSTER.to_owned()
        + "E-4,甲,1938-13-02,女,,武侯区,玉林街道,,\n\
           E-5,,1938-1-2,女,,武侯区,玉林街道,,\n\
           \n\
           E-1,乙,1938-05-02,女,,武侯区,玉林街道,,\n\
           =1+1,丙,2030-05-02,x,贫困,武侯区,玉林街道,6,dead\n\
           E-6,丁,1938-05-02\n";
    let error = people.import_roster(file.as_bytes(), now()).expect_err("bad rows");
    let text = error.to_string();
    let expected = [
        (5, "birth_date"),
        (6, "name"),
        (6, "birth_date"),
        (8, "id"),
        (9, "id"),
        (9, "birth_date"),
        (9, "sex"),
        (9, "classes"),
        (9, "care_level"),
        (9, "status"),
        (10, ""),
    ];
    assert_eq!(problems(error), expected.map(|(line, column)| (line, column.to_owned())), "{text}");
    assert!(people.elders().expect("readable").is_empty(), "rows were taken");
    assert!(!text.contains('甲') && !text.contains('乙'), "a name is in the message: {text}");
}

#[test]
fn a_quote_that_is_never_closed_swallows_no_rows_and_a_file_without_rows_replaces_nothing() {
    let (_folder, mut people) = people();
    people.import_menu(MENU.as_bytes()).expect("a menu");
    let offered = people.whole_menu().expect("readable");
    for (menu, expected) in [
        (
            "id,name,price,remark\nD-1,粥,2.50,\"a\nD-2,饭,abc,b\nD-3,面,9.00,c\n",
            "line 2: a cell goes on over a line end",
        ),
        ("id,name,price\nD-1,\"粥\n饭\",2.50\n", "line 2: a cell goes on over a line end"),
        ("id,name,price\n\n", "no row"),
    ] {
        let text = people.import_menu(menu.as_bytes()).expect_err(menu).to_string();
        assert!(text.contains(expected), "{menu:?}: {text}");
        assert_eq!(people.whole_menu().expect("readable"), offered, "{menu:?}");
    }
}

#[test]
fn files_that_are_not_utf8_csv_are_recognised_and_refused_with_the_remedy() {
    let (_folder, mut people) = people();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(ROSTER.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    // 编号,姓名 in GBK.
    let gbk = b"\xb1\xe0\xba\xc5,\xd0\xd5\xc3\xfb\n1,\xcd\xf5\n";
    for (file, word) in [
        (utf16.as_slice(), "UTF-16"),
        (gbk.as_slice(), "GBK"),
        (b"PK\x03\x04....".as_slice(), "XLSX"),
        (b"id,name\n1,\xff\xff\n".as_slice(), "line 2"),
    ] {
        let text = people.import_roster(file, now()).expect_err(word).to_string();
        assert!(text.contains(word) && text.contains("remedy"), "{word}: {text}");
    }
    let unseen = ROSTER.replacen("王", "\u{202e}王", 1);
    let text = people.import_roster(unseen.as_bytes(), now()).expect_err("a mark that does not show").to_string();
    assert!(text.contains("line 2, column name") && text.contains("remedy"), "{text}");
    let misspelt = |wrong| ROSTER.replacen("classes", wrong, 1);
    for wrong in ["clases", "Clasess", "classse", "clasxes"] {
        let text = people.import_roster(misspelt(wrong).as_bytes(), now()).expect_err(wrong).to_string();
        assert!(text.contains("misspelt"), "{wrong}: {text}");
    }
    people.import_roster(misspelt("remarks").as_bytes(), now()).expect("another column");
    for (file, word) in [
        ("", "empty"),
        ("id,name\n", "birth_date"),
        ("id,id,name\n", "twice"),
        ("id;name;birth_date\n", "not separated by commas"),
        ("编号\t姓名\n", "CSV UTF-8"),
    ] {
        let text = people.import_roster(file.as_bytes(), now()).expect_err(word).to_string();
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_menu_offers_what_its_day_and_meal_say_in_its_order() {
    let (_folder, mut people) = people();
    let done = people.import_menu(MENU.as_bytes()).expect("taken");
    assert_eq!((done.rows, done.dishes, done.changed), (3, 3, true));
    assert!(!people.import_menu(MENU.as_bytes()).expect("taken").changed);
    let offered = |day: &str, period| -> Vec<String> {
        let items = people.menu(MealDay(day.parse().expect("a day")), period).expect("readable");
        items.iter().map(|item| item.dish.id.to_string()).collect()
    };
    assert_eq!(offered("2026-11-23", MealPeriod::Lunch), ["D-1", "D-3"], "a Monday");
    assert_eq!(offered("2026-11-24", MealPeriod::Lunch), ["D-3"], "a Tuesday");
    assert_eq!(offered("2026-12-02", MealPeriod::Lunch), ["D-3"], "a Wednesday after its last day");
    assert_eq!(offered("2026-11-24", MealPeriod::Breakfast), ["D-2", "D-3"]);
}

#[test]
fn bad_lines_of_a_menu_are_named() {
    let (_folder, mut people) = people();
    let file = "id,name,price,periods,from,to,weekdays\n\
        A,汤,0,lunch,,,\n\
        B,汤,12.345,lunch,,,\n\
        C,汤,5,brunch,,,8\n\
        D,汤,5,lunch,2026-11-30,2026-11-01,\n\
        E,汤,5,lunch,,2026-11-01,\n\
        E,汤,6,supper,,,\n\
        E,汤,7,lunch;supper,2026-11-02,,\n";
    let error = people.import_menu(file.as_bytes()).expect_err("bad rows");
    let expected = [(2, "price"), (3, "price"), (4, "periods"), (4, "weekdays"), (5, "to"), (8, "id")];
    assert_eq!(problems(error), expected.map(|(line, column)| (line, column.to_owned())));
}

#[test]
fn templates_rest_on_a_consent_and_leave_nothing_but_a_receipt() {
    let (folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    let log = folder.path().join("people.db-wal");
    let logged = || log.metadata().expect("a log").len();
    assert_ne!(logged(), 0, "nothing is written in this log");
    let model = ModelDigest("m".repeat(64));
    let consent = Consent {
        version: "2026-1".to_owned(),
        signer: "王秀英".to_owned(),
        relation: "self".to_owned(),
        given_at: now(),
    };
    let templates = [vec![0.5_f32; 128], vec![-0.25; 128]];
    let unsigned = Consent { signer: " ".to_owned(), ..consent.clone() };
    assert!(matches!(people.save_templates(&id("E-1"), &model, &templates, &unsigned), Err(PeopleError::Consent)));
    assert!(matches!(people.save_templates(&id("E-7"), &model, &templates, &consent), Err(PeopleError::NoElder(_))));
    let odd = [vec![0.5_f32; 128], vec![f32::NAN; 128]];
    assert!(matches!(people.save_templates(&id("E-1"), &model, &odd, &consent), Err(PeopleError::Templates)));

    people.save_templates(&id("E-1"), &model, &templates, &consent).expect("saved");
    people.save_templates(&id("E-1"), &model, &templates, &consent).expect("saved again");
    assert_eq!(logged(), 0, "the log holds the templates in whose place others were put");
    let stored = people.templates(&model).expect("readable");
    assert_eq!(stored.iter().map(|t| t.components.clone()).collect::<Vec<_>>(), templates);
    assert_eq!(people.templates(&ModelDigest("n".repeat(64))).expect("readable"), []);
    assert_eq!(people.consent(&id("E-1")).expect("readable"), Some(consent.clone()));

    let receipt = people.erase_templates(&id("E-1"), now()).expect("erased");
    assert_eq!(receipt.templates, 2);
    assert_eq!(logged(), 0, "the log holds templates that were erased");
    assert_eq!(people.erase_templates(&id("E-1"), now()).expect("nothing left").templates, 0);
    assert_eq!(people.templates(&model).expect("readable"), []);
    assert_eq!(people.consent(&id("E-1")).expect("readable"), None);

    people.save_templates(&id("E-2"), &model, &templates, &consent).expect("saved");
    let moved = ROSTER.replace("浆洗街街道,,", "浆洗街街道,,迁出");
    let done = people.import_roster(moved.as_bytes(), now()).expect("taken");
    assert_eq!((done.changed, done.templates_erased), (1, 2));
    assert_eq!(logged(), 0, "the log holds templates of somebody who moved away");
    assert!(matches!(people.save_templates(&id("E-2"), &model, &templates, &consent), Err(PeopleError::Departed(_))));
    let overwritten: i64 =
        people.connection.pragma_query_value(None, "secure_delete", |row| row.get(0)).expect("readable");
    assert_eq!(overwritten, 1, "erased rows stay in the file until something else is written there");
}

#[test]
fn the_mark_of_the_templates_changes_with_every_write_and_erasure_and_with_nothing_else() {
    let (folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let reader = People::open(&home).expect("open");
    let consent = Consent { version: "2026-1".to_owned(), ..Consent::trial(now()) };
    let model = ModelDigest("m".repeat(64));
    let mut last = reader.template_mark().expect("readable");
    let mut changed = || {
        let mark = reader.template_mark().expect("readable");
        std::mem::replace(&mut last, mark) != mark
    };
    people.import_menu(MENU.as_bytes()).expect("taken");
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    assert!(!changed(), "nobody was enrolled");
    for similar in [0.5_f32, 0.25] {
        people.save_templates(&id("E-2"), &model, &[[similar; 4]], &consent).expect("saved");
        assert!(changed(), "an enrolment, and one in its place");
    }
    people.import_roster(ROSTER.replace("浆洗街街道,,", "浆洗街街道,,迁出").as_bytes(), now()).expect("taken");
    assert!(changed(), "who moved away is erased");
    people.erase_templates(&id("E-2"), now()).expect("nothing left");
    assert!(!changed());
    assert_ne!(self::people().1.template_mark().expect("readable"), last, "another file's templates are others");
}

#[test]
fn a_trial_enrolment_ends_where_the_roster_names_its_elder_and_one_with_a_consent_stays() {
    let (_folder, mut people) = people();
    let model = ModelDigest("m".repeat(64));
    let agreed = Consent { version: "2026-1".to_owned(), ..Consent::trial(now()) };
    for (number, consent) in [("E-1", Consent::trial(now())), ("E-2", agreed.clone()), ("E-9", Consent::trial(now()))] {
        people.enrol(&id(number), &model, &[[0.5_f32; 128], [-0.25; 128]], &consent, None).expect("saved");
    }
    let over = people.save_templates(&id("E-2"), &model, &[[0.5_f32; 128]], &Consent::trial(now()));
    assert!(matches!(over, Err(PeopleError::Consented(_))), "{over:?}");
    let done = people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    assert_eq!((done.added, done.changed), (1, 2));
    assert_eq!((done.trial_templates_erased, done.templates_erased), (2, 0));
    let left: Vec<_> = people.templates(&model).expect("readable").into_iter().map(|t| t.elder.to_string()).collect();
    assert_eq!(left, ["E-2", "E-2", "E-9", "E-9"]);
    let consents = ["E-1", "E-2"].map(|number| people.consent(&id(number)).expect("readable"));
    assert_eq!(consents, [None, Some(agreed)]);
    assert_eq!(people.import_roster(ROSTER.as_bytes(), now()).expect("taken").trial_templates_erased, 0);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..Default::default() })]

    #[test]
    fn no_bytes_make_an_import_panic_and_a_spoilt_file_leaves_the_roster_as_it_was(
        at in 0..ROSTER.len(),
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12),
        menu in proptest::prelude::any::<bool>(),
    ) {
        thread_local! {
            static PEOPLE: std::cell::RefCell<(TempDir, People)> = std::cell::RefCell::new(people());
        }
        PEOPLE.with_borrow_mut(|(_, people)| {
            let mut file = if menu { MENU.as_bytes().to_vec() } else { ROSTER.as_bytes().to_vec() };
            let at = at.min(file.len());
            file.splice(at..(at + bytes.len()).min(file.len()), bytes);
            let before = (people.elders().expect("readable"), people.whole_menu().expect("readable"));
            let taken = if menu { people.import_menu(&file).is_ok() } else { people.import_roster(&file, now()).is_ok() };
            let after = (people.elders().expect("readable"), people.whole_menu().expect("readable"));
            assert!(taken || before == after, "a refused file changed something");
        });
    }
}
