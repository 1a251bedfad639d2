"""Django, with its check of forged requests."""

# mypy: ignore-errors
# The frameworks are no dependencies of this project.

import hashlib
import sys
from typing import Any

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.static import serve

settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="of a test", USE_X_FORWARDED_HOST=True,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
)  # fmt: skip


def form(request: Any) -> Any:
    if request.method == "GET":
        return HttpResponse(get_token(request))
    return HttpResponseRedirect(f"/done/{request.POST['name']}", status=303)


def cookies(_: Any) -> Any:
    answer = HttpResponse("set")
    answer.set_cookie("one", "1")
    answer.set_cookie("two", "2")
    return answer


@csrf_exempt
def upload(request: Any) -> Any:
    return HttpResponse(hashlib.sha256(request.FILES["file"].read()).hexdigest())


def file(request: Any) -> Any:
    # Django's own view for files ignores Range, so the view cuts the part itself.
    whole = serve(request, sys.argv[2].lstrip("/"), "/").getvalue()
    first, last = map(int, request.headers["Range"].removeprefix("bytes=").split("-"))
    headers = {"Content-Range": f"bytes {first}-{last}/{len(whole)}"}
    return HttpResponse(whole[first : last + 1], status=206, headers=headers)


def events(_: Any) -> Any:
    return StreamingHttpResponse((f"data: {number}\n\n" for number in range(3)), content_type="text/event-stream")


def slash(_: Any) -> Any:
    return HttpResponse("slash")


urlpatterns = [
    path("form", form), path("cookies", cookies), path("upload", upload), path("file", file), path("events", events),
    path("slash/", slash),
]  # fmt: skip
execute_from_command_line(["", "runserver", "--noreload", f"127.0.0.1:{sys.argv[1]}"])
