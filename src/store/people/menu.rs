//! The menu: what is offered on which day at which meal.
//!
//! `menu import` reads a CSV file with these columns, in any order:
//!
//! | column | Chinese | holds |
//! | --- | --- | --- |
//! | `id` | 菜品编号 | 1 to 64 letters, digits, `_`, `-`; required |
//! | `name` | 菜名 | required |
//! | `price` | 价格 | yuan, such as `12` or `12.50`; required |
//! | `periods` | 餐次 | 早餐, 午餐, 晚餐, `breakfast`, `lunch`, `supper`, joined with `;`; empty: all |
//! | `from` | 开始日期 | first day, `2026-11-22`; empty: since ever |
//! | `to` | 结束日期 | last day; empty: for ever |
//! | `weekdays` | 星期 | `1` (Monday) to `7`, or 一 to 日, joined with `;`; empty: every day |
//! | `tags` | 标签 | words such as 软, 清真, 素, 低盐, joined with `;` |
//!
//! The file is the whole menu: what is not in it is not offered any more. Dishes are offered in the file's order. A dish
//! may stand on several lines with other days or prices, as long as no two of them offer it at the same meal.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::civil::Date;
use rusqlite::{Row, TransactionBehavior};
use serde::Serialize;

use super::imported::ImportOrder;
use super::{People, Result, staff};
use crate::domain::{Dish, DishId, Fen, MealDay, MealPeriod, has_hidden};
use crate::store::csv_file::{self, Column, RowReader, Table};
use crate::words;

const COLUMNS: [Column; 8] = [
    Column { name: "id", key: "dish", required: true },
    Column { name: "name", key: "dish_name", required: true },
    Column { name: "price", key: "price", required: true },
    Column { name: "periods", key: "periods", required: false },
    Column { name: "from", key: "from", required: false },
    Column { name: "to", key: "to", required: false },
    Column { name: "weekdays", key: "weekdays", required: false },
    Column { name: "tags", key: "tags", required: false },
];

/// The dearest dish that is believed: 1000.00 yuan.
const MOST_PRICE: Fen = Fen::new(100_000);

/// Longest name or tag, in characters.
const MOST_CHARS: usize = 30;

/// One line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// The dish at its price.
    pub dish: Dish,
    /// The meals at which it is offered; not empty.
    pub periods: BTreeSet<MealPeriod>,
    /// The first day, where there is one.
    pub from: Option<Date>,
    /// The last day, where there is one.
    pub to: Option<Date>,
    /// The days of the week, 1 (Monday) to 7; not empty.
    pub weekdays: BTreeSet<i8>,
    /// Words about it, in the file's order.
    pub tags: Vec<String>,
}

impl MenuItem {
    /// Whether it is offered at that meal.
    pub fn is_offered(&self, day: MealDay, period: MealPeriod) -> bool {
        self.periods.contains(&period)
            && self.from.is_none_or(|from| from <= day.0)
            && self.to.is_none_or(|to| day.0 <= to)
            && self.weekdays.contains(&day.0.weekday().to_monday_one_offset())
    }

    /// Whether both could be offered at one meal.
    fn meets(&self, other: &Self) -> bool {
        let ends_before = |a: &Self, b: &Self| a.to.zip(b.from).is_some_and(|(to, from)| to < from);
        !self.periods.is_disjoint(&other.periods)
            && !self.weekdays.is_disjoint(&other.weekdays)
            && !ends_before(self, other)
            && !ends_before(other, self)
    }
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MenuImport {
    /// Lines of the menu.
    pub rows: usize,
    /// Different dishes.
    pub dishes: usize,
    /// Whether the menu is another than before.
    pub changed: bool,
    /// Columns of the file that were not read.
    pub ignored_columns: Vec<String>,
}

impl People {
    /// Takes a menu file whole, or nothing of it.
    ///
    /// # Errors
    /// [`super::PeopleError::Csv`] lists every bad row; [`super::PeopleError::Store`].
    pub fn import_menu(&mut self, file: &[u8]) -> Result<MenuImport> {
        self.take_menu(file, None)
    }

