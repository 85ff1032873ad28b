"""What requests share: the application and what HTTP keeps in memory for it.

What only hands something over is a coroutine: a plain function would go through the pool of threads each time.
"""

from typing import Annotated

from fastapi import Depends, Request

from qa_service.composition import Application
from qa_service.http.limits import RateLimits
from qa_service.http.metrics import Metrics
from qa_service.suggesting import Suggestions


def application_of(request: Request) -> Application:
    """The application that `create_app` was given."""
    application: Application = request.app.state.application
    return application


async def _application(request: Request) -> Application:
    return application_of(request)


async def limits_of(request: Request) -> RateLimits:
    """The rate limits, shared by all processes that serve."""
    limits: RateLimits = request.app.state.limits
    return limits


async def _metrics_of(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _suggestions_of(request: Request) -> Suggestions:
    suggestions: Suggestions = request.app.state.suggestions
    return suggestions


App = Annotated[Application, Depends(_application)]
Limits = Annotated[RateLimits, Depends(limits_of)]
TheMetrics = Annotated[Metrics, Depends(_metrics_of)]
TheSuggestions = Annotated[Suggestions, Depends(_suggestions_of)]
