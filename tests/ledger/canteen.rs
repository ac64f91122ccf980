//! A canteen for the commands of the books: rules of its own, a menu, elders, and a member of the staff.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mealpoint::config::{CanteenConfig, subsidies};
use mealpoint::domain::subsidy::{QuoteRequest, quote};
use mealpoint::domain::{Entry, MealDay, MealDraft, MealPeriod, Usage};
use mealpoint::store::ledger::Books;
use mealpoint::store::{Ledger, People};
use serde_json::Value;

use crate::staff::with_typed;

use super::{home, id, lunch};

pub const PIN: &str = "480213";

/// A canteen with rules of its own, two elders and a member of the staff. Its books have not begun.
pub struct Canteen {
    pub folder: tempfile::TempDir,
}

impl Canteen {
    pub fn new() -> Self {
        let canteen = Self { folder: tempfile::tempdir().expect("a folder") };
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
        fs::create_dir_all(canteen.config().join("subsidies")).expect("a folder");
        fs::copy(shipped.join("canteen.toml"), canteen.config().join("canteen.toml")).expect("copied");
        let screen = fs::read_to_string(shipped.join("screen.toml")).expect("the shipped screen");
        let several = screen.replace("several_dishes = false", "several_dishes = true");
        fs::write(canteen.config().join("screen.toml"), several).expect("written");
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

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    pub fn rules(&self) -> PathBuf {
        self.config().join("subsidies/rules.toml")
    }

    pub fn ledger(&self) -> Ledger {
        let config = CanteenConfig::read(&self.config()).expect("a canteen");
        Ledger::open_or_create(&home(self.folder.path()), &Books::from(&config)).expect("the books open")
    }

    /// A lunch of E-1 on `day` as the rules have it after `usage`.
    pub fn draft(&self, day: MealDay, usage: &Usage) -> MealDraft {
        let (rules, config) = (subsidies::read(&self.config()), CanteenConfig::read(&self.config()));
        let moment = config.expect("a canteen").moment_of(day, MealPeriod::Lunch);
        let people = People::open(&home(self.folder.path())).expect("the people");
        let elder = people.elder(&id("E-1")).expect("readable").expect("on the roster");
        let draft = lunch("E-1", day);
        let request = QuoteRequest { elder: &elder, moment: &moment, price: draft.quote.price, usage };
        let quote = quote(&rules.expect("rules"), &request).expect("a quote");
        MealDraft { quote, ..draft }
    }

    /// Settles a lunch of E-1 as the rules have it, wherever the clock stands.
    pub fn settle(&self) -> Entry {
        let mut ledger = self.ledger();
        let draft = self.draft(ledger.today().expect("a day"), &Usage::default());
        ledger.settle(draft).expect("settled")
    }

    /// The command, yet to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
        command.args(arguments).args([Path::new("--data"), self.folder.path(), Path::new("--config"), &self.config()]);
        command.env_remove("MEALPOINT_KEYS");
        command
    }

    fn run(&self, arguments: &[&str], pin: &str) -> Output {
        with_typed(&mut self.command(arguments), pin)
    }

    /// What the command says when it does what is asked, the PIN being right.
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, PIN);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The JSON document that it prints then.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).expect("JSON")
    }

    /// What was done, newest first.
    pub fn all_acts(&self) -> Vec<String> {
        let list = self.json(&["staff", "list"]);
        let acts = list["acts"].as_array().expect("acts").iter();
        acts.map(|act| format!("{} {}", act["staff"], act["act"]).replace('"', "")).collect()
    }

    /// What was done since S-1 was noted down, newest first.
    pub fn acts(&self) -> Vec<String> {
        let mut acts = self.all_acts();
        let set = acts.iter().position(|act| act == "S-1 name and PIN set by the command");
        acts.truncate(set.expect("S-1 was noted down"));
        acts
    }

    /// What it says when it refuses; the books stay as they are then.
    pub fn refused(&self, arguments: &[&str], pin: &str, code: i32) -> String {
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
pub fn order<'a>(what: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["ledger", what], arguments, &["--staff", "S-1", "--reason", "家属来电"]].concat()
}
