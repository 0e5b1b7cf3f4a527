"""Mail (RFC 5322): its head and its text as one document, its attachments as others."""

from __future__ import annotations

import codecs
import email
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError, MessageError
from email.header import Header, decode_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime

from index.errors import UnreadableDocument
from index.head import title_of
from index.loaders.html import decode_page
from index.loaders.limits import Limits, Pieces
from index.loaders.loaded import Loaded
from index.loaders.markup import parsed_html, text_of
from index.text import decode, normalise, printable

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_FIELD_AT_MOST = 2_000  # characters
_DEEPEST = 20  # parts within parts
_WITH_TEXT = {"text", "multipart", "message"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part with a name of its own.

    Attributes:
        charset: of a text, as the sender declares it.
    """

    name: str
    media_type: str
    content: bytes
    charset: str | None = None

    @property
    def declared(self) -> str:
        """As the value of a ``Content-Type`` header."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type


@dataclass(slots=True)
class _Parts:
    limits: Limits
    texts: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def load(data: bytes, limits: Limits) -> tuple[Loaded, list[Attachment]]:
    """The mail, and what is attached to it.

    The text begins with sender, receivers, date and subject: who wrote to whom is a part of it.

    Raises:
        UnreadableDocument: it has none of the fields that a mail begins with.
    """
    head = data.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")  # some programs put it before
    message = email.message_from_bytes(head, policy=compat32)
    fields = {name: _words(message.get(name, "")) for name in _SHOWN}
    if not any(fields.values()):
        raise UnreadableDocument("it does not begin with the fields of a mail")
    parts = _Parts(limits)
    _collect(message, parts, 0)
    pieces = Pieces(limits)
    pieces.add("\n".join(f"{name}: {value}" for name, value in fields.items() if value))
    for text in parts.texts:
        pieces.add("\n\n" + text)
    loaded = Loaded(
        pieces.text(),
        "message/rfc822",
        title=fields["Subject"] or title_of("\n".join(parts.texts[:1]), (), "") or None,
        date=_date(message),
        author=_sender(message) or None,
    )
    return loaded, parts.attachments


def _words(value: Header | str) -> str:
    """A field's value with its encoded words decoded (RFC 2047), on one line."""
    if isinstance(value, str):
        value = value[:_FIELD_AT_MOST]
    try:
        chunks = decode_header(value)
    except HeaderParseError:
        chunks = [(str(value), None)]
    words = "".join(
        chunk if isinstance(chunk, str) else _decoded(chunk, charset) for chunk, charset in chunks
    )
    return " ".join(printable(words).split())[:_FIELD_AT_MOST]


def _decoded(chunk: bytes, charset: str | None) -> str:
    try:
        return decode(chunk, charset)
    except UnreadableDocument:
        return chunk.decode("utf-8", "replace")


def _sender(message: Message) -> str:
    field: Header | str = message.get("From", "")
    # Decoded first, a comma of an encoded name would part it; what is not encoded must be decoded.
    sender = _words(field) if isinstance(field, Header) else str(field)
    name, address = parseaddr(sender[:_FIELD_AT_MOST])
    return _words(name) or printable(address)


def _date(message: Message) -> str | None:
    """The day it was sent, where it was sent."""
    try:
        return parsedate_to_datetime(_words(message.get("Date", ""))).date().isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _collect(part: Message, parts: _Parts, depth: int) -> None:
    if depth > _DEEPEST:
        raise UnreadableDocument(f"its parts are nested more than {_DEEPEST} deep")
    media_type = part.get_content_type()
    name = _words(part.get_filename() or "")
    attached = bool(name) or _is_attached(part)
    if depth:
        attached = attached or media_type == "message/rfc822"
    else:  # a scanner's mail may be the PDF itself
        attached = attached and part.get_content_maintype() not in _WITH_TEXT
    if attached:
        parts.attachments += _attachment(part, media_type, name)
    elif part.get_content_maintype() == "multipart" and not part.is_multipart():
        parts.texts += filter(str.strip, [_plain(part)])  # its parts cannot be told apart
    elif media_type == "multipart/alternative":
        parts.texts += _best(part, parts, depth)
    elif part.is_multipart():
        for child in _children(part):
            _collect(child, parts, depth + 1)
    elif media_type == "text/plain":
        parts.texts += filter(str.strip, [_plain(part)])
    elif media_type == "text/html":
        parts.texts += filter(str.strip, [_rendered(part, parts.limits)])


def _best(part: Message, parts: _Parts, depth: int) -> list[str]:
    """The plain one of several forms of the same text, else the first that has any."""
    forms: list[tuple[bool, list[str]]] = []
    for child in _children(part):
        tried = _Parts(parts.limits)
        _collect(child, tried, depth + 1)
        parts.attachments += tried.attachments
        if tried.texts:
            forms.append((child.get_content_type() != "text/plain", tried.texts))
    return min(forms, key=lambda form: form[0], default=(True, []))[1]


def _children(part: Message) -> Iterator[Message]:
    children = part.get_payload()
    yield from (child for child in children if isinstance(child, Message))


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _attachment(part: Message, media_type: str, name: str) -> Iterator[Attachment]:
    if media_type == "message/rfc822":
        for inner in _children(part):
            subject = _words(inner.get("Subject", ""))
            try:
                yield Attachment(name or f"{subject or 'mail'}.eml", media_type, inner.as_bytes())
            except (MessageError, ValueError, LookupError):
                continue
    else:
        yield Attachment(name, media_type, _payload(part), part.get_content_charset())


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _plain(part: Message) -> str:
    text = normalise(decode(_payload(part), part.get_content_charset()))
    if part.get_param("format") == "flowed":
        return _unwrapped(text, part.get_param("delsp") == "yes")
    return text.strip("\n")


def _unwrapped(text: str, delete_space: bool) -> str:
    """Lines that end in a space go on in the next one (RFC 3676)."""
    pieces: list[str] = []
    for line in text.strip("\n").split("\n"):
        flows = line.endswith(" ") and line != "-- "
        pieces += [line[:-1] if flows and delete_space else line, "" if flows else "\n"]
    return "".join(pieces).rstrip("\n")


def _rendered(part: Message, limits: Limits) -> str:
    page = decode_page(_payload(part), part.get_content_charset())
    return text_of(parsed_html(page), limits) if page.strip() else ""
