"""Between the parts of the stack: requests pass, unless the plan strikes one before or after it has done its work."""

import http.client
import json
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from tests.chaos.plan import Plan

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
CONFLICT = {
    "error": {"code": 400, "message": "Could not serialize access to table t due to concurrent update", "errors": []}
}


@dataclass
class Request:
    """A request on its way through."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """What came back; an answer of status 0 is a connection that was cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes


CUT = Answer(0, {}, b"")


def failure(status: int, body: Mapping[str, object] | None = None) -> Answer:
    """An answer in the services' form."""
    content = body or {"error": {"code": status, "message": "chaos", "errors": [{"reason": "backendError"}]}}
    return Answer(status, {"content-type": "application/json"}, json.dumps(content).encode())


class Quiet(ThreadingHTTPServer):
    """Logs nothing of connections that a killed process left."""

    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Print real errors alone."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


class Proxy:
    """Listens on loopback and passes requests on; what happens on the way is up to `passing`."""

    def __init__(self, upstream: str, planned: Callable[[], Plan], kill: Callable[[], None]) -> None:
        self.upstream = urlsplit(upstream)
        self.planned, self.kill = planned, kill
        self.busy = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                request = Request(self.command, self.path, dict(self.headers), self.rfile.read(length))
                if len(request.body) < length:  # the client was killed in the middle of it
                    self.close_connection = True
                    return
                proxy.busy += 1
                try:
                    self._reply(proxy.passing(request))
                except OSError:  # the client was killed
                    self.close_connection = True
                finally:
                    proxy.busy -= 1

            def _reply(self, answer: Answer) -> None:
                if answer.status == 0:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.sessions: dict[str, str] = {}  # what each resumable upload is of
        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def plan(self) -> Plan:
        """The one in force."""
        return self.planned()

    def stop(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()

    def passing(self, request: Request) -> Answer:
        """What becomes of a request."""
        raise NotImplementedError

    def forward(self, request: Request) -> Answer:
        """Pass it on, and wait for the answer."""
        connection = http.client.HTTPConnection(str(self.upstream.hostname), int(self.upstream.port or 80), timeout=120)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        try:
            connection.request(request.method, request.path, request.body, headers | {"Host": self.upstream.netloc})
            response = connection.getresponse()
            body = response.read()
        except http.client.HTTPException as error:  # cut short: the other side was killed
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        # A resumable upload gets the address to continue at: through here as well.
        mended = {
            name: value.replace(self.upstream.geturl().rstrip("/"), self.host) for name, value in response.getheaders()
        }
        return Answer(response.status, mended, body)


class Deliveries(Proxy):
    """Between Pub/Sub and a function."""

    def passing(self, request: Request) -> Answer:
        self.plan.delivered()
        thing = subject(request.body)
        if self.plan.strikes("delivery late", thing):
            time.sleep(self.plan.delay_s(thing))
        if self.plan.strikes("delivery lost", thing):
            return failure(503)
        if self.plan.strikes("delivery twice at once", thing):
            threading.Thread(target=self._again, args=(request,), daemon=True).start()
        try:
            answer = self.forward(request)
        except OSError:  # the function was killed while it worked
            return failure(502)
        if answer.status < 300 and self.plan.strikes("killed before acknowledgement", thing):
            self.kill()
            return failure(502)
        return failure(503) if self.plan.strikes("acknowledgement lost", thing) else answer

    def _again(self, request: Request) -> None:
        self.busy += 1
        try:
            self.forward(request)
        except OSError:
            pass
        finally:
            self.busy -= 1


class Storage(Proxy):
    """Between a function and Cloud Storage."""

    def passing(self, request: Request) -> Answer:
        act, thing = self.act(request)
        if self.plan.strikes("storage 429", thing):
            return failure(429)
        if self.plan.strikes("storage 503 before", thing):
            return failure(503)
        if self.plan.strikes("storage hangs up", thing):
            return CUT
        if act in ("upload", "store") and self.plan.strikes("killed mid-upload", thing):
            self.kill()
            return CUT
        answer = self.forward(request)
        if act == "begin":
            place = next((value for name, value in answer.headers.items() if name.lower() == "location"), "")
            self.sessions[_upload_id(place)] = thing
        if answer.status == 412:
            self.plan.saw("412 of our own or another's first try")
        if act in ("put", "store") and self.plan.strikes("upload done, answer lost", thing):
            return failure(503)  # the client tries again, and meets its own first try
        after = {
            "put": "killed after upload",
            "store": "killed after upload",
            "refuse": "killed after refusal",
        }.get(act)
        if after and answer.status < 300 and self.plan.strikes(after, thing):
            self.kill()
            return CUT
        return failure(503) if self.plan.strikes("storage 503 after", thing) else answer

    def act(self, request: Request) -> tuple[str, str]:
        """What a request does, and to what."""
        parts = urlsplit(request.path)
        named = re.search(rb'"name":\s*"([^"]+)"', request.body[:4000])  # of an upload; else it is in the path
        name = named[1].decode() if named else unquote(parts.path.rpartition("/o/")[2])
        name = re.sub(r"/[0-9a-f]{32}(/rewriteTo/.*)?$", r"\1", name)  # the random part of what is on its way
        if "/rewriteTo/" in parts.path:
            return "put", name
        if "/upload/" in parts.path:
            if request.method == "PUT":
                return "upload", self.sessions.get(_upload_id(request.path), "")
            if name.startswith("refused/"):
                return "refuse", name
            is_whole = "multipart" in parse_qs(parts.query).get("uploadType", [])
            return ("store" if is_whole and name.startswith("audio/") else "begin"), name
        return request.method, name


class Warehouse(Proxy):
    """Between the committer and BigQuery. Each MERGE has a number, for its rows are whichever came together."""

    def passing(self, request: Request) -> Answer:
        if request.method == "POST" and request.path.startswith("/upload/"):
            return self._load(request)
        if request.method != "POST" or b"MERGE" not in request.body:
            return self.forward(request)
        with _COUNTING:
            _COUNT[0] += 1
            thing = str(_COUNT[0])
        if self.plan.strikes("warehouse conflict", thing):
            return failure(400, CONFLICT)
        if self.plan.strikes("warehouse hangs up", thing):
            return CUT
        if self.plan.strikes("killed before MERGE", thing):
            self.kill()
            return CUT
        if self.plan.strikes("killed during MERGE", thing):
            threading.Timer(0.03, self.kill).start()
        answer = self.forward(request)
        if self.plan.strikes("killed after MERGE", thing):
            self.kill()
            return CUT
        return failure(503) if self.plan.strikes("warehouse 503 after", thing) else answer

    def _load(self, request: Request) -> Answer:
        """A load job of rows into a staging table."""
        with _COUNTING:
            _COUNT[0] += 1
            thing = f"load {_COUNT[0]}"
        if self.plan.strikes("killed before load", thing):
            self.kill()
            return CUT
        answer = self.forward(request)
        if self.plan.strikes("killed after load", thing):
            self.kill()
            return CUT
        return answer


_COUNT, _COUNTING = [0], threading.Lock()


def _upload_id(url: str) -> str:
    return (parse_qs(urlsplit(url).query).get("upload_id") or [""])[0]


def subject(body: bytes) -> str:
    """What a delivery is about: the object, or the message's own words."""
    message = json.loads(body)["message"]
    return str(message.get("attributes", {}).get("objectId") or message.get("data", ""))
