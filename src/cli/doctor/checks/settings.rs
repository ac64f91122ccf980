//! What a canteen edits.

use std::path::Path;

use crate::cli::doctor::Finding;
use crate::config::{CanteenConfig, subsidies};

pub(super) fn all(config: &Path) -> Vec<Finding> {
    let canteen = match CanteenConfig::read(config) {
        Ok(canteen) => Finding::good("canteen", format!("{} {}, {}", canteen.id, canteen.name, canteen.kiosk)),
        Err(error) => Finding::failed("canteen", &error),
    };
    let subsidies = match subsidies::read(config) {
        Ok(book) if book.programmes().is_empty() => Finding::warning(
            "subsidies",
            "no programme: everybody pays the full price",
            format!("put the district's rule files into {}", config.join("subsidies").display()),
        ),
        Ok(book) => {
            let rules = book.programmes().iter().map(|programme| programme.rule());
            let names: Vec<String> = rules.map(|rule| format!("{} v{}", rule.programme, rule.version)).collect();
            Finding::good("subsidies", names.join(", "))
        }
        Err(error) => Finding::failed("subsidies", &error),
    };
    vec![canteen, subsidies]
}
