"""Mails."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

from tests.index.formats.expected import Expected, Wanted
from tests.index.formats.pdf import flowing, pdf

_TYPE = "message/rfc822"


def mail_files() -> Iterator[Expected]:
    yield _with_attachments()
    yield _html_only()
    yield _flowed()
    yield _with_texts()
    yield _raw()
    yield _scanned()
    yield _without_parts()
    yield _japanese()
    yield Expected(
        "note.eml",
        b"Dear all,\n\nno field here.\n",
        reason="it does not begin with the fields of a mail",
    )


def _message(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Jané Doe <jane@example.org>"
    message["To"] = "John Roe <john@example.org>"
    message["Date"] = "Thu, 11 Aug 2022 23:30:00 -0700"
    message["Message-ID"] = "<1@example.org>"
    message["Subject"] = subject
    return message


def _head(subject: str) -> str:
    return (
        "From: Jané Doe <jane@example.org>\nTo: John Roe <john@example.org>\n"
        f"Date: Thu, 11 Aug 2022 23:30:00 -0700\nSubject: {subject}"
    )


def _with_attachments() -> Expected:
    message = _message("The bridge – naïve plans")
    message.set_content("Dear John,\n\nthe “new” plans are attached.\n")
    message.add_alternative("<p>Dear John, see the <b>HTML</b>.</p>", subtype="html")
    minutes = pdf([flowing([["The minutes say five million."]])])
    message.add_attachment(minutes, maintype="application", subtype="pdf", filename="minutes.pdf")
    message.add_attachment("A list\n\nof bridges.\n", filename="../../list.txt")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="x.zip")
    inner = _message("An older mail")
    inner.set_content("Its text.\n")
    message.add_attachment(inner)
    mail = f"{_head('The bridge – naïve plans')}\n\nDear John,\n\nthe “new” plans are attached."
    return Expected(
        "mail.eml",
        message.as_bytes(),
        [
            Wanted(mail, "The bridge – naïve plans", "2022-08-11", "Jané Doe", media_type=_TYPE),
            Wanted(
                "The minutes say five million.",
                "The minutes say five million.",
                member="!/minutes.pdf",
                media_type="application/pdf",
                pages=(0,),
            ),
            Wanted("A list\n\nof bridges.\n", "A list", member="!/list.txt"),
            Wanted(
                f"{_head('An older mail')}\n\nIts text.",
                "An older mail",
                "2022-08-11",
                "Jané Doe",
                member="!/An older mail.eml",
                media_type=_TYPE,
            ),
        ],
        [("!/x.zip", "its zip archive is damaged or incomplete")],
    )


def _html_only() -> Expected:
    message = _message("Guests")
    message.set_content(
        "<html><head><title>x</title><style>p {}</style></head><body><p>Three   thousand<br>"
        "guests.</p><table><tr><td>Monday</td><td>1&nbsp;000</td></tr></table></body></html>",
        subtype="html",
        charset="iso-8859-1",
    )
    text = f"{_head('Guests')}\n\nThree thousand\nguests.\n\nMonday | 1\xa0000"
    return Expected(
        "html-mail.txt",
        message.as_bytes(),
        [Wanted(text, "Guests", "2022-08-11", "Jané Doe", media_type=_TYPE)],
    )


def _flowed() -> Expected:
    data = (
        b"From: =?utf-8?q?J=C3=A1ne?= <jane@example.org>\nSubject: Flowed\nDate: nonsense\n"
        b"MIME-Version: 1.0\nContent-Type: text/plain; charset=nonsense; format=flowed\n\n"
        b"The bridge \nopened \non Thursday.\n\nCaf\xe9.\n"
    )
    text = "From: Jáne <jane@example.org>\nDate: nonsense\nSubject: Flowed\n\n"
    return Expected(
        "flowed.eml",
        data,
        [
            Wanted(
                text + "The bridge opened on Thursday.\n\nCafé.",
                "Flowed",
                author="Jáne",
                media_type=_TYPE,
            )
        ],
    )


def _with_texts() -> Expected:
    """Attached texts: in a charset that only their type tells, and of a name without an ending."""
    message = _message("Texts")
    message.set_content("See below.\n")
    for words, charset, name in (
        ("Президент.\n", "koi8-r", "list.txt"),
        ("Read it.\n", "us-ascii", "README"),
        ("print()\n", "us-ascii", "read.py"),
    ):
        message.add_attachment(
            words.encode(charset),
            maintype="text",
            subtype="plain",
            filename=name,
            params={"charset": charset},
        )
    return Expected(
        "texts.eml",
        message.as_bytes(),
        [
            Wanted(
                f"{_head('Texts')}\n\nSee below.",
                "Texts",
                "2022-08-11",
                "Jané Doe",
                media_type=_TYPE,
            ),
            Wanted("Президент.\n", "Президент.", member="!/list.txt"),
            Wanted("Read it.\n", "Read it.", member="!/README"),
        ],
    )


def _raw() -> Expected:
    """Fields that are not encoded, below a byte order mark and an empty line."""
    fields = "From: Jané Doe <jane@example.org>\nSubject: Přehled"
    return Expected(
        "raw.eml",
        f"\ufeff\r\n{fields}\n\nIt opened.\n".encode(),
        [Wanted(f"{fields}\n\nIt opened.", "Přehled", author="Jané Doe", media_type=_TYPE)],
    )


def _scanned() -> Expected:
    """A mail that has no text, but is the PDF itself."""
    message = EmailMessage()
    message["From"], message["Subject"] = "scanner@example.org", "Scan"
    minutes = pdf([flowing([["The minutes say five million."]])])
    message.set_content(minutes, maintype="application", subtype="pdf", filename="scan.pdf")
    return Expected(
        "scan.eml",
        message.as_bytes(),
        [
            Wanted(
                "From: scanner@example.org\nSubject: Scan",
                "Scan",
                author="scanner@example.org",
                media_type=_TYPE,
            ),
            Wanted(
                "The minutes say five million.",
                "The minutes say five million.",
                member="!/scan.pdf",
                media_type="application/pdf",
                pages=(0,),
            ),
        ],
    )


def _without_parts() -> Expected:
    """A mail without a subject that says that it has parts, and not where."""
    fields = "From: jane@example.org"
    return Expected(
        "no-parts.eml",
        f"{fields}\nContent-Type: multipart/alternative\n\nThe bridge opened.\n".encode(),
        [
            Wanted(
                f"{fields}\n\nThe bridge opened.",
                "The bridge opened.",
                author="jane@example.org",
                media_type=_TYPE,
            )
        ],
    )


def _japanese() -> Expected:
    fields = "From: jane@example.org\nSubject: 橋"
    head = "From: jane@example.org\nSubject: =?iso-2022-jp?B?GyRCNjYbKEI=?=\n"
    body = "橋が開通した。".encode("iso-2022-jp")
    return Expected(
        "japanese.eml",
        f"{head}Content-Type: text/plain; charset=iso-2022-jp\n\n".encode() + body,
        [Wanted(f"{fields}\n\n橋が開通した。", "橋", author="jane@example.org", media_type=_TYPE)],
    )
