"""Every error the knowledge raises on purpose.

    ZhengdaError
    ├── InvalidValue          a value is not acceptable: names the field, the value, what is expected
    │   └── CircularSynonym   a synonym's formal words are themselves said to mean something else
    ├── NotFound              what was asked for does not exist
    ├── Conflict              somebody else changed it first
    ├── NotAllowed            this person may not do this
    └── IllegalMove           the move does not exist from this state
        ├── AlreadySigned     nobody signs two stages of one revision
        └── SelfReview        nobody signs a revision that he or she wrote

The messages are shown to officials as they are, so they are in Chinese and say what to do.
"""


class ZhengdaError(Exception):
    """Root of all expected errors; `code` is stable and machine-readable."""

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidValue(ZhengdaError):
    """A field's value is not acceptable."""

    code = "invalid-value"

    def __init__(self, field: str, value: object, expected: str) -> None:
        shown = str(value)
        if len(shown) > 60:
            shown = shown[:60] + "…"
        super().__init__(f"{field}：“{shown}”不符合要求，{expected}")
        self.field = field
        self.value = value
        self.expected = expected


class CircularSynonym(InvalidValue):
    """Following the synonyms from what people say would lead round in a circle, or on to a second word."""

    code = "circular-synonym"


class NotFound(ZhengdaError):
    """What was asked for does not exist."""

    code = "not-found"


class Conflict(ZhengdaError):
    """The record was changed by somebody else since it was read."""

    code = "conflict"


class NotAllowed(ZhengdaError):
    """The person lacks the role or belongs to another department."""

    code = "not-allowed"


class IllegalMove(ZhengdaError):
    """The state does not permit this move; nothing was changed."""

    code = "illegal-move"


class AlreadySigned(IllegalMove):
    """The same person already signed an earlier stage of this revision."""

    code = "already-signed"


class SelfReview(IllegalMove):
    """The person wrote the revision that is to be signed."""

    code = "self-review"
