//! Templates and the consents they rest on. A template never leaves this database but for the gallery in memory.
//!
//! Law: 个人信息保护法 and 人脸识别技术应用安全管理办法 ask for a consent of its own, tied to the notice's version and
//! to who signed it, and for erasure when it is withdrawn or its purpose ends. Erased rows are overwritten
//! (`secure_delete`) and the write-ahead log that may still hold them is cut, so that nothing of them is left in it but a
//! receipt that they were erased. Copies of the database, as backups are, hold them still.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};
use zeroize::Zeroizing;

use super::roster::{self, short_text};
use super::staff::{self, StaffAct};
use super::{People, PeopleError, Result};
use crate::domain::{Elder, ElderId, ElderStatus, ModelDigest, StaffId};

/// Who agreed to the enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The version of the notice that was shown and read aloud.
    pub version: String,
    /// The name of who signed.
    pub signer: String,
    /// What the signer is to the elder: [`Consent::SELF`], a relation, or [`Consent::UNSTATED`].
    pub relation: String,
    /// When.
    pub given_at: Timestamp,
}

impl Consent {
    /// The relation of an elder who signed in person.
    pub const SELF: &str = "self";
    /// The relation where nobody said what the signer is to the elder.
    pub const UNSTATED: &str = "unstated";
    /// What stands as version, signer and relation where nobody was asked.
    const TRIAL: &str = "trial";

    /// Of a trial: nobody agreed, so it carries no enrolment of an elder on the roster.
    pub fn trial(given_at: Timestamp) -> Self {
        let [version, signer, relation] = [Self::TRIAL; 3].map(str::to_owned);
        Self { version, signer, relation, given_at }
    }

    /// The same without white space around its texts.
    ///
    /// # Errors
    /// [`PeopleError::Consent`].
    pub fn checked(&self) -> Result<Self> {
        // Who signed is read by others for as long as the consent lasts, as the roster's names are.
        let checked = |text: &str| short_text(text.trim()).map_err(|_| PeopleError::Consent);
        let Self { version, signer, relation, given_at } = self;
        let [version, signer, relation] = [checked(version)?, checked(signer)?, checked(relation)?];
        Ok(Self { version, signer, relation, given_at: *given_at })
    }

    fn is_trial(&self) -> bool {
        [&self.version, &self.signer, &self.relation].iter().all(|text| *text == Self::TRIAL)
    }
}

/// A template as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTemplate {
    /// Whose.
    pub elder: ElderId,
    /// Its components, as the model gave them.
    pub components: Vec<f32>,
}

/// Which templates there are: another one after whatever was written or erased of them, by whichever program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TemplateMark(i64);

/// The receipt of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// When.
    pub at: Timestamp,
    /// Whose templates.
    pub elder: ElderId,
    /// How many.
    pub templates: usize,
    /// Why: `withdrawn`, `departed`, `trial` or `enrolled anew`.
    pub reason: String,
}

impl People {
    /// Puts these templates in the place of the elder's earlier ones, of whichever model, with the consent they rest on. Of
    /// the earlier ones a receipt is left, dated as the new consent is.
    ///
    /// # Errors
    /// [`PeopleError::NoElder`], [`PeopleError::Departed`], [`PeopleError::Templates`], [`PeopleError::Consent`],
    /// [`PeopleError::Consented`] and [`PeopleError::Store`]; nothing is changed then.
    pub fn save_templates(
        &mut self,
        elder: &ElderId,
        model: &ModelDigest,
        templates: &[impl AsRef<[f32]>],
        consent: &Consent,
    ) -> Result<()> {
        let tx = self.begin()?;
        self.replace(&tx, elder, model, templates, consent)?;
        self.end(tx)
    }

    /// As [`People::save_templates`], by order of a person. Whoever no roster names is noted as [`Elder::unlisted`]; who of
    /// the staff gave the order, where that is said, with what they did. How many earlier templates were erased.
    ///
    /// # Errors
    /// As [`People::save_templates`], without [`PeopleError::NoElder`]; [`PeopleError::StaffNeeded`].
    pub fn enrol(
        &mut self,
        elder: &ElderId,
        model: &ModelDigest,
        templates: &[impl AsRef<[f32]>],
        consent: &Consent,
        staff: Option<&StaffId>,
    ) -> Result<usize> {
        let tx = self.begin()?;
        if staff.is_none() && self.needs_staff(elder)? {
            return Err(PeopleError::StaffNeeded(elder.clone()));
        }
        if self.elder(elder)?.is_none() {
            roster::write(&tx, &Elder::unlisted(elder.clone())).map_err(|error| self.failed(error))?;
        }
        let erased = self.replace(&tx, elder, model, templates, consent)?;
        if let Some(staff) = staff {
            let act = format!("enrol {elder}: {} templates, {erased} earlier ones erased", templates.len());
            let act = StaffAct { at: consent.given_at, staff: staff.clone(), act };
            staff::note(&tx, &act).map_err(|error| self.failed(error))?;
        }
        self.end(tx)?;
        Ok(erased)
    }

