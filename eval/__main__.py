"""`python -m eval`: how good the answers are, and whether they got better or worse."""

from eval.commands import main

main(prog_name="python -m eval")
