"""robots.txt by RFC 9309, with Crawl-delay, Request-rate, Content-Usage and Content-Signal: its text in, our rules out.

Sources: RFC 9309, 2.2; IETF draft-ietf-aipref-attach-05, 3 (Content-Usage rules); Cloudflare's Content-Signal lines.
One pass over the lines, no regular expressions: the time is linear in the text. Where a file is faulty, it is read as
the stricter of what its owner may have meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from earshot.adapters.path_patterns import MOST_ASTERISKS, Pattern, normalised, widened
from earshot.adapters.path_rules import PathRules

TOKEN = frozenset("abcdefghijklmnopqrstuvwxyz_-")
AGENT, ALLOW, DISALLOW, USAGE, SIGNAL = "user-agent", "allow", "disallow", "content-usage", "content-signal"
FIELDS = {  # spellings that Google's parser takes for these, too
    AGENT: AGENT,
    "useragent": AGENT,
    "user agent": AGENT,
    "allow": ALLOW,
    "disallow": DISALLOW,
    "dissallow": DISALLOW,
    "dissalow": DISALLOW,
    "disalow": DISALLOW,
    "diasllow": DISALLOW,
    "disallaw": DISALLOW,
    "crawl-delay": "crawl-delay",
    "request-rate": "request-rate",
    USAGE: USAGE,
    SIGNAL: SIGNAL,
}
RULES = (ALLOW, DISALLOW, USAGE)  # what ends the list of names that a group begins with (RFC 9309, 2.2.1)
MAX_LINE_CHARACTERS = 16 * 1024  # of which the rest is not read, as in Google's parser
MAX_STATEMENTS = 200  # of a group; each that matches becomes a signal
MAX_NUMBER_CHARACTERS = 12
UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass
class OurRules:
    """What a robots.txt says to us: the rules of all groups for our name, or else of those for `*`."""

    paths: dict[str, bool] = field(default_factory=dict)
    """Path pattern, in normal form, to whether it is allowed; of both, allowed (RFC 9309, 2.2.2)."""
    statements: list[tuple[str, Pattern, str]] = field(default_factory=list)
    """Content-Usage and Content-Signal lines: (kind, path pattern, statement)."""
    delay_s: float = 0.0
    """Pause that Crawl-delay or Request-rate asks for, the longest of them."""

    asterisks: int = 0
    """How many its patterns have."""

    @cached_property
    def _rules(self) -> PathRules:
        return PathRules(self.paths)

    def allows(self, path: str) -> bool:
        """Whether a path with its query may be requested: the longest matching pattern says, or nothing forbids it."""
        return self._rules.allow(normalised(path))

    def stated(self, kind: str, path: str) -> list[str]:
        """Statements of a kind whose path pattern matches best; equally long ones all apply."""
        path = normalised(path)
        matching = [
            (len(pattern.text), statement)
            for found, pattern, statement in self.statements
            if found == kind and pattern.matches(path)
        ]
        longest = max((length for length, _ in matching), default=0)
        return list(dict.fromkeys(statement for length, statement in matching if length == longest))


def read(robots: str, our_name: str) -> OurRules:
    """The rules for us.

    Args:
        robots: text of the file.
        our_name: our product token, in lower case.
    """
    wanted = {our_name, "*"}
    groups: dict[str, OurRules] = {}
    named: set[str] = set()  # which of these the group at hand is for
    in_rules = True
    for kind, value in _records(robots):
        if kind == AGENT:
            named = (wanted & {product(value)}) | (set() if in_rules else named)
            in_rules = False
            continue
        in_rules = in_rules or kind in RULES
        for name in named:
            _add(groups.setdefault(name, OurRules()), kind, value)
    return groups.get(our_name) or groups.get("*") or OurRules()


def product(value: str) -> str:
    """The product token that a User-agent line begins with, in lower case, or `*`; whatever follows is not compared.

    `earshot/0.1 (+https://…)`, as our requests say in a site's logs, and `earshot bot` are meant for `earshot`; `ear`
    and `earshot-bot` are not.
    """
    value = value.strip().lower()
    if value.startswith("*"):
        return "*"
    end = next((at for at, character in enumerate(value) if character not in TOKEN), len(value))
    return value[:end]


def _records(robots: str) -> Iterator[tuple[str, str]]:
    """Kind and value of the lines that are known; all others are passed over and end no group (RFC 9309, 2.2.4)."""
    for line in robots.replace("\r", "\n").split("\n"):
        statement = line[:MAX_LINE_CHARACTERS].partition("#")[0]
        name, colon, value = statement.partition(":")
        if not colon:  # "Disallow /private"
            name, _, value = statement.strip().partition(" ")
        if kind := FIELDS.get(name.strip().lower()):
            yield kind, value.strip()


def _add(rules: OurRules, kind: str, value: str) -> None:
    if kind in (ALLOW, DISALLOW) and value:
        path = value if value[0] in "/*" else f"/{value}"
        path = normalised(path)
        rules.asterisks += path.count("*")
        if rules.asterisks <= MOST_ASTERISKS or kind == DISALLOW:
            path = path if rules.asterisks <= MOST_ASTERISKS else widened(path)
            rules.paths[path] = rules.paths.get(path, False) or kind == ALLOW
    elif kind in (USAGE, SIGNAL) and len(rules.statements) < MAX_STATEMENTS:
        path, _, statement = value.partition(" ") if value.startswith(("/", "*")) else ("/", "", value)
        path = normalised(path)
        rules.asterisks += path.count("*")
        path = path if rules.asterisks <= MOST_ASTERISKS else widened(path)
        rules.statements.append((kind, Pattern(path), statement.strip()))
    elif kind == "crawl-delay":
        rules.delay_s = max(rules.delay_s, _seconds(value))
    elif kind == "request-rate":  # documents per period: 1/10, 5/2m, with hours of the day after it or not
        documents, _, period = value.partition(" ")[0].partition("/")
        unit = UNITS.get(period[-1:].lower())
        period_s = _seconds(period[:-1] if unit else period) * (unit or 1)
        rules.delay_s = max(rules.delay_s, period_s / count if (count := _seconds(documents)) else 0.0)


def _seconds(text: str) -> float:
    """A number from 0 up; 0 for what is none."""
    text = text.strip()
    try:
        number = float(text) if len(text) <= MAX_NUMBER_CHARACTERS else 0.0
    except ValueError:
        return 0.0
    return number if 0 <= number < float("inf") else 0.0
