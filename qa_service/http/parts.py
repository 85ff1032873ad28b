"""What requests share: the application and what HTTP keeps in memory for it."""

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


def limits_of(request: Request) -> RateLimits:
    """The rate limits of this process."""
    limits: RateLimits = request.app.state.limits
    return limits


def _metrics_of(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


def _suggestions_of(request: Request) -> Suggestions:
    suggestions: Suggestions = request.app.state.suggestions
    return suggestions


App = Annotated[Application, Depends(application_of)]
Limits = Annotated[RateLimits, Depends(limits_of)]
TheMetrics = Annotated[Metrics, Depends(_metrics_of)]
TheSuggestions = Annotated[Suggestions, Depends(_suggestions_of)]
