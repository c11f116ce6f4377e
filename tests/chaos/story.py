"""What happens in each run: links come twice, files are dropped, replaced and deleted, nonsense and old news come."""

from collections.abc import Mapping
from typing import Any

from earshot.adapters import clients
from earshot.adapters.news import News
from tests.chaos.corpus import Corpus
from tests.chaos.plan import Plan
from tests.chaos.sources import Sources
from tests.chaos.town import TABLES, Town

Tables = Mapping[str, list[dict[str, Any]]]


def story(town: Town, sources: Sources, corpus: Corpus, plan: Plan) -> Tables:
    """Tell it under a plan, in an empty town; returns the tables when all has come to rest."""
    town.clear()
    town.plan = sources.plan = plan
    town.find(sources.urls())
    for name, versions in corpus.by_hand.items():
        for body in versions:
            town.bucket.blob(name).upload_from_string(body)
    for topic in ("audio-found", "audio-stored"):
        town.tell(topic, b"not what is expected here")
    town.find(sources.urls())
    town.rest()
    _late_news(town, sorted(corpus.by_hand)[: len(corpus.by_hand) // 3])
    town.rest()
    tables = {table: town.rows(table) for table in TABLES}
    current = {f"gs://{blob.bucket.name}/{blob.name}": int(blob.generation) for blob in town.bucket.list_blobs()}
    for row in tables["audio_metadata"]:
        if row["removed_at"] is None and row["generation"] != current[row["gcp_url"]]:
            row["generation_is"] = "not the newest"  # a difference, wherever it comes from
    return tables


def _late_news(town: Town, gone: list[str]) -> None:
    """Some files are deleted; then the news of their arrival comes again, and news of older generations of others."""
    before = {blob.name: int(blob.generation) for blob in town.bucket.list_blobs(prefix="audio/")}
    for name in gone:
        town.bucket.blob(name).delete()
    news = News(clients.publisher, town.endpoints.project, "audio-stored")
    for name in sorted(before)[::3] + gone:
        for generation in (before[name], before[name] - 1):
            news.publish(f"gs://{town.bucket.name}/{name}", generation)
    news.flush()
    news.client.stop()
