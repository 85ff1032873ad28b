"""Bringing in what was written elsewhere: entries, and the register of policy documents.

report.py                              what an import did, or would do
values.py      checking.py             one cell; one row, with every problem in it
entry_rows.py  policy_rows.py          a file's rows, checked without the store
departments.py cited_documents.py      what the rows refer to, known or to be set up
entry_plan.py                          what a row would do to the store, or why it may not
applying.py    bad_rows.py             one transaction; the rows that stay outside, for correction
entries.py     policies.py             the two imports
"""

from qa_service.importing.entries import import_entries
from qa_service.importing.policies import import_policies
from qa_service.importing.report import ImportReport
from qa_service.tables.table import Problem

__all__ = ["ImportReport", "Problem", "import_entries", "import_policies"]