    /// Whether this elder's templates are replaced by order of the staff alone: there are some, and there is staff.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn needs_staff(&self, elder: &ElderId) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM template WHERE elder = ?1) AND EXISTS (SELECT 1 FROM staff)")
            .and_then(|mut statement| statement.query_row([elder.as_str()], |row| row.get(0)))
            .map_err(|error| self.failed(error))
    }

    fn begin(&self) -> Result<Transaction<'_>> {
        let begun = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        begun.map_err(|error| self.failed(error))
    }

    fn end(&self, tx: Transaction<'_>) -> Result<()> {
        tx.commit().map_err(|error| self.failed(error))?;
        self.forget()
    }

    /// See [`People::save_templates`]. How many earlier templates were erased.
    fn replace(
        &self,
        tx: &Transaction<'_>,
        elder: &ElderId,
        model: &ModelDigest,
        templates: &[impl AsRef<[f32]>],
        consent: &Consent,
    ) -> Result<usize> {
        let dimension = templates.first().map_or(0, |template| template.as_ref().len());
        let sound = |template: &[f32]| template.len() == dimension && template.iter().all(|value| value.is_finite());
        if dimension == 0 || !templates.iter().all(|template| sound(template.as_ref())) {
            return Err(PeopleError::Templates);
        }
        let consent = consent.checked()?;
        let person = self.elder(elder)?.ok_or_else(|| PeopleError::NoElder(elder.clone()))?;
        if matches!(person.status, ElderStatus::Deceased | ElderStatus::Moved) {
            return Err(PeopleError::Departed(elder.clone()));
        }
        if consent.is_trial() && self.consent(elder)?.is_some_and(|given| !given.is_trial()) {
            return Err(PeopleError::Consented(elder.clone()));
        }
        let save = || -> rusqlite::Result<usize> {
            let erased = erase(tx, elder, consent.given_at, "enrolled anew")?;
            write_consent(tx, elder, &consent)?;
            for (place, template) in (0_i64..).zip(templates) {
                let components: Vec<u8> = template.as_ref().iter().flat_map(|value| value.to_le_bytes()).collect();
                tx.execute(
                    "INSERT INTO template (elder, model, place, dimension, components) VALUES (?1, ?2, ?3, ?4, ?5)",
                    (elder.as_str(), &model.0, place, count(dimension), components),
                )?;
            }
            Ok(erased)
        };
        save().map_err(|error| self.failed(error))
    }

    /// Every template of a model, in the order of elders; those of other models do not compare. One
    /// whose elder's number is no id is left out, with a warning: nobody can be served by it, and the others are.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn templates(&self, model: &ModelDigest) -> Result<Vec<StoredTemplate>> {
        let read = || -> rusqlite::Result<Vec<(String, Zeroizing<Vec<u8>>)>> {
            self.connection
                .prepare_cached("SELECT elder, components FROM template WHERE model = ?1 ORDER BY elder, place")?
                .query_map([&model.0], |row| Ok((row.get(0)?, Zeroizing::new(row.get(1)?))))?
                .collect()
        };
        let rows = read().map_err(|error| self.failed(error))?;
        let stored = rows.len();
        let templates = rows.into_iter().filter_map(|(elder, bytes)| {
            let (values, _) = bytes.as_chunks::<4>();
            let components = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
            Some(StoredTemplate { elder: ElderId::new(elder).ok()?, components })
        });
        let templates: Vec<_> = templates.collect();
        if templates.len() < stored {
            tracing::warn!(
                "{} templates are left out, for their elders' numbers are no ids; remedy: enrol these elders again, by the \
                 numbers on the roster",
                stored - templates.len()
            );
        }
        Ok(templates)
    }

    /// Which templates there are. Read before [`People::templates`], it is at worst that of earlier ones.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn template_mark(&self) -> Result<TemplateMark> {
        self.connection
            .prepare_cached("SELECT mark FROM template_mark")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map(TemplateMark)
            .map_err(|error| self.failed(error))
    }

    /// How many elders have templates, by the model's digest.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn enrolled(&self) -> Result<Vec<(ModelDigest, u32)>> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare_cached("SELECT model, count(DISTINCT elder) FROM template GROUP BY model ORDER BY model")?
                .query_map([], |row| Ok((ModelDigest(row.get(0)?), row.get::<_, u32>(1)?)))?
                .collect()
        };
        read().map_err(|error| self.failed(error))
    }

    /// The consent that an elder's templates rest on.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn consent(&self, elder: &ElderId) -> Result<Option<Consent>> {
        let row = self
            .connection
            .prepare_cached("SELECT version, signer, relation, given_ms FROM consent WHERE elder = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([elder.as_str()], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?))
                    })
                    .optional()
            })
            .map_err(|error| self.failed(error))?;
        row.map(|(version, signer, relation, given_ms)| {
            let given_at = Timestamp::from_millisecond(given_ms).map_err(|_| self.corrupt("a consent's time"))?;
            Ok(Consent { version, signer, relation, given_at })
        })
        .transpose()
    }

    /// Erases an elder's templates and consent: the consent was withdrawn, or the purpose has ended. What was erased
    /// before is not erased again; the receipt then says 0.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn erase_templates(&mut self, elder: &ElderId, now: Timestamp) -> Result<Erasure> {
        const REASON: &str = "withdrawn";
        let tx = self.begin()?;
        let templates = erase(&tx, elder, now, REASON).map_err(|error| self.failed(error))?;
        self.end(tx)?;
        Ok(Erasure { at: now, elder: elder.clone(), templates, reason: REASON.to_owned() })
    }

    /// The receipts, newest first, until `each` says `false`; those since then, where that is said.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn each_erasure(&self, since: Option<Timestamp>, mut each: impl FnMut(Erasure) -> bool) -> Result<()> {
        let sql = "SELECT erased_ms, elder, templates, reason FROM erasure WHERE erased_ms >= ?1 ORDER BY number DESC";
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(1)?, row.get::<_, u32>(2)?, row.get::<_, String>(3)?));
        self.each_since(sql, since, read, |at, (elder, templates, reason)| {
            let elder =
                ElderId::try_from(elder).map_err(|error| self.corrupt(format!("a receipt of an erasure: {error}")))?;
            Ok(each(Erasure { at, elder, templates: templates as usize, reason }))
        })
    }

    /// Cuts the write-ahead log, which may hold pages from before an erasure. Another program that is reading keeps it
    /// until the next call or opening.
    pub(super) fn forget(&self) -> Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|error| self.failed(error))
    }
}

