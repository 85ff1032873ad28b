"""Reading an answer with a receipt code; open to everybody."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from knowledge.errors import NotFound
from knowledge.ticket import PENDING
from qa_service.http.pages_rendering import member_of_request, render
from qa_service.http.pages_session import anybody
from qa_service.http.parts import App
from qa_service.receipts import Progress, read_receipt, receipt_code

router = APIRouter()


@router.get("/receipt")
def receipt(
    request: Request, application: App, _: Annotated[None, Depends(anybody)], code: str = ""
) -> Response:
    """The form, and what the code given in the address stands for."""
    code = receipt_code(code)[:20]
    if not code:
        return _page(request, code)
    staff = member_of_request(request) is not None
    try:
        with application.store.reading() as records:
            progress = read_receipt(code, records, application.today(), staff)
            department = records.people.department(progress.ticket.department)
    except NotFound as error:
        return _page(request, code, status=404, errors={"code": error.message})
    return _page(request, code, progress, department.name)


def _page(
    request: Request,
    code: str,
    progress: Progress | None = None,
    department: str = "",
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    return render(
        request,
        "receipt.html",
        status,
        section="receipt",
        code=code,
        progress=progress,
        pending=progress is not None and progress.ticket.status in PENDING,
        department=department,
        errors=errors or {},
    )
