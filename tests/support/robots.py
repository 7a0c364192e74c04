"""Chat robots and an SMS gateway on loopback, with the limits and the error bodies of the real ones, on a manual clock.

Bodies as they stand in public logs and clients: status 200 whatever they say. `down`: answers nothing.
`before`, `after`: called with the letter's id when a post has come, and when it is judged but not answered yet.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MINUTE = timedelta(minutes=1)
OK = {"errcode": 0, "errmsg": "ok"}
MORE = "more info at https://open.work.weixin.qq.com/devtool/query?e="


class Robots:
    """Each path is a robot: /wecom/…, /dingtalk/…, /feishu/…, /sms/…. `got`: (path, text, idempotency id) accepted."""

    def __init__(self, now: Callable[[], datetime], secret: str = "") -> None:
        self.now, self.secret = now, secret
        self.got: list[tuple[str, str, str]] = []
        self.said: list[Any] = []
        self.down = False
        self.before: Callable[[str], None] = lambda letter: None
        self.after: Callable[[str], None] = lambda letter: None
        self._hits: dict[str, list[datetime]] = {}
        self._until: dict[str, datetime] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._handler, self._port = Handler, 0
        self.open()

    def open(self) -> None:
        """Again on the same port, after `close`, which refuses connections."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}"

    def texts(self) -> list[str]:
        return [text for _, text, _ in self.got]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, asked: BaseHTTPRequestHandler) -> None:
        raw = asked.rfile.read(int(asked.headers["Content-Length"]))
        self.before(asked.headers["Idempotency-Key"])
        if self.down:
            asked.connection.close()
            return
        path = urlsplit(asked.path).path.lstrip("/")
        kind = path.split("/")[0]
        answer, text = getattr(self, "_" + kind)(asked, path, raw)
        self.said.append(answer)
        if answer.get("errcode", answer.get("code")) == 0:
            self.got.append((path, text, asked.headers["Idempotency-Key"]))
        self.after(asked.headers["Idempotency-Key"])
        body = json.dumps(answer).encode()
        asked.send_response(200)
        asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body)

    def _within(self, path: str, span: timedelta) -> int:
        return sum(at > self.now() - span for at in self._hits.get(path, []))

    def _hit(self, path: str) -> None:
        self._hits.setdefault(path, []).append(self.now())

    def _wecom(self, asked: Any, path: str, raw: bytes) -> tuple[Any, str]:
        text = json.loads(raw)["text"]["content"]
        if "key=good" not in asked.path:
            return {"errcode": 93000, "errmsg": f"invalid webhook url, hint: [1], {MORE}93000"}, ""
        if self._within(path, MINUTE) >= 20:
            return {"errcode": 45009, "errmsg": f"api freq out of limit, {MORE}45009"}, ""
        self._hit(path)
        if len(text.encode()) > 2048:
            said = "Invalid input : content exceed max length. invalid Request Parameter"
            return {"errcode": 93000, "errmsg": said}, ""
        return OK, text

    def _dingtalk(self, asked: Any, path: str, raw: bytes) -> tuple[Any, str]:
        query = parse_qs(urlsplit(asked.path).query)
        if self.secret:
            stamp = query.get("timestamp", [""])[0]
            plain = f"{stamp}\n{self.secret}".encode()
            good = base64.b64encode(hmac.digest(self.secret.encode(), plain, hashlib.sha256))
            if query.get("sign", [""])[0] != good.decode():
                return {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配;"}, ""
        too_fast = {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        if self.now() < self._until.get(path, self.now()):
            return too_fast, ""
        if self._within(path, MINUTE) >= 20:
            self._until[path] = self.now() + timedelta(minutes=10)
            return too_fast, ""
        self._hit(path)
        return OK, json.loads(raw)["text"]["content"]

    def _feishu(self, _: Any, path: str, raw: bytes) -> tuple[Any, str]:
        body = json.loads(raw)
        if self.secret:
            key = f"{body.get('timestamp')}\n{self.secret}".encode()
            good = base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()
            if body.get("sign") != good:
                said = "sign match fail or timestamp is not within one hour from current time"
                return {"code": 19021, "msg": said}, ""
        if self._within(path, MINUTE) >= 100 or self._within(path, timedelta(seconds=1)) >= 5:
            said = "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"
            return {"code": 11232, "data": {}, "msg": said}, ""
        self._hit(path)
        return {"code": 0, "data": {}, "msg": "success"}, body["content"]["text"]

    def _sms(self, asked: Any, path: str, raw: bytes) -> tuple[Any, str]:
        plain = asked.headers["X-Anxin-Timestamp"].encode() + b"\n" + raw
        good = hmac.digest(self.secret.encode(), plain, hashlib.sha256).hex()
        if asked.headers["X-Anxin-Signature"] != good:
            return {"code": 401, "message": "bad signature"}, ""
        self._hit(path)
        return {"code": 0, "message": "ok"}, json.loads(raw)["text"]
