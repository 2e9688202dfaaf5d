"""Which sidecars are a photo's, and what a new one is called."""

import unicodedata
from pathlib import Path

import pytest

from culler.domain.decision import Decision
from culler.imaging.xmp import merge
from culler.imaging.xmp_names import Siblings, choose, find, owner_of, targets


def folder(tmp_path: Path, *names: str, owners: dict[str, str] | None = None) -> list[Path]:
    for name in names:
        packet = merge(None, Decision(stars=1), sidecar_for_extension=(owners or {}).get(name))
        (tmp_path / name).write_bytes(packet)
    return sorted(tmp_path.iterdir())


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_both_naming_forms_are_found_the_long_one_first(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.xmp", "IMG.CR2.xmp", "IMG2.xmp", "IM.xmp")
    assert names(find(tmp_path / "IMG.CR2", files)) == ["IMG.CR2.xmp", "IMG.xmp"]


@pytest.mark.parametrize("sidecar", ["img.XMP", "IMG.cr2.XMP"])
def test_case_does_not_hide_a_sidecar(tmp_path: Path, sidecar: str) -> None:
    assert names(find(tmp_path / "IMG.CR2", folder(tmp_path, "IMG.CR2", sidecar))) == [sidecar]


def test_the_exactly_named_sidecar_wins_over_one_that_differs_in_case(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.xmp", "img.xmp")
    if len(files) < 3:
        pytest.skip("this file system does not tell cases apart")
    assert names(find(tmp_path / "IMG.CR2", files)) == ["IMG.xmp"]


def test_names_are_compared_in_composed_form(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Grün.xmp")
    files = folder(tmp_path, decomposed)
    assert find(tmp_path / unicodedata.normalize("NFC", "Grün.CR2"), files) == files


def test_the_owner_named_in_a_short_sidecar_decides(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.JPG", "IMG.xmp", owners={"IMG.xmp": "JPG"})
    assert names(find(tmp_path / "IMG.JPG", files)) == ["IMG.xmp"]
    assert find(tmp_path / "IMG.CR2", files) == []
    assert choose(tmp_path / "IMG.CR2", [], files).name == "IMG.CR2.xmp"


def test_without_an_owner_a_short_sidecar_is_rather_the_raws(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.JPG", "IMG.xmp")
    assert names(find(tmp_path / "IMG.CR2", files)) == ["IMG.xmp"]
    assert find(tmp_path / "IMG.JPG", files) == []


def test_a_sidecar_that_two_raws_could_claim_is_read_and_never_written(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.DNG", "IMG.xmp")
    for name in ("IMG.CR2", "IMG.DNG"):
        photo = tmp_path / name
        found = find(photo, files)
        assert names(found) == ["IMG.xmp"]
        assert names(targets(photo, found, files)) == [f"{name}.xmp"]
    files = folder(tmp_path, "IMG.CR2.xmp")
    assert names(find(tmp_path / "IMG.CR2", files)) == ["IMG.CR2.xmp"]


def test_a_new_sidecar_is_short_unless_another_photo_has_the_stem_or_the_user_prefers_long(
    tmp_path: Path,
) -> None:
    photo = tmp_path / "IMG.CR2"
    assert choose(photo, [], [photo]).name == "IMG.xmp"
    assert choose(photo, [], [photo, tmp_path / "IMG.txt"]).name == "IMG.xmp"
    assert choose(photo, [], [photo, tmp_path / "IMG.JPG"]).name == "IMG.CR2.xmp"
    assert choose(photo, [], [photo], prefer_long=True).name == "IMG.CR2.xmp"


def test_the_jpeg_of_a_raw_makes_no_name_ambiguous(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.JPG")
    photo, members = tmp_path / "IMG.CR2", [tmp_path / "IMG.JPG"]
    assert choose(photo, [], files, members=members).name == "IMG.xmp"
    files = folder(tmp_path, "IMG.JPG.xmp", "IMG.xmp")
    found = find(photo, files, members)
    assert names(found) == ["IMG.xmp", "IMG.JPG.xmp"]
    assert names(targets(photo, found, files, members=members)) == ["IMG.xmp", "IMG.JPG.xmp"]


def test_the_sidecar_of_the_jpeg_alone_does_not_stand_for_the_raw(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.JPG", "IMG.JPG.xmp")
    photo, members = tmp_path / "IMG.CR2", [tmp_path / "IMG.JPG"]
    found = find(photo, files, members)
    assert names(targets(photo, found, files, members=members)) == ["IMG.xmp", "IMG.JPG.xmp"]


def test_the_sidecar_that_exists_is_written_whatever_the_user_prefers(tmp_path: Path) -> None:
    files = folder(tmp_path, "IMG.CR2", "IMG.xmp")
    photo = tmp_path / "IMG.CR2"
    assert choose(photo, find(photo, files), files, prefer_long=True).name == "IMG.xmp"
    assert owner_of(photo, tmp_path / "IMG.xmp") == photo
    assert owner_of(photo, tmp_path / "IMG.CR2.xmp") is None


def test_a_malformed_sidecar_is_still_found(tmp_path: Path) -> None:
    (tmp_path / "IMG.xmp").write_bytes(b"\x1a")
    files = folder(tmp_path, "IMG.CR2", "IMG.JPG")
    assert names(find(tmp_path / "IMG.CR2", files)) == ["IMG.xmp"]


def test_look_ups_in_a_large_folder_take_no_walk_through_it(tmp_path: Path) -> None:
    """Ten thousand photos with sidecars: a walk for each would be 10⁸ comparisons."""
    files = [tmp_path / f"IMG_{number:05}{suffix}" for number in range(10_000) for suffix in (".CR2", ".xmp")]
    siblings = Siblings(files)
    assert all(len(find(path, siblings)) == 1 for path in files if path.suffix == ".CR2")


def test_sidecars_of_a_joined_picture_of_another_name_are_the_photos_own(tmp_path: Path) -> None:
    made = folder(tmp_path, "A.CR2", "B.jpg", "A.xmp", "B.xmp", "B.jpg.xmp")
    photo, members = tmp_path / "A.CR2", [tmp_path / "B.jpg"]
    found = find(photo, made, members)
    assert [path.name for path in found] == ["A.xmp", "B.xmp", "B.jpg.xmp"]
    assert {path.name for path in targets(photo, found, made, members=members)} == {
        path.name for path in found
    }
    assert owner_of(photo, tmp_path / "B.xmp", members) == members[0]


def test_a_joined_pictures_sidecar_is_not_written_in_place_of_the_primary_files(tmp_path: Path) -> None:
    made = folder(tmp_path, "A.CR2", "B.jpg", "B.xmp")
    photo, members = tmp_path / "A.CR2", [tmp_path / "B.jpg"]
    found = find(photo, made, members)
    assert [path.name for path in targets(photo, found, made, members=members)] == ["A.xmp", "B.xmp"]


def test_a_joined_picture_does_not_take_the_sidecar_of_a_raw_of_its_name(tmp_path: Path) -> None:
    made = folder(tmp_path, "A.CR2", "B.jpg", "B.CR2", "B.xmp")
    assert find(tmp_path / "A.CR2", made, [tmp_path / "B.jpg"]) == []
    assert [path.name for path in find(tmp_path / "B.CR2", made)] == ["B.xmp"]


def test_the_parts_of_a_split_pair_write_different_sidecars(tmp_path: Path) -> None:
    for there in ((), ("IMG.xmp",)):
        made = folder(tmp_path, "IMG.CR2", "IMG.JPG", *there)
        chosen = [
            choose(path, find(path, made), made) for path in (tmp_path / "IMG.CR2", tmp_path / "IMG.JPG")
        ]
        assert chosen[1].name == "IMG.JPG.xmp"
        assert chosen[0] != chosen[1]
