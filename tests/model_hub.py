"""A server that speaks as much of a model hub's interface as models from and to it need; it keeps files by commit."""

import base64
import json
import threading
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class ModelHub:
    """Repositories as dicts: name to files, and every commit that there was."""

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        self.repos: dict[str, dict[str, bytes]] = {}
        self.commits: dict[str, dict[str, bytes]] = {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def answer(self, status: int, body: bytes, **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def json(self, value: Any, status: int = 200) -> None:
                self.answer(status, json.dumps(value).encode(), Content_Type="application/json")

            def do_GET(self) -> None:
                parts = urlsplit(self.path).path.strip("/").split("/")
                if parts[:2] == ["api", "models"]:
                    repo = "/".join(parts[2:4])
                    revision = parts[5] if len(parts) > 5 else "main"
                    commit = hub.head(repo) if revision == "main" else revision
                    if repo not in hub.repos or commit not in hub.commits:
                        self.answer(404, b"{}", X_Error_Code="RepoNotFound")
                        return
                    files = [
                        {"rfilename": name, "size": len(body), "blobId": sha1(body).hexdigest()}
                        for name, body in hub.commits[commit].items()
                    ]
                    self.json({"id": repo, "sha": commit, "siblings": files, "private": False, "tags": []})
                    return
                repo, commit, name = "/".join(parts[:2]), parts[3], "/".join(parts[4:])
                body = hub.commits.get(commit, {}).get(name)
                if body is None or repo not in hub.repos:
                    self.answer(404, b"", X_Error_Code="EntryNotFound")
                    return
                self.answer(200, body, ETag=f'"{sha1(body).hexdigest()}"', X_Repo_Commit=commit)

            do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path).path.strip("/").split("/")
                if parts == ["api", "repos", "create"]:
                    made = json.loads(body)
                    repo = f"{made['organization']}/{made['name']}" if made.get("organization") else made["name"]
                    hub.repos.setdefault(repo, {})
                    hub.head(repo)
                    self.json({"url": f"{hub.url}/{repo}"})
                elif parts[4] == "preupload":
                    files = json.loads(body)["files"]
                    self.json(
                        {"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in files]}
                    )
                else:
                    repo = "/".join(parts[2:4])
                    for line in map(json.loads, body.splitlines()):
                        if line["key"] == "file":
                            hub.repos[repo][line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                    commit = hub.head(repo)
                    self.json({"commitUrl": f"{hub.url}/{repo}/commit/{commit}", "commitOid": commit, "success": True})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def head(self, repo: str) -> str:
        """The commit of what a repository has now."""
        files = self.repos.get(repo, {})
        digest = sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.commits.setdefault(digest, dict(files))
        return digest

    def stop(self) -> None:
        """Close the port."""
        self.server.shutdown()
        self.server.server_close()
