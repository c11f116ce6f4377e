"""What a person can do about a refusal, by its reason code; docs/refusals.md says more."""

ADVICE = {
    "bad_event": "find out who else publishes to the topic; `evidence` has the message",
    "bad_url": "correct the link at its source",
    "forbidden_address": "nothing; for tests on this machine start `earshot up --allow-private-addresses`",
    "host_unknown": "check the spelling of the host",
    "tls_untrusted": "inform the owner of the site",
    "robots_forbid": "ask the owner of the site for permission",
    "opted_out": "ask the owner of the site for permission",
    "withdrawn": "nothing: it is never downloaded again",
    "source_gone": "look for the recording elsewhere",
    "source_refuses": "check whether the source wants a key",
    "source_unavailable": "earshot retry --reason source_unavailable, once the source is back",
    "source_busy": "earshot retry --reason source_busy, at a quieter time",
    "too_many_of_host": "crawl the rest later or in parts (--include), or keep messages longer",
    "too_many_redirects": "use the address that the redirects lead to",
    "too_large": "raise EARSHOT_MAX_AUDIO_BYTES if the recording is worth it",
    "empty": "nothing: there is no sound in it",
    "not_audio": "nothing: it is something else, whatever its name says",
    "too_long": "raise EARSHOT_MAX_DURATION_S if the recording is worth it",
    "undecodable": "play it: a damaged file stays damaged; convert one of a rare format",
    "unreadable": "report it with the address: our parser failed on it",
    "come_again": "crawl the page again later: it was busy",
}


def advice(reason: str) -> str:
    """One clause; empty for an unknown reason."""
    return ADVICE.get(reason, "")
