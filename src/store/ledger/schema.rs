//! The tables of `ledger.db`. A migration that was released is never edited; changes are new migrations at the end.

use rusqlite_migration::{M, Migrations};

/// What the database itself guarantees, whoever writes to it: entries are only ever appended, numbered without a gap,
/// each naming its predecessor's hash; no day goes back or into closed books; one meal an elder, day and period, the
/// slot freed by a reversal alone; one reversal a meal.
const FIRST: &str = "
CREATE TABLE book (
    only           INTEGER PRIMARY KEY CHECK (only = 1),
    kiosk          TEXT NOT NULL,
    canteen        TEXT NOT NULL,
    -- Where the chain continues from: zero, or the last known entry of books that were lost.
    base_number    INTEGER NOT NULL CHECK (base_number >= 0),
    base_hash      BLOB NOT NULL CHECK (length(base_hash) = 32),
    base_totals    TEXT NOT NULL,
    first_day      TEXT NOT NULL
) STRICT;

CREATE TABLE entry (
    number         INTEGER PRIMARY KEY CHECK (number > 0),
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind           TEXT NOT NULL CHECK (kind IN ('meal', 'reversal', 'movement', 'clock', 'restart')),
    day            TEXT NOT NULL,
    elder          TEXT,
    meal_day       TEXT,
    period         TEXT CHECK (period IN ('breakfast', 'lunch', 'supper')),
    reverses       INTEGER UNIQUE REFERENCES entry (number),
    content        TEXT NOT NULL,
    previous       BLOB NOT NULL CHECK (length(previous) = 32),
    hash           BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    CHECK ((kind IN ('meal', 'reversal')) = (meal_day IS NOT NULL)),
    CHECK ((meal_day IS NULL) = (period IS NULL)),
    CHECK ((kind IN ('meal', 'reversal', 'movement')) = (elder IS NOT NULL))
) STRICT;
CREATE INDEX entry_of_day ON entry (day, number);
CREATE INDEX entry_of_elder ON entry (elder, number) WHERE elder IS NOT NULL;

CREATE TABLE served (
    elder          TEXT NOT NULL,
    day            TEXT NOT NULL,
    period         TEXT NOT NULL,
    number         INTEGER NOT NULL REFERENCES entry (number),
    PRIMARY KEY (elder, day, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE closed_day (
    day            TEXT PRIMARY KEY,
    closed_ms      INTEGER NOT NULL,
    before_number  INTEGER NOT NULL,
    before_hash    BLOB NOT NULL CHECK (length(before_hash) = 32),
    after_number   INTEGER NOT NULL CHECK (after_number >= before_number),
    after_hash     BLOB NOT NULL CHECK (length(after_hash) = 32),
    opening        TEXT NOT NULL,
    closing        TEXT NOT NULL
) STRICT;

-- What each elder drew from each programme, by '2026-11-22/lunch' and by '2026-11': sums of the entries.
CREATE TABLE drawn (
    elder          TEXT NOT NULL,
    span           TEXT NOT NULL,
    programme      TEXT NOT NULL,
    times          INTEGER NOT NULL,
    amount_fen     INTEGER NOT NULL,
    units          INTEGER NOT NULL,
    PRIMARY KEY (elder, span, programme)
) STRICT, WITHOUT ROWID;

-- What is in each purse: sums of the entries.
CREATE TABLE purse (
    elder          TEXT NOT NULL,
    programme      TEXT NOT NULL,
    balance        INTEGER NOT NULL,
    touched_on     TEXT NOT NULL,
    granted_on     TEXT,
    cleared_on     TEXT,
    PRIMARY KEY (elder, programme)
) STRICT, WITHOUT ROWID;

CREATE TABLE hold (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16),
    elder          TEXT NOT NULL,
    day            TEXT NOT NULL,
    period         TEXT NOT NULL,
    lines          TEXT NOT NULL,
    made_ms        INTEGER NOT NULL,
    expires_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_of_elder ON hold (elder);

-- Both clocks at the last entry.
CREATE TABLE clock (
    only           INTEGER PRIMARY KEY CHECK (only = 1),
    wall_ms        INTEGER NOT NULL,
    since_boot_ms  INTEGER NOT NULL,
    boot           TEXT NOT NULL
) STRICT;

CREATE TRIGGER entry_follows BEFORE INSERT ON entry BEGIN
    SELECT RAISE(ABORT, 'ledger: the number does not follow')
    WHERE NEW.number IS NOT 1 + coalesce((SELECT max(number) FROM entry), (SELECT base_number FROM book));
    SELECT RAISE(ABORT, 'ledger: the hash does not follow')
    WHERE NEW.previous IS NOT
        coalesce((SELECT hash FROM entry WHERE number = NEW.number - 1), (SELECT base_hash FROM book));
    SELECT RAISE(ABORT, 'ledger: the day goes back')
    WHERE NEW.day < (SELECT day FROM entry WHERE number = NEW.number - 1);
    SELECT RAISE(ABORT, 'ledger: the day is closed') WHERE NEW.day <= (SELECT max(day) FROM closed_day);
    SELECT RAISE(ABORT, 'ledger: the id is taken') WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.id);
    SELECT RAISE(ABORT, 'ledger: it is reversed already')
    WHERE NEW.reverses IS NOT NULL AND EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses);
    SELECT RAISE(ABORT, 'ledger: only a meal can be reversed')
    WHERE NEW.reverses IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM entry WHERE number = NEW.reverses AND kind = 'meal' AND elder = NEW.elder
                        AND meal_day = NEW.meal_day AND period = NEW.period);
    SELECT RAISE(ABORT, 'ledger: this meal was served already')
    WHERE NEW.kind = 'meal' AND EXISTS
        (SELECT 1 FROM served WHERE elder = NEW.elder AND day = NEW.meal_day AND period = NEW.period);
