"""办理表单: the form of a command, read off its model, and the command, read off the form (policies/desk.toml)."""

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from schemas.actions import ACTIONS, Action, Actor

VERBS: Mapping[str, type[Action]] = {one.VERB: one for one in ACTIONS}
GIVEN = frozenset({"district", "case_id", "actor", "seen_attempt"})
"""Of every command: known from the page, not asked."""
LONG = frozenset({"note", "basis", "outcome", "items"})
Offered = Mapping[str, Sequence[tuple[str, str]]]
"""Field -> value and text of each choice."""
NOTHING: Offered = {}
Kind = Literal["text", "long", "number", "money", "day", "tick", "choice"]


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `choices`: value and text; `value`: what stands there at first."""

    name: str
    label: str
    kind: Kind
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """policies/desk.toml. `after`: the group that comes first once a case is closed."""

    next: Mapping[str, str]
    groups: Mapping[str, Sequence[str]]
    after: str
    fields: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]

    def asks(self, verb: str) -> bool:
        """Whether there is a form for it: some deeds are told by a source, not by a person."""
        return any(verb in verbs for verbs in self.groups.values())


class BadForm(ValueError):  # noqa: N818 - an answer for a person, not a fault
    """`field` and what to do, in Chinese."""

    def __init__(self, field: str, told: str) -> None:
        super().__init__(f"{field}: {told}")
        self.field, self.told = field, told


def fields_of(words: Wording, verb: str, offered: Offered = NOTHING) -> tuple[Field, ...]:
    """The questions of a verb, the note last; `offered`: what the case itself has to choose from.

    Raises KeyError for an unknown verb.
    """
    model = VERBS[verb]
    asked = [(n, f) for n, f in model.model_fields.items() if n not in GIVEN and n != "note"]
    note = Field("note", words.fields["note"], "long", required=False)
    return (*(_chosen(_field(words, name, info), offered) for name, info in asked), note)


def _chosen(one: Field, offered: Offered) -> Field:
    """Nobody types an identity: it is chosen from those the case has. What need not be said may stay open."""
    if one.kind != "text" or not offered.get(one.name):
        return one
    open_ = () if one.required else (("", "不填"),)
    return replace(one, kind="choice", choices=(*open_, *offered[one.name]))


def _field(words: Wording, name: str, info: FieldInfo) -> Field:
    kind, values = _kind(name, info.annotation)
    texts = words.choices.get(name, {})
    if kind == "text" and texts:  # a code of a policy file
        kind, values = "choice", tuple(texts)
    default = "" if info.is_required() or info.default is None else info.default
    return Field(
        name,
        words.fields[name],
        kind,
        info.is_required() and kind != "tick",
        tuple((value, texts.get(value, value)) for value in values),
        ("on" if default else "") if kind == "tick" else str(default or ""),
    )


def _kind(name: str, annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is Literal:
        return "choice", tuple(str(one) for one in get_args(annotation))
    if annotation is bool:
        return "tick", ()
    if annotation is int:
        return ("money" if name.endswith("_fen") else "number"), ()
    if name.endswith("_on"):
        return "day", ()
    return ("long" if name in LONG else "text"), ()


def command_of(
    words: Wording, verb: str, form: Mapping[str, str], case: UUID, actor: Actor, district: str
) -> Action:
    """The command a filled-in form stands for. Raises BadForm naming the field."""
    values: dict[str, Any] = {"district": district, "case_id": case, "actor": actor}
    values["seen_attempt"] = _whole(form.get("attempt") or "0")
    for one in fields_of(words, verb):
        said = form.get(one.name, "").strip()
        if one.kind == "tick":
            values[one.name] = said == "on"
        elif said:
            values[one.name] = _read(one, said)
        elif one.required:
            raise BadForm(one.name, f"请填写“{one.label}”")
    try:
        return VERBS[verb].model_validate(values)
    except ValidationError as error:
        name = str(error.errors(include_input=False)[0]["loc"][0])
        raise BadForm(name, f"“{words.fields.get(name, name)}”填写不对，请核对后重新提交") from None


def _read(one: Field, said: str) -> str | int:
    if one.kind == "money":
        return _fen(one, said)
    if one.kind != "number":
        return said
    try:
        return _whole(said)
    except ValueError:
        raise BadForm(one.name, f"“{one.label}”请填整数，如 3") from None


def _whole(said: str) -> int:
    """Of at most nine digits: what a fact says is counted in columns of SQL. Raises ValueError."""
    if not re.fullmatch(r"\d{1,9}", said, re.ASCII):
        raise ValueError(said[:20])
    return int(said)


def _fen(one: Field, said: str) -> int:
    """Yuan with at most two decimals -> fen."""
    plain = said.replace(",", "").replace("，", "")
    whole, point, cents = plain.partition(".")
    if not whole.isascii() or not whole.isdigit() or len(whole) > 10 or len(cents) > 2:
        raise BadForm(one.name, f"“{one.label}”请填数字，如 18000 或 18000.50")
    if point and not (cents.isascii() and cents.isdigit()):
        raise BadForm(one.name, f"“{one.label}”请填数字，如 18000 或 18000.50")
    return int(whole) * 100 + int((cents or "0").ljust(2, "0"))
