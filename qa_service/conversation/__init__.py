"""Conversations: clarifying questions, follow-ups, two questions in one breath.

`conversing.converse` is the way in. It is `qa_service.ask` with what was said before.
"""
