//! What the staff put right by hand, through the command: meals taken back and entered again, and purses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mealpoint::config::{CanteenConfig, subsidies};
use mealpoint::domain::subsidy::{QuoteRequest, quote};
use mealpoint::domain::{Entry, MealDraft, MealPeriod, Usage};
use mealpoint::store::ledger::Books;
use mealpoint::store::{Ledger, People};

use crate::staff::with_typed;

use super::{assert_sound, home, id, lunch};

const PIN: &str = "480213";
const SENIOR: &str = "who = { age_from = 80, age_to = 89 }\namount_yuan = \"3.00\"";

/// A canteen with rules of its own, three elders and a member of the staff.
struct Canteen {
    folder: tempfile::TempDir,
}

impl Canteen {
    fn new() -> Self {
        let canteen = Self { folder: tempfile::tempdir().expect("a folder") };
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
        fs::create_dir_all(canteen.config().join("subsidies")).expect("a folder");
        fs::copy(shipped.join("canteen.toml"), canteen.config().join("canteen.toml")).expect("copied");
        let rules = fs::read_to_string(shipped.join("subsidies/wuhou.toml")).expect("the shipped rules");
        // In force whatever day it is where the test runs.
        fs::write(canteen.rules(), rules.replace("from = 2026-01-01", "from = 2020-01-01")).expect("written");
        let roster = canteen.folder.path().join("roster.csv");
        let rows = "id,name,birth_date,district,town,status\n\
            E-1,王秀英,1945-05-02,武侯区,玉林街道,\nE-2,李建国,1941-05-02,武侯区,玉林街道,死亡\n";
        fs::write(&roster, rows).expect("written");
        canteen.done(&["roster", "import", roster.to_str().expect("text")]);
        let menu = canteen.folder.path().join("menu.csv");
        fs::write(&menu, "id,name,price\nD-1,红烧肉套餐,12.00\nD-2,豆腐汤,3.00\n").expect("written");
        canteen.done(&["menu", "import", menu.to_str().expect("text")]);
        canteen.done(&["staff", "set", "--id", "S-1", "--name", "张丽"]);
        canteen
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    fn rules(&self) -> PathBuf {
        self.config().join("subsidies/rules.toml")
    }

    fn ledger(&self) -> Ledger {
        let config = CanteenConfig::read(&self.config()).expect("a canteen");
        Ledger::open_or_create(&home(self.folder.path()), &Books::from(&config)).expect("the books open")
    }

    /// Settles a lunch of E-1 as the rules have it, wherever the clock stands.
    fn settle(&self) -> Entry {
        let mut ledger = self.ledger();
        let (rules, config) = (subsidies::read(&self.config()), CanteenConfig::read(&self.config()));
        let today = ledger.today().expect("a day");
        let moment = config.expect("a canteen").moment_of(today, MealPeriod::Lunch);
        let people = People::open(&home(self.folder.path())).expect("the people");
        let elder = people.elder(&id("E-1")).expect("readable").expect("on the roster");
        let draft = lunch("E-1", today);
        let usage = Usage::default();
        let request = QuoteRequest { elder: &elder, moment: &moment, price: draft.quote.price, usage: &usage };
        let quote = quote(&rules.expect("rules"), &request).expect("a quote");
        ledger.settle(MealDraft { quote, ..draft }).expect("settled")
    }

    fn run(&self, arguments: &[&str], pin: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
        command.args(arguments).args([Path::new("--data"), self.folder.path(), Path::new("--config"), &self.config()]);
        with_typed(&mut command, pin)
    }

    /// What the command says when it does what is asked, the PIN being right.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, PIN);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What it says when it refuses; the books stay as they are then.
    fn refused(&self, arguments: &[&str], pin: &str, code: i32) -> String {
        let before = self.ledger().head().expect("a head");
        let output = self.run(arguments, pin);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(pin.is_empty() || !said.contains(pin), "the PIN is shown: {said}");
        assert_eq!(self.ledger().head().expect("a head"), before, "{arguments:?} wrote");
        said
    }
}

/// `ledger WHAT …`, ordered by S-1.
fn order<'a>(what: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["ledger", what], arguments, &["--staff", "S-1", "--reason", "家属来电"]].concat()
}

