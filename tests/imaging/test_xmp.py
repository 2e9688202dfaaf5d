"""What packets say, and how decisions are merged into them."""

import pytest

from culler.domain.decision import UNMARKED, Decision, Facet, Flag
from culler.domain.errors import CullerError
from culler.imaging.xmp import Marks, WriteOptions, merge, owner, read_marks, reconcile
from culler.imaging.xmp_packet import MAX_PACKET_BYTES, Packet

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "xmpDM": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "photomechanic": "http://ns.camerabits.com/photomechanic/1.0/",
        "digiKam": "http://www.digikam.org/ns/1.0/",
        "darktable": "http://darktable.sf.net/",
        "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
        "acdsee": "http://ns.acdsee.com/iptc/1.0/",
        "dc": "http://purl.org/dc/elements/1.1/",
    }.items()
)


def packet(attributes: str = "", elements: str = "", more: str = "") -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {NAMESPACES} {attributes}>{elements}</rdf:Description>'
        f"{more}</rdf:RDF></x:xmpmeta>"
    ).encode()


def other_block(attributes: str, elements: str = "") -> str:
    return f'<rdf:Description rdf:about="" {NAMESPACES} {attributes}>{elements}</rdf:Description>'


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("3", 3),
        ("3.0", 3),
        (" 3 ", 3),
        ("0", 0),
        ("5", 5),
        ("-2", None),
        ("99", None),
        ("many", None),
        ("nan", None),
    ],
)
def test_ratings_are_read_in_the_forms_that_programs_write(text: str, stars: int | None) -> None:
    assert read_marks(packet(f'xmp:Rating="{text}"')) == Marks(stars=stars)
    assert read_marks(packet("", f"<xmp:Rating>{text}</xmp:Rating>")) == Marks(stars=stars)


@pytest.mark.parametrize("text", ["-1", " -1", "-1.0"])
def test_a_rating_of_minus_one_rejects_and_leaves_the_stars_unknown(text: str) -> None:
    assert read_marks(packet(f'xmp:Rating="{text}"')) == Marks(flag=Flag.REJECT)


def test_a_packet_without_marks_says_nothing() -> None:
    assert read_marks(packet('dc:format="image/jpeg"')) == Marks()
    assert not read_marks(packet())


def test_marks_are_gathered_from_several_descriptions() -> None:
    sidecar = packet(
        'xmp:Rating="2"', "", other_block('xmpDM:pick="1"') + other_block("", "<xmp:Label>Blue</xmp:Label>")
    )
    assert read_marks(sidecar) == Marks(Flag.PICK, 2, "blue")


def test_descriptions_of_other_nodes_are_not_the_photo() -> None:
    foreign = f'<rdf:Description rdf:nodeID="a" {NAMESPACES} xmp:Rating="5"/>'
    assert read_marks(packet("", "", foreign)) == Marks()


def test_qualified_values_are_read() -> None:
    qualified = (
        '<xmp:Rating rdf:parseType="Resource"><rdf:value>4</rdf:value><dc:source>me</dc:source></xmp:Rating>'
    )
    assert read_marks(packet("", qualified)) == Marks(stars=4)
    nested = '<xmp:Label><rdf:Description rdf:value="Red" dc:source="me"/></xmp:Label>'
    assert read_marks(packet("", nested)) == Marks(label="red")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Red", "red"), ("PURPLE", "purple"), (" green ", "green"), ("", "none"), ("None", "none"),
        ("Select", "red"), ("Second", "yellow"), ("Approved", "green"), ("Review", "blue"),
        ("To Do", "purple"),
        ("To Print", "purple"), ("Color Correction Needed", "yellow"),
        ("blau", "blue"), ("Lila", "purple"), ("Grün", "green"), ("GRÜN", "green"), ("Verde", "green"),
        ("Jaune", "yellow"), ("rojo", "red"), ("レッド", "red"), ("紫色", "purple"),
        ("Winner Alt", "Winner Alt"), ("Orange", "Orange"), ("Kundin", "Kundin"),
    ],
)  # fmt: skip
def test_labels_are_colours_in_many_languages_known_words_or_kept_as_they_are(text: str, label: str) -> None:
    assert read_marks(packet(f'xmp:Label="{text}"')).label == label


