//! The roster: the elders that the canteen may serve.
//!
//! `roster import` reads a CSV file with these columns, in any order:
//!
//! | column | Chinese | holds |
//! | --- | --- | --- |
//! | `id` | 编号 | 1 to 64 letters, digits, `_`, `-`; required |
//! | `name` | 姓名 | required |
//! | `birth_date` | 出生日期 | `1938-05-02`; required |
//! | `district` | 区 | 户籍 district; required |
//! | `town` | 镇街 | 户籍 town or street; required |
//! | `sex` | 性别 | 女, 男, `female`, `male`, or empty |
//! | `classes` | 类别 | 低保, 特困, …, several joined with `;`; 普通 or empty for none. 高龄, 高龄80岁以上 are read and not kept |
//! | `care_level` | 护理等级 | 1 to 5 or empty |
//! | `status` | 状态 | 正常, 暂停, 迁出, 死亡, or `active`, `suspended`, `moved`, `deceased`; empty is 正常 of somebody new |
//!
//! Elders of the file are added or brought up to date; others stay as they are. What the file does not speak of stays as it
//! is too: a column that it lacks, and the status of an elder whose cell is empty, so that nobody comes back from the dead or
//! loses a class by a shorter file. Imported twice, it is the same roster.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use serde::Serialize;

use super::imported::{Entitled, ImportOrder};
use super::{People, Result, staff, templates};
use crate::domain::subsidy::{ELDER_AGE, OLDEST_AGE};
use crate::domain::{Absence, CareLevel, Elder, ElderClass, ElderId, ElderStatus, Household, Sex, has_hidden};
use crate::store::csv_file::{self, Column, RowReader, Table};
use crate::words;

const COLUMNS: [Column; 9] = [
    Column { name: "id", key: "id", required: true },
    Column { name: "name", key: "name", required: true },
    Column { name: "birth_date", key: "birth_date", required: true },
    Column { name: "district", key: "district", required: true },
    Column { name: "town", key: "town", required: true },
    Column { name: "sex", key: "sex", required: false },
    Column { name: "classes", key: "classes", required: false },
    Column { name: "care_level", key: "care_level", required: false },
    Column { name: "status", key: "status", required: false },
];

/// Longest name or place, in characters.
const MOST_CHARS: usize = 50;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RosterImport {
    /// Elders in the file.
    pub rows: usize,
    /// Of them new.
    pub added: usize,
    /// Of them changed.
    pub changed: usize,
    /// Of them the same as before.
    pub unchanged: usize,
    /// Templates erased because their elder has died or moved away.
    pub templates_erased: usize,
    /// Templates erased because they were enrolled as a trial, before their elder was on a roster and without a consent.
    pub trial_templates_erased: usize,
    /// Columns of the file that were not read.
    pub ignored_columns: Vec<String>,
}

impl People {
    /// Takes a roster file whole, or nothing of it. `now` is when: it bounds dates of birth and dates receipts.
    ///
    /// # Errors
    /// [`PeopleError::Csv`] lists every bad row; [`PeopleError::Store`].
    pub fn import_roster(&mut self, file: &[u8], now: Timestamp) -> Result<RosterImport> {
        self.take_roster(file, now, None)
    }

    /// See [`People::import_roster`] and [`People::import_roster_by`].
    pub(super) fn take_roster(
        &mut self,
        file: &[u8],
        now: Timestamp,
        order: Option<&ImportOrder>,
    ) -> Result<RosterImport> {
        let table = Table::read(file, &COLUMNS)?;
        // A day of grace, so that the zone does not matter.
        let today = now.to_zoned(TimeZone::UTC).date().saturating_add(1.day());
        let mut lines = BTreeMap::new();
        let mut of_unsaid_status = BTreeSet::new();
        let elders = table.rows(|row| {
            let elder = parse_elder(row, today)?;
            if row.text("status").is_empty() {
                of_unsaid_status.insert(elder.id.clone());
            }
            if let Some(first) = lines.insert(elder.id.clone(), row.line) {
                row.problem(Some("id"), format!("the same number stands on line {first}"));
                return None;
            }
            Some(elder)
        })?;
        let mut done = self.bring_up_to_date(&elders, now, order, |elder, known| {
            let mut elder = elder.clone();
            // Nothing was known of whoever was enrolled before a roster came; that the person is suspended says no more.
            if known.is_unlisted() {
                return elder;
            }
            if !table.has("sex") {
                elder.sex = known.sex;
            }
            if !table.has("classes") {
                elder.classes.clone_from(&known.classes);
            }
            if !table.has("care_level") {
                elder.care_level = known.care_level;
            }
            if of_unsaid_status.contains(&elder.id) {
                elder.status = known.status;
            }
            elder
        })?;
        done.ignored_columns = table.ignored;
        Ok(done)
    }

