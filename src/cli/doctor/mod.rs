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
            None => (message, None),
        };
        Self { check, state: State::Failed, detail, remedy }
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
