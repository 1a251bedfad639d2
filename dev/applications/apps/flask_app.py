"""Flask."""

# mypy: ignore-errors
# The frameworks are no dependencies of this project.

import hashlib
import sys
from typing import Any

from flask import Flask, make_response, redirect, request, send_file
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app)


@app.post("/form")
def form() -> Any:
    return redirect(f"/done/{request.form['name']}", 303)


@app.get("/cookies")
def cookies() -> Any:
    answer = make_response("set")
    answer.set_cookie("one", "1")
    answer.set_cookie("two", "2")
    return answer


@app.post("/upload")
def upload() -> str:
    return hashlib.sha256(request.files["file"].read()).hexdigest()


@app.get("/file")
def file() -> Any:
    return send_file(sys.argv[2], conditional=True)


@app.get("/events")
def events() -> Any:
    return (f"data: {number}\n\n" for number in range(3)), {"Content-Type": "text/event-stream"}


@app.get("/slash/")
def slash() -> str:
    return "slash"


app.run(port=int(sys.argv[1]))
