//! The `mealpoint` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    mealpoint::cli::main()
}
