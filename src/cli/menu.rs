//! `mealpoint menu`: what the canteen offers.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::Context;
use super::roster::{order, read, refuse_demo, refused, say_ignored};
use super::staff::who_orders;
use crate::domain::StaffId;
use crate::store::{Home, People};

/// `mealpoint menu …`
#[derive(Debug, Subcommand)]
pub enum MenuCommand {
    /// Take a menu file whole: it replaces the menu
    Import {
        /// CSV with the columns id, name, price and, where needed, periods, from, to, weekdays, tags
        /// (or 菜品编号, 菜名, 价格, 餐次, 开始日期, 结束日期, 星期, 标签)
        file: PathBuf,
        /// Who of the staff does it; their PIN is asked for, and the list of what the staff did names them
        #[arg(long, value_name = "ID")]
        staff: Option<StaffId>,
    },
}

/// Runs it.
///
/// # Errors
/// What keeps the file from being read or the database from being written.
pub fn run(context: &Context, command: MenuCommand) -> anyhow::Result<ExitCode> {
    let MenuCommand::Import { file, staff } = command;
    refuse_demo(context)?;
    let home = Home::at(&context.data);
    let staff = who_orders(&home, staff)?;
    let bytes = read(&file)?;
    let mut people = People::open_or_create(&home)?;
    let done = match people.import_menu_by(&bytes, &order(staff, &file, &bytes)) {
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
