"""`python -m bridgedesk` is the `bridgedesk` command."""

from bridgedesk.cli import main

main()
