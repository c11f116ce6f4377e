"""Erases withdrawn recordings in the tables `analyses`, `refusals` and `predictions`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig

from earshot.adapters.bigquery_jobs import REQUEST_S, STATEMENT_S, finished
from earshot.adapters.schema import statement
from earshot.audio import shard

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

AT_ONCE = 5000  # keys of one statement: BigQuery allows 10 MB of query and parameters


class WithdrawnRows:
    """The tables `analyses`, `predictions` and `refusals` of a dataset."""

    def __init__(self, client: "Client", dataset: str) -> None:
        self.client = client
        self.dataset = f"{client.project}.{dataset}"

    def erase(self, audio_ids: Sequence[str], gcp_urls: Sequence[str]) -> None:
        """Set texts and measures to NULL; keys remain, so that counts stay true. May be repeated."""
        for start in range(0, len(gcp_urls), AT_ONCE):
            batch = gcp_urls[start : start + AT_ONCE]
            shards = ", ".join(str(number) for number in sorted({shard(url) for url in batch}))
            for table in ("analyses", "predictions"):
                sql = statement(f"erase_{table}", table=f"{self.dataset}.{table}", shards=shards)
                self._run(sql, "gcp_urls", batch)
        for start in range(0, len(audio_ids), AT_ONCE):
            batch = audio_ids[start : start + AT_ONCE]
            self._run(statement("erase_refusals", table=f"{self.dataset}.refusals"), "audio_ids", batch)

    def _run(self, sql: str, name: str, values: Sequence[str]) -> None:
        parameters = [ArrayQueryParameter(name, "STRING", list(values))]
        config = QueryJobConfig(query_parameters=parameters)
        finished(self.client.query(sql, job_config=config, timeout=REQUEST_S), STATEMENT_S)
