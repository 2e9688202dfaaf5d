import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

from culler.evaluation.picks import Judge, TrustReport, capture_order, trust
from culler.evaluation.picks_page import PageFacts, page

VOID = {"meta", "img"}


class Page(HTMLParser):
    """Collects what a page holds; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (12, 8), "red").save(buffer, "JPEG")
    return buffer.getvalue()


def report_of(bursts: int = 40, noise: float = 1.0) -> tuple[TrustReport, int]:
    random = np.random.default_rng(0)
    n = 5 * bursts
    numbers = np.repeat(np.arange(bursts), 5)
    truth = random.normal(3, 0.6, n)
    kept = np.zeros(n)
    kept[truth.reshape(bursts, 5).argmax(axis=1) + 5 * np.arange(bursts)] = 1
    scores = truth + random.normal(0, noise, n)
    levels = np.exp(-0.5 * ((np.arange(1, 6) - scores[:, None]) / 0.7) ** 2)
    levels /= levels.sum(axis=1, keepdims=True)
    judges = [Judge("The <judge>", scores, levels), capture_order(numbers, np.arange(n))]
    return trust(judges, kept, numbers, draws=50), n


def test_the_page_stands_alone_and_is_well_formed() -> None:
    report, n = report_of()
    facts = PageFacts([f"IMG_{k}.JPG" for k in range(n)], lambda row: jpeg(), ["/photos & more"])
    text = page(report, facts)
    found = Page(text)
    sources = [value for _, attrs in found.seen for key, value in attrs.items() if key in ("src", "href")]
    assert sources and all(str(source).startswith("data:image/jpeg;base64,") for source in sources)
    assert "script" not in {tag for tag, _ in found.seen}
    assert "url(" not in text and "@import" not in text
    assert "prefers-color-scheme" in text
    assert all(attrs.get("alt") for tag, attrs in found.seen if tag == "img")
    assert all(attrs.get("aria-label") for tag, attrs in found.seen if tag == "svg")


def test_names_are_text_never_markup() -> None:
    report, n = report_of()
    name = "<script>alert('x')</script>.jpg"
    found = Page(page(report, PageFacts([name] * n, lambda row: None, current="The <judge>")))
    assert "script" not in {tag for tag, _ in found.seen}
    assert name in found.text and "The <judge>" in found.text and "no picture" in found.text


def test_the_figures_on_the_page_are_the_report_s() -> None:
    report, n = report_of()
    found = Page(page(report, PageFacts(["a"] * n, lambda row: None, current="The <judge>")))
    judge = next(one for one in report.judges if not one.is_baseline)
    for value in (judge.top_one.value, judge.pairs.value, judge.top_k.value):
        assert f"{value:.0%}" in found.text
    assert "By chance it would be 20%" in found.text
    assert "40 kept of 200" in found.text.replace("\n", "")
    assert f"The <judge>: {len(judge.false_rejects)} photos" in found.text


def test_a_report_on_nothing_says_what_to_do() -> None:
    empty = trust([], np.full(4, np.nan), np.array([0, 0, 1, 1]))
    assert "Nothing to compare yet" in Page(page(empty, PageFacts([], lambda row: None))).text
    one_sided = trust([], np.ones(4), np.array([0, 0, 1, 1]))
    assert "2 bursts with marks" in Page(page(one_sided, PageFacts([], lambda row: None))).text
