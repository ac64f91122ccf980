//! What a canteen edits.

use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use crate::cli::doctor::Finding;
use crate::config::{CanteenConfig, subsidies};
use crate::domain::subsidy::{Programme, RuleBook};

pub(super) fn all(config: &Path) -> Vec<Finding> {
    let read = CanteenConfig::read(config);
    let canteen = match &read {
        Ok(canteen) => Finding::good("canteen", format!("{} {}, {}", canteen.id, canteen.name, canteen.kiosk)),
        Err(error) => Finding::failed("canteen", error),
    };
    let subsidies = match subsidies::read(config) {
        Ok(book) if book.programmes().is_empty() => Finding::warning(
            "subsidies",
            "no programme: everybody pays the full price",
            format!("put the district's rule files into {}", config.join("subsidies").display()),
        ),
        Ok(book) => {
            let today = match &read {
                Ok(canteen) => canteen.day(Timestamp::now()).0,
                Err(_) => Zoned::now().date(),
            };
            in_force(&book, today, config)
        }
        Err(error) => Finding::failed("subsidies", &error),
    };
    vec![canteen, subsidies]
}

/// The programmes that pay today; a warning where there is none, and where one has ended that no later version follows: from
/// that day on everybody pays more, and nobody may have meant it.
fn in_force(book: &RuleBook, today: Date, config: &Path) -> Finding {
    let named = |programmes: Vec<&Programme>| {
        let rules = programmes.into_iter().map(Programme::rule);
        rules.map(|rule| format!("{} v{}", rule.programme, rule.version)).collect::<Vec<_>>().join(", ")
    };
    let (pay, others): (Vec<_>, Vec<_>) = book.programmes().iter().partition(|p| p.in_force_on(today));
    let follows = |ended: &Programme| others.iter().any(|p| p.id == ended.id && today < p.from);
    let ended: Vec<&Programme> =
        book.latest_versions(today).into_iter().filter(|p| !p.in_force_on(today) && !follows(p)).collect();
    let rules = config.join("subsidies");
    if pay.is_empty() {
        return Finding::warning(
            "subsidies",
            format!("none of {} is in force on {today}: everybody pays the full price", named(others)),
            format!("look at `from` and `until` of the rule files in {}", rules.display()),
        );
    }
    if !ended.is_empty() {
        return Finding::warning(
            "subsidies",
            format!("{}; ended before {today}, and nothing follows: {}", named(pay), named(ended)),
            format!("where it goes on, put its next version, with a later `from`, into {}", rules.display()),
        );
    }
    if others.is_empty() {
        return Finding::good("subsidies", named(pay));
    }
    Finding::good("subsidies", format!("{}; not on {today}: {}", named(pay), named(others)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    #[test]
    fn rules_that_have_all_ended_are_a_warning_and_those_of_another_day_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let rules = folder.path().join("subsidies");
        std::fs::create_dir(&rules).expect("a folder");
        let shipped = include_str!("../../../../kiosk-config/subsidies/wuhou.toml");
        std::fs::write(rules.join("rules.toml"), shipped).expect("written");
        let book = subsidies::read(folder.path()).expect("rules");
        let first = book.programmes().first().expect("a programme");
        let before = first.from.yesterday().expect("a day");
        let found = in_force(&book, before, folder.path());
        assert_eq!(found.state, State::Warning, "{found:?}");
        assert!(found.detail.contains("none of") && found.detail.contains(first.id.as_str()), "{found:?}");
        assert!(found.remedy.expect("a remedy").contains("subsidies"), "it names the folder");
        assert_eq!(in_force(&book, first.from, folder.path()).state, State::Good);
    }

    #[test]
    fn a_programme_that_ended_without_another_version_to_follow_is_a_warning_though_others_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let rules = folder.path().join("subsidies");
        std::fs::create_dir(&rules).expect("a folder");
        let on = |text: &str, day: Date| {
            std::fs::write(rules.join("rules.toml"), text).expect("written");
            in_force(&subsidies::read(folder.path()).expect("rules"), day, folder.path())
        };
        let shipped = include_str!("../../../../kiosk-config/subsidies/wuhou.toml");
        let (others, prepaid) = shipped.rsplit_once("[[programme]]").expect("the last programme");
        let from = "from = 2026-01-01\n";
        let ended = prepaid.replace(from, &format!("{from}until = 2026-11-30\n"));
        let next = prepaid.replace(from, "from = 2026-12-05\n").replace("version = 1", "version = 2");
        assert!(ended.contains("id = \"prepaid\"") && ended != prepaid && next.contains("version = 2"), "{prepaid}");
        let ending = format!("{others}[[programme]]{ended}");
        let (last, after) = (Date::constant(2026, 11, 30), Date::constant(2026, 12, 1));
        assert_eq!(on(shipped, after).state, State::Good, "the shipped rules have no end");
        assert_eq!(on(&ending, last).state, State::Good, "it still pays");
        let found = on(&ending, after);
        assert_eq!(found.state, State::Warning, "{found:?}");
        assert!(found.detail.contains("nothing follows: prepaid v1"), "{found:?}");
        assert!(found.remedy.expect("a remedy").contains("subsidies"), "it names the folder");
        let found = on(&format!("{ending}\n[[programme]]{next}"), after);
        assert_eq!(found.state, State::Good, "its next version is announced: {found:?}");
    }
}
