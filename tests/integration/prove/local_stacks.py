"""The stacks of `make prove` behind `make try`, with a backend that answers as `traefik/whoami` does."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.credentials import Credentials

from review.graph import Graph
from review.local_gateway.signing import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from review.local_gateway.stack import Options
from review.local_gateway.testing import serve_graph
from review.prove.probes import Site


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the request that it received. Tests plant differences in it."""

    protocol_version = "HTTP/1.1"
    prefix = ""
    lost: tuple[str, ...] = ()

    def seen(self) -> str:
        return self.path

    def do_GET(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        fields = [f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in self.lost]
        lines = [f"{self.command} {self.prefix}{self.seen()} HTTP/1.1", *fields, "", ""]
        body = b"Hostname: whoami\nRemoteAddr: 127.0.0.1:1\n" + "\r\n".join(lines).encode("latin-1") + sent
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 # the name that the server calls

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def site(graph: Graph, echo: type[Echo] = Echo) -> Iterator[Site]:
    """A stack that `make try` serves while the block runs."""
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), echo)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    try:
        with serve_graph(graph, Options(backends=[f"http://127.0.0.1:{backend.server_port}"])) as stack:
            routes = {route.path: route for route in stack.routes()}
            yield Site(
                url=routes["/probe"].url.removesuffix("/probe"),
                region="eu-west-1",
                credentials=Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY),
                key=lambda: routes["/keyed"].headers.get("x-api-key", ""),
                headers={"internet": {"X-Gatehouse-Vpc-Endpoint": "none"}},
            )
    finally:
        backend.shutdown()
        backend.server_close()