    /// Adds or brings up to date these elders, all of them or none. Templates of a trial ([`super::Consent::trial`]) are
    /// erased: an elder of the roster is enrolled with a consent or not at all.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn save_elders(&mut self, elders: &[Elder], now: Timestamp) -> Result<RosterImport> {
        self.bring_up_to_date(elders, now, None, |elder, _| elder.clone())
    }

    /// See [`People::save_elders`]; `merge` makes what is saved of a known elder from what is new and what is known. An
    /// `order` is noted with what came of it.
    fn bring_up_to_date(
        &mut self,
        elders: &[Elder],
        now: Timestamp,
        order: Option<&ImportOrder>,
        merge: impl Fn(&Elder, &Elder) -> Elder,
    ) -> Result<RosterImport> {
        let mut done = RosterImport { rows: elders.len(), ..RosterImport::default() };
        let mut entitled = Entitled::default();
        let mut save = || -> rusqlite::Result<()> {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for elder in elders {
                let known = find(&tx, &elder.id)?;
                let mut elder = match &known {
                    Some(Ok(known)) => merge(elder, known),
                    _ => elder.clone(),
                };
                elder.absences = match &known {
                    Some(Ok(known)) => absences(known, elder.status, now),
                    _ => begun(elder.status, now),
                };
                let count = match &known {
                    Some(Ok(known)) if elder == *known => &mut done.unchanged,
                    Some(_) => &mut done.changed,
                    None => &mut done.added,
                };
                *count += 1;
                if let Some(Ok(known)) = &known {
                    entitled.compare(known, &elder);
                }
                write(&tx, &elder)?;
                if matches!(elder.status, ElderStatus::Deceased | ElderStatus::Moved) {
                    done.templates_erased += templates::erase(&tx, &elder.id, now, "departed")?;
                }
                done.trial_templates_erased += templates::erase_trial(&tx, &elder.id, now)?;
            }
            if let Some(order) = order {
                staff::note(&tx, &order.roster(&done, &entitled))?;
            }
            tx.commit()
        };
        save().map_err(|error| self.failed(error))?;
        if done.templates_erased + done.trial_templates_erased > 0 {
            self.forget()?;
        }
        Ok(done)
    }

    /// The elder with this number.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn elder(&self, id: &ElderId) -> Result<Option<Elder>> {
        find(&self.connection, id).map_err(|error| self.failed(error))?.transpose().map_err(|what| self.corrupt(what))
    }

    /// Every elder, in the order of their numbers.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn elders(&self) -> Result<Vec<Elder>> {
        self.select(&format!("SELECT {FIELDS} FROM elder ORDER BY id"), [])
    }

    fn select(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<Elder>> {
        let read = || -> rusqlite::Result<Vec<Result<Elder, String>>> {
            self.connection.prepare_cached(sql)?.query_map(parameters, parse_row)?.collect()
        };
        let rows = read().map_err(|error| self.failed(error))?;
        rows.into_iter().collect::<Result<_, String>>().map_err(|what| self.corrupt(what))
    }
}

