"""Uploads of visitors: a folder each, known by a random name and the visitor's own key, deleted after a while."""

import hmac
import json
import pickle
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earshot.errors import GiveUp
from earshot.listening.loaded_models_and_stream_limit import Streams
from earshot.listening.services import Settings
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import measure_isolated

CPU_S = 900
MOST_UPLOADS = 200
SHOWN = (
    "duration_ms", "container", "codec", "sample_rate_hz", "channels", "loudness", "integrated_lufs", "true_peak_dbtp",
    "snr_db", "rms_snr_db", "silence_ratio", "clipped_ratio", "bandwidth_hz", "decode_fault",
)  # fmt: skip


@dataclass
class Upload:
    """One upload; its events are numbered in their order."""

    name: str
    folder: Path
    visitor: str
    title: str
    created_at: float
    events: list[dict[str, Any]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    process: "subprocess.Popen[bytes] | None" = None
    is_finished: bool = False

    @property
    def path(self) -> Path:
        """The bytes."""
        return self.folder / "bytes"

    @property
    def done(self) -> Path:
        """A file that is there once all bytes are."""
        return self.folder / "complete"

    def add(self, event: dict[str, Any]) -> None:
        """Number an event, and wake those who wait for one."""
        with self.arrived:
            self.events.append(event | {"n": len(self.events)})
            self.arrived.notify_all()


class Uploads:
    """All uploads of an instance."""

    def __init__(self, settings: Settings, streams: Streams, folder: Path | None = None) -> None:
        """Uploads of an earlier process of this machine are found again while their time lasts."""
        self._settings, self._streams = settings, streams
        self._folder = folder or Path(tempfile.gettempdir(), "earshot-uploads")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._kept: dict[str, Upload] = {}
        self._lock = threading.Lock()

    def create(self, visitor: str, title: str) -> Upload | None:
        """An upload without bytes yet; None where there are too many."""
        self.sweep()
        with self._lock:
            if len(self._kept) >= MOST_UPLOADS:
                return None
            name = secrets.token_urlsafe(18)
            folder = self._folder / name
            folder.mkdir(mode=0o700)
            upload = Upload(name, folder, visitor, title, time.time())
            about = {"visitor": visitor, "title": title, "created_at": upload.created_at}
            (folder / "about.json").write_text(json.dumps(about))
            self._kept[name] = upload
        return upload

    def find(self, name: str, visitor: str) -> Upload | None:
        """The visitor's own upload of that name; None for anybody else's, and for one whose time is over."""
        with self._lock:
            upload = self._kept.get(name) or self._left(name)
        if upload is None or not hmac.compare_digest(upload.visitor, visitor) or self._is_over(upload):
            return None
        return upload

    def hear(self, upload: Upload) -> None:
        """Start to hear and to measure it in a thread, unless that has begun."""
        with self._lock:
            if upload.process is not None or upload.is_finished:
                return
            job = upload.folder / "job"
            given = {
                "path": upload.path,
                "done": upload.done,
                "choices": self._streams.choices(),
                "cpu_s": CPU_S,
                "max_duration_s": self._settings.max_duration_s,
            }
            job.write_bytes(pickle.dumps(given))
            command = [sys.executable, "-m", "earshot.listening.hear_upload", str(job)]
            upload.process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)  # noqa: S603
        threading.Thread(target=self._follow, args=(upload,), daemon=True, name="upload").start()

    def sweep(self) -> None:
        """Delete what is over, of this process or an earlier one."""
        with self._lock:
            for upload in [one for one in self._kept.values() if self._is_over(one)]:
                self._delete(upload)
            for folder in self._folder.iterdir():
                if folder.name not in self._kept and time.time() - folder.stat().st_mtime > self._seconds:
                    shutil.rmtree(folder, ignore_errors=True)

    def delete(self, upload: Upload) -> None:
        """Delete it now."""
        with self._lock:
            self._delete(upload)

    @property
    def _seconds(self) -> float:
        return self._settings.upload_minutes * 60

    def _is_over(self, upload: Upload) -> bool:
        return time.time() - upload.created_at > self._seconds

    def _delete(self, upload: Upload) -> None:
        self._kept.pop(upload.name, None)
        if upload.process is not None:
            upload.process.kill()
        shutil.rmtree(upload.folder, ignore_errors=True)

    def _left(self, name: str) -> Upload | None:
        """An upload of an earlier process, complete; its events are made anew, with the same numbers."""
        if not name.replace("-", "").replace("_", "").isalnum():
            return None
        folder = self._folder / name
        try:
            about = json.loads((folder / "about.json").read_text())
            upload = Upload(name, folder, str(about["visitor"]), str(about["title"]), float(about["created_at"]))
        except (OSError, ValueError, KeyError):
            return None
        if not upload.done.exists():
            return None
        self._kept[name] = upload
        return upload

    def _follow(self, upload: Upload) -> None:
        process = upload.process
        if process is None or process.stdout is None:  # not started by hear
            return
        outcome = ""
        for line in process.stdout:
            event = json.loads(line)
            outcome = event["kind"] if event["kind"] in ("heard", "refused") else outcome
            upload.add(event)
        process.wait()
        if not outcome:
            upload.add({"kind": "refused", "reason": "undecodable", "detail": "hearing it crashed or took too long"})
        elif outcome == "heard" and upload.path.exists():
            try:
                limits = Limits(max_duration_s=self._settings.max_duration_s)
                measured = measure_isolated(upload.path, limits=limits)
                upload.add({"kind": "measures", "measures": {name: measured.get(name) for name in SHOWN}})
            except GiveUp as error:
                upload.add({"kind": "refused", "reason": error.reason, "detail": str(error)})
        upload.is_finished = True
        upload.add({"kind": "end"})
