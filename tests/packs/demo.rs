//! The demo with the drawn models, in its window: three meals, then the day's books.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::*;
use crate::skipped;

/// The optimised program under a display of its own: without optimisation a frame takes longer to draw than people wait.
/// `None` where `scripts/test`, which builds it, has not named it in MEALPOINT_OPTIMISED, or there is no Xvfb.
fn under_xvfb(place: &Place, arguments: &[&str]) -> Option<Output> {
    let built_so = (!cfg!(debug_assertions)).then(|| PathBuf::from(env!("CARGO_BIN_EXE_mealpoint")));
    let named = std::env::var_os("MEALPOINT_OPTIMISED").map(|file| support::root().join(file));
    let Some(program) = named.or(built_so) else {
        skipped::missing("no optimised build (scripts/test makes one and names it in MEALPOINT_OPTIMISED)");
        return None;
    };
    if !Command::new("xvfb-run").arg("--help").output().is_ok_and(|output| output.status.success()) {
        skipped::missing("xvfb-run is not there");
        return None;
    }
    place.install(&program);
    let mut command = place.command("xvfb-run");
    // A window would go to a Wayland desktop first.
    command.env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    command.args(["-a", "-s", "-screen 0 1280x1024x24"]).arg(place.program()).args(["--json", "--data", "data"]);
    Some(command.args(arguments).output().expect("it starts"))
}

#[test]
fn three_drawn_people_are_recognised_eat_and_stand_in_the_signed_books() {
    let Some(place) = Place::new() else { return };
    // No camera here, or one that the drawn models refuse: drawn people come of themselves.
    let arguments = ["kiosk", "--meals", "3", "--windowed", "1280x800", "--shots", "shots"];
    let Some(output) = under_xvfb(&place, &arguments) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let summary: Value = serde_json::from_slice(&output.stdout).expect("a summary");
    assert_eq!((summary["source"].as_str(), summary["models"].as_str()), (Some("drawn"), Some("drawn")), "{summary}");
    assert_eq!(
        (summary["meals"].as_u64(), summary["settled"].as_array().map(Vec::len)),
        (Some(3), Some(3)),
        "{summary}"
    );
    let screens: Vec<&str> = summary["screens"].as_array().expect("screens").iter().filter_map(Value::as_str).collect();
    for screen in ["idle", "looking", "recognised", "dishes", "confirm", "settled"] {
        assert!(screens.contains(&screen), "{screens:?}");
    }
    assert!(support::files(&place.path("shots")).len() >= screens.len(), "{summary}");

    let closed = place.run(&["close"]);
    assert!(closed.status.success(), "{}", String::from_utf8_lossy(&closed.stderr));
    let verified = place.run(&["verify", "data/statements"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