/// Erases an elder's templates and consent, and leaves a receipt where there were any.
pub(super) fn erase(connection: &Connection, elder: &ElderId, now: Timestamp, reason: &str) -> rusqlite::Result<usize> {
    let templates = connection.execute("DELETE FROM template WHERE elder = ?1", [elder.as_str()])?;
    let consents = connection.execute("DELETE FROM consent WHERE elder = ?1", [elder.as_str()])?;
    if templates + consents > 0 {
        connection.execute(
            "INSERT INTO erasure (elder, erased_ms, templates, reason) VALUES (?1, ?2, ?3, ?4)",
            (elder.as_str(), now.as_millisecond(), count(templates), reason),
        )?;
    }
    Ok(templates)
}

/// As [`erase`], where the templates rest on [`Consent::trial`] alone.
pub(super) fn erase_trial(connection: &Connection, elder: &ElderId, now: Timestamp) -> rusqlite::Result<usize> {
    let trial: bool = connection
        .prepare_cached(
            "SELECT count(*) FROM consent WHERE elder = ?1 AND version = ?2 AND signer = ?2 AND relation = ?2",
        )?
        .query_row((elder.as_str(), Consent::TRIAL), |row| row.get(0))?;
    if trial { erase(connection, elder, now, "trial") } else { Ok(0) }
}

/// A count as SQLite holds it.
fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn write_consent(connection: &Connection, elder: &ElderId, consent: &Consent) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO consent (elder, version, signer, relation, given_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            (elder.as_str(), &consent.version, &consent.signer, &consent.relation, consent.given_at.as_millisecond()),
        )
        .map(|_| ())
}
