//! Who is looked at, for how long, and who is left alone.

use super::bench::*;
use crate::kiosk::session::*;

#[test]
fn a_tracker_that_keeps_losing_somebody_does_not_keep_them_looking_for_ever() {
    let mut bench = Bench::at_lunch();
    for track in 1..=80 {
        bench.see(100, track, Identity::Undecided(None));
    }
    assert_eq!(bench.screen(), "looking");
    bench.see(100, 81, Identity::Undecided(None));
    assert_eq!(bench.screen(), "not-recognised");
}
