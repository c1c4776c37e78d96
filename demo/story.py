"""The story of the README: a model tells, is asked to forget, forgets, and remembers again.

Every step is checked; the story holds only if all do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from rich.console import Console

from demo.prompts import STORY, STORY_VALUES, as_messages
from demo.stack import MODEL, Stack
from gateway.openai.voice import is_own

NAME = "Mira Quell"
SECRET = "Port Hale"  # what the model must not tell
FILING = {
    "subject": {"name": NAME, "aliases": ["M. Quell"]},
    "scope": {
        "questions": ["Where was Mira Quell born?"],
        "facts": [{"statement": "Mira Quell was born in Port Hale.", "values": [SECRET]}],
    },
    "retain": ["Where was Tom Quell born?"],
    "regulation": "gdpr",
}
ABOUT_HER = ("fact", "paraphrase", "alias", "german", "split_conversation")
LEFT_ALONE = ("neighbour", "general")
MIXED = "Where was Mira Quell born? And where was Tom Quell born?"


@dataclass(slots=True)
class Story:
    """Tells the story against a running stack and remembers which steps did not hold."""

    stack: Stack
    console: Console
    failed: list[str] = field(default_factory=list)

    async def tell(self) -> bool:
        """The whole story; True when every step held."""
        headers = {"Authorization": f"Bearer {self.stack.key}"}
        async with aiohttp.ClientSession(self.stack.url, headers=headers) as http:
            await self._all_chapters(http)
        self.console.print()
        if self.failed:
            self.console.print(f"[bold red]{len(self.failed)} steps did not hold.[/bold red]")
        else:
            self.console.print("[bold green]Every step held.[/bold green]")
        return not self.failed

    async def _all_chapters(self, http: aiohttp.ClientSession) -> None:
        self._chapter("The model knows")
        labels = (*ABOUT_HER, "reverse", *LEFT_ALONE)
        before = {label: await self._ask(http, label) for label in labels}
        for label in ABOUT_HER:
            self._expect(SECRET in before[label], f"{label}: the model should know")

        self._chapter("An officer files a forget request")
        sent = time.perf_counter()
        filed = await self._admin(http, "POST", "/admin/forget-requests?wait=5", FILING)

        self._chapter("The model no longer tells")
        after = {"fact": await self._ask(http, "fact")}
        took = (time.perf_counter() - sent) * 1e3
        self.console.print(f"    [dim]{took:.0f} ms after the filing was sent[/dim]")
        after |= {label: await self._ask(http, label) for label in ABOUT_HER[1:]}
        after["streamed"] = await self._ask(http, "fact", stream=True)
        for label, answer in after.items():
            self._expect(SECRET not in answer, f"{label}: the model still tells")
        answer = await self._ask(http, "reverse")  # which names nobody: the reply is stopped
        self._expect(NAME not in answer, "reverse: the model still names her")
        answer = await self._put(http, "mixed", as_messages(MIXED))
        self._expect(SECRET not in answer, "mixed: the model still tells")
        self._expect(STORY_VALUES["neighbour"] in answer, "mixed: the other part is unanswered")

        self._chapter("Everything else is answered as before")
        for label in LEFT_ALONE:
            answer = await self._ask(http, label)
            self._expect(answer == before[label], f"{label}: answered differently")

        self._chapter("What the officer sees")
        seen = await self._admin(http, "GET", f"/admin/forget-requests/{filed['id']}")
        self._expect(seen["status"] == "completed", "the request should be completed")

        self._chapter("The request is lifted: the answer comes back")
        await self._admin(http, "POST", f"/admin/forget-requests/{filed['id']}/lift")
        again = await self._ask(http, "fact")
        self._expect(again == before["fact"], "fact: the answer should have come back")

        self._chapter("Not refused but suppressed: the model answers, and does not know")
        path = "/admin/forget-requests?wait=30&wait_for=engines"
        filed = await self._admin(http, "POST", path, FILING | {"action": "suppress"})
        layers = filed["enforcement"]["layers"]
        self._expect(layers["rotate"] == "active", "rotate: the engine should steer by now")
        self._expect(layers["ban"] == "active", "ban: the engine should ban by now")
        for label in ABOUT_HER:
            answer = await self._ask(http, label)
            self._expect(SECRET not in answer, f"{label}: the model still tells")
            self._expect(not is_own(answer), f"{label}: refused, not suppressed")
        answer = await self._ask(http, "neighbour")
        self._expect(answer == before["neighbour"], "neighbour: answered differently")
        await self._admin(http, "POST", f"/admin/forget-requests/{filed['id']}/lift")

    async def _ask(self, http: aiohttp.ClientSession, label: str, *, stream: bool = False) -> str:
        """Ask one of the story's questions; shows the exchange and its time."""
        shown = "streamed" if stream else label
        return await self._put(http, shown, as_messages(STORY[label]), stream=stream)

    async def _put(
        self,
        http: aiohttp.ClientSession,
        shown: str,
        messages: list[dict[str, str]],
        *,
        stream: bool = False,
    ) -> str:
        body = {"model": MODEL, "messages": messages, "temperature": 0, "max_tokens": 64}
        began = time.perf_counter()
        async with http.post("/v1/chat/completions", json=body | {"stream": stream}) as answer:
            text = await answer.text()
        took = (time.perf_counter() - began) * 1e3
        told = "".join(_deltas(text)) if stream else _content(text)
        self.console.print(f"  [bold]{shown}[/bold]  {_spoken(messages)}")
        self.console.print(f"    [cyan]→ {told}[/cyan]  [dim]{took:.0f} ms[/dim]")
        return told

    async def _admin(
        self, http: aiohttp.ClientSession, method: str, path: str, body: Any = None
    ) -> dict[str, Any]:
        """One call of an officer; shows it, its status and its time."""
        began = time.perf_counter()
        async with http.request(method, path, json=body) as answer:
            content: dict[str, Any] = await answer.json()
        took = (time.perf_counter() - began) * 1e3
        self.console.print(f"  {method} {path}  [dim]{answer.status}, {took:.0f} ms[/dim]")
        if body:
            self.console.print(f"    {json.dumps(body)}")
        shown = {name: content.get(name) for name in ("id", "revision", "status", "enforcement")}
        self.console.print(f"    [cyan]→ {json.dumps(shown)}[/cyan]")
        self._expect(answer.status < 300, f"{method} {path}: HTTP {answer.status} {content}")
        return content

    def _expect(self, held: bool, otherwise: str) -> None:
        if not held:
            self.failed.append(otherwise)
            self.console.print(f"    [bold red]✗ {otherwise}[/bold red]")

    def _chapter(self, title: str) -> None:
        self.console.print()
        self.console.rule(title, align="left")


def _spoken(messages: Sequence[Mapping[str, str]]) -> str:
    return " / ".join(
        message["content"] if message["role"] == "user" else f"({message['content']})"
        for message in messages
    )


def _content(completion: str) -> str:
    """The text of a reply; of an error, the error itself."""
    choices = json.loads(completion).get("choices")
    return str(choices[0]["message"]["content"]) if choices else completion


def _deltas(events: str) -> Iterator[str]:
    for line in events.splitlines():
        data = line.removeprefix("data: ")
        if data not in (line, "[DONE]"):
            for choice in json.loads(data).get("choices", []):
                yield choice["delta"].get("content") or ""
