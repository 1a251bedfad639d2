"""FastAPI."""

# mypy: ignore-errors
# The frameworks are no dependencies of this project.

import hashlib
import sys
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI, File, Form, UploadFile
from fastapi.responses import FileResponse, RedirectResponse, Response, StreamingResponse

app = FastAPI()


@app.post("/form")
def form(name: str = Form()) -> Response:
    return RedirectResponse(f"/done/{name}", 303)


@app.get("/cookies")
def cookies() -> Response:
    answer = Response("set")
    answer.set_cookie("one", "1")
    answer.set_cookie("two", "2")
    return answer


@app.post("/upload")
def upload(file: UploadFile = File()) -> str:  # noqa: B008 # FastAPI's form
    return hashlib.sha256(file.file.read()).hexdigest()


@app.get("/file")
def file() -> Response:
    return FileResponse(sys.argv[2])


@app.get("/events")
def events() -> Response:
    def lines() -> Iterator[str]:
        yield from (f"data: {number}\n\n" for number in range(3))

    return StreamingResponse(lines(), media_type="text/event-stream")


@app.get("/slash/")
def slash() -> str:
    return "slash"


uvicorn.run(app, port=int(sys.argv[1]), log_level="error", forwarded_allow_ips="*")
