from tests.conversations.conftest import conversation, write

__all__ = ["conversation", "write"]
