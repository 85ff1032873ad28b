"""The product as a system to be judged."""

from eval.judging import ANSWERED, CHOICES, DEPTH, UNANSWERED, Judged
from eval.questions import Question
from qa_service.ask import Answered, Asker, Choices, ask
from qa_service.composition import Application


class Product:
    """`ask` as it stands, thresholds and all, recording nothing."""

    name = "zhengda"
    title = "Zhengda as installed"
    probable = True

    def __init__(self, application: Application) -> None:
        self._application = application

    def judge(self, question: Question) -> Judged:
        outcome = ask(
            question.text[: self._application.settings.max_question],
            Asker(record=False),
            self._application.answering,
            self._application.clock(),
        )
        if isinstance(outcome, Answered):
            kind = ANSWERED
        else:
            kind = CHOICES if isinstance(outcome, Choices) else UNANSWERED
        options = outcome.options if isinstance(outcome, Choices) else ()
        return Judged(
            question,
            tuple(hit.entry.external_id for hit in outcome.hits[:DEPTH]),
            kind,
            outcome.confidence,
            outcome.reach,
            tuple(option.entry.external_id for option in options),
        )