@pytest.mark.parametrize(
    ("attributes", "marks"),
    [
        ('xmpDM:pick="-1" xmpDM:good="False"', Marks(flag=Flag.REJECT)),
        ('xmpDM:pick="0"', Marks(flag=Flag.NONE)),
        ('xmpDM:good="True"', Marks(flag=Flag.PICK)),
        ('xmpDM:pick="1" xmp:Rating="-1"', Marks(flag=Flag.REJECT)),
        ('photomechanic:ColorClass="2" photomechanic:Tagged="True"', Marks(Flag.PICK, None, "red")),
        ('photomechanic:ColorClass="3" photomechanic:Tagged="False"', Marks(Flag.NONE, None, "Orange")),
        ('photomechanic:ColorClass="0"', Marks(label="none")),
        ('digiKam:PickLabel="1" digiKam:ColorLabel="5"', Marks(Flag.REJECT, None, "blue")),
        ('digiKam:PickLabel="3" digiKam:ColorLabel="8"', Marks(Flag.PICK, None, "Black")),
        ('digiKam:PickLabel="2"', Marks(flag=Flag.NONE)),
        ('MicrosoftPhoto:Rating="75"', Marks(stars=4)),
        ('MicrosoftPhoto:Rating="1"', Marks(stars=1)),
        ('MicrosoftPhoto:Rating="99" xmp:Rating="2"', Marks(stars=2)),
        ('digiKam:PickLabel="3" xmpDM:pick="-1"', Marks(flag=Flag.REJECT)),
        ('photomechanic:ColorClass="2" xmp:Label="Green"', Marks(label="green")),
        ('photomechanic:ColorClass="2" xmp:Label="Winner Alt"', Marks(label="Winner Alt")),
        ('photomechanic:ColorClass="7"', Marks(label="blue")),
        ('digiKam:ColorLabel="6"', Marks(label="purple")),
        ('acdsee:rating="4" acdsee:tagged="True"', Marks(Flag.PICK, 4)),
        ('acdsee:rating="4" xmp:Rating="0"', Marks(stars=0)),
        ('photoshop:Urgency="1"', Marks()),
    ],
)
def test_the_vocabularies_of_other_programs_are_read(attributes: str, marks: Marks) -> None:
    assert read_marks(packet(attributes)) == marks


def test_darktable_colour_labels_are_read() -> None:
    items = "<rdf:Seq><rdf:li>3</rdf:li><rdf:li>0</rdf:li></rdf:Seq>"
    assert read_marks(packet("", f"<darktable:colorlabels>{items}</darktable:colorlabels>")) == Marks(
        label="blue"
    )


DECISIONS = [
    Decision(Flag.PICK, 4, "red"),
    Decision(Flag.REJECT, 2, "none"),
    Decision(Flag.NONE, 0, "purple"),
    Decision(Flag.PICK, 0, "Kundin"),
    Decision(Flag.NONE, 5, "none"),
]
STARTS = [
    None,
    packet(),
    packet('xmp:Rating="-1" xmp:Label="Second" xmpDM:good="True"'),
    packet('digiKam:PickLabel="3" photomechanic:ColorClass="4" MicrosoftPhoto:Rating="50"'),
    packet("", "<xmp:Rating>3</xmp:Rating><xmp:Label>Green</xmp:Label><xmpDM:pick>1</xmpDM:pick>"),
    packet('xmp:Rating="1"', "", other_block('xmp:Rating="2"')),
]


@pytest.mark.parametrize("decision", [*DECISIONS, UNMARKED])
@pytest.mark.parametrize("start", STARTS)
def test_a_merged_decision_is_read_back_equal(start: bytes | None, decision: Decision) -> None:
    assert read_marks(merge(start, decision)).on(UNMARKED) == decision


@pytest.mark.parametrize("start", STARTS[:-1])
@pytest.mark.parametrize("decision", DECISIONS)
def test_a_second_merge_of_the_same_decision_changes_no_byte(start: bytes | None, decision: Decision) -> None:
    once = merge(start, decision)
    assert merge(once, decision) == once


def test_a_new_packet_states_the_exact_words_that_others_expect() -> None:
    tree = Packet.parse(merge(None, Decision(Flag.REJECT, 3, "yellow"), sidecar_for_extension=".cr2"))
    names = ("xmp:Rating", "xmp:Label", "xmpDM:pick", "xmpDM:good", "photoshop:SidecarForExtension")
    assert [tree.get(name) for name in names] == ["3", "Yellow", "-1", "False", "CR2"]
    tree = Packet.parse(merge(None, Decision(Flag.PICK, 0, "none")))
    assert [tree.get(name) for name in names] == ["0", None, "1", "True", None]


