"""Foreign properties, namespaces and comments outlive our marks: real sidecars and made-up ones."""

import contextlib
import random
import time
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from culler.domain.decision import UNMARKED, Decision, Flag
from culler.domain.errors import CullerError
from culler.imaging.xmp import marks_of, merge, read_marks
from culler.imaging.xmp_packet import Packet

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMP = "http://ns.adobe.com/xap/1.0/"
DM = "http://ns.adobe.com/xmp/1.0/DynamicMedia/"
OURS = {f"{{{XMP}}}Rating", f"{{{XMP}}}Label", f"{{{DM}}}pick", f"{{{DM}}}good"}
PARSER = etree.XMLParser(resolve_entities=False, strip_cdata=False)
MARKED = [Decision(Flag.PICK, 5, "red"), Decision(Flag.REJECT, 2, "Kundin")]


def statements(packet: bytes) -> Counter[tuple[str, ...]]:
    """What a packet states, our own properties apart: the graph, and the comments and instructions."""
    root = etree.fromstring(packet, PARSER)
    found: Counter[tuple[str, ...]] = Counter()
    for node in root.getroottree().xpath("//comment() | //processing-instruction()"):
        found["aside", node.text] += 1
    rdf = next(root.iter(f"{{{RDF}}}RDF"))
    for key, value in root.attrib.items():
        found["root", key, value] += 1
    for block in rdf.iterchildren(etree.Element):
        about = block.get(f"{{{RDF}}}about", "") + block.get(f"{{{RDF}}}nodeID", "")
        for key, value in block.attrib.items():
            if key not in OURS and not key.startswith(f"{{{RDF}}}"):
                found[about, key, value] += 1
        for element in block.iterchildren(etree.Element):
            if element.tag not in OURS:
                found[about, element.tag, canonical(element)] += 1
    return found


def canonical(element: etree._Element) -> str:
    """The element by qualified names: equal for equal content whatever its prefixes and layout."""
    parts = [element.tag, *(f"@{key}={value}" for key, value in sorted(element.attrib.items()))]
    parts.append((element.text or "").strip() if len(element) else element.text or "")
    parts += [canonical(child) for child in element.iterchildren(etree.Element)]
    return "(" + "|".join(parts) + ")"


def namespaces(packet: bytes) -> set[tuple[str | None, str]]:
    """The declared prefixes, those of our own properties' namespaces apart."""
    root = etree.fromstring(packet, PARSER)
    pairs = {pair for element in root.iter(etree.Element) for pair in element.nsmap.items()}
    return {(prefix, uri) for prefix, uri in pairs if uri not in (XMP, DM)}


def sidecars(corpus: Path) -> list[Path]:
    return sorted((corpus / "photos" / "sidecars").glob("*.xmp"))


@pytest.mark.corpus
def test_every_real_sidecar_survives_a_mark_and_its_undo(corpus: Path) -> None:
    survived = 0
    for path in sidecars(corpus):
        before = path.read_bytes()
        if path.name == "XMP2.xmp":
            continue
        said = read_marks(before)
        for marked in MARKED:
            after = merge(before, marked)
            assert read_marks(after).on(UNMARKED) == marked, path.name
            assert statements(after) == statements(before), path.name
            assert namespaces(after) >= namespaces(before), path.name
            undone = merge(after, said.on(UNMARKED))
            assert statements(undone) == statements(before), path.name
            assert read_marks(undone).on(UNMARKED) == said.on(UNMARKED), path.name
        survived += 1
    assert survived == len(sidecars(corpus)) - 1


@pytest.mark.corpus
def test_sidecars_that_are_not_well_formed_are_refused(corpus: Path) -> None:
    malformed = (corpus / "photos" / "sidecars" / "XMP2.xmp").read_bytes()
    with pytest.raises(CullerError, match="not well-formed"):
        merge(malformed, Decision(stars=1))