    /// See [`People::import_menu`] and [`People::import_menu_by`].
    pub(super) fn take_menu(&mut self, file: &[u8], order: Option<&ImportOrder>) -> Result<MenuImport> {
        let table = Table::read(file, &COLUMNS)?;
        let mut seen = BTreeMap::<DishId, Vec<(u64, MenuItem)>>::new();
        let items = table.rows(|row| {
            let item = parse_item(row)?;
            let others = seen.entry(item.dish.id.clone()).or_default();
            if let Some((line, _)) = others.iter().find(|(_, other)| other.meets(&item)) {
                row.problem(Some("id"), format!("the dish on line {line} is offered at the same meals"));
                return None;
            }
            others.push((row.line, item.clone()));
            Some(item)
        })?;
        let changed = self.replace_menu(&items, order)?;
        Ok(MenuImport { rows: items.len(), dishes: seen.len(), changed, ignored_columns: table.ignored })
    }

    /// Replaces the menu; says whether it is another than before.
    ///
    /// # Errors
    /// [`super::PeopleError::Store`].
    pub fn save_menu(&mut self, items: &[MenuItem]) -> Result<bool> {
        self.replace_menu(items, None)
    }

    /// See [`People::save_menu`]. An `order` is noted with what came of it.
    fn replace_menu(&mut self, items: &[MenuItem], order: Option<&ImportOrder>) -> Result<bool> {
        let before = self.whole_menu()?;
        let changed = before != items;
        if !changed && order.is_none() {
            return Ok(false);
        }
        let mut save = || -> rusqlite::Result<()> {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if changed {
                tx.execute("DELETE FROM menu", [])?;
                for item in items {
                    insert(&tx, item)?;
                }
            }
            if let Some(order) = order {
                staff::note(&tx, &order.menu(&before, items))?;
            }
            tx.commit()
        };
        save().map_err(|error| self.failed(error))?;
        Ok(changed)
    }

    /// What is offered at that meal, in the menu's order.
    ///
    /// # Errors
    /// [`super::PeopleError::Store`].
    pub fn menu(&self, day: MealDay, period: MealPeriod) -> Result<Vec<MenuItem>> {
        let mut items = self.whole_menu()?;
        items.retain(|item| item.is_offered(day, period));
        Ok(items)
    }

    /// The whole menu, in its order.
    ///
    /// # Errors
    /// [`super::PeopleError::Store`].
    pub fn whole_menu(&self) -> Result<Vec<MenuItem>> {
        let read = || -> rusqlite::Result<Vec<Result<MenuItem, String>>> {
            self.connection
                .prepare_cached(
                    "SELECT dish, name, price_fen, periods, from_day, to_day, weekdays, tags FROM menu ORDER BY position",
                )?
                .query_map([], parse_stored)?
                .collect()
        };
        let rows = read().map_err(|error| self.failed(error))?;
        rows.into_iter().collect::<Result<_, String>>().map_err(|what| self.corrupt(what))
    }
}

fn insert(connection: &rusqlite::Connection, item: &MenuItem) -> rusqlite::Result<()> {
    let periods: Vec<_> = item.periods.iter().map(|period| period.as_str()).collect();
    let weekdays: Vec<_> = item.weekdays.iter().map(i8::to_string).collect();
    connection
        .prepare_cached(
            "INSERT INTO menu (dish, name, price_fen, periods, from_day, to_day, weekdays, tags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            item.dish.id.as_str(),
            &item.dish.name,
            item.dish.price.get(),
            periods.join(";"),
            item.from.map(|day| day.to_string()),
            item.to.map(|day| day.to_string()),
            weekdays.join(";"),
            item.tags.join(";"),
        ))
        .map(|_| ())
}