def test_reject_as_rating_is_written_only_when_asked_for() -> None:
    rejected = Decision(Flag.REJECT, 4)
    assert read_marks(merge(None, rejected)) == Marks(Flag.REJECT, 4)
    asked = merge(None, rejected, options=WriteOptions(rating_for_reject=True))
    assert Packet.parse(asked).get("xmp:Rating") == "-1"
    assert read_marks(merge(asked, Decision(Flag.PICK, 4))) == Marks(Flag.PICK, 4)


def test_a_reject_by_rating_stays_while_the_photo_is_a_reject_without_stars() -> None:
    darktable = packet('xmp:Rating="-1"')
    assert Packet.parse(merge(darktable, Decision(Flag.REJECT))).get("xmp:Rating") == "-1"
    assert Packet.parse(merge(darktable, Decision(Flag.REJECT, 3))).get("xmp:Rating") == "3"
    assert Packet.parse(merge(darktable, UNMARKED)).get("xmp:Rating") == "0"


def test_words_that_already_say_the_same_stay_as_they_are_written() -> None:
    sidecar = packet('xmp:Rating="3.0" xmp:Label="Second" xmpDM:pick="1"')
    assert merge(sidecar, Decision(Flag.PICK, 3, "yellow")) == sidecar


def test_clearing_outlasts_other_programs_vocabularies() -> None:
    sidecar = packet('digiKam:PickLabel="3" photomechanic:ColorClass="2" MicrosoftPhoto:Rating="75"')
    cleared = merge(sidecar, UNMARKED)
    assert read_marks(cleared) == Marks(Flag.NONE, 0, "none")
    assert b'digiKam:PickLabel="3"' in cleared
    assert b'photomechanic:ColorClass="2"' in cleared


@pytest.mark.parametrize("start", [None, packet(), packet("", other_block('xmp:CreatorTool="x"'))])
def test_what_other_files_say_is_cleared_by_a_statement(start: bytes | None) -> None:
    beneath = Marks(Flag.PICK, 4, "red")
    cleared = merge(start, UNMARKED, beneath=beneath)
    assert read_marks(cleared) == Marks(Flag.NONE, 0, "none")
    assert merge(cleared, UNMARKED, beneath=beneath) == cleared
    assert read_marks(merge(cleared, Decision(Flag.PICK, 4, "red"))) == beneath
    partly = merge(start, Decision(Flag.PICK, 0, "red"), beneath=beneath)
    assert read_marks(partly) == Marks(Flag.PICK, 0, "red")


def test_a_rating_of_zero_is_a_statement_and_silence_is_none() -> None:
    assert read_marks(packet('xmp:Rating="0"')).or_else(Marks(stars=3)).stars == 0
    assert read_marks(packet('xmp:Label="" xmpDM:pick="0"')).or_else(Marks(Flag.PICK, None, "red")) == Marks(
        Flag.NONE, None, "none"
    )
    assert read_marks(packet()).or_else(Marks(stars=3)).stars == 3


def test_scores_go_to_our_own_namespace_and_only_when_given() -> None:
    scored = merge(None, UNMARKED, scores={"Quality": 3.25, "Judge": "compact@1"})
    assert Packet.parse(scored).get("culler:Quality") == "3.2500"
    assert Packet.parse(merge(scored, Decision(stars=2))).get("culler:Judge") == "compact@1"
    again = Packet.parse(merge(scored, UNMARKED, scores={"Quality": 4.0}))
    assert again.names("culler") == ("culler:Quality",)
    assert again.get("culler:Quality") == "4.0000"


def test_the_owner_of_a_short_named_sidecar_is_read_and_never_replaced() -> None:
    sidecar = packet('photoshop:SidecarForExtension="NEF"')
    assert owner(sidecar) == "nef"
    assert owner(packet()) is None
    assert owner(merge(sidecar, Decision(stars=1), sidecar_for_extension="CR2")) == "nef"


def test_every_statement_of_a_repeated_property_is_updated() -> None:
    sidecar = packet('xmp:Rating="1"', "", other_block("", "<xmp:Rating>1</xmp:Rating>"))
    merged = merge(sidecar, Decision(stars=5))
    assert merged.count(b"5") - sidecar.count(b"5") == 2
    assert b">1<" not in merged


def test_comments_inside_our_own_property_survive_a_new_value() -> None:
    merged = merge(packet("", "<xmp:Rating><!-- by hand -->2</xmp:Rating>"), Decision(stars=5))
    assert b"<!-- by hand -->" in merged
    assert read_marks(merged).stars == 5


def test_cdata_stays_as_it_is_written() -> None:
    sidecar = packet("", "<dc:title><![CDATA[a & b]]></dc:title>")
    assert b"<![CDATA[a & b]]>" in merge(sidecar, Decision(stars=5))


