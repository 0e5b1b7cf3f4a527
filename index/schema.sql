-- Migration 1: documents, their passages, and what search needs of them.
-- Text offsets are Unicode code points. Vectors are little-endian float16.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

INSERT INTO settings (name, value)
VALUES ('generation', '0'), ('library_id', lower(hex(randomblob(16))));

CREATE TABLE documents (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    source       TEXT NOT NULL UNIQUE,
    title        TEXT NOT NULL,
    date         TEXT,
    media_type   TEXT NOT NULL,
    text         TEXT NOT NULL,
    furniture    TEXT NOT NULL,           -- JSON: [[start, end], ...]
    content_hash TEXT NOT NULL,           -- SHA-256 over all of the above
    generation   INTEGER NOT NULL
) STRICT;

CREATE INDEX documents_date ON documents (date);

-- AUTOINCREMENT: a passage's id is its id in FAISS too, so none may ever be used again.
CREATE TABLE passages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id),
    start_at    INTEGER NOT NULL,
    end_at      INTEGER NOT NULL,
    text        TEXT NOT NULL,
    vector      BLOB NOT NULL,
    generation  INTEGER NOT NULL,
    CHECK (0 <= start_at AND start_at < end_at)
) STRICT;

CREATE INDEX passages_document ON passages (document_id);
CREATE INDEX passages_generation ON passages (generation);

-- What a process that is some generations behind must forget.
CREATE TABLE removed_passages (
    passage_id INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT;

CREATE INDEX removed_passages_generation ON removed_passages (generation);

CREATE VIRTUAL TABLE passages_fts USING fts5 (
    text,
    content = 'passages',
    content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2'
);

CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO removed_passages (passage_id, generation)
    VALUES (old.id, (SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'generation'));
END;
