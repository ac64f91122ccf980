//! The chain checked by somebody who has nothing but the description.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{open, settle};
use crate::skipped::missing;

#[test]
fn a_third_party_checks_the_chain_with_the_lines_of_the_description() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = open(folder.path());
    settle(&mut ledger, 5);
    let mut lines = Vec::new();
    ledger
        .for_each(1, |entry| -> Result<(), mealpoint::store::LedgerError> {
            lines.extend(entry.bytes());
            lines.push(b'\n');
            Ok(())
        })
        .expect("readable");
    let checker = crate::statement::described("python");
    let child = Command::new("python3").args(["-c", &checker]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return missing(&format!("python3 is not there ({error})")),
    };
    child.stdin.take().expect("a pipe").write_all(&lines).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let head = ledger.head().expect("a head");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), format!("5 {}", head.hash));
}
