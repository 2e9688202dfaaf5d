from datetime import datetime

from culler.domain.photo import FileRole, FileStamp
from culler.workflow.pairing import FoundFile, pair

ROLES = {"xmp": FileRole.SIDECAR, "cr2": FileRole.RAW, "nef": FileRole.RAW, "mov": FileRole.VIDEO}


def files(*names: str) -> list[FoundFile]:
    return [
        FoundFile(name, ROLES.get(name.rpartition(".")[2].lower(), FileRole.RENDERED), FileStamp(1, 1))
        for name in names
    ]


def paired(*names: str, taken: dict[str, datetime] | None = None) -> tuple[list[list[str]], list[str]]:
    photos, orphans = pair(files(*names), lambda file: (taken or {}).get(file.name))
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
