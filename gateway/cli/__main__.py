"""`python -m gateway.cli` is the command `lethe`."""

from gateway.cli import main

main()
