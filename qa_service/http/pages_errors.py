"""Errors as pages, for people; programs get problem details."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from qa_service.http.pages_rendering import is_fragment, render


def problem_page(request: Request, problem: Mapping[str, Any]) -> Response:
    """The page, or the part of one that htmx asked for, that tells a problem and where to go on."""
    template = "error_part.html" if is_fragment(request) else "error.html"
    return render(
        request,
        template,
        problem["status"],
        title=problem["title"],
        message=problem["detail"],
        status=problem["status"],
    )
