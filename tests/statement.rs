//! The daily statement through its public doors: a real ledger, real files, the real command, OpenSSL.

mod again;
mod closing;
mod copies;
mod lost;
mod spreadsheets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mealpoint::config::CanteenConfig;
use mealpoint::domain::{
    Dish, DishId, ElderId, Entry, EntryId, Fen, IdentifiedBy, LineKind, MealDay, MealDraft, MealPeriod, Payer,
    PayerShare, ProgrammeId, Quote, QuoteLine, RuleVersion, StaffId,
};
use mealpoint::statement::close::{Closed, Closer};
use mealpoint::store::ledger::{Books, HandClock};
use mealpoint::store::{Home, Ledger};

/// A kiosk with books of its own, whose clock the test sets.
struct Kiosk {
    folder: tempfile::TempDir,
    config: CanteenConfig,
    clock: HandClock,
    ledger: Ledger,
}

fn day(text: &str) -> MealDay {
    MealDay(text.parse().expect("a day"))
}

fn id(number: u64) -> EntryId {
    EntryId::from_uuid(uuid::Uuid::from_u128(0x0193_53b2_5a1e_7cc3_8f00_0000_0000_0000 + u128::from(number)))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Kiosk {
    /// Noon of 22 November 2026 in Chengdu.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = CanteenConfig::read(&root().join("kiosk-config")).expect("the shipped configuration");
        let clock = HandClock::at("2026-11-22T04:00:00Z".parse().expect("a moment"));
        let home = Home::with_keys(folder.path(), folder.path().join("keys"));
        let ledger = Ledger::create_with(&home, &Books::from(&config), Box::new(clock.clone())).expect("new books");
        Self { folder, config, clock, ledger }
    }

    fn home(&self) -> Home {
        Home::with_keys(self.folder.path(), self.folder.path().join("keys"))
    }

    fn statements(&self) -> PathBuf {
        self.folder.path().join("statements")
    }

    fn hours_pass(&self, hours: i64) {
        self.clock.pass(jiff::SignedDuration::from_hours(hours));
    }

    fn lunch(&mut self, number: u64, elder: &str, dish: &str) -> Entry {
        let today = self.ledger.today().expect("a day");
        self.ledger.settle(lunch(number, elder, dish, today)).expect("settled")
    }

    fn reverse(&mut self, number: u64, of: u64, reason: &str) -> Entry {
        let staff = StaffId::new("S-01").expect("an id");
        self.ledger.reverse(id(number), id(of), &staff, reason).expect("taken back")
    }

    fn close(&mut self, day: MealDay) -> Vec<Closed> {
        let home = self.home();
        let mut closer = Closer::new(&mut self.ledger, &home, &self.config).expect("a closer");
        closer.close_through(day).expect("closed")
    }

    /// A day with ids and texts that a spreadsheet would spoil.
    fn busy_day(&mut self) -> Vec<Closed> {
        self.lunch(1, "000123", "=HYPERLINK(\"http://x\")");
        self.lunch(2, "1E5", "红烧肉, 米饭\r\n\"大份\"");
        self.lunch(3, "510107194001010012", "+豆腐");
        self.reverse(4, 1, "-按错了");
        self.close(day("2026-11-22"))
    }

    /// Three days, the second one empty.
    fn three_days(&mut self) {
        self.busy_day();
        self.hours_pass(48);
        self.lunch(5, "E-5", "面条");
        self.close(day("2026-11-24"));
    }

    fn file(&self, day: &str, suffix: &str) -> PathBuf {
        self.statements().join(format!("CT-001_{day}_K-001{suffix}"))
    }

    /// Takes a day's files away.
    fn move_away(&self, day: &str) {
        for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
            std::fs::remove_file(self.file(day, suffix)).expect("the file was there");
        }
    }

    fn all_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files_in(&self.statements())
    }
}

fn files_in(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let listing = std::fs::read_dir(folder).expect("a folder");
    let paths = listing.map(|item| item.expect("a readable folder").path());
    paths.map(|path| (path.clone(), std::fs::read(&path).expect("a file"))).collect()
}

fn lunch(number: u64, elder: &str, dish: &str, day: MealDay) -> MealDraft {
    let price = Fen::new(1250);
    let subsidy = Fen::new(300);
    let line = QuoteLine {
        rule: RuleVersion {
            programme: ProgrammeId::new("great-age").expect("an id"),
            name: "高龄补贴".to_owned(),
            version: 3,
        },
        kind: LineKind::Subsidy,
        amount: subsidy,
        payers: vec![PayerShare { payer: Payer::new("district").expect("an id"), amount: subsidy }],
        units: 0,
        sentence: "高龄补贴:每餐 3.00 元".to_owned(),
    };
    MealDraft {
        id: id(number),
        elder: ElderId::new(elder).expect("an id"),
        day,
        period: MealPeriod::Lunch,
        dishes: vec![Dish { id: DishId::new("D-1").expect("an id"), name: dish.to_owned(), price }],
        quote: Quote { lines: vec![line], own_share: price - subsidy, ..Quote::full_price(price) },
        identified_by: IdentifiedBy::Carer { carer: "李女士,女儿".to_owned() },
        staff: None,
        evidence: None,
        credit: BTreeMap::new(),
    }
}

/// The first block of code in this language of the description that third parties are given.
pub fn described(language: &str) -> String {
    let text = std::fs::read_to_string(root().join("src/statement/FILES.md")).expect("the description");
    let (_, block) = text.split_once(&format!("```{language}\n")).expect("a block of code");
    block.split_once("\n```").expect("its end").0.to_owned()
}

/// Runs the command in the repository, where `kiosk-config` lies.
fn mealpoint(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.current_dir(root()).env_remove("MEALPOINT_KEYS").args(arguments.iter().map(|argument| argument.as_ref()));
    command.output().expect("the command runs")
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}
