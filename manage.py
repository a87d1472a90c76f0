"""Django's command line for people who expect it; `bridgedesk` does the same and more."""

from bridgedesk.cli import main

if __name__ == "__main__":
    main()
