// The tables of log.sqlite, the only truth of a node. What is derived from them lies elsewhere.
// Must hold nothing that a rebuild of views could change.

/// The tables of log.sqlite.
enum LogSchema {
    /// The version in `PRAGMA user_version`; an older program refuses a newer file untouched.
    static let version: Int64 = 2

    static let statements = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
        CREATE TABLE commits(
          position INTEGER PRIMARY KEY, id INTEGER NOT NULL, hash BLOB NOT NULL,
          bytes BLOB NOT NULL, previous BLOB, stamp BLOB) STRICT;
        CREATE UNIQUE INDEX commits_by_id ON commits(id);
        CREATE TABLE heads(
          replica INTEGER PRIMARY KEY, incarnation BLOB NOT NULL, device INTEGER NOT NULL,
          last INTEGER NOT NULL, hash BLOB NOT NULL, state INTEGER NOT NULL) STRICT;
        CREATE TABLE chain(position INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
        CREATE TABLE batches(
          replica INTEGER, first INTEGER, last INTEGER NOT NULL, device INTEGER NOT NULL,
          incarnation BLOB NOT NULL, before BLOB NOT NULL, head BLOB NOT NULL, mac BLOB NOT NULL,
          PRIMARY KEY(replica, first)) STRICT, WITHOUT ROWID;
        CREATE TABLE arrivals(
          first INTEGER PRIMARY KEY, last INTEGER NOT NULL, device INTEGER NOT NULL,
          received INTEGER NOT NULL) STRICT;
        CREATE TABLE delivery(
          audience INTEGER, first INTEGER, last INTEGER NOT NULL,
          PRIMARY KEY(audience, first)) STRICT, WITHOUT ROWID;
        CREATE TABLE personal(
          id INTEGER, place INTEGER, subject INTEGER NOT NULL, salt BLOB NOT NULL,
          value BLOB NOT NULL, PRIMARY KEY(id, place)) STRICT, WITHOUT ROWID;
        CREATE INDEX personal_by_subject ON personal(subject);
        CREATE TABLE missing_personal(
          id INTEGER, place INTEGER, subject INTEGER NOT NULL,
          PRIMARY KEY(id, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE erased(subject INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE requests(
          key TEXT PRIMARY KEY, at INTEGER NOT NULL, outcome BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE held(
          id INTEGER, ruling INTEGER, verdict INTEGER NOT NULL, reason TEXT NOT NULL,
          PRIMARY KEY(id, ruling)) STRICT, WITHOUT ROWID;
        CREATE TABLE freed(
          id INTEGER, ruling INTEGER, PRIMARY KEY(id, ruling)) STRICT, WITHOUT ROWID;
        CREATE TABLE forked(
          id INTEGER, hash BLOB, bytes BLOB NOT NULL, became INTEGER,
          PRIMARY KEY(id, hash)) STRICT, WITHOUT ROWID;
        CREATE TABLE waiting(
          id INTEGER, hash BLOB, bytes BLOB NOT NULL, previous BLOB NOT NULL,
          stamp BLOB NOT NULL, PRIMARY KEY(id, hash)) STRICT, WITHOUT ROWID;
        CREATE TABLE waiting_personal(
          hash BLOB, place INTEGER, subject INTEGER NOT NULL, salt BLOB NOT NULL,
          value BLOB NOT NULL, PRIMARY KEY(hash, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE recommitted(
          was BLOB PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE marks(
          replica INTEGER, mark INTEGER, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
          PRIMARY KEY(replica, mark)) STRICT, WITHOUT ROWID;
        CREATE TABLE clock_rulings(
          id INTEGER PRIMARY KEY, replica INTEGER NOT NULL, first INTEGER NOT NULL,
          last INTEGER NOT NULL, ahead INTEGER NOT NULL) STRICT;
        CREATE INDEX clock_rulings_by_replica ON clock_rulings(replica, first);
        CREATE TABLE devices(
          id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind INTEGER NOT NULL,
          branch INTEGER NOT NULL, person INTEGER NOT NULL, code TEXT NOT NULL,
          revoked INTEGER NOT NULL) STRICT;
        CREATE TABLE numbers(
          replica INTEGER PRIMARY KEY, device INTEGER NOT NULL, ended INTEGER NOT NULL) STRICT;
        CREATE TABLE sessions(
          replica INTEGER, device INTEGER, nonce BLOB NOT NULL,
          PRIMARY KEY(replica, device)) STRICT, WITHOUT ROWID;
        CREATE TABLE forks(key BLOB PRIMARY KEY, replica INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE widened(
          audience INTEGER, id INTEGER, position INTEGER NOT NULL,
          PRIMARY KEY(audience, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE anchors(
          day INTEGER PRIMARY KEY, position INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
        CREATE TABLE contacts(branch INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        """
}
