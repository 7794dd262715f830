"""Somebody before a screen: does things by the names they have there, and looks at every page.

A page may not scroll sideways, complain in the console (a broken content policy does) or ask
another host for anything.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

expect.set_options(timeout=20_000)

# The parts of a date field are outlined by the browser itself, out of reach of a style sheet.
FOCUS = """() => {
    const it = document.activeElement, style = getComputedStyle(it);
    const box = it.getBoundingClientRect();
    const label = it.labels && it.labels.length ? it.labels[0].innerText : it.innerText;
    return {
        name: (it.getAttribute("aria-label") || label || "").trim().split("\\n")[0],
        outlined: it.type === "date"
            || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        in_sight: box.bottom > 0 && box.top < innerHeight,
    }
}"""


@dataclass
class Window:
    """What a journey is seen through."""

    width: int
    script: bool
    dark: bool = False

    def options(self) -> dict:
        return {
            "viewport": {"width": self.width, "height": 844},
            "java_script_enabled": self.script,
            "color_scheme": "dark" if self.dark else "light",
        }

    def __str__(self) -> str:
        return f"{self.width}px-{'script' if self.script else 'no-script'}"


def windows(*pairs: tuple[int, bool]):
    """Let a journey be made once through each (width, script)."""
    return pytest.mark.parametrize("window", [Window(*pair) for pair in pairs], ids=str)


def seen(*ways: tuple[int, bool, str]):
    """Let a journey be made once in each (width, script, language)."""
    return pytest.mark.parametrize(
        ("window", "language"),
        [
            pytest.param(Window(width, script), tongue, id=f"{Window(width, script)}-{tongue}")
            for width, script, tongue in ways
        ],
    )


PHONE, DESK = 390, 1280
phone_with_script = windows((PHONE, True), (DESK, False))
desk_with_script = windows((DESK, True), (PHONE, False))


class Visitor:
    def __init__(self, context: BrowserContext, address: str):
        self.context, self.address = context, address
        self.troubles: list[str] = []
        context.set_default_timeout(20_000)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("request", self._follow_request)
        self.page = context.new_page()

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console at {self.page.url}: {message.text}")

    def _follow_request(self, request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme != "data" and asked.netloc != urlsplit(self.address).netloc:
            self.troubles.append(f"asked another host at {self.page.url}: {request.url}")

    def hold(self, cookie: str, value: str) -> None:
        self.context.add_cookies([{"name": cookie, "value": value, "url": self.address}])

    # --- going about ---------------------------------------------------------------------
    def open(self, path: str) -> None:
        answer = self.page.goto(urljoin(self.address, path))
        assert answer.ok, f"{path} answers {answer.status}"
        self.look()

    def follow(self, name: str) -> None:
        self._click(self.page.get_by_role("link", name=name, exact=True).first)

    def press(self, name: str) -> None:
        self._click(self.page.get_by_role("button", name=name, exact=True).first)

    def _click(self, target: Locator) -> None:
        with self.page.expect_navigation():
            target.click()
        self.look()

    def look(self) -> None:
        """Fail for what no page may do."""
        wide = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], f"{self.page.url} scrolls sideways: {wide}"
        assert not self.troubles

    # --- filling in ----------------------------------------------------------------------
    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def write(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def choose(self, label: str) -> None:
        """Tick a box or take one of several."""
        self.field(label).check()

    # --- the keyboard --------------------------------------------------------------------
    def tab_to(self, name: str, most: int = 60) -> None:
        """Press Tab until what is called so has the focus; wherever it stops, one sees it."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(FOCUS)
            assert stop["outlined"], f"no outline on {stop['name']!r} of {self.page.url}"
            assert stop["in_sight"], f"focus out of sight: {stop['name']!r} of {self.page.url}"
            if stop["name"] == name:
                return
        raise AssertionError(f"Tab never came to {name!r} on {self.page.url}")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def enter(self) -> None:
        """Press Enter on what has the focus and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    # --- seeing --------------------------------------------------------------------------
    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sees_heading(self, text: str) -> None:
        expect(self.page.get_by_role("heading", name=text).first).to_be_visible()


def takes(visitor, choice: str) -> None:
    """Take one of several, that may say more under its name."""
    named = re.compile(f"^{re.escape(choice)}")
    visitor.page.get_by_role("radio", name=named).check()


def unfold(visitor, summary: str) -> None:
    visitor.page.locator("summary", has_text=summary).click()
