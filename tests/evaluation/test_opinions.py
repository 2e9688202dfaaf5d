import json
from pathlib import Path

import pytest

from culler.cli.main import run
from culler.domain.errors import CullerError
from culler.evaluation.opinions import model_agreement, outputs_of, read_records

RECORDS = [
    {"img_path": f"{k}.jpg", "gt_score": f" {k} " if k % 2 else k, "logit_good": k / 4, "logit_poor": 0}
    for k in range(8)
]


def test_records_without_separators_and_lists_are_read_alike(tmp_path: Path) -> None:
    glued, listed = tmp_path / "glued.json", tmp_path / "list.json"
    glued.write_text(" " + "".join(json.dumps(one) for one in RECORDS))
    listed.write_text(json.dumps(RECORDS))
    assert read_records(glued) == read_records(listed) == RECORDS
    found = model_agreement(outputs_of(RECORDS, ("good", "poor")), draws=20)
    assert [found.srcc, found.krcc, found.pair_accuracy] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("text", ["", "nonsense", '{"a": 1}{', "[1, 2]", "[]"])
def test_what_is_no_file_of_outputs_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(CullerError, match=r"x\.json"):
        read_records(path)


def test_a_record_without_a_number_is_named() -> None:
    with pytest.raises(CullerError, match="Record 9 has no number as gt_score"):
        outputs_of([*RECORDS, {**RECORDS[0], "gt_score": "none"}], ("good", "poor"))
    with pytest.raises(CullerError, match="logit_high"):
        outputs_of(RECORDS, ("high", "low"))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("internlm_xcomposer_vl/livec", 1),
        ("internlm_xcomposer_vl/agi", 1),
        ("internlm_xcomposer_vl/cgi", 2),
        ("llava_v1.5/livec", 1),
        ("llava_v1.5/agi", 1),
    ],
)
def test_published_figures_are_met(
    corpus: Path, file: str, parts: int, capsys: pytest.CaptureFixture[str]
) -> None:
    published = json.loads((corpus / "reference/qbench/expected.json").read_text())[file]
    path = corpus / "reference/qbench/outputs" / f"{file}.json"
    assert run(["evaluate", "scores", str(path), "--parts", str(parts), "--bootstrap", "5", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    srcc, plcc = map(float, published["published_readme"].split("/"))
    assert said["srcc"] == pytest.approx(srcc, abs=0.0025)
    assert said["plcc"] == pytest.approx(plcc, abs=0.0006)
    assert said["n"] == published["n"]
