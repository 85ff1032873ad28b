"""Spreadsheets and their relatives: the columns people write, and every file format they write them in.

    columns.py       which columns there are, by English name and Chinese header
    cells.py         what one cell may hold: text, lists within a text, text that a spreadsheet would run
    table.py         rows under recognised columns, each with the number under which its author sees it
    reading.py       a file into a table: looks at the content, not only at the name
    writing.py       rows into a file; atomic_file.py: as a whole or not at all
    delimited.py  workbook.py  json_records.py  sqlite_file.py     one format each
    text_files.py    the encodings of text;  calculated.py: formulas and errors in a workbook

Importing and exporting both stand on this, so that what is exported can be imported again.
"""
