"""Every setting: its name, default and meaning. No default lives anywhere else.

A setting ``passages_read`` is set by the environment variable ``QA_PASSAGES_READ``, or in a TOML
file; see `qa.settings_sources`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from qa import access
from qa.errors import InvalidSetting
from qa.settings_sources import file_of, from_file, from_variables

_PACKAGED_READER = Path(__file__).parent / "models" / "reader"

_AT_LEAST_ONE = (
    "embed_batch",
    "passage_tokens",
    "max_file_bytes",
    "max_text_characters",
    "max_pages",
    "max_members",
    "max_expanded_bytes",
    "max_load_seconds",
    "max_load_memory_bytes",
    "max_fetch_seconds",
    "candidates",
    "exact_passages",
    "max_question_tokens",
    "max_question_characters",
    "max_answer_tokens",
    "spans_per_passage",
    "passages_read",
    "max_top_k",
    "answers_shown",
    "max_body_bytes",
    "max_upload_bytes",
    "max_upload_files",
    "max_batch",
    "workers",
    "milvus_seconds",
)
_AT_LEAST_ZERO = (
    "max_redirects",
    "settle_seconds",
    "graceful_seconds",
    "lexical_rows",
    "max_history",
    "reader_stride",
    "threads",
    "passages_shown",
    "answers_kept",
    "key_requests_per_minute",
    "max_concurrent",
    "max_waiting",
    "database_seconds",
)
STORES = ("sqlite", "milvus")
LOG_LEVELS = ("debug", "info", "warning", "error")
_SPECIAL_TOKENS = 3  # [CLS] question [SEP] passage [SEP], as in `qa.reader`


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Raises `InvalidSetting` on values that make no sense."""

    data: Annotated[Path, "folder that holds the library"] = Path("data")
    store: Annotated[
        str, "what searches passages: `sqlite` (on this machine) or `milvus`; see milvus.md"
    ] = "sqlite"
    database_url: Annotated[
        str,
        "PostgreSQL database that holds the library, as in `postgresql://name@host/library`; "
        "empty: SQLite in the data folder; see postgres.md",
    ] = field(default="", repr=False)  # it may hold a password
    database_seconds: Annotated[
        float, "seconds after which a PostgreSQL statement is given up; 0: never"
    ] = 120.0
    milvus_uri: Annotated[
        str,
        "a Milvus server, as in `https://host:19530`, or a file of Milvus Lite, whose name ends in "
        "`.db` and which one process may open; see milvus.md",
    ] = ""
    milvus_token: Annotated[str, "key of the Milvus server, or `name:password`"] = field(
        default="", repr=False
    )
    milvus_database: Annotated[str, "database of the Milvus server; empty: its default"] = ""
    milvus_certificate: Annotated[
        str, "file with the certificate that the Milvus server's is checked by, in PEM"
    ] = ""
    milvus_seconds: Annotated[
        float, "a call that Milvus has not answered by then, retries included, is given up"
    ] = 10.0
    embedder: Annotated[
        str, "sentence-transformers model, by name or folder; the default is offline"
    ] = "all-MiniLM-L6-v2"
    embed_batch: Annotated[
        int, "texts that another embedder takes at once; the default one takes them one by one"
    ] = 32
    passage_tokens: Annotated[int, "longest passage, in tokens of the embedder"] = 250
    overlap_tokens: Annotated[int, "overlap of two passages, in tokens, in whole sentences"] = 60
    mark_furniture: Annotated[bool, "whether page furniture is left out of what is searched"] = True
    max_file_bytes: Annotated[int, "a larger file is not read"] = 50_000_000
    max_text_characters: Annotated[int, "a document with a longer text is not read"] = 20_000_000
    max_pages: Annotated[int, "a PDF with more pages is not read"] = 5_000
    max_members: Annotated[int, "most documents that one file (an archive, a table) may hold"] = (
        10_000
    )
    max_expanded_bytes: Annotated[int, "an archive that holds more is not read"] = 500_000_000
    max_load_seconds: Annotated[float, "a file that takes longer to read is given up"] = 60.0
    max_load_memory_bytes: Annotated[int, "memory that the process that reads a file may take"] = (
        2_000_000_000
    )
    max_fetch_seconds: Annotated[float, "a URL that takes longer to load is given up"] = 30.0
    max_redirects: Annotated[int, "redirects that are followed when a URL is loaded"] = 5
    settle_seconds: Annotated[
        float, "a watched file is read once it has not changed for so long"
    ] = 1.0
    candidates: Annotated[int, "passages that dense and lexical search each propose"] = 50
    exact_passages: Annotated[
        int, "vectors that are searched exactly; where there are more, in lists of quantised ones"
    ] = 50_000
    recall: Annotated[
        float, "share of the nearest passages that a search of the lists is to find"
    ] = 0.997
    dense_weight: Annotated[
        float, "share of the cosine in a passage's score, 0 to 1; the rest is its words'"
    ] = 0.45
    lexical_rows: Annotated[
        int,
        "passages weighed by their words; of more, those that hold one of the query's rarer ones",
    ] = 2_000
    reader: Annotated[Path, "the reader's folder: model.onnx, tokenizer.json, confidence.json"] = (
        _PACKAGED_READER
    )
    reader_max_tokens: Annotated[int, "longest input of the reader, in tokens"] = 384
    max_question_tokens: Annotated[int, "a longer question is refused"] = 128
    max_question_characters: Annotated[int, "a longer question is refused"] = 1_000
    max_history: Annotated[int, "earlier turns that a question may come with"] = 200
    reader_stride: Annotated[int, "overlap of two windows of a passage that is too long"] = 96
    max_answer_tokens: Annotated[int, "longest answer, in tokens of the reader"] = 30
    spans_per_passage: Annotated[int, "candidate answers kept of one passage"] = 3
    threads: Annotated[int, "texts a model takes at a time; 0: one for each processor"] = 0
    passages_read: Annotated[int, "passages that the reader reads for a question"] = 12
    max_top_k: Annotated[int, "most passages that a request may ask to be read"] = 100
    answers_shown: Annotated[int, "most answers in an answer set"] = 5
    passages_shown: Annotated[int, "most passages in an answer set"] = 5
    answers_kept: Annotated[
        int, "answers that are remembered until the library changes; 0: none"
    ] = 256
    min_confidence: Annotated[
        float, "an answer below this probability is not given; -1: as the calibration has it"
    ] = -1.0
    host: Annotated[str, "address that the server listens on"] = "127.0.0.1"
    port: Annotated[int, "port that the server listens on"] = 8000
    workers: Annotated[
        int, "server processes on one library, each with its models (about 250 MB)"
    ] = 1
    graceful_seconds: Annotated[
        float, "how long a server that is told to stop lets answers under way finish"
    ] = 30.0
    log_level: Annotated[str, "the least that is logged: debug, info, warning or error"] = "info"
    log_text: Annotated[
        bool, "whether logs may hold what users wrote: questions, titles, names of files"
    ] = False
    max_body_bytes: Annotated[
        int, "a larger request body is refused; uploads and added texts have limits of their own"
    ] = 1_000_000
    max_upload_bytes: Annotated[int, "a larger upload is refused"] = 200_000_000
    max_upload_files: Annotated[int, "most files of one upload"] = 1_000
    keep_originals: Annotated[
        bool, "whether uploaded files are kept as they came, until their documents are deleted"
    ] = True
    max_batch: Annotated[int, "most questions of one request"] = 100
    hosts: Annotated[
        str, "names that the server answers to beside its own, with commas; see security.md"
    ] = ""
    allow_anonymous: Annotated[
        str,
        "what needs no key: `none`, `read`, `write` or `admin`; empty: all of it on this machine, "
        "nothing elsewhere",
    ] = ""
    allowed_origins: Annotated[
        str, "other sites whose pages may ask, as in `https://example.org`, with commas"
    ] = ""
    key_requests_per_minute: Annotated[
        int, "requests a minute that each API key may make; 0: as many as it likes"
    ] = 600
    max_concurrent: Annotated[
        int,
        "questions that each worker answers at a time; 0: the processors, shared out among them",
    ] = 0
    max_waiting: Annotated[int, "questions that wait for their turn; further ones are refused"] = 16
    watch: Annotated[str, "folder that the server keeps the library equal to; empty for none"] = ""

    def __post_init__(self) -> None:
        for names, least in ((_AT_LEAST_ONE, 1), (_AT_LEAST_ZERO, 0)):
            for name in names:
                if not getattr(self, name) >= least:  # NaN is not, either
                    raise InvalidSetting(
                        f"{name} is {getattr(self, name)}; it must be at least {least}."
                    )
        if not 0 <= self.overlap_tokens < self.passage_tokens:
            raise InvalidSetting(
                f"overlap_tokens is {self.overlap_tokens}; it must be at least 0 and "
                f"less than passage_tokens ({self.passage_tokens})."
            )
        room = self.reader_max_tokens - self.max_question_tokens - _SPECIAL_TOKENS
        if self.reader_stride >= room:
            raise InvalidSetting(
                f"reader_stride is {self.reader_stride}; it must be less than the {room} tokens "
                f"that reader_max_tokens ({self.reader_max_tokens}) leaves to a passage beside "
                f"max_question_tokens ({self.max_question_tokens})."
            )
        if not 0 <= self.min_confidence <= 1 and self.min_confidence != -1:
            raise InvalidSetting(
                f"min_confidence is {self.min_confidence}; it must be between 0 and 1, or -1 for "
                "the threshold that the calibration has."
            )
        if not 0 <= self.dense_weight <= 1:
            raise InvalidSetting(
                f"dense_weight is {self.dense_weight}; it must be between 0 and 1."
            )
        if not 0 < self.recall < 1:
            raise InvalidSetting(f"recall is {self.recall}; it must be between 0 and 1.")
        if self.log_level not in LOG_LEVELS:
            raise InvalidSetting(
                f"log_level is {self.log_level!r}; it must be one of {', '.join(LOG_LEVELS)}."
            )
        if self.store not in STORES:
            raise InvalidSetting(f"store is {self.store!r}; it must be one of {', '.join(STORES)}.")
        if self.store == "milvus":
            self._check_milvus()
        if self.database_url and self.store != "milvus":
            raise InvalidSetting(
                "database_url names a PostgreSQL database, whose passages Milvus searches: it "
                f"needs store = milvus, and store is {self.store!r}. See docs/postgres.md."
            )
        if not 0 <= self.port <= 65_535:
            raise InvalidSetting(f"port is {self.port}; it must be between 0 and 65535.")
        access.check(self)

    def _check_milvus(self) -> None:
        if not self.milvus_uri:
            raise InvalidSetting(
                "milvus_uri is empty, and store is milvus: it must name a server, as in "
                "https://host:19530, or a file of Milvus Lite that ends in .db."
            )
        if self.workers > 1 and self.milvus_uri.endswith(".db"):
            raise InvalidSetting(
                f"workers is {self.workers}, and one process only may open the Milvus Lite file "
                "that milvus_uri names; it must be 1, or milvus_uri a server. See docs/milvus.md."
            )

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, **overrides: Any
    ) -> Settings:
        """Defaults, then the TOML file, ``QA_*`` variables, and ``overrides`` that are not None.

        Raises `InvalidSetting`.
        """
        kinds = {setting.name: _kind(setting) for setting in dataclasses.fields(cls)}
        written = from_file(environment, kinds)
        values = from_variables(environment, kinds)
        values |= {name: value for name, value in overrides.items() if value is not None}
        try:
            return Settings(**(written | values))
        except InvalidSetting as error:
            name = str(error).partition(" ")[0]
            if name in written and name not in values:
                raise InvalidSetting(f"{file_of(environment)}: {error}") from error
            raise


def _kind(setting: dataclasses.Field[Any]) -> type[Any]:
    return Path if isinstance(setting.default, Path) else type(setting.default)


def table() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting, for the docs."""
    hints = get_type_hints(Settings, include_extras=True)
    return [
        (
            setting.name,
            "the packaged model"
            if setting.default == _PACKAGED_READER
            else str(setting.default) or "(empty)",
            hints[setting.name].__metadata__[0],
        )
        for setting in dataclasses.fields(Settings)
    ]