#[test]
fn a_meal_is_taken_back_by_whoever_has_the_pin_and_once() {
    let canteen = Canteen::new();
    canteen.settle();
    let reverse = |entry: &'static str| order("reverse", &["--entry", entry]);
    for (arguments, pin, says) in [
        (reverse("1"), "902714", "not the PIN of S-1"),
        (reverse("1"), "", "six digits"),
        (reverse("9"), PIN, "no entry number 9"),
        (vec!["ledger", "reverse", "--entry", "1", "--staff", "S-2", "--reason", "x"], PIN, "not the PIN of S-2"),
        (vec!["ledger", "reverse", "--entry", "1", "--staff", "S-1", "--reason", " "], PIN, "a reason"),
    ] {
        let said = canteen.refused(&arguments, pin, 1);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let said = canteen.done(&reverse("1"));
    assert!(said.contains("meal number 1 is taken back, with number 2"), "{said}");
    assert!(canteen.refused(&reverse("1"), PIN, 1).contains("taken back already"));
    assert!(canteen.refused(&reverse("2"), PIN, 1).contains("not a meal"));
    assert!(canteen.done(&["staff", "list"]).contains("S-1  reverse 1"));
    assert_sound(&canteen.ledger());
    // The slot is free again.
    assert_eq!(canteen.settle().number, 3);
}

#[test]
fn a_meal_of_wrong_rules_is_entered_again_as_the_rules_now_have_it_and_the_day_verifies() {
    let canteen = Canteen::new();
    canteen.settle();
    let correct = |entry: &'static str| order("correct", &["--entry", entry]);
    let said = canteen.refused(&correct("1"), PIN, 1);
    assert!(said.contains("give meal number 1 what it has") && said.contains("remedy"), "{said}");

    let rules = fs::read_to_string(canteen.rules()).expect("the rules");
    assert!(rules.contains(SENIOR));
    fs::write(canteen.rules(), rules.replace(SENIOR, &SENIOR.replace("3.00", "4.00"))).expect("written");
    let said = canteen.done(&correct("1"));
    assert!(said.contains("taken back with number 2 and entered again with number 3"), "{said}");
    for change in ["city: 1.20 yuan before, 1.60", "district: 1.80 yuan before, 2.40", "elder: 9.00 yuan before, 8.00"]
    {
        assert!(said.contains(change), "{change}: {said}");
    }
    assert!(canteen.refused(&correct("3"), PIN, 1).contains("give meal number 3 what it has"));
    assert!(canteen.refused(&correct("2"), PIN, 1).contains("not a meal"));
    let closed: serde_json::Value = serde_json::from_str(&canteen.done(&["close", "--json"])).expect("JSON");
    let day = &closed["closed"][0]["totals"];
    assert_eq!((&day["meals"], &day["reversals"], &day["price_fen"]), (&2.into(), &1.into(), &1200.into()), "{closed}");
    canteen.done(&["verify", canteen.folder.path().join("statements").to_str().expect("text")]);
    assert_sound(&canteen.ledger());
}

#[test]
fn purses_are_paid_into_and_out_of_and_put_right_within_what_they_are() {
    let canteen = Canteen::new();
    drop(canteen.ledger());
    let prepaid = |what: &'static str, yuan: &'static str| {
        order(what, &["--elder", "E-1", "--programme", "prepaid", "--yuan", yuan])
    };
    let points = |what: &'static str, units: &'static str| {
        order(what, &["--elder", "E-1", "--programme", "points", "--units", units])
    };
    assert!(canteen.done(&prepaid("top-up", "50.00")).contains("the purse prepaid now holds 50.00 yuan"));
    assert!(canteen.done(&prepaid("refund", "20")).contains("now holds 30.00 yuan"));
    assert!(canteen.done(&prepaid("adjust", "-5.50")).contains("now holds 24.50 yuan"));
    assert!(canteen.done(&points("adjust", "5")).contains("the purse points now holds 5 units"));
    let of = |elder, programme| ["--elder", elder, "--programme", programme, "--yuan", "1.00"];
    for (arguments, code, says) in [
        (prepaid("refund", "24.51"), 1, "2450"),
        (prepaid("top-up", "-1.00"), 1, "cannot be"),
        (prepaid("top-up", "0"), 1, "cannot be"),
        (prepaid("top-up", "99999999999"), 2, "ten million"),
        (prepaid("top-up", "1,000"), 2, "not an amount"),
        (prepaid("grant", "1.00"), 1, "top-up"),
        (points("grant", "1"), 1, "by themselves"),
        (points("refund", "1"), 1, "adjust"),
        (order("top-up", &of("E-1", "points")), 1, "use --units"),
        (order("top-up", &of("E-1", "senior-meal")), 1, "no purse"),
        (order("top-up", &of("E-1", "vouchers")), 1, "no programme"),
        (order("top-up", &of("E-2", "prepaid")), 1, "not active"),
        (order("top-up", &of("E-9", "prepaid")), 1, "roster"),
        (order("top-up", &["--elder", "E-1", "--programme", "prepaid"]), 2, "--yuan"),
    ] {
        let said = canteen.refused(&arguments, PIN, code);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let purses = canteen.ledger().purses(&id("E-1")).expect("readable");
    assert_eq!(purses.values().map(|purse| purse.balance).collect::<Vec<_>>(), [5, 2450]);
    assert_sound(&canteen.ledger());
}

#[test]
fn whom_no_face_settles_eats_too_by_the_same_rules_and_the_books_say_how() {
    let canteen = Canteen::new();
    drop(canteen.ledger());
    let enter = |elder: &'static str, more: &[&'static str]| {
        [&["ledger", "enter", "--elder", elder, "--staff", "S-1"], more].concat()
    };
    let lunch = ["--dish", "D-1", "--dish", "D-2", "--period", "lunch"];
    for (arguments, pin, code, says) in [
        (enter("E-1", &lunch), "902714", 1, "not the PIN"),
        (enter("E-2", &lunch), PIN, 1, "not active"),
        (enter("E-9", &lunch), PIN, 1, "roster"),
        (enter("E-1", &["--dish", "D-9", "--period", "lunch"]), PIN, 1, "one of D-1, D-2"),
        (enter("E-1", &["--dish", "D-1", "--period", "dinner"]), PIN, 2, "breakfast, lunch, supper"),
        (enter("E-1", &["--period", "lunch"]), PIN, 2, "--dish"),
        (enter("E-1", &[&lunch[..], &["--carer", " "]].concat()), PIN, 1, "--carer"),
        (enter("E-1", &[&lunch[..], &["--carer", "x", "--delivered"]].concat()), PIN, 2, "--delivered"),
    ] {
        let said = canteen.refused(&arguments, pin, code);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let said = canteen.done(&enter("E-1", &lunch));
    // 3.00 by age, then ten points of the 300 of this month.
    assert!(said.contains("高龄补贴：每餐 3.00 元") && said.contains("本月积分还剩 290 分"), "{said}");
    assert!(said.contains("lunch: 15.00 yuan, the elder pays 2.00"), "{said}");
    assert!(canteen.refused(&enter("E-1", &lunch), PIN, 1).contains("was served lunch"));
    let supper = ["--dish", "D-2", "--period", "supper", "--carer", "李女士，女儿"];
    canteen.done(&enter("E-1", &supper));
    canteen.done(&enter("E-1", &["--dish", "D-2", "--period", "breakfast", "--delivered"]));
    let printed = canteen.done(&["ledger", "print"]);
    for how in [r#"{"way":"staff"}"#, r#"{"carer":"李女士，女儿","way":"carer"}"#, r#"{"way":"delivered"}"#] {
        assert_eq!(printed.matches(how).count(), 1, "{how}: {printed}");
    }
    canteen.done(&["close"]);
    let statements = canteen.folder.path().join("statements");
    canteen.done(&["verify", statements.to_str().expect("text")]);
    let csv = fs::read_dir(statements).expect("a folder").map(|file| file.expect("a file").path());
    let csv = csv.filter(|file| file.extension().is_some_and(|kind| kind == "csv")).map(fs::read_to_string);
    let text: String = csv.map(|text| text.expect("UTF-8")).collect();
    assert!(["人工查询", "代领", "送餐"].iter().all(|how| text.contains(how)), "{text}");
    assert!(!text.contains("李女士"), "a carer's name is in the file for desks");
    assert_sound(&canteen.ledger());
}
