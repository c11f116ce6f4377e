"""Templates to pages: every value is text and escaped; the nonce of the request is the only one that scripts have."""

import json
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError, select_autoescape
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from earshot import VERSION
from earshot.listening import display


class Missing(StrictUndefined):
    """A name that is not given is an error; an `if` without its `else` is nothing."""

    def __str__(self) -> str:  # type: ignore[override]
        if self._undefined_name is None:
            return ""
        raise UndefinedError(self._undefined_message)


ENVIRONMENT = Environment(
    loader=PackageLoader("earshot.listening", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=Missing,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals.update(display.functions())
ENVIRONMENT.globals["version"] = VERSION


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of a template."""
    known = {"nonce": request.state.nonce, "person": request.state.person, "path": request.url.path}
    return HTMLResponse(ENVIRONMENT.get_template(template).render(known | values), status)


def as_json(value: Any) -> Markup:
    """JSON for a script element of type application/json: nothing in it can end the element."""
    text = json.dumps(value, default=str, separators=(",", ":"), ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704
