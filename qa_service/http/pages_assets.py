"""What pages load beside themselves: our own scripts and styles, and htmx out of its package."""

import importlib.util
from pathlib import Path

from fastapi import FastAPI
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
    app.mount("/static/vendor", StaticFiles(packages=[(VENDOR_PACKAGE, "static")]), name="vendor")
    app.mount("/static", StaticFiles(directory=OWN), name="static")


def missing_assets() -> list[str]:
    """The assets that pages ask for and that are not where they should be."""
    spec = importlib.util.find_spec(VENDOR_PACKAGE)
    vendor = Path(spec.origin).parent / "static" if spec is not None and spec.origin else Path()
    wanted = [OWN / name for name in OWN_ASSETS] + [vendor / name for name in VENDOR_ASSETS]
    return [str(path) for path in wanted if not path.is_file()]
