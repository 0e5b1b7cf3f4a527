"""A client of the service for Python programs; see docs/clients.md.

from qa.client import Client

client = Client("http://127.0.0.1:8000")
result = client.ask("who denied the volunteer reports?")
for answer in result.answers:
    print(answer.text, [citation.title for citation in answer.citations])
"""

from qa.client.client import Client
from qa.client.errors import (
    ClientError,
    FileUnreadable,
    InvalidCall,
    JobFailed,
    NotAllowed,
    NotFound,
    Problem,
    ProblemError,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from qa.client.results import Found, Reading, Searching, ServedDocument, Status, Verified

__all__ = [
    "Client",
    "ClientError",
    "FileUnreadable",
    "Found",
    "InvalidCall",
    "JobFailed",
    "NotAllowed",
    "NotFound",
    "Problem",
    "ProblemError",
    "Reading",
    "Searching",
    "ServedDocument",
    "Status",
    "TooManyRequests",
    "Unavailable",
    "UnexpectedAnswer",
    "Unreachable",
    "Verified",
]
