"""What a person files: the body of `POST /admin/forget-requests`, validated."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from yarl import URL

from guards import Action, fold

STORED = {"stored": True}
"""Validation context for filings that were accepted before: what has been filed stays readable,
even where a later version would not accept it any more, and 100,000 of them load in seconds."""


Regulation = Literal["gdpr", "uk-gdpr", "ccpa", "dmca", "custom"]
REGULATIONS: tuple[Regulation, ...] = get_args(Regulation)


def _says_something(text: str, info: ValidationInfo) -> str:
    if info.context != STORED and not any(c.isalnum() for c in fold(text).text):
        raise ValueError("has no letter or digit that could be matched")
    return text


def _as_question(value: Any) -> Any:
    return {"question": value} if isinstance(value, str) else value


def http_url(text: str) -> URL:
    """A text as the address that is connected to; raises `ValueError` for any other."""
    try:
        url = URL(text)
        fits = url.scheme in ("http", "https") and bool(url.host) and bool(url.port)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("must be an address such as https://example.org/status")
    if url.raw_user is not None or url.raw_password is not None:
        raise ValueError("must not hold a user or a password")
    return url


def _callback(text: str, info: ValidationInfo) -> str:
    if info.context != STORED:
        http_url(text)
    return text


_Stripped = StringConstraints(strip_whitespace=True, min_length=1)
Name = Annotated[str, _Stripped, Field(max_length=200), AfterValidator(_says_something)]
Line = Annotated[str, _Stripped, Field(max_length=2_000), AfterValidator(_says_something)]
Passage = Annotated[str, _Stripped, Field(max_length=100_000), AfterValidator(_says_something)]


Callback = Annotated[str, Field(max_length=2_000), AfterValidator(_callback)]


def folded(name: str) -> str:
    """A subject's name as it is compared: two requests with the same are about the same one."""
    return fold(name).text.strip()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Strict):
    """A question, with its answer where the filer gave one."""

    question: Line
    answer: Line | None = None


QuestionOrText = Annotated[
    Question, BeforeValidator(_as_question, json_schema_input_type=str | Question)
]


class Fact(_Strict):
    """A fact in one sentence, and the values in it that must not be told."""

    statement: Line
    values: tuple[Line, ...] = Field((), max_length=100)


class Subject(_Strict):
    """Whom or what the request is about."""

    name: Name | None = None
    aliases: tuple[Name, ...] = Field((), max_length=100)
    description: Passage | None = None


class Scope(_Strict):
    """What about the subject is to be forgotten."""

    questions: tuple[QuestionOrText, ...] = Field((), max_length=1_000)
    passages: tuple[Passage, ...] = Field((), max_length=1_000)
    facts: tuple[Fact, ...] = Field((), max_length=1_000)
    forbidden: tuple[Name, ...] = Field((), max_length=1_000)
    whole_subject: bool | None = None
    paraphrases: bool = True


class Withheld(_Strict):
    """How many texts of each kind a blind filing had, of which none is kept."""

    names: int = 0
    aliases: int = 0
    descriptions: int = 0
    questions: int = 0
    answers: int = 0
    passages: int = 0
    facts: int = 0
    values: int = 0
    forbidden: int = 0
    retain: int = 0


class Filing(_Strict):
    """A forget request as it was filed; CONTRACTS names every field.

    `withheld` is noted where a blind one is kept, see `kept`.
    """

    subject: Subject = Subject()
    scope: Scope = Scope()
    retain: tuple[QuestionOrText, ...] = Field((), max_length=1_000)
    action: Action = Action.AUTO
    open_book: bool = False
    blind: bool = False
    regulation: Regulation = "gdpr"
    origin: Literal["api", "chat"] = "api"
    identity_verified: bool = True
    subject_request_id: UUID | None = None
    status_callback_urls: tuple[Callback, ...] = Field((), max_length=10)
    withheld: Withheld | None = None

    @field_validator("subject_request_id")
    @classmethod
    def _uuid4(cls, value: UUID | None) -> UUID | None:
        if value is not None and value.version != 4:
            raise ValueError("must be a UUID of version 4")
        return value

    @model_validator(mode="after")
    def _something_to_forget(self) -> Self:
        scope = self.scope
        if self.withheld is not None:
            return self  # its texts have been dropped
        if self.subject.name is None and not (
            scope.questions or scope.passages or scope.facts or scope.forbidden
        ):
            raise ValueError(
                "at least one of subject.name, scope.questions, scope.passages, scope.facts and "
                "scope.forbidden must be given"
            )
        if self.subject.name is None and self.subject.aliases:
            raise ValueError("subject.aliases need subject.name beside them")
        if self.open_book and self.subject.name is None:
            raise ValueError("open_book needs subject.name: whom a user states something about")
        if self.open_book and self.blind:
            raise ValueError(
                "open_book compares what a user states with the texts, which a blind request does "
                "not keep: leave out one of both"
            )
        return self

    @property
    def folded_name(self) -> str:
        """The subject's name, folded: what tells whether two requests are about the same one."""
        return folded(self.subject.name or "")

    @property
    def whole_subject(self) -> bool:
        """Whether everything about the subject is touched: by default, when it has a name."""
        if self.scope.whole_subject is None:
            return self.subject.name is not None
        return self.scope.whole_subject

    @property
    def kept(self) -> Filing:
        """What is kept of it: of a blind one no text, only how many there were of each kind."""
        if not self.blind or self.withheld is not None:
            return self
        scope = Scope(whole_subject=self.whole_subject, paraphrases=self.scope.paraphrases)
        dropped = {"subject": Subject(), "scope": scope, "retain": ()}
        return self.model_copy(update=dropped | {"withheld": self._counted()})

    def _counted(self) -> Withheld:
        subject, scope = self.subject, self.scope
        return Withheld(
            names=int(subject.name is not None),
            aliases=len(subject.aliases),
            descriptions=int(subject.description is not None),
            questions=len(scope.questions),
            answers=sum(question.answer is not None for question in scope.questions),
            passages=len(scope.passages),
            facts=len(scope.facts),
            values=sum(len(fact.values) for fact in scope.facts),
            forbidden=len(scope.forbidden),
            retain=len(self.retain),
        )
