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

/// The programmes that pay today; a warning where there is none.
fn in_force(book: &RuleBook, today: Date, config: &Path) -> Finding {
    let named = |programmes: Vec<&Programme>| {
        let rules = programmes.into_iter().map(Programme::rule);
        rules.map(|rule| format!("{} v{}", rule.programme, rule.version)).collect::<Vec<_>>().join(", ")
    };
    let (pay, others): (Vec<_>, Vec<_>) = book.programmes().iter().partition(|p| p.in_force_on(today));
    match (pay.is_empty(), others.is_empty()) {
        (true, _) => Finding::warning(
            "subsidies",
            format!("none of {} is in force on {today}: everybody pays the full price", named(others)),
            format!("look at `from` and `until` of the rule files in {}", config.join("subsidies").display()),
        ),
        (false, true) => Finding::good("subsidies", named(pay)),
        (false, false) => Finding::good("subsidies", format!("{}; not on {today}: {}", named(pay), named(others))),
    }
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
}
