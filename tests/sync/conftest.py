from tests.pretend_fixtures import platform, pretend_shop, say, write

__all__ = ["platform", "pretend_shop", "say", "write"]