/// The absences of somebody `known`, now that a roster says this status at `now`.
fn absences(known: &Elder, status: ElderStatus, now: Timestamp) -> Vec<Absence> {
    // Nothing says since when whoever was enrolled before a roster came has been active.
    if known.is_unlisted() {
        return begun(status, now);
    }
    let mut absences = known.absences.clone();
    let was_active = known.status == ElderStatus::Active;
    match absences.last_mut() {
        // A clock that was ahead when it ended has been set right since.
        Some(last) if status == ElderStatus::Active => {
            last.until = Some(last.until.map_or(now, |until| until.min(now)))
        }
        _ if status != ElderStatus::Active && was_active => absences.extend(begun(status, now)),
        _ => {}
    }
    absences
}

/// The absence that begins with this status, if it is one.
fn begun(status: ElderStatus, now: Timestamp) -> Vec<Absence> {
    if status == ElderStatus::Active { vec![] } else { vec![Absence { since: now, until: None }] }
}

const FIELDS: &str = "id, name, birth_date, sex, classes, district, town, care_level, status, absences";

fn find(connection: &Connection, id: &ElderId) -> rusqlite::Result<Option<Result<Elder, String>>> {
    connection
        .prepare_cached(&format!("SELECT {FIELDS} FROM elder WHERE id = ?1"))?
        .query_row([id.as_str()], parse_row)
        .optional()
}

pub(super) fn write(connection: &Connection, elder: &Elder) -> rusqlite::Result<()> {
    let absences = serde_json::to_string(&elder.absences);
    let absences = absences.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection
        .prepare_cached(&format!(
            "INSERT INTO elder ({FIELDS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET name = excluded.name, birth_date = excluded.birth_date, sex = excluded.sex,
                 classes = excluded.classes, district = excluded.district, town = excluded.town,
                 care_level = excluded.care_level, status = excluded.status, absences = excluded.absences"
        ))?
        .execute((
            elder.id.as_str(),
            &elder.name,
            elder.birth_date.to_string(),
            elder.sex.map(sex_word),
            elder.classes.iter().map(|class| class_word(*class)).collect::<Vec<_>>().join(";"),
            &elder.household.district,
            &elder.household.town,
            elder.care_level.map(|level| level.0),
            status_word(elder.status),
            absences,
        ))
        .map(|_| ())
}

fn parse_row(row: &Row<'_>) -> rusqlite::Result<Result<Elder, String>> {
    let text = |column| row.get::<_, String>(column);
    let (id, birth_date, classes, status) = (text(0)?, text(2)?, text(4)?, text(8)?);
    let sex: Option<String> = row.get(3)?;
    let (name, district, town) = (text(1)?, text(5)?, text(6)?);
    let care_level: Option<u8> = row.get(7)?;
    let absences = text(9)?;
    let parse = || {
        Ok(Elder {
            id: ElderId::new(id).map_err(|error| format!("an elder's number: {error}"))?,
            name,
            birth_date: Date::from_str(&birth_date).map_err(|_| "an elder's date of birth".to_owned())?,
            sex: sex.as_deref().map(parse_sex).transpose()?.flatten(),
            classes: parse_classes(&classes)?,
            household: Household { district, town },
            care_level: care_level.map(CareLevel),
            status: parse_status(&status)?,
            absences: serde_json::from_str(&absences).map_err(|_| "when an elder was not active".to_owned())?,
        })
    };
    Ok(parse())
}

fn parse_elder(row: &mut RowReader<'_>, today: Date) -> Option<Elder> {
    let id = row.parse("id", |text| ElderId::new(text));
    let name = row.parse("name", short_text);
    let birth_date = row.parse("birth_date", |text| birth_date(text, today));
    let district = row.parse("district", short_text);
    let town = row.parse("town", short_text);
    let sex = row.parse("sex", parse_sex);
    let classes = row.parse("classes", parse_classes);
    let care_level = row.parse("care_level", parse_care_level);
    let status = row.parse("status", parse_status);
    Some(Elder {
        id: id?,
        name: name?,
        birth_date: birth_date?,
        sex: sex?,
        classes: classes?,
        household: Household { district: district?, town: town? },
        care_level: care_level?,
        status: status?,
        absences: vec![],
    })
}

/// A name or a place; never shown in an error.
pub(super) fn short_text(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        Err("the cell is empty")
    } else if text.chars().count() > MOST_CHARS {
        Err("longer than 50 characters")
    } else if has_hidden(text) {
        Err("it holds a line end or a character that does not show; remedy: type the cell anew")
    } else {
        Ok(text.to_owned())
    }
}