def test_a_prefix_that_means_something_else_in_this_packet_is_no_obstacle() -> None:
    sidecar = (
        b'<xmp:xmpmeta xmlns:xmp="adobe:ns:meta/"><rdf:RDF '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""/>'
        b"</rdf:RDF></xmp:xmpmeta>"
    )
    merged = merge(sidecar, Decision(stars=4))
    assert read_marks(merged).stars == 4
    assert merged.startswith(b'<xmp:xmpmeta xmlns:xmp="adobe:ns:meta/">')


def test_a_packet_without_any_description_gets_one() -> None:
    bare = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    assert read_marks(merge(bare, Decision(Flag.PICK, 1, "red"))) == Marks(Flag.PICK, 1, "red")


def test_utf_16_packets_are_read_and_merged() -> None:
    sidecar = packet('xmp:Rating="2" xmp:Label="grün"').decode().encode("utf-16")
    assert read_marks(sidecar) == Marks(stars=2, label="green")
    merged = merge(sidecar, Decision(stars=3, label="green"))
    assert read_marks(merged) == Marks(stars=3, label="green")
    assert "grün".encode() in merged


def test_the_declaration_and_the_packet_wrapper_stay() -> None:
    body = packet().decode()
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<?xpacket begin="\ufeff" id="W5M0"?>\n'
    wrapped = f'{head}{body}\n<?xpacket end="w"?>'
    merged = merge(wrapped.encode(), Decision(stars=1)).decode()
    assert merged.startswith(head + "<x:xmpmeta")
    assert merged.rstrip().endswith('<?xpacket end="w"?>')


def test_characters_that_xml_cannot_hold_are_left_out_of_a_label() -> None:
    assert read_marks(merge(None, Decision(label="a\x00b\x1ac"))).label == "abc"


@pytest.mark.parametrize(
    "malformed",
    [
        b"",
        b"\x00\x01\x02 binary",
        b"<x:xmpmeta",
        b'<?xpacket begin="\x1a"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        b"<html><body/></html>",
        packet() + b"trailing words",
    ],
)
def test_malformed_packets_are_refused_with_a_sentence(malformed: bytes) -> None:
    for act in (
        lambda: read_marks(malformed, "IMG.xmp"),
        lambda: merge(malformed, Decision(stars=1), source="IMG.xmp"),
    ):
        with pytest.raises(CullerError, match=r"^IMG\.xmp .*left as it is"):
            act()


def test_entities_and_document_types_are_refused(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("3")
    attack = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    body = packet("", "<xmp:Rating>&e;</xmp:Rating>")
    with pytest.raises(CullerError, match="document type"):
        read_marks(attack + body)
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    with pytest.raises(CullerError):
        read_marks(f'<!DOCTYPE x [<!ENTITY l0 "ha">{lines}]>'.encode() + packet('xmp:Label="&l11;"'))


def test_packets_beyond_the_bound_are_refused() -> None:
    with pytest.raises(CullerError, match="too large"):
        read_marks(packet() + b" " * MAX_PACKET_BYTES)


@pytest.mark.parametrize(
    ("synced", "ours", "theirs", "result", "conflicts"),
    [
        (UNMARKED, Decision(stars=3), Marks(), Decision(stars=3), ()),
        (UNMARKED, UNMARKED, Marks(stars=3), Decision(stars=3), ()),
        (UNMARKED, Decision(Flag.PICK), Marks(stars=3), Decision(Flag.PICK, 3), ()),
        (UNMARKED, Decision(stars=2), Marks(stars=2), Decision(stars=2), ()),
        (UNMARKED, Decision(stars=2), Marks(stars=3), Decision(stars=2), (Facet.STARS,)),
        (Decision(stars=3), Decision(stars=3), Marks(stars=0), UNMARKED, ()),
        (Decision(label="red"), Decision(label="red"), Marks(), Decision(label="red"), (Facet.LABEL,)),
        (Decision(label="red"), UNMARKED, Marks(), UNMARKED, ()),
        (Decision(stars=4), Decision(stars=4), Marks(Flag.REJECT), Decision(Flag.REJECT, 4), ()),
    ],
)  # fmt: skip
def test_marks_of_two_sides_are_merged_facet_by_facet(
    synced: Decision, ours: Decision, theirs: Marks, result: Decision, conflicts: tuple[Facet, ...]
) -> None:
    assert reconcile(synced, ours, theirs) == (result, conflicts)
