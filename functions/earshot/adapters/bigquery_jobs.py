"""BigQuery jobs with a deadline, and what an error of one says about another try.

A job's `result()` without a timeout can wait for ever (googleapis/python-bigquery#1922, #2310).
"""

import logging
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from google.api_core.exceptions import (
    GoogleAPICallError,
    InternalServerError,
    NotFound,
    RetryError,
    ServerError,
    TooManyRequests,
)
from requests.exceptions import RequestException

from earshot.errors import ComeAgain

if TYPE_CHECKING:
    from google.cloud.bigquery import LoadJob, QueryJob

    Job = TypeVar("Job", QueryJob, LoadJob)

log = logging.getLogger("earshot.jobs")

CONFLICTS = (  # BigQuery's words for "another statement was in the way" and "too many for now"; all of them pass
    "Could not serialize access",
    "Too many DML statements outstanding",
    "due to concurrent update",
    "rateLimitExceeded",
    "Exceeded rate limits",  # 400: too many table update operations
    "quotaExceeded",
    "Quota exceeded",  # 403: too many dml jobs writing to a table
)
REQUEST_S = 60.0  # for the request that begins a job; without it the client waits for ever
STATEMENT_S = 600.0  # for a statement that a person waits for
CANCEL_S = 10.0  # for the call that cancels a job


def finished(job: "Job", deadline_s: float) -> Any:
    """The job's result.

    Raises:
        ComeAgain: the job did not end before the deadline, and was cancelled.
    """
    try:
        return job.result(timeout=deadline_s)
    except (FutureTimeoutError, TimeoutError) as error:
        with suppress(GoogleAPICallError, RetryError, RequestException):
            job.cancel(timeout=CANCEL_S)
        log.warning("job cancelled", extra={"fields": {"job_id": job.job_id, "deadline_s": deadline_s}})
        raise ComeAgain(f"BigQuery job {job.job_id} did not end in {deadline_s:.0f} s, and was cancelled") from error


def is_conflict(error: BaseException) -> bool:
    """Whether another statement was in the way, or too many: the same statement may pass in a moment."""
    return isinstance(error, GoogleAPICallError) and any(words in str(error) for words in CONFLICTS)


def is_outage(error: BaseException) -> bool:
    """Whether BigQuery, or the way to it, is at fault, and no row: nothing is learnt by trying fewer rows.

    An internal error (500) is not counted as one: a single row may be its cause.
    """
    if isinstance(error, InternalServerError):
        return False
    return isinstance(error, (ComeAgain, ServerError, TooManyRequests, NotFound, RetryError, RequestException, OSError))
