// The tables that the engine itself keeps in a views file.

/// The engine's own tables; all of them can be derived from the log.
enum EngineSchema {
    /// Raised whenever the meaning of these rows changes: all views are then rebuilt.
    static let version = 3

    static let statements = """
        CREATE TABLE view_meta(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
        CREATE TABLE view_registers(
          kind INTEGER, entity INTEGER, key INTEGER, id INTEGER, time INTEGER NOT NULL,
          clock INTEGER NOT NULL, at INTEGER NOT NULL, author INTEGER NOT NULL,
          value BLOB NOT NULL, seen INTEGER NOT NULL, forbidden INTEGER NOT NULL,
          PRIMARY KEY(kind, entity, key, id)) STRICT, WITHOUT ROWID;
        CREATE INDEX view_registers_by_id ON view_registers(id);
        CREATE TABLE view_clocks(
          id INTEGER PRIMARY KEY, replica INTEGER NOT NULL, first INTEGER NOT NULL,
          last INTEGER NOT NULL, ahead INTEGER NOT NULL) STRICT;
        CREATE INDEX view_clocks_by_replica ON view_clocks(replica, first);
        CREATE TABLE view_forbidden(
          first INTEGER, last INTEGER, ruling INTEGER,
          PRIMARY KEY(first, last, ruling)) STRICT, WITHOUT ROWID;
        CREATE TABLE view_taken(
          identity BLOB, id INTEGER, digest BLOB NOT NULL, made INTEGER,
          PRIMARY KEY(identity, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE view_quarantine(
          id INTEGER PRIMARY KEY, position INTEGER NOT NULL, reason INTEGER NOT NULL,
          detail TEXT NOT NULL, waits INTEGER NOT NULL) STRICT;
        CREATE TABLE view_marker(
          place INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
          alone INTEGER NOT NULL, deaths INTEGER NOT NULL) STRICT;
        """

    /// What takes part in digests: everything that is a function of the log's content alone.
    static let digested = ["view_registers", "view_clocks", "view_forbidden", "view_taken"]
}
