"""A server that streams every answer in chunks, by Python's own library."""

import hashlib
import http.server
import re
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs


class Streaming(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def streams(self, status: int, parts: list[bytes], *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Transfer-Encoding", "chunked"), *headers):
            self.send_header(name, value)
        self.end_headers()
        for part in (*filter(None, parts), b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/cookies":
                self.streams(200, [b"s", b"et"], ("Set-Cookie", "one=1"), ("Set-Cookie", "two=2"))
            case "/file":
                whole = Path(sys.argv[2]).read_bytes()
                first, last = map(int, re.findall(r"\d+", self.headers["Range"]))
                told = ("Content-Range", f"bytes {first}-{last}/{len(whole)}")
                self.streams(206, [whole[first : last + 1]], told)
            case "/events":
                events = [f"data: {number}\n\n".encode() for number in range(3)]
                self.streams(200, events, ("Content-Type", "text/event-stream"))
            case "/slash":
                proto = self.headers.get("X-Forwarded-Proto", "http")
                self.streams(307, [], ("Location", f"{proto}://{self.headers['Host']}/slash/"))
            case _:
                self.streams(200, [b"slash"])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/form":
            self.streams(303, [], ("Location", f"/done/{parse_qs(body.decode())['name'][0]}"))
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts: Any = message_from_bytes(head + body).get_payload()
        self.streams(200, [hashlib.sha256(parts[0].get_payload(decode=True)).hexdigest().encode()])

    def log_message(self, *_: object) -> None:
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Streaming).serve_forever()
