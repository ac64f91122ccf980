//! `mealpoint menu`: what the canteen offers.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::Context;
use super::roster::{read, refuse_demo, refused, say_ignored};
use crate::store::{Home, People};

/// `mealpoint menu …`
#[derive(Debug, Subcommand)]
pub enum MenuCommand {
    /// Take a menu file whole: it replaces the menu
    Import {
        /// CSV with the columns id, name, price and, where needed, periods, from, to, weekdays, tags
        /// (or 菜品编号, 菜名, 价格, 餐次, 开始日期, 结束日期, 星期, 标签)
        file: PathBuf,
    },
}

/// Runs it.
///
/// # Errors
/// What keeps the file from being read or the database from being written.
pub fn run(context: &Context, command: MenuCommand) -> anyhow::Result<ExitCode> {
    let MenuCommand::Import { file } = command;
    refuse_demo(context)?;
    let bytes = read(&file)?;
    let mut people = People::open_or_create(&Home::at(&context.data))?;
    let done = match people.import_menu(&bytes) {
        Ok(done) => done,
        Err(error) => return refused(context, &file, error),
    };
    if context.json {
        say!("{}", serde_json::to_string(&done)?);
    } else {
        let changed = if done.changed { "the menu is replaced" } else { "the menu is as before" };
        say!("{}: {} lines, {} dishes; {changed}", file.display(), done.rows, done.dishes);
        say_ignored(&done.ignored_columns);
    }
    Ok(ExitCode::SUCCESS)
}
