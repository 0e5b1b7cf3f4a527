-- Migration 2: where documents come from, and what tells copies, blocks and damage apart.
-- passage_key() and passage_checksum() are functions of `index.records`.

ALTER TABLE documents ADD COLUMN author TEXT;
ALTER TABLE documents ADD COLUMN pages TEXT NOT NULL DEFAULT '[]';    -- JSON: where each page begins
ALTER TABLE documents ADD COLUMN origin TEXT NOT NULL DEFAULT '';     -- the file or URL that it was read from
ALTER TABLE documents ADD COLUMN origin_hash TEXT NOT NULL DEFAULT ''; -- SHA-256 of its bytes; '' if unknown
ALTER TABLE documents ADD COLUMN voice INTEGER NOT NULL DEFAULT 0;    -- near copies have one voice

UPDATE documents SET origin = source, voice = id;
INSERT INTO settings (name, value) SELECT 'voices', coalesce(max(id), 0) FROM documents;

-- With what is looked up: to reach a column behind a long text, SQLite reads all of the text.
CREATE INDEX documents_origin ON documents (origin, origin_hash);
CREATE INDEX documents_version ON documents (content_hash);
CREATE INDEX documents_voice ON documents (voice);

ALTER TABLE passages ADD COLUMN text_key BLOB NOT NULL DEFAULT x'';      -- equal texts, equal keys
ALTER TABLE passages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;  -- CRC-32 over the row

UPDATE passages SET text_key = passage_key(text),
    checksum = passage_checksum(document_id, start_at, end_at, text, vector);

CREATE INDEX passages_text_key ON passages (text_key);

-- An unforeseeable token per generation: a cache made beside another history does not pass for ours.
CREATE TABLE history (
    generation INTEGER PRIMARY KEY,
    token      TEXT NOT NULL
) STRICT;

INSERT INTO history (generation, token)
SELECT CAST(value AS INTEGER), lower(hex(randomblob(8))) FROM settings WHERE name = 'generation';

-- Keys sampled from each document's text: documents that share one may be near copies. A document
-- keeps its own, 8 bytes each, so that they are found here without a second index.
ALTER TABLE documents ADD COLUMN bands BLOB NOT NULL DEFAULT x'';

CREATE TABLE copy_bands (
    band        BLOB NOT NULL,
    document_id INTEGER NOT NULL,
    PRIMARY KEY (band, document_id)
) STRICT, WITHOUT ROWID;

-- Lines at head and tail of each document, by site: what repeats there is page furniture.
CREATE TABLE blocks (
    site        TEXT NOT NULL,
    block       BLOB NOT NULL,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (site, block, document_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_document ON blocks (document_id);
