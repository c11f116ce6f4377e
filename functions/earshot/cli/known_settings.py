"""All settings of all functions: environment variable, type, default, unit, meaning, value in force and its origin."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_origin

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from earshot import settings as _settings  # noqa: F401 - defines the subclasses that are listed
from earshot.cli.target import CliSettings
from earshot.settings import FunctionSettings

PREFIX = "EARSHOT_"
PROJECT = "GOOGLE_CLOUD_PROJECT"
OTHERS = {
    "EARSHOT_HOME": "Folder of the local stack's state, as --data-dir.",
    "EARSHOT_TARGET": "Where commands work: local, or cloud as with --cloud.",
    "EARSHOT_CRAWL": "Crawl request of the scheduled runs of the Airflow DAG, as JSON.",
    "EARSHOT_AIRFLOW": "Python of the environment of `make test-airflow`.",
    "EARSHOT_READERS": "Python of the environment of `make test-export`.",
    "EARSHOT_STRICT_ENGINE": "Program of the second BigQuery engine of `make strict-engine`.",
}
"""Variables that no settings class reads."""

UNITS = {
    "_bytes_per_s": "bytes/s",
    "_ms": "ms",
    "_s": "s",
    "_h": "h",
    "_bytes": "bytes",
    "_dbfs": "dBFS",
    "_pesq": "MOS-LQO",
    "_per_minute": "1/min",
    "_per_day": "1/day",
}


@dataclass(frozen=True)
class Setting:
    """One setting of one function."""

    function: str
    name: str
    type: str
    default: str | None
    unit: str | None
    meaning: str
    value: str | None
    source: str

    def row(self) -> dict[str, str | None]:
        """As a row to show."""
        return dict(vars(self))


def classes(base: type[FunctionSettings] = FunctionSettings) -> Iterator[type[FunctionSettings]]:
    """The settings classes of functions: those without subclasses."""
    for found in base.__subclasses__():
        if found.__subclasses__():
            yield from classes(found)
        else:
            yield found


def known_settings(stack: Mapping[str, str] | None = None) -> list[Setting]:
    """All settings, function by function.

    Args:
        stack: the environment that a running local stack gives its functions.
    """
    listed = []
    for found in sorted(classes(), key=lambda one: one.__name__):
        function = "command line" if found is CliSettings else found.__name__.lower()
        listed += [_setting(function, name, field, stack or {}) for name, field in found.model_fields.items()]
    for name, meaning in OTHERS.items():
        value = os.environ.get(name)
        source = "environment" if value else "default"
        listed.append(Setting("others", name, "str", None, None, meaning, value, source))
    return listed


def faults() -> list[str]:
    """One sentence for each EARSHOT_ variable of the environment that is unknown or has a wrong value."""
    known = {_variable(name) for found in classes() for name, field in found.model_fields.items()} | OTHERS.keys()
    sentences = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            sentences.append(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else ""))
    for found in classes():
        try:
            given: dict[str, Any] = {
                name: "placeholder" for name, field in found.model_fields.items() if field.is_required()
            }
            found(**given)
        except ValidationError as error:
            for fault in error.errors():
                name = str(fault["loc"][0]) if fault["loc"] else ""
                variable = _variable(name) if name in found.model_fields else name or found.__name__
                sentences.append(f"{variable}: {fault['msg']}")
    return sorted(set(sentences))


def _variable(name: str) -> str:
    return PROJECT if name == "project" else f"{PREFIX}{name.upper()}"


def _setting(function: str, name: str, field: FieldInfo, stack: Mapping[str, str]) -> Setting:
    variable = _variable(name)
    is_secret = field.annotation is SecretStr or name.endswith("token")
    default = None if field.is_required() else _text(field.default)
    value: str | None
    if variable in stack:
        value, source = stack[variable], "local stack"
    elif variable in os.environ:
        value, source = os.environ[variable], "environment"
    else:
        value, source = default, "default" if default is not None else "not set"
    return Setting(
        function=function,
        name=variable,
        type=_type(field.annotation),
        default=default,
        unit=next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), None),
        meaning=" ".join((field.description or "").split()),
        value="***" if value and is_secret else value,
        source=source,
    )


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(annotation: Any) -> str:
    kind = get_origin(annotation) or annotation
    return str(getattr(kind, "__name__", kind))
