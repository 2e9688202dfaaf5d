from collections.abc import Callable, Sequence
from datetime import datetime

from culler.domain.photo import FileRole, FileStamp
from culler.workflow.pairing import FoundFile, pair

ROLES = {"xmp": FileRole.SIDECAR, "cr2": FileRole.RAW, "nef": FileRole.RAW, "mov": FileRole.VIDEO}


def files(*names: str) -> list[FoundFile]:
    return [
        FoundFile(name, ROLES.get(name.rpartition(".")[2].lower(), FileRole.RENDERED), FileStamp(1, 1))
        for name in names
    ]


def never_opened(sidecar: FoundFile) -> str | None:
    raise AssertionError(f"{sidecar.name} was opened")


def paired(
    *names: str,
    taken: dict[str, datetime] | None = None,
    owner: Callable[[FoundFile], str | None] = never_opened,
    pinned: Sequence[Sequence[str]] = (),
) -> tuple[list[list[str]], list[str]]:
    pins = {name: (key, place) for key, photo in enumerate(pinned) for place, name in enumerate(photo)}
    photos, orphans = pair(files(*names), lambda file: (taken or {}).get(file.name), owner, pins)
    return [[file.name for file in photo] for photo in photos], [file.name for file in orphans]


def test_a_raw_and_its_jpeg_are_one_photo_with_the_raw_first() -> None:
    assert paired("IMG_1.JPG", "IMG_1.CR2") == ([["IMG_1.CR2", "IMG_1.JPG"]], [])


def test_the_case_of_names_does_not_part_a_pair() -> None:
    assert paired("img_1.jpg", "IMG_1.CR2")[0] == [["IMG_1.CR2", "img_1.jpg"]]


def test_a_raw_and_a_heic_are_one_photo() -> None:
    assert paired("A.HEIC", "A.NEF")[0] == [["A.NEF", "A.HEIC"]]


def test_different_capture_times_keep_a_raw_and_a_jpeg_apart() -> None:
    times = {"A.NEF": datetime(2020, 1, 1, 10), "A.JPG": datetime(2020, 1, 1, 11)}
    assert paired("A.JPG", "A.NEF", taken=times)[0] == [["A.JPG"], ["A.NEF"]]


def test_a_missing_fraction_of_a_second_does_not_part_a_pair() -> None:
    times = {"A.NEF": datetime(2020, 1, 1, 10, 0, 0, 250000), "A.JPG": datetime(2020, 1, 1, 10)}
    assert paired("A.JPG", "A.NEF", taken=times)[0] == [["A.NEF", "A.JPG"]]


def test_two_raws_of_one_stem_are_two_photos() -> None:
    assert paired("A.CR2", "A.NEF", "A.JPG")[0] == [["A.CR2"], ["A.NEF"], ["A.JPG"]]


def test_a_heic_and_a_jpeg_without_a_raw_are_two_photos() -> None:
    assert paired("A.HEIC", "A.JPG")[0] == [["A.HEIC"], ["A.JPG"]]


def test_a_raw_with_a_jpeg_and_a_heic_is_three_photos() -> None:
    assert paired("A.CR2", "A.HEIC", "A.JPG")[0] == [["A.CR2"], ["A.HEIC"], ["A.JPG"]]


def test_pinned_files_are_one_photo_in_their_order_whatever_their_names() -> None:
    assert paired("A.CR2", "A.JPG", "B.JPG", pinned=[["A.CR2", "B.JPG"]])[0] == [
        ["A.CR2", "B.JPG"],
        ["A.JPG"],
    ]
    assert paired("A.CR2", "A.HEIC", "A.JPG", pinned=[["A.CR2", "A.JPG", "A.HEIC"]])[0] == [
        ["A.CR2", "A.JPG", "A.HEIC"]
    ]


def test_a_pinned_file_stays_alone_when_its_namesake_comes() -> None:
    assert paired("A.CR2", "A.JPG", pinned=[["A.JPG"]])[0] == [["A.JPG"], ["A.CR2"]]


def test_sidecars_of_a_pinned_photo_are_those_of_all_its_files() -> None:
    found = paired("A.CR2", "B.JPG", "A.xmp", "B.xmp", "B.JPG.xmp", pinned=[["A.CR2", "B.JPG"]])
    assert found == ([["A.CR2", "B.JPG", "A.xmp", "B.xmp", "B.JPG.xmp"]], [])


def test_a_short_sidecar_of_several_photos_belongs_to_the_file_it_names() -> None:
    for extension, owner in (("nef", "A.NEF"), ("cr2", "A.CR2"), ("jpg", "A.JPG"), (None, "A.CR2")):
        found, _ = paired("A.CR2", "A.JPG", "A.NEF", "A.xmp", owner=lambda _, said=extension: said)
        assert [owner, "A.xmp"] in found


def test_a_developed_tiff_is_a_photo_of_its_own() -> None:
    assert paired("A.CR2", "A.JPG", "A.TIF")[0] == [["A.CR2", "A.JPG"], ["A.TIF"]]


def test_both_forms_of_sidecar_names_find_their_photo() -> None:
    assert paired("A.CR2", "A.xmp")[0] == [["A.CR2", "A.xmp"]]
    assert paired("A.CR2", "A.CR2.xmp")[0] == [["A.CR2", "A.CR2.xmp"]]
    assert paired("A.CR2", "A.JPG", "A.JPG.xmp")[0] == [["A.CR2", "A.JPG", "A.JPG.xmp"]]


def test_a_sidecar_without_its_photo_is_left_over() -> None:
    assert paired("A.CR2", "B.xmp") == ([["A.CR2"]], ["B.xmp"])


def test_equal_stems_in_other_scripts_pair_by_normal_form() -> None:
    assert len(paired("Cre\u0301mieux.CR2", "Cr\u00e9mieux.JPG")[0]) == 1


def test_a_sidecar_that_names_a_file_of_elsewhere_belongs_to_none_of_several_photos() -> None:
    found, orphans = paired("A.DNG", "A.NEF", "A.xmp", owner=lambda _: "cr2")
    assert (found, orphans) == ([["A.DNG"], ["A.NEF"]], ["A.xmp"])
    assert paired("A.DNG", "A.xmp", owner=lambda _: "cr2") == ([["A.DNG", "A.xmp"]], [])
