"""What pages load beside themselves: our own scripts and styles, and htmx out of its package."""

import importlib.util
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from knowledge.errors import ZhengdaError

OWN = Path(__file__).parent / "static"
VENDOR_PACKAGE = "django_htmx"
"""Carries htmx as a static file. Neither it nor Django, which it is made for, is ever imported."""
OWN_ASSETS = ("zhengda.css", "icon.svg", "ask.js", "desk.js")
VENDOR_ASSETS = ("django_htmx/htmx-2.min.js",)


def mount_assets(app: FastAPI) -> None:
    """Serve the assets below /static. Raises ZhengdaError naming each one that is missing."""
    missing = missing_assets()
    if missing:
        raise ZhengdaError(f"页面所需的文件缺失：{'、'.join(missing)}。请重新安装本软件（make install）")
    app.mount("/static/vendor", _Fresh(packages=[(VENDOR_PACKAGE, "static")]), name="vendor")
    app.mount("/static", _Fresh(directory=OWN), name="static")


class _Fresh(StaticFiles):
    """Files that a browser keeps and asks about each time: after an upgrade nobody works with old scripts."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def missing_assets(own: Path = OWN) -> list[str]:
    """The assets that pages ask for and that are not where they should be; ours lie in the folder `own`."""
    spec = importlib.util.find_spec(VENDOR_PACKAGE)
    vendor = Path(spec.origin).parent / "static" if spec is not None and spec.origin else Path()
    wanted = [own / name for name in OWN_ASSETS] + [vendor / name for name in VENDOR_ASSETS]
    return [str(path) for path in wanted if not path.is_file()]