fn parse_stored(row: &Row<'_>) -> rusqlite::Result<Result<MenuItem, String>> {
    let text = |column| row.get::<_, String>(column);
    let (id, name, periods, weekdays, tags) = (text(0)?, text(1)?, text(3)?, text(6)?, text(7)?);
    let price = Fen::new(row.get(2)?);
    let (from, to): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
    let day =
        |text: Option<String>| text.map(|text| Date::from_str(&text)).transpose().map_err(|_| "a day of the menu");
    let parse = || {
        Ok(MenuItem {
            dish: Dish { id: DishId::try_from(id).map_err(|error| format!("a dish: {error}"))?, name, price },
            periods: parse_periods(&periods)?,
            from: day(from)?,
            to: day(to)?,
            weekdays: parse_weekdays(&weekdays)?,
            tags: parse_tags(&tags)?,
        })
    };
    Ok(parse())
}

fn parse_item(row: &mut RowReader<'_>) -> Option<MenuItem> {
    let id = row.parse("id", |text| DishId::new(text));
    let name = row.parse("name", short_text);
    let price = row.parse("price", parse_price);
    let periods = row.parse("periods", parse_periods);
    let from = row.parse("from", optional_date);
    let to = row.parse("to", optional_date);
    let weekdays = row.parse("weekdays", parse_weekdays);
    let tags = row.parse("tags", parse_tags);
    let (from, to) = (from?, to?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        row.problem(Some("to"), "it is before the first day");
        return None;
    }
    let dish = Dish { id: id?, name: name?, price: price? };
    Some(MenuItem { dish, periods: periods?, from, to, weekdays: weekdays?, tags: tags? })
}

fn short_text(text: &str) -> Result<String, String> {
    let wrong = if text.is_empty() {
        "the cell is empty"
    } else if text.chars().count() > MOST_CHARS {
        "longer than 30 characters"
    } else if has_hidden(text) {
        "it holds a line end or a character that does not show; remedy: type the cell anew"
    } else {
        return Ok(text.to_owned());
    };
    Err(wrong.to_owned())
}

fn parse_price(text: &str) -> Result<Fen, String> {
    let price = Fen::parse_yuan(text).map_err(|error| format!("{error}: {text:?}"))?;
    if price <= Fen::ZERO || price > MOST_PRICE {
        return Err(format!("a price must be more than 0.00 and at most {MOST_PRICE} yuan: {text:?}"));
    }
    Ok(price)
}

fn parse_periods(text: &str) -> Result<BTreeSet<MealPeriod>, String> {
    if text.is_empty() {
        return Ok(MealPeriod::ALL.into());
    }
    let periods: BTreeSet<_> = csv_file::list(text)
        .map(|word| {
            MealPeriod::ALL
                .into_iter()
                .find(|period| word == words::meal_period(*period) || word.eq_ignore_ascii_case(period.as_str()))
                .ok_or_else(|| {
                    format!("no such meal: {word:?}; there are {}", MealPeriod::ALL.map(words::meal_period).join(", "))
                })
        })
        .collect::<Result<_, _>>()?;
    if periods.is_empty() { Err(format!("no meal: {text:?}")) } else { Ok(periods) }
}

fn optional_date(text: &str) -> Result<Option<Date>, String> {
    if text.is_empty() { Ok(None) } else { csv_file::date(text).map(Some) }
}

fn parse_weekdays(text: &str) -> Result<BTreeSet<i8>, String> {
    if text.is_empty() {
        return Ok((1..=7).collect());
    }
    let days: BTreeSet<i8> = csv_file::list(text)
        .map(|word| weekday(word).ok_or_else(|| format!("not a day of the week from 1 (Monday) to 7: {word:?}")))
        .collect::<Result<_, _>>()?;
    if days.is_empty() { Err(format!("no day of the week: {text:?}")) } else { Ok(days) }
}

fn weekday(word: &str) -> Option<i8> {
    let name = words::WEEKDAY_PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
    (1..=7_i8).zip(words::WEEKDAYS).find(|(number, day)| name == *day || name == number.to_string()).map(|(n, _)| n)
}

fn parse_tags(text: &str) -> Result<Vec<String>, String> {
    csv_file::list(text).map(short_text).collect()
}
