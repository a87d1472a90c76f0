"""The browser of the browser tests, here too."""

from tests.browser.conftest import (  # noqa: F401 (fixtures)
    CHROMIUM,
    base_url,
    browser_type_launch_args,
    screen_of,
    server,
)
