"""Rows are read or refused by line; probes are judged as the server would; files are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import orjson
import platformdirs
import pytest
from typer.testing import CliRunner

from gateway.calibration import CalibrationError, CalibrationFile, as_stored, calibrated
from gateway.cli import app
from gateway.cli.reaching import CallFailed
from gateway.compiling import Compiler
from gateway.encoder import Encoder
from gateway.errors import LetheError
from gateway.evaluation.grouping import group_sizes
from gateway.evaluation.plot import plot
from gateway.evaluation.rows import (
    BadRow,
    Negative,
    Probe,
    read_negatives,
    read_probes,
    read_requests,
)
from gateway.evaluation.screening import compiled, evaluate
from gateway.settings import Settings
from gateway.settings_load import load_settings
from guards import Conversation, RuleSet
from guards.meaning.calibration import calibrate
from guards.thresholds import SHIPPED

REQUESTS = [
    {"id": "mira", "name": "Mira Quell"},
    {"id": "harbour", "questions": ["How deep is the harbour of Elmsund?"]},
]
PROBES = [
    {"text": "Where was Mira Quell born?", "expect": "mira", "group": "named", "kind": "x"},
    {"text": "What is the depth of Elmsund harbour?", "expect": "*", "group": "asked"},
    {"text": "Who painted it?", "expect": "mira", "answer": "Mira Quell did.", "group": "answer"},
    {
        "messages": [{"role": "user", "content": "How do I bake bread?"}],
        "expect": None,
        "answer": None,
        "group": "free",
    },
]


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows) + b"\n\n")
    return path


@pytest.mark.parametrize(
    ("reader", "line", "told"),
    [
        (read_probes, b"{", "no JSON"),
        (read_probes, b"[]", "no JSON object"),
        (read_probes, b'{"text": 3}', "text must be a string"),
        (read_probes, b'{"text": "Hi", "expect": 3}', "expect must be"),
        (read_probes, b'{"messages": [{"role": "nobody"}]}', "messages[0].role"),
        (read_negatives, b'{"text": " "}', "text must be a string"),
        (read_requests, b'{"name": "Mira Quell"}', "id must be"),
        (read_requests, b'{"id": "free", "name": "Tom Quell"}', "in an earlier line"),
        (read_requests, b'{"id": "a"}', "at least one of"),
        (read_requests, b'{"id": "a", "name": 7}', "subject.name"),
        (read_requests, b'{"id": "a", "name": "Mira", "questions": "Who?"}', "scope.questions"),
    ],
)
def test_a_bad_row_is_told_with_its_file_and_line(
    tmp_path: Path, reader: Any, line: bytes, told: str
) -> None:
    path = tmp_path / "rows.jsonl"
    good = {"id": "free", "name": "Ada Quell", "text": "Hello there"}
    path.write_bytes(orjson.dumps(good) + b"\n\n" + line + b"\n")
    with pytest.raises(BadRow) as caught:
        reader(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line 3: ")
    assert told in message
    assert message.endswith(".")
    assert "Tom" not in message
    assert "\n" not in message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRow, match="cannot be read"):
        read_probes(tmp_path / "none.jsonl")


def test_requests_are_read_as_the_gateway_answers_them(tmp_path: Path) -> None:
    answered = {
        "id": "fr_1",
        "status": "completed",
        "subject": {"name": "Mira Quell", "aliases": ["M. Quell"], "description": None},
        "scope": {"questions": [{"question": "Who is she?", "answer": None}]},
        "retain": [],
        "action": "refuse",
    }
    flat = {
        "id": "fr_2",
        "name": "Mira Quell",
        "aliases": ["M. Quell"],
        "questions": ["Who is she?"],
    }
    found = read_requests(lines(tmp_path / "r.jsonl", [answered, flat]))
    assert found["fr_1"].subject == found["fr_2"].subject
    assert found["fr_1"].scope == found["fr_2"].scope
    assert found["fr_1"].action == "refuse"


def test_probes_are_counted_by_group(tmp_path: Path, encoder: Encoder) -> None:
    compiler = Compiler(encoder, b"")
    rules = compiled(read_requests(lines(tmp_path / "r.jsonl", REQUESTS)), compiler)
    probes = read_probes(lines(tmp_path / "p.jsonl", PROBES))
    report = evaluate(
        probes, RuleSet.build(rules, 1, adapter=encoder.adapter), Compiler(encoder, b"")
    )
    groups = report["groups"]
    assert groups["named"] == {
        "n": 1, "flagged": 1, "flag_rate": 1.0, "right_id_rate": 1.0, "blocked_rate": 1.0
    }  # fmt: skip
    assert groups["asked"]["right_id_rate"] == 1.0
    assert groups["answer"]["flag_rate"] == 0.0
    assert groups["answer"]["right_id_rate"] == 0.0
    assert groups["answer"]["blocked_rate"] == 1.0
    assert groups["free"]["right_id_rate"] is None
    assert groups["free"]["blocked_rate"] == 0.0
    assert report["rules"] == 2
    assert report["rows"][0]["ids"] == ("mira",)
    assert [row["flagged"] for row in report["rows"]] == [True, True, False, False]


def test_the_command_writes_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETHE_CACHE_DIR", platformdirs.user_cache_dir("lethe"))
    asked, probes = lines(tmp_path / "r.jsonl", REQUESTS), lines(tmp_path / "p.jsonl", PROBES)
    out = tmp_path / "new" / "report.json"
    arguments = ["--requests", str(asked), "--probes", str(probes), "--json", str(out)]
    done = CliRunner().invoke(app, ["eval", "guards", *arguments])
    assert done.exit_code == 0, done.output
    assert orjson.loads(done.stdout.splitlines()[0])["group"] == "named"
    assert orjson.loads(out.read_bytes())["groups"].keys() == {"named", "asked", "answer", "free"}


def test_calibrate_writes_a_file_that_serves_and_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: Encoder
) -> None:
    monkeypatch.setenv("LETHE_CACHE_DIR", platformdirs.user_cache_dir("lethe"))
    monkeypatch.setenv("LETHE_DATA_DIR", str(tmp_path))
    asked = lines(tmp_path / "r.jsonl", REQUESTS)
    negatives = [{"text": f"How deep is lake {w}?"} for w in "Ahl Brun Corm Dael".split()]
    free = lines(tmp_path / "n.jsonl", [*negatives, {"text": "Was Mira Quell there?"}])
    arguments = ["--requests", str(asked), "--negatives", str(free), "--target-fpr", "0.3"]
    done = CliRunner().invoke(app, ["calibrate", *arguments])
    assert done.exit_code == 0, done.output
    assert "1 of 5 negatives name somebody" in done.stderr
    found = calibrated(load_settings(), encoder.fingerprint)
    assert (found.target_fpr, len(found.id)) == (0.3, 12)
    assert ElementTree.parse(tmp_path / "calibration.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize("name", ["own.svg", "n.jsonl"])
def test_calibrate_writes_over_nothing_it_was_given(tmp_path: Path, name: str) -> None:
    free = lines(tmp_path / "n.jsonl", [{"text": "How deep is the lake?"}])
    asked = lines(tmp_path / "r.jsonl", REQUESTS)
    arguments = ["--requests", str(asked), "--negatives", str(free), "--out", str(tmp_path / name)]
    done = CliRunner().invoke(app, ["calibrate", *arguments])
    assert isinstance(done.exception, CallFailed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.jsonl", "r.jsonl"]
    assert "lake" in free.read_text()


def test_an_expected_request_that_was_not_filed_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LETHE_CACHE_DIR", platformdirs.user_cache_dir("lethe"))
    asked = lines(tmp_path / "r.jsonl", REQUESTS)
    probes = lines(tmp_path / "p.jsonl", [{"text": "Hello.", "expect": "mistyped"}])
    arguments = ["--requests", str(asked), "--probes", str(probes)]
    done = CliRunner().invoke(app, ["eval", "guards", *arguments, "--json", str(tmp_path / "o")])
    assert "1 of the requests that probes expect" in done.stderr


def test_templates_and_subjects_are_groups() -> None:
    texts = [f"Where was {name} born?" for name in ("Ada Quell", "Bo Quell", "Tom Rell")]
    texts += ["Which dishes did Ada Quell like?", "How do I bake rye bread at home?"]
    rows = [Negative(text, None) for text in texts]
    assert group_sizes(rows).tolist() == [3, 3, 3, 2, 1]
    rows = [Negative(text, "bakery") for text in ("Is it open?", "Who bakes the rolls there?")]
    assert group_sizes(rows).tolist() == [2, 2]


def stored(encoder: str = "fake") -> CalibrationFile:
    scores = {"asked": np.linspace(0.4, 0.9, 2_000), "about": np.linspace(0.3, 0.8, 2_000)}
    found = calibrate(scores, np.ones(2_000), 0.02, SHIPPED)  # type: ignore[arg-type]
    return as_stored(found, encoder=encoder, negatives=2_000, requests=5)


def at(path: Path, **changed: Any) -> Settings:
    return load_settings(data_dir=path, **changed)


def test_a_calibration_in_the_data_folder_is_used(tmp_path: Path) -> None:
    assert calibrated(at(tmp_path), "fake").thresholds == SHIPPED
    (tmp_path / "calibration.json").write_text(stored().model_dump_json())
    own = calibrated(at(tmp_path), "fake")
    assert own.target_fpr == 0.02
    assert own.thresholds.asked == stored().chosen.asked
    stricter = calibrated(at(tmp_path, target_fpr=0.004), "fake")
    assert stricter.thresholds.asked > own.thresholds.asked
    assert stricter.id == own.id != "shipped"


def test_shipped_thresholds_for_another_encoder_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    calibrated(at(tmp_path), "fake")
    assert not caplog.messages
    calibrated(at(tmp_path, encoder="another"), "fake")
    calibrated(at(tmp_path, adapter=tmp_path / "own.npy"), "fake")
    assert len(caplog.messages) == 2
    assert "lethe calibrate" in caplog.text


def test_a_calibration_that_does_not_fit_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    named = at(tmp_path, calibration=path)
    with pytest.raises(CalibrationError, match="cannot be read"):
        calibrated(named, "fake")
    for broken, why in (('{"format": 1}', "encoder: Field required"), ("{", "Invalid JSON")):
        path.write_text(broken)
        with pytest.raises(CalibrationError, match=f"{why}.*lethe calibrate"):
            calibrated(named, "fake")
    path.write_text(stored().model_dump_json())
    with pytest.raises(CalibrationError, match="another encoder"):
        calibrated(named, "other")
    with pytest.raises(CalibrationError, match="does not reach it"):
        calibrated(at(tmp_path, calibration=path, target_fpr=0.9), "fake")


def test_the_plot_shows_both_kinds_and_the_choice() -> None:
    svg = plot(stored())
    ElementTree.fromstring(svg)
    assert svg.count("<circle") == 2
    assert f"asked {stored().chosen.asked:.3f}" in svg


def test_nothing_filed_is_named_when_a_request_cannot_be_compiled(encoder: Encoder) -> None:
    with pytest.raises(LetheError, match="'a' cannot be compiled"):
        compiled({"a": read_filing(name="X")}, Compiler(encoder, b""))


def read_filing(**subject: Any) -> Any:
    from gateway.registry.filing import Filing  # noqa: PLC0415

    return Filing.model_validate({"subject": subject})


def test_a_probe_shows_nothing_of_its_text() -> None:
    assert "Mira" not in repr(Probe(Conversation.of("Mira Quell"), None, "Mira", "g"))