END;
CREATE TRIGGER entry_serves AFTER INSERT ON entry WHEN NEW.kind = 'meal' BEGIN
    INSERT INTO served (elder, day, period, number) VALUES (NEW.elder, NEW.meal_day, NEW.period, NEW.number);
END;
CREATE TRIGGER entry_frees AFTER INSERT ON entry WHEN NEW.kind = 'reversal' BEGIN
    DELETE FROM served WHERE elder = NEW.elder AND day = NEW.meal_day AND period = NEW.period AND number = NEW.reverses;
END;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'ledger: entries are never changed'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'ledger: entries are never deleted'); END;
CREATE TRIGGER served_stays BEFORE UPDATE ON served BEGIN SELECT RAISE(ABORT, 'ledger: a slot is never changed'); END;
CREATE TRIGGER served_remains BEFORE DELETE ON served
WHEN NOT EXISTS (SELECT 1 FROM entry WHERE reverses = OLD.number) BEGIN
    SELECT RAISE(ABORT, 'ledger: only a reversal frees a slot');
END;
CREATE TRIGGER served_needs_a_meal BEFORE INSERT ON served
WHEN NOT EXISTS (SELECT 1 FROM entry WHERE number = NEW.number AND kind = 'meal' AND elder = NEW.elder) BEGIN
    SELECT RAISE(ABORT, 'ledger: a slot belongs to a meal');
END;
CREATE TRIGGER closed_day_follows BEFORE INSERT ON closed_day BEGIN
    SELECT RAISE(ABORT, 'ledger: days are closed in order') WHERE NEW.day <= (SELECT max(day) FROM closed_day);
END;
CREATE TRIGGER closed_day_stays BEFORE UPDATE ON closed_day BEGIN
    SELECT RAISE(ABORT, 'ledger: a closed day is never changed');
END;
CREATE TRIGGER closed_day_remains BEFORE DELETE ON closed_day BEGIN
    SELECT RAISE(ABORT, 'ledger: a closed day is never opened again');
END;
CREATE TRIGGER book_stays BEFORE UPDATE ON book BEGIN SELECT RAISE(ABORT, 'ledger: the books are never renamed'); END;
CREATE TRIGGER book_remains BEFORE DELETE ON book BEGIN SELECT RAISE(ABORT, 'ledger: the books are never renamed'); END;
";

/// What was drawn, in the order of time before that of elders: a quote asks for one month and one day, which then lie
/// together on a few pages, however long the books. In the order of elders each look-up would land on a page of its
/// own, to be read and decrypted.
const DRAWN_BY_SPAN: &str = "
ALTER TABLE drawn RENAME TO drawn_by_elder;
CREATE TABLE drawn (
    elder          TEXT NOT NULL,
    span           TEXT NOT NULL,
    programme      TEXT NOT NULL,
    times          INTEGER NOT NULL,
    amount_fen     INTEGER NOT NULL,
    units          INTEGER NOT NULL,
    PRIMARY KEY (span, elder, programme)
) STRICT, WITHOUT ROWID;
INSERT INTO drawn (elder, span, programme, times, amount_fen, units)
    SELECT elder, span, programme, times, amount_fen, units FROM drawn_by_elder ORDER BY span, elder, programme;
DROP TABLE drawn_by_elder;
";

/// Until something stands in the books, their first day may turn out to have been a wrong clock's.
const FIRST_DAY_BY_A_RIGHT_CLOCK: &str = "
DROP TRIGGER book_stays;
CREATE TRIGGER book_stays BEFORE UPDATE ON book
WHEN OLD.kiosk IS NOT NEW.kiosk OR OLD.canteen IS NOT NEW.canteen OR OLD.base_number IS NOT NEW.base_number
    OR OLD.base_hash IS NOT NEW.base_hash OR OLD.base_totals IS NOT NEW.base_totals
    OR EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM closed_day) BEGIN
    SELECT RAISE(ABORT, 'ledger: the books are never renamed');
END;
";

/// A closed day keeps what its files say of the settings, and which manifest was signed for it: made again, its files come
/// out the same whatever the settings and the key have become, or not at all. Of days that were closed before this, neither
/// is known.
const CLOSED_DAYS_AS_SIGNED: &str = "
ALTER TABLE closed_day ADD COLUMN canteen_name TEXT;
ALTER TABLE closed_day ADD COLUMN zone TEXT CHECK ((zone IS NULL) = (canteen_name IS NULL));

CREATE TABLE signed_day (
    day            TEXT PRIMARY KEY REFERENCES closed_day (day),
    manifest       BLOB NOT NULL CHECK (length(manifest) = 32)
) STRICT;
CREATE TRIGGER signed_day_is_new BEFORE INSERT ON signed_day
WHEN EXISTS (SELECT 1 FROM signed_day WHERE day = NEW.day) BEGIN
    SELECT RAISE(ABORT, 'ledger: a day is signed once');
END;
CREATE TRIGGER signed_day_stays BEFORE UPDATE ON signed_day BEGIN
    SELECT RAISE(ABORT, 'ledger: a signed day is never changed');
END;
CREATE TRIGGER signed_day_remains BEFORE DELETE ON signed_day BEGIN
    SELECT RAISE(ABORT, 'ledger: a signed day stays signed');
END;
";

/// All migrations, oldest first.
pub(super) fn migrations() -> Migrations<'static> {
    let all = [FIRST, DRAWN_BY_SPAN, FIRST_DAY_BY_A_RIGHT_CLOCK, CLOSED_DAYS_AS_SIGNED];
    Migrations::new(all.map(M::up).into())
}
