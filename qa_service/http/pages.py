"""The pages, in Chinese and rendered here: asking, the department's desk, policies, receipts, one's own account.

    pages.install(app)      every page, the assets below /static, and errors as pages for browsers

A page shows what the use cases return and passes on what people typed; it decides nothing.
"""

from fastapi import APIRouter, FastAPI

from qa_service.http import (
    pages_account,
    pages_ask,
    pages_calibration,
    pages_desk,
    pages_entry,
    pages_entry_form,
    pages_handed_on,
    pages_learning,
    pages_policies,
    pages_policy_form,
    pages_receipt,
    pages_ticket,
    pages_words,
)
from qa_service.http.pages_assets import mount_assets
from qa_service.http.pages_errors import problem_page

__all__ = ["install", "router"]

router = APIRouter(include_in_schema=False)
for part in (
    pages_account,
    pages_ask,
    pages_desk,
    pages_learning,
    pages_entry_form,
    pages_entry,
    pages_ticket,
    pages_handed_on,
    pages_policy_form,
    pages_policies,
    pages_words,
    pages_calibration,
    pages_receipt,
):
    router.include_router(part.router)


def install(app: FastAPI) -> None:
    """Serve the pages and what they load. Raises ZhengdaError when an asset is missing."""
    mount_assets(app)
    app.include_router(router)
    app.state.problem_page = problem_page
