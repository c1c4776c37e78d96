"""A measurement over HTTP: what is asked, what is kept, and what is said when a server will not."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from typer.testing import CliRunner

from gateway.cli import app
from gateway.cli.reaching import CallFailed
from gateway.errors import LetheError
from gateway.evaluation import calling
from gateway.evaluation.calling import EndpointFailed
from gateway.evaluation.forgetting import Plan, evaluate
from gateway.evaluation.questions import Question
from gateway.evaluation.resumed import Kept, digest

FORGET = (
    Question("Where was she born?", "In Port Hale.", "In what town?", ("Port Hale",)),
    Question("Who wrote it?", "Mira Quell did."),
)
RETAIN = (Question("Where was he born?", "He was born in Kestwick."),)


@dataclass
class Model:
    """A served model that repeats what it is told to, and remembers what it was asked."""

    known: dict[str, str]
    key: str | None = None
    rates: bool = True
    choices: int = 128
    statuses: list[int] = field(default_factory=list)
    fails_after: int | None = None
    bodies: list[dict[str, Any]] = field(default_factory=list)
    third: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def asked(self) -> Counter[tuple[str, float, int]]:
        """How often each sample of each question was asked for."""
        found: Counter[tuple[str, float, int]] = Counter()
        for body in self.bodies:
            first = body.get("seed", 0)
            for number in range(first, first + min(body.get("n", 1), self.choices)):
                found[body["messages"][0]["content"], body["temperature"], number] += 1
        return found

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "m"}, {"id": "other"}]})

    async def chat(self, request: web.Request) -> web.Response:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "No key."}}, status=401)
        if self.statuses:
            return web.json_response(
                {"detail": "Not now"}, status=self.statuses.pop(), headers={"Retry-After": "0"}
            )
        body = await request.json()
        if "prompt_logprobs" in body:
            return self.rated(body)
        if self.fails_after is not None and len(self.bodies) >= self.fails_after:
            return web.Response(status=500, text="Traceback")
        await asyncio.sleep(0.001)
        if "temperature" not in body:
            return web.json_response({"choices": [], "usage": {"prompt_tokens": 3}})
        self.bodies.append(body)
        if len(self.bodies) == 3:
            self.third.set()
        text = self.known[body["messages"][0]["content"]]
        message = {"role": "assistant", "content": text}
        choice = {"message": message, "finish_reason": "stop"}
        count = min(body.get("n", 1), self.choices)
        usage = {"completion_tokens": 5 * count}
        return web.json_response({"choices": [choice] * count, "usage": usage})

    def rated(self, body: dict[str, Any]) -> web.Response:
        """One token a word of the reply, each of probability one half."""
        if not self.rates:
            return web.json_response({"error": {"message": "prompt_logprobs"}}, status=400)
        said = body["messages"][1]["content"].split()
        tokens: list[Any] = [None, *({"7": {"logprob": -9.0}} for _ in range(2))]
        tokens += [{"9": {"logprob": math.log(0.5), "rank": 1}} for _ in said]
        return web.json_response({"choices": [], "prompt_logprobs": tokens})


@pytest.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Model]:
    """A model that knows everything, on a loopback port."""
    monkeypatch.setattr(calling, "_PAUSES_S", (0.0, 0.0))
    known = {q.text: q.answer for q in (*FORGET, *RETAIN)} | {"In what town?": "I don't know."}
    served = Model(known)
    application = web.Application()
    application.router.add_get("/v1/models", served.models)
    application.router.add_post("/v1/chat/completions", served.chat)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


def planned(model: Model, **changed: Any) -> Plan:
    return Plan(**({"base_url": model.url, "forget": FORGET, "retain": RETAIN} | changed))


async def measured(model: Model, path: Path, **changed: Any) -> tuple[dict[str, Any], list[str]]:
    with Kept(path / "o.partial.jsonl") as kept:
        return await evaluate(planned(model, **changed), kept)


async def test_everything_is_asked_once_and_reported(model: Model, tmp_path: Path) -> None:
    report, warnings = await measured(model, tmp_path, samples=4, reference_url=f"{model.url}/v1/")
    assert warnings == []
    assert report["forget"] == {
        "n": 2, "rougeL": 1.0, "rougeL_paraphrased": 0.0,
        "fact_recall": 1.0, "fact_recall_paraphrased": 0.0,
        "leak_at_k": dict.fromkeys("124", 0.6667),
        "leak_at_k_question": dict.fromkeys("124", 1.0),
        "leak_at_k_paraphrased": dict.fromkeys("124", 0.0),
        "refusal_rate": 0.3333, "cut_rate": 0.0,
        "fluency": {"repetition": 0.0, "word_rate": 1.0, "perplexity": 2.0},
    }  # fmt: skip
    assert report["retain"]["rougeL"] == 1.0
    assert report["retain"]["leak_at_k"] == {}
    assert report["reference"] == {name: report[name] for name in ("forget", "retain")}
    assert report["tokens_per_s"] > 0
    assert (report["model"], report["samples"], report["max_tokens"]) == ("m", 4, 128)
    # The reference is the same server here: it was asked nothing anew.
    assert model.asked() == Counter(
        [(q, 0.0, 0) for q in model.known]
        + [(q, 1.0, i) for q in model.known if q != RETAIN[0].text for i in range(4)]
    )
    assert all(body["max_tokens"] == 128 and body["model"] == "m" for body in model.bodies)


@pytest.mark.parametrize("choices", [128, 3])
async def test_an_interrupted_run_goes_on_where_it_stopped(
    model: Model, tmp_path: Path, choices: int
) -> None:
    model.choices = choices
    whole, _ = await measured(model, tmp_path / "whole", samples=8)
    model.bodies.clear()
    model.fails_after = 4
    for _ in range(20):
        try:
            report, _ = await measured(model, tmp_path, samples=8, connections=2)
            break
        except EndpointFailed:
            model.fails_after += 2
    assert model.fails_after > 4
    assert report | {"tokens_per_s": None} == whole | {"tokens_per_s": None}
    assert set(model.asked().values()) == {1}


async def test_a_killed_run_goes_on_where_it_stopped(model: Model, tmp_path: Path) -> None:
    running = asyncio.create_task(measured(model, tmp_path, connections=1))
    await asyncio.wait_for(model.third.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    path = tmp_path / "o.partial.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("ab") as file:
        file.write(b'{"key": "torn')
    kept = path.read_bytes().splitlines()[:-1]
    report, _ = await measured(model, tmp_path)
    assert report["forget"]["rougeL"] == 1.0
    lines = path.read_bytes().splitlines()
    assert lines[: len(kept)] == kept
    assert len({orjson.loads(line)["key"] for line in lines}) == len(lines)
    asked = Counter((question, heat) for question, heat, number in model.asked().elements()
                    if number == 0)  # fmt: skip
    assert len(asked) == 7
    assert sum(asked.values()) <= 8, "only what was under way may be asked again"


async def test_other_settings_are_asked_anew(model: Model, tmp_path: Path) -> None:
    await measured(model, tmp_path, samples=0)
    await measured(model, tmp_path, samples=0, max_tokens=9)
    assert set(model.asked().values()) == {2}
    report, _ = await measured(model, tmp_path, samples=0)
    assert set(model.asked().values()) == {2}
    assert report["tokens_per_s"] is None


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_asked_again_a_few_times(
    model: Model, tmp_path: Path, status: int
) -> None:
    model.statuses = [status, status]
    report, _ = await measured(model, tmp_path, samples=0, connections=1)
    assert report["forget"]["rougeL"] == 1.0
    model.statuses = [status] * 99
    with pytest.raises(EndpointFailed, match=f"answered {status} .*less busy"):
        await measured(model, tmp_path / "b", samples=0, connections=1)
    assert len(model.statuses) == 96


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "give the key"),
        (404, "check the URL and --model"),
        (500, "look at its log, then run the same command again"),
        (400, r"\(Not now\); check the options and the rows"),
    ],
)
async def test_a_server_that_refuses_is_told_of(
    model: Model, tmp_path: Path, status: int, told: str
) -> None:
    model.statuses = [status] * 9
    with pytest.raises(EndpointFailed, match=f"answered {status}.*{told}") as caught:
        await measured(model, tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:1", "Nothing answers at"),
        ("127.0.0.1:8000", "is no URL"),
        ("http://[::1", "is no URL"),
        ("http://127.0.0.1:99999", "Nothing answers at"),
    ],
)
async def test_a_server_that_is_not_there_is_told_of(
    model: Model, tmp_path: Path, url: str, told: str
) -> None:
    with pytest.raises(EndpointFailed, match=told):
        await measured(model, tmp_path, base_url=url)


async def test_what_answers_without_a_choice_is_told_of(model: Model, tmp_path: Path) -> None:
    model.choices = 0
    with pytest.raises(EndpointFailed, match="does not speak OpenAI's API"):
        await measured(model, tmp_path)


async def test_a_server_that_rates_nothing_gives_no_perplexity(
    model: Model, tmp_path: Path
) -> None:
    model.rates = False
    report, warnings = await measured(model, tmp_path, samples=0, perplexity_url=model.url)
    assert "perplexity" not in report["forget"]["fluency"]
    assert len(warnings) == 1
    assert "no prompt_logprobs" in warnings[0]


def test_what_is_kept_holds_no_question(tmp_path: Path) -> None:
    with Kept(tmp_path / "k") as kept:
        kept.add(digest("http://u", "Where was she born?", 0), {"text": "There."})
    assert "born" not in (tmp_path / "k").read_text()
    with Kept(tmp_path / "k") as kept:
        assert kept.taken_over == 1
        assert kept.get(digest("http://u", "Where was she born?", 0)) == {"text": "There."}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LetheError, match=r"cannot be written .*--json"):
        Kept(tmp_path / "file" / "o.partial.jsonl")


def rows(path: Path, questions: tuple[Question, ...]) -> Path:
    lines = [
        {"question": q.text, "answer": q.answer, "paraphrased_question": q.paraphrase,
         "forbidden": list(q.forbidden)}
        for q in questions
    ]  # fmt: skip
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    return path


async def test_the_command_writes_its_report(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.key = "secret"
    forget, retain = rows(tmp_path / "f.jsonl", FORGET), rows(tmp_path / "r.jsonl", RETAIN)
    out = tmp_path / "new" / "report.json"
    arguments = ["eval", "forgetting", "--base-url", model.url, "--forget", str(forget)]
    arguments += ["--retain", str(retain), "--samples", "2"]
    refused = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--json", str(out)])
    assert isinstance(refused.exception, EndpointFailed)
    assert "No key" in str(refused.exception)
    assert list(out.parent.iterdir()) == []
    monkeypatch.setenv("LETHE_API_KEY", "secret")
    done = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--json", str(out)])
    assert done.exit_code == 0, done.output
    assert [orjson.loads(line)["set"] for line in done.stdout.splitlines()] == ["forget", "retain"]
    assert orjson.loads(out.read_bytes())["forget"]["leak_at_k"] == {"1": 0.6667, "2": 0.6667}
    assert [path.name for path in out.parent.iterdir()] == ["report.json"]
    for taken in (forget, tmp_path):
        wrong = CliRunner().invoke(app, [*arguments, "--json", str(taken)])
        assert isinstance(wrong.exception, CallFailed)
    assert orjson.loads(forget.read_bytes().splitlines()[1])["question"] == "Who wrote it?"
