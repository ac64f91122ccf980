//! A process that settles in a loop and is killed at random.
//!
//! `MEALPOINT_KILLS` says how often (default 60; the full proof is 2000 and more). What a kill cannot show, that the
//! system had really written what it was told to, the simulated power cuts show (`power.rs`).

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mealpoint::domain::EntryId;
use mealpoint::store::{Database, Ledger};

use super::{assert_sound, books, home, id, lunch};

/// Where the child finds its data folder.
const CHILD: &str = "MEALPOINT_TEST_SETTLES_IN";

/// The child: not a test of its own, but run by those below and by the power cuts.
#[test]
#[ignore = "the child process of other tests"]
fn child_settles_in_a_loop() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let rounds: u32 = std::env::var("MEALPOINT_TEST_ROUNDS").map_or(u32::MAX, |text| text.parse().expect("a number"));
    let mut ledger = Ledger::open_or_create(&home(Path::new(&folder)), &books()).expect("the books open");
    println!("open");
    for round in 0..rounds {
        let today = ledger.today().expect("a day");
        let entry = ledger.settle(lunch(&format!("E-{}", uuid::Uuid::now_v7()), today)).expect("settled");
        println!("settled {} {}", entry.id, entry.hash);
        if round % 5 == 4 {
            let back = id::<EntryId>(&uuid::Uuid::now_v7().to_string());
            let entry = ledger.reverse(back, entry.id, &id("S-1"), "taken back").expect("taken back");
            println!("settled {} {}", entry.id, entry.hash);
        }
    }
    println!("done");
}

/// Starts the child in `folder`.
pub fn child(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["ledger::kills::child_settles_in_a_loop", "--exact", "--ignored", "--nocapture"])
        .env(CHILD, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What the child said it had settled: id and hash.
pub fn acknowledged(lines: impl Iterator<Item = String>) -> Vec<(EntryId, String)> {
    lines
        .filter_map(|line| {
            let (entry, hash) = line.split_once("settled ")?.1.split_once(' ')?;
            // The last line may be cut.
            (hash.len() == 64).then(|| (id(entry), hash.to_owned()))
        })
        .collect()
}

/// A small generator with a seed that a failure can be run again with.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

/// Lets the child say `words` lines, then a little longer, then kills it; gives what it said.
fn run_and_kill(mut child: Child, words: u64, longer: Duration) -> Vec<String> {
    let output = child.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let mut said: Vec<String> = lines.by_ref().take(usize::try_from(words).expect("a few")).collect();
    std::thread::sleep(longer);
    child.kill().expect("killed");
    child.wait().expect("it ends");
    said.extend(lines);
    said
}

#[test]
fn a_kiosk_killed_at_any_moment_loses_doubles_and_halves_no_meal() {
    let kills: u32 = std::env::var("MEALPOINT_KILLS").map_or(60, |text| text.parse().expect("a number of kills"));
    let mut dice = Dice(0x6d65_616c);
    let folder = tempfile::tempdir().expect("a folder");
    let mut settled = Vec::new();
    for kill in 0..kills {
        // The test harness says a few lines of its own first; some kills come before the books are open, even created.
        let words = dice.below(12);
        let longer = Duration::from_micros(dice.below(4000));
        let said = run_and_kill(child(folder.path()).spawn().expect("a child"), words, longer);
        settled.extend(acknowledged(said.into_iter()));
        if !home(folder.path()).file(Database::Ledger).exists() {
            assert!(settled.is_empty(), "kill {kill}: the books are gone");
            continue;
        }
        let ledger =
            Ledger::open(&home(folder.path()), &books()).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        let number = ledger.head().expect("a head").number;
        let most = settled.len() as u64 + u64::from(kill) + 1;
        assert!(
            (settled.len() as u64..=most).contains(&number),
            "kill {kill}: {number} entries, {} known",
            settled.len()
        );
        for (id, hash) in settled.iter().rev().take(20) {
            let entry = ledger.entry(*id).expect("readable").unwrap_or_else(|| panic!("kill {kill}: {id} is lost"));
            assert_eq!(entry.hash.to_string(), *hash, "kill {kill}");
        }
    }
    let ledger = Ledger::open(&home(folder.path()), &books()).expect("the books open");
    assert_sound(&ledger);
    let missing = settled.iter().filter(|(id, _)| ledger.entry(*id).expect("readable").is_none()).count();
    assert_eq!(missing, 0, "of {} settled meals", settled.len());
    assert!(settled.len() as u64 > u64::from(kills), "the child hardly settled anything: {}", settled.len());
}
