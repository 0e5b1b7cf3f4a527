-- Migration 3: full-text search knows the title of a passage's document, too.

DROP TRIGGER passages_added;
DROP TRIGGER passages_removed;
DROP TABLE passages_fts;

CREATE VIEW passage_words AS
SELECT p.id AS id, d.title AS title, p.text AS text
FROM passages p JOIN documents d ON d.id = p.document_id;

CREATE VIRTUAL TABLE passages_fts USING fts5 (
    title,
    text,
    content = 'passage_words',
    content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2'
);

INSERT INTO passages_fts (passages_fts) VALUES ('rebuild');

CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, title, text)
    VALUES (new.id, (SELECT title FROM documents WHERE id = new.document_id), new.text);
END;

CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, title, text)
    VALUES (
        'delete', old.id, (SELECT title FROM documents WHERE id = old.document_id), old.text
    );
    INSERT INTO removed_passages (passage_id, generation)
    VALUES (old.id, (SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'generation'));
END;

-- A passage leaves full-text search by the words that it came with: before its title changes.
-- Whoever gives a document another title gives it its passages anew.
CREATE TRIGGER documents_retitled BEFORE UPDATE OF title ON documents
WHEN new.title IS NOT old.title BEGIN
    DELETE FROM passages WHERE document_id = old.id;
END;