@pytest.mark.corpus
def test_ratings_and_labels_of_real_sidecars_are_those_of_the_manifest(corpus: Path) -> None:
    import csv

    with open(corpus / "photos" / "MANIFEST.csv", encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    compared = 0
    for path in sidecars(corpus):
        row = rows[f"sidecars/{path.name}"]
        if path.name == "XMP2.xmp":
            continue
        packet = Packet.parse(path.read_bytes())
        rating = row["rating_xmp"]
        assert (packet.get("xmp:Rating") or "") == rating, path.name
        assert (packet.get("xmp:Label") or "") == row["label"], path.name
        marks = marks_of(packet)
        assert marks.stars == (int(rating) if rating and rating != "-1" else None), path.name
        assert (marks.flag is Flag.REJECT) == (rating == "-1"), path.name
        compared += bool(rating)
    assert compared >= 8


# Arbitrary foreign RDF, as text, so that prefixes, forms and layout vary, too.
XML_CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn"))
TEXTS = st.text(XML_CHARACTERS, max_size=12)
LOCAL_NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
URIS = st.sampled_from(
    ["http://purl.org/dc/elements/1.1/", "http://example.org/a#", "urn:b:", "http://ns.adobe.com/xap/1.0/mm/"]
)
PREFIXES = st.sampled_from(["p", "q", "xmpDM", "culler", "ns0", "dc"])


@st.composite
def properties(draw: st.DrawFn, depth: int = 2) -> str:
    """A property element of a random foreign namespace, declared on the spot."""
    prefix, name = draw(PREFIXES), draw(LOCAL_NAMES)
    tag = f"{prefix}:{name}"
    form = draw(st.integers(0, 4 if depth else 1))
    if form == 0:
        body = escape(draw(TEXTS))
    elif form == 1:
        body = f"<!--{draw(LOCAL_NAMES)} --><![CDATA[{draw(LOCAL_NAMES)}&<]]>"
    elif form == 2:
        items = draw(st.lists(TEXTS, max_size=3))
        kind = draw(st.sampled_from(["Bag", "Seq", "Alt"]))
        body = (
            f"<rdf:{kind}>" + "".join(f"<rdf:li>{escape(item)}</rdf:li>" for item in items) + f"</rdf:{kind}>"
        )
    elif form == 3:
        body = f"<rdf:Description>{draw(properties(depth=depth - 1))}</rdf:Description>"
    else:
        inner = draw(properties(depth=depth - 1))
        body = f"<rdf:Bag><rdf:li rdf:parseType='Resource'>{inner}</rdf:li></rdf:Bag>"
    return f"<{tag} xmlns:{prefix}={quoteattr(draw(URIS))}>{body}</{tag}>"


@st.composite
def blocks(draw: st.DrawFn) -> str:
    prefix, attributes = draw(PREFIXES), ""
    for name in draw(st.lists(LOCAL_NAMES, max_size=2, unique=True)):
        attributes += f" {prefix}:{name}={quoteattr(draw(TEXTS))}"
    declared = f" xmlns:{prefix}={quoteattr(draw(URIS))}"
    subject = draw(st.sampled_from([' rdf:about=""', "", ' rdf:nodeID="n1"']))
    own = draw(st.sampled_from(["", "Rating>2</m:Rating>", "Label>Blue</m:Label>", "Rating>-1</m:Rating>"]))
    if own:
        own = "<m:" + own.replace(">", f' xmlns:m="{XMP}">', 1)
    inner = "".join(draw(st.lists(properties(), max_size=3)))
    space = draw(st.sampled_from(["", "\n  ", "<!-- aside --><?note here?>"]))
    return f"<rdf:Description{subject}{declared}{attributes}>{space}{inner}{own}{space}</rdf:Description>"


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    body = "\n".join(draw(st.lists(blocks(), max_size=4)))
    wrapper = draw(st.sampled_from(["x:xmpmeta", "x:xapmeta", "p:xmpmeta"]))
    prefix = wrapper[0]
    head = draw(
        st.sampled_from(["", "<?xpacket begin='' id='W5'?><!-- first -->", '<?xml version="1.0"?>\n'])
    )
    rdf = f'<rdf:RDF xmlns:rdf="{RDF}">{body}</rdf:RDF>'
    text = f'{head}<{wrapper} xmlns:{prefix}="adobe:ns:meta/">{rdf}</{wrapper}>'
    return text.encode()


DECISIONS = st.builds(
    Decision,
    st.sampled_from(Flag),
    st.integers(0, 5),
    st.sampled_from(["none", "red", "purple", "Kundin", "x & <y>"]),
)


@settings(max_examples=60, deadline=None)
@given(packets(), st.lists(DECISIONS, min_size=1, max_size=3))
def test_arbitrary_foreign_properties_survive_any_run_of_marks(
    packet: bytes, decisions: list[Decision]
) -> None:
    before, known = statements(packet), namespaces(packet)
    for decision in decisions:
        packet = merge(packet, decision)
        assert read_marks(packet).on(UNMARKED) == decision
    assert statements(packet) == before
    assert namespaces(packet) >= known


@st.composite
def damaged_packets(draw: st.DrawFn) -> bytes:
    whole = merge(None, Decision(Flag.PICK, 2, "red"))
    start, stop = sorted((draw(st.integers(0, len(whole))), draw(st.integers(0, len(whole)))))
    return whole[:start] + draw(st.binary(max_size=8)) + whole[stop:]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | damaged_packets())
def test_any_bytes_are_read_or_refused_with_a_sentence(packet: bytes) -> None:
    try:
        merged = merge(packet, Decision(stars=3))
    except CullerError as error:
        assert str(error).endswith(".")
    else:
        assert read_marks(merged).stars == 3


@pytest.mark.corpus
def test_damaged_real_sidecars_are_merged_or_refused(corpus: Path) -> None:
    chance = random.Random(5)
    sources = [path.read_bytes() for path in sidecars(corpus)]
    outcomes = Counter[bool]()
    for _ in range(600):
        damaged = bytearray(chance.choice(sources))
        start = chance.randrange(len(damaged))
        match chance.randrange(3):
            case 0:
                damaged[start] = chance.randrange(256)
            case 1:
                del damaged[start : start + chance.randrange(1, 40)]
            case _:
                damaged[start:start] = chance.choice(
                    [b"<rdf:li>", b"<![CDATA[", b"<!--", b"&#x10FFFF;", b"\0"]
                )
        try:
            merged = merge(bytes(damaged), MARKED[0])
        except CullerError:
            outcomes[False] += 1
        else:
            assert read_marks(merged).on(UNMARKED) == MARKED[0]
            assert statements(merged) == statements(bytes(damaged))
            outcomes[True] += 1
    assert min(outcomes[True], outcomes[False]) > 20


WIDE = [f"a{number}=''" for number in range(20_000)]


@pytest.mark.parametrize(
    "body",
    [
        "<a>" * 100_000,
        f'<rdf:RDF xmlns:rdf="{RDF}">' + '<rdf:Description xmlns:p="p:" p:a="1"/>' * 50_000 + "</rdf:RDF>",
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description ' + " ".join(WIDE) + "/></rdf:RDF>",
    ],
    ids=["deep", "long", "wide"],
)
def test_monstrous_packets_take_no_long_time(body: str) -> None:
    start = time.monotonic()
    with contextlib.suppress(CullerError):
        merge(body.encode(), MARKED[0])
    assert time.monotonic() - start < 5
