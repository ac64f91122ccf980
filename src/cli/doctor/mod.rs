//! `mealpoint doctor`: looks at everything the kiosk rests on and names the remedy of what is wrong.

mod checks;

use std::process::ExitCode;

use serde::Serialize;

use super::{Context, with_causes};
use crate::words::doctor as words;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    /// What was looked at: a fixed key such as `disk`.
    check: &'static str,
    /// How it is.
    state: State,
    /// What was seen, a sentence.
    detail: String,
    /// What to do; absent when nothing is wrong.
    remedy: Option<String>,
}

/// How it is, the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    Warning,
    Failed,
}

impl Finding {
    fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, state: State::Good, detail: detail.into(), remedy: None }
    }

    fn warning(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: State::Warning, detail: detail.into(), remedy: Some(remedy.into()) }
    }

    /// From an error whose message reads `what is wrong; remedy: what to do`, as the errors of this crate do.
    fn failed(check: &'static str, error: &(dyn std::error::Error + 'static)) -> Self {
        let message = with_causes(error);
        let (detail, remedy) = match message.split_once("; remedy: ") {
            Some((detail, remedy)) => (detail.to_owned(), Some(remedy.to_owned())),
            None => (message, Some(remedy_of(check).to_owned())),
        };
        Self { check, state: State::Failed, detail, remedy }
    }
}

/// What to do where an error does not say it.
fn remedy_of(check: &str) -> &'static str {
    match check {
        "camera" => "unplug it and plug it in again, or name another in recognition.toml",
        "disk" | "database" | "people" | "ledger" => "check the disk and who may read there, then again",
        _ => "put right what it names, then again",
    }
}

#[derive(Serialize)]
struct Report {
    healthy: bool,
    /// The pack of models in use, `real` or `drawn`; none where neither can be used.
    models: Option<String>,
    checks: Vec<Finding>,
}

/// Runs every check. Exit code 1 when one failed; warnings alone exit with 0.
///
/// # Errors
/// None of its own: a check that cannot be made is a finding.
pub fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let (checks, models) = checks::all(context);
    let healthy = checks.iter().all(|finding| finding.state != State::Failed);
    if context.json {
        say!("{}", serde_json::to_string_pretty(&Report { healthy, models, checks })?);
    } else {
        for finding in &checks {
            let mark = match finding.state {
                State::Good => words::GOOD,
                State::Warning => words::WARNING,
                State::Failed => words::FAILED,
            };
            say!("[{mark}] {}: {}", words::check_name(finding.check), finding.detail);
            if let Some(remedy) = &finding.remedy {
                say!("      {} {remedy}", words::REMEDY);
            }
        }
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_a_remedy_where_its_error_names_none_too() {
        let of = |check, text: &str| Finding::failed(check, anyhow::anyhow!("{text}").as_ref()).remedy;
        assert_eq!(of("camera", "camera 0 is busy; remedy: stop that program").as_deref(), Some("stop that program"));
        assert!(
            of("camera", "camera 0 delivers no pictures").is_some_and(|remedy| remedy.contains("plug it in again"))
        );
        assert!(of("disk", "I/O error").is_some_and(|remedy| remedy.contains("check the disk")));
    }
}
