//! An import as an act of the staff: who ordered it, of which file, and what it changed that money depends on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::menu::{MenuImport, MenuItem};
use super::roster::RosterImport;
use super::staff::StaffAct;
use super::{People, Result};
use crate::domain::{DishId, Elder, ElderId, Fen, StaffId, encoding, is_hidden};

/// Most elders, or dishes, that an act names of those that something is another for.
const MOST_NAMED: usize = 8;

/// How much of a file's name an act holds, in characters.
const MOST_CHARS: usize = 60;

/// How much of a file's SHA-256 an act holds, in hex digits.
const DIGITS: usize = 12;

/// Who orders an import, when, and of which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOrder {
    staff: StaffId,
    at: Timestamp,
    /// Its name and the beginning of its SHA-256.
    file: String,
}

impl ImportOrder {
    /// By `staff`, of a file of this name that holds `bytes`.
    pub fn new(staff: StaffId, at: Timestamp, name: &str, bytes: &[u8]) -> Self {
        let name: String = name.chars().filter(|c| !is_hidden(*c)).take(MOST_CHARS).collect();
        let digest: String = encoding::hash(bytes).to_string().chars().take(DIGITS).collect();
        Self { staff, at, file: format!("{name} (sha256 {digest})") }
    }

    /// The act of an import of the roster.
    pub(super) fn roster(&self, done: &RosterImport, entitled: &Entitled) -> StaffAct {
        let RosterImport { rows, added, changed, .. } = done;
        let file = &self.file;
        let mut act = format!("roster import {file}: {rows} elders, {added} new, {changed} changed");
        for (what, elders) in &entitled.0 {
            act.push_str(&another(what, elders.iter().map(ElderId::as_str)));
        }
        self.act(act)
    }

    /// The act of an import of the menu.
    pub(super) fn menu(&self, before: &[MenuItem], now: &[MenuItem]) -> StaffAct {
        let (was, is) = (prices(before), prices(now));
        let dearer_or_cheaper = is.iter().filter(|(dish, prices)| was.get(*dish).is_some_and(|was| was != *prices));
        let file = &self.file;
        let as_before = if before == now { ", as before" } else { "" };
        let mut act = format!("menu import {file}: {} lines, {} dishes{as_before}", now.len(), is.len());
        act.push_str(&another("price", dearer_or_cheaper.map(|(dish, _)| dish.as_str())));
        self.act(act)
    }

    fn act(&self, act: String) -> StaffAct {
        StaffAct { at: self.at, staff: self.staff.clone(), act }
    }
}

/// What the rules look at and an import made another, and for whom.
#[derive(Debug, Default)]
pub(super) struct Entitled(BTreeMap<&'static str, Vec<ElderId>>);

impl Entitled {
    /// Notes what is another for this elder.
    pub fn compare(&mut self, before: &Elder, now: &Elder) {
        let differing = [
            ("date of birth", before.birth_date != now.birth_date),
            ("class", before.classes != now.classes),
            ("household", before.household != now.household),
            ("care level", before.care_level != now.care_level),
            ("status", before.status != now.status),
        ];
        for (what, _) in differing.into_iter().filter(|(_, differs)| *differs) {
            self.0.entry(what).or_default().push(now.id.clone());
        }
    }
}

impl People {
    /// As [`People::import_roster`], by order of a person: the same transaction notes who ordered it and what it did.
    ///
    /// # Errors
    /// As [`People::import_roster`]; nothing is noted then.
    pub fn import_roster_by(&mut self, file: &[u8], order: &ImportOrder) -> Result<RosterImport> {
        self.take_roster(file, order.at, Some(order))
    }

    /// As [`People::import_menu`], by order of a person: the same transaction notes who ordered it and what it did.
    ///
    /// # Errors
    /// As [`People::import_menu`]; nothing is noted then.
    pub fn import_menu_by(&mut self, file: &[u8], order: &ImportOrder) -> Result<MenuImport> {
        self.take_menu(file, Some(order))
    }
}

/// Each dish's prices.
fn prices(items: &[MenuItem]) -> BTreeMap<&DishId, BTreeSet<Fen>> {
    let mut prices = BTreeMap::<_, BTreeSet<Fen>>::new();
    for item in items {
        prices.entry(&item.dish.id).or_default().insert(item.dish.price);
    }
    prices
}

/// `; another status for 2: E-1, E-2`, nothing where it is nobody's. The ids go last.
fn another<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> String {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return String::new();
    }
    let named: Vec<&str> = ids.iter().copied().take(MOST_NAMED).collect();
    let others = if ids.len() > MOST_NAMED { " and others" } else { "" };
    format!("; another {what} for {}: {}{others}", ids.len(), named.join(", "))
}