fn birth_date(text: &str, today: Date) -> Result<Date, String> {
    let date = csv_file::date(text)?;
    if date > today {
        return Err(format!("a date of birth in the future: {text:?}"));
    }
    if date.year() < 1890 {
        return Err(format!("nobody alive was born then: {text:?}"));
    }
    Ok(date)
}

fn parse_sex(text: &str) -> Result<Option<Sex>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let found =
        [Sex::Female, Sex::Male].into_iter().find(|sex| text == words::sex(*sex) || is_word(text, sex_word(*sex)));
    found
        .map(Some)
        .ok_or_else(|| format!("neither {} nor {}: {text:?}", words::sex(Sex::Female), words::sex(Sex::Male)))
}

fn parse_classes(text: &str) -> Result<BTreeSet<ElderClass>, String> {
    let mut classes = BTreeSet::new();
    for word in csv_file::list(text) {
        if word == words::NO_CLASS || is_great_age(word) {
            continue;
        }
        classes.insert(class_of(word).ok_or_else(|| {
            let known: Vec<_> = ElderClass::ALL.into_iter().map(words::elder_class).collect();
            let rest = word.strip_prefix(words::GREAT_AGE).map(str::trim).filter(|rest| class_of(rest).is_some());
            let remedy = rest.map_or_else(
                || "write these, several joined with «;»".to_owned(),
                |rest| format!("write {rest}; {} follows from the date of birth", words::GREAT_AGE),
            );
            format!("no such class: {word:?}; there are {}; remedy: {remedy}", known.join(", "))
        })?);
    }
    Ok(classes)
}

fn class_of(word: &str) -> Option<ElderClass> {
    ElderClass::ALL.into_iter().find(|class| word == words::elder_class(*class) || is_word(word, class_word(*class)))
}

/// Whether a word says nothing but a great age, which follows from the date of birth. A class written together with it is
/// not read over: it would cost the elder its subsidy.
fn is_great_age(word: &str) -> bool {
    let Some(rest) = word.strip_prefix(words::GREAT_AGE) else { return false };
    let mut ages =
        rest.split(|c: char| c.is_whitespace() || words::OF_AN_AGE.contains(c)).filter(|age| !age.is_empty());
    ages.all(|age| age.parse().is_ok_and(|age: u8| (ELDER_AGE..=OLDEST_AGE).contains(&age)))
}

fn parse_care_level(text: &str) -> Result<Option<CareLevel>, String> {
    match text {
        "" => Ok(None),
        "1" | "2" | "3" | "4" | "5" => Ok(text.parse().ok().map(CareLevel)),
        other => Err(format!("not a level from 1 to 5: {other:?}")),
    }
}

fn parse_status(text: &str) -> Result<ElderStatus, String> {
    const ALL: [ElderStatus; 4] =
        [ElderStatus::Active, ElderStatus::Suspended, ElderStatus::Moved, ElderStatus::Deceased];
    if text.is_empty() {
        return Ok(ElderStatus::Active);
    }
    let found =
        ALL.into_iter().find(|status| text == words::elder_status(*status) || is_word(text, status_word(*status)));
    found.ok_or_else(|| format!("no such status: {text:?}; there are {}", ALL.map(words::elder_status).join(", ")))
}

fn is_word(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
}

const fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}

const fn status_word(status: ElderStatus) -> &'static str {
    match status {
        ElderStatus::Active => "active",
        ElderStatus::Suspended => "suspended",
        ElderStatus::Moved => "moved",
        ElderStatus::Deceased => "deceased",
    }
}

const fn class_word(class: ElderClass) -> &'static str {
    match class {
        ElderClass::ExtremePoverty => "extreme_poverty",
        ElderClass::LowIncome => "low_income",
        ElderClass::LowIncomeMargin => "low_income_margin",
        ElderClass::FamilyPlanningSpecial => "family_planning_special",
        ElderClass::Disabled => "disabled",
        ElderClass::LivingAlone => "living_alone",
    }
}
