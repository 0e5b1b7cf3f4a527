"""What a text or a URL that is to be added looks like in JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from qa.requests import DATE, Date, Label, Text

_URL_SCHEMES = ("http://", "https://")
_EITHER: JsonDict = {
    "oneOf": [
        {
            "required": ["text"],
            "properties": {"text": {"type": "string", "pattern": r"\S"}, "url": {"type": "null"}},
        },
        {
            "required": ["url"],
            "properties": {
                "url": {"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://"},
                "text": {"type": "null"},
                "source": {"type": "null"},
            },
        },
    ]
}


class AddRequest(BaseModel):
    """A text or a URL to be added."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_EITHER)

    text: Text | None = Field(None, description="The text; or give a url.")
    url: Text | None = Field(
        None,
        description="An address that begins with http:// or https://; or give a text.",
        examples=["https://example.org/report.html"],
    )
    title: Label | None = Field(
        None, description="Goes before the title that the text itself has.", examples=["Harbour"]
    )
    date: Date | None = Field(
        None, description="Goes before the date that the text itself has.", json_schema_extra=DATE
    )
    source: Label | None = Field(
        None, description="What a text is listed and updated under; by default text:TITLE."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> AddRequest:
        if (self.text is None) == (self.url is None):
            raise PydanticCustomError("content", "Give either a text or a url")
        if self.text is not None and not self.text.strip():
            raise PydanticCustomError("content", "The text is empty")
        if self.url is not None and not self.url.lower().startswith(_URL_SCHEMES):
            raise PydanticCustomError("url", "A url begins with http:// or https://")
        if self.url is not None and self.source is not None:
            raise PydanticCustomError("content", "A url is its own source; give no other")
        return self
