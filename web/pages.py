"""The chat page."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from web import guard, languages, modules, suggestions
from web.current import pipeline, settings

blueprint = Blueprint("pages", __name__)

PRODUCT = "Verbatim"
_YEAR = 365 * 24 * 3600  # seconds


@blueprint.get("/")
def index() -> Response:
    language = languages.of_request()
    words = languages.words()[language]
    page = render_template(
        "index.html",
        product=PRODUCT,
        language=language,
        languages={code: value["language"] for code, value in languages.words().items()},
        t=words["page"],
        words=words["script"],
        modules=modules.first_modules(),
        suggestions=suggestions.first_questions(pipeline().store) if guard.may_read() else (),
        keeps=guard.is_kept(),
        longest_question=settings().max_question_characters,
    )
    response = make_response(page)
    response.headers["Content-Language"] = language
    response.vary.update(("Accept-Language", "Cookie"))
    if request.args.get("language") == language:
        response.set_cookie(
            languages.COOKIE, language, max_age=_YEAR, samesite="Strict", httponly=True
        )
    return response
