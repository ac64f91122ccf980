//! The chain checked by somebody who has nothing but the description.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{open, settle};
use crate::skipped::missing;

/// What a third party writes from the description in `encoding`'s documentation.
const CHECKER: &str = r#"
import hashlib, json, sys
previous = "0" * 64
count = 0
for line in sys.stdin.buffer:
    line = line.rstrip(b"\n")
    entry = json.loads(line)
    again = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert again == line, "entry %d is not canonical" % entry["number"]
    assert entry["v"] == 1 and entry["number"] == count + 1
    assert entry["previous"] == previous, "entry %d does not follow" % entry["number"]
    previous = hashlib.sha256(line).hexdigest()
    count += 1
print(count, previous)
"#;

#[test]
fn a_third_party_checks_the_chain_with_twelve_lines_of_python() {
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
    let child = Command::new("python3").args(["-c", CHECKER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return missing(&format!("python3 is not there ({error})")),
    };
    child.stdin.take().expect("a pipe").write_all(&lines).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let head = ledger.head().expect("a head");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), format!("5 {}", head.hash));
}
