//! The tables of `people.db`. A migration that was released is never edited; changes are new migrations at the end.

use rusqlite_migration::{M, Migrations};

const FIRST: &str = "
CREATE TABLE elder (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    birth_date     TEXT NOT NULL,
    sex            TEXT CHECK (sex IN ('female', 'male')),
    classes        TEXT NOT NULL,
    district       TEXT NOT NULL,
    town           TEXT NOT NULL,
    care_level     INTEGER CHECK (care_level BETWEEN 1 AND 5),
    status         TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'moved', 'deceased'))
) STRICT, WITHOUT ROWID;

CREATE TABLE menu (
    position       INTEGER PRIMARY KEY,
    dish           TEXT NOT NULL,
    name           TEXT NOT NULL,
    price_fen      INTEGER NOT NULL CHECK (price_fen > 0),
    periods        TEXT NOT NULL,
    from_day       TEXT,
    to_day         TEXT,
    weekdays       TEXT NOT NULL,
    tags           TEXT NOT NULL
) STRICT;

CREATE TABLE consent (
    elder          TEXT PRIMARY KEY REFERENCES elder (id),
    version        TEXT NOT NULL,
    signer         TEXT NOT NULL,
    relation       TEXT NOT NULL,
    given_ms       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A template without a consent cannot be: the reference is to the consent.
CREATE TABLE template (
    elder          TEXT NOT NULL REFERENCES consent (elder) ON DELETE CASCADE,
    model          TEXT NOT NULL,
    place          INTEGER NOT NULL,
    dimension      INTEGER NOT NULL CHECK (dimension > 0),
    -- f32 little-endian, `dimension` of them
    components     BLOB NOT NULL CHECK (length(components) = 4 * dimension),
    PRIMARY KEY (elder, model, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX template_of_model ON template (model, elder, place);

-- Receipts: that templates were erased, when and why, nothing of what they were.
CREATE TABLE erasure (
    number         INTEGER PRIMARY KEY,
    elder          TEXT NOT NULL,
    erased_ms      INTEGER NOT NULL,
    templates      INTEGER NOT NULL,
    reason         TEXT NOT NULL
) STRICT;
";

const STAFF: &str = "
CREATE TABLE staff (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    salt           BLOB NOT NULL CHECK (length(salt) = 16),
    pin_hash       BLOB NOT NULL CHECK (length(pin_hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_act (
    number         INTEGER PRIMARY KEY,
    at_ms          INTEGER NOT NULL,
    staff          TEXT NOT NULL,
    act            TEXT NOT NULL
) STRICT;
CREATE TRIGGER staff_act_stays BEFORE UPDATE ON staff_act BEGIN
    SELECT RAISE(ABORT, 'people: what was done is never changed');
END;
CREATE TRIGGER staff_act_remains BEFORE DELETE ON staff_act BEGIN
    SELECT RAISE(ABORT, 'people: what was done is never forgotten');
END;
";

const TEMPLATE_MARK: &str = "
-- A number drawn anew with whatever is written or erased of the templates, in the same transaction, so that a program
-- that holds them in memory sees that they are not the ones it read. Drawn and not counted: no two files agree by chance.
CREATE TABLE template_mark (
    only           INTEGER PRIMARY KEY CHECK (only = 1),
    mark           INTEGER NOT NULL
) STRICT;
INSERT INTO template_mark (only, mark) VALUES (1, random());
CREATE TRIGGER template_written AFTER INSERT ON template BEGIN
    UPDATE template_mark SET mark = random();
END;
CREATE TRIGGER template_changed AFTER UPDATE ON template BEGIN
    UPDATE template_mark SET mark = random();
END;
CREATE TRIGGER template_erased AFTER DELETE ON template BEGIN
    UPDATE template_mark SET mark = random();
END;
";

const ABSENCES: &str = "
-- Times in which the elder was not active, oldest first: [{since, until}], RFC 3339.
ALTER TABLE elder ADD COLUMN absences TEXT NOT NULL DEFAULT '[]';
";

/// All migrations, oldest first.
pub(super) fn migrations() -> Migrations<'static> {
    Migrations::new(vec![M::up(FIRST), M::up(STAFF), M::up(TEMPLATE_MARK), M::up(ABSENCES)])
}
