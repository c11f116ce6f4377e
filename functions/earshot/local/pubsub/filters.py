"""The filter language of Pub/Sub subscriptions: an expression in, a predicate over attributes out.

Source: cloud.google.com/pubsub/docs/subscription-message-filter, "Filtering syntax".
"""

import re
from collections.abc import Callable, Mapping

Attributes = Mapping[str, str]
Predicate = Callable[[Attributes], bool]

_SYMBOL = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>!=|[()=:,.\-])|(?P<word>[A-Za-z_][\w-]*))', re.ASCII)


class UnreadableFilter(ValueError):
    """The expression is not in the filter language."""


def compile_filter(expression: str) -> Predicate:
    """A predicate for the expression; an empty one wants every message.

    Raises:
        UnreadableFilter: the expression cannot be read.
    """
    if not expression.strip():
        return lambda _attributes: True
    reader = _Reader(expression)
    predicate = reader.expression()
    reader.expect("")
    return predicate


class _Reader:
    """Recursive descent: terms joined by AND or by OR; a term is [NOT] a comparison or parentheses."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._symbols: list[str] = []
        position = 0
        while expression[position:].strip():
            match = _SYMBOL.match(expression, position)
            if match is None:
                raise UnreadableFilter(f"cannot read {expression[position:]!r} in filter {expression!r}")
            self._symbols.append(match[0].strip())
            position = match.end()
        self._symbols.append("")

    def expression(self) -> Predicate:
        parts = [self._term()]
        joint = self._symbols[0]
        if joint in ("AND", "OR"):
            while self._symbols[0] == joint:
                self._next()
                parts.append(self._term())
        if self._symbols[0] in ("AND", "OR"):
            raise UnreadableFilter(f"AND and OR need parentheses in filter {self._expression!r}")
        quantify = any if joint == "OR" else all
        return lambda attributes: quantify(part(attributes) for part in parts)

    def expect(self, symbol: str) -> None:
        found = self._next()
        if found != symbol:
            raise UnreadableFilter(f"expected {symbol or 'the end'!r}, found {found!r} in filter {self._expression!r}")

    def _term(self) -> Predicate:
        symbol = self._next()
        if symbol in ("NOT", "-"):
            denied = self._term()
            return lambda attributes: not denied(attributes)
        if symbol == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if symbol == "hasPrefix":
            return self._prefix()
        if symbol == "attributes":
            return self._comparison()
        raise UnreadableFilter(f"expected attributes or hasPrefix, found {symbol!r} in filter {self._expression!r}")

    def _comparison(self) -> Predicate:
        mark = self._next()
        name = _unquoted(self._next())
        if mark == ":":
            return lambda attributes: name in attributes
        operator = self._next()
        value = self._text()
        if mark == "." and operator == "=":
            return lambda attributes: attributes.get(name) == value
        if mark == "." and operator == "!=":
            return lambda attributes: attributes.get(name) != value
        raise UnreadableFilter(f"unknown comparison in filter {self._expression!r}")

    def _prefix(self) -> Predicate:
        for symbol in ("(", "attributes", "."):
            self.expect(symbol)
        name = _unquoted(self._next())
        self.expect(",")
        value = self._text()
        self.expect(")")
        return lambda attributes: attributes.get(name, "").startswith(value)

    def _text(self) -> str:
        symbol = self._next()
        if not symbol.startswith('"'):
            raise UnreadableFilter(f"expected a quoted value, found {symbol!r} in filter {self._expression!r}")
        return _unquoted(symbol)

    def _next(self) -> str:
        return self._symbols.pop(0) if len(self._symbols) > 1 else self._symbols[0]


def _unquoted(symbol: str) -> str:
    return re.sub(r"\\(.)", r"\1", symbol[1:-1]) if symbol.startswith('"') else symbol
