"""One browser context for many tests, made as new between them.

For each context the browser starts a process, which compiles the page's scripts anew: that is half
of what a test of the page takes.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page


class OneContext:
    """A context whose pages come and go; what the browser caches of files stays."""

    def __init__(self, browser: Browser, arguments: dict[str, object]) -> None:
        self.context: BrowserContext = browser.new_context(**arguments)  # type: ignore[arg-type]
        self._kept = self.context.new_page()  # without any page the process would end
        self._session = self.context.new_cdp_session(self._kept)
        self._visited: set[str] = set()
        self.context.on("page", self._watch)

    def _watch(self, page: Page) -> None:
        page.on("framenavigated", self._note)

    def _note(self, frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.scheme in {"http", "https"}:
            self._visited.add(f"{parts.scheme}://{parts.netloc}")

    def renew(self) -> None:
        """Close all pages, and forget what a page may have stored or been allowed."""
        for page in self.context.pages:
            if page is not self._kept:
                page.close()
        self.context.unroute_all()
        self.context.clear_cookies()
        self.context.clear_permissions()
        while self._visited:
            everything = {"origin": self._visited.pop(), "storageTypes": "all"}
            self._session.send("Storage.clearDataForOrigin", everything)
