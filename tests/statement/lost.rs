//! Books that were lost go on after the last closed day, and the statements still fit.

use super::*;
use mealpoint::store::LedgerError;
use mealpoint::store::ledger::{Restart, restart};

#[test]
fn books_lost_after_the_close_go_on_with_the_day_after_it_and_all_days_verify() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let closed = kiosk.all_files();
    let Kiosk { folder, config, clock, ledger } = kiosk;
    let last = ledger.last_closed().expect("readable").expect("three closed days");
    drop(ledger);
    std::fs::write(folder.path().join("ledger.db"), "torn").expect("written");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let order = Restart {
        staff: StaffId::new("S-01").expect("an id"),
        reason: "硬盘损坏".to_owned(),
        last_closed: Some((last.day, last.after, last.closing)),
    };
    let (ledger, entry) =
        restart(&home, &Books::from(&config), Box::new(clock.clone()), &order).expect("the books go on");
    assert_eq!((entry.number, entry.day), (last.after.number + 1, day("2026-11-25")));
    let mut kiosk = Kiosk { folder, config, clock, ledger };
    let again = kiosk.ledger.settle(lunch(50, "E-5", "面条", last.day)).expect_err("a second meal on a closed day");
    assert!(matches!(again, LedgerError::DayClosed(_)), "{again}");

    kiosk.hours_pass(24);
    kiosk.lunch(6, "E-5", "面条");
    kiosk.close(day("2026-11-25"));
    for (file, bytes) in &closed {
        assert_eq!(std::fs::read(file).expect("the closed file"), *bytes, "{}", file.display());
    }
    let verified = mealpoint(&[&"verify", &"--json", &kiosk.statements()]);
    let report = json(&verified);
    assert!(verified.status.success(), "{report}");
    assert!(report["notes"].to_string().contains("begin anew on 2026-11-25 after number 5"), "{report}");
    assert_eq!(kiosk.ledger.check_all().expect("a check").findings, []);
}
