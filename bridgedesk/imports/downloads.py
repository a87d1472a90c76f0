"""Files written while their rows are read, as CSV or as a workbook, so that their length costs no memory."""

from collections.abc import AsyncIterator, Iterator, Sequence

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils import translation

from bridgedesk.lib import spreadsheets
from bridgedesk.lib.workbook import workbook

FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def download(name: str, form: str, headings: Sequence[str], batches: Iterator[list[list[object]]]) -> StreamingHttpResponse:
    """The answer with the file; `form` is one of FORMS. Rows are made in the language that is active now."""
    parts = workbook(headings, batches) if form == "xlsx" else _lines(headings, batches)
    head = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingHttpResponse(_told(parts, translation.get_language()), content_type=FORMS[form], headers=head)


def _lines(headings: Sequence[str], batches: Iterator[list[list[object]]]) -> Iterator[bytes]:
    yield (spreadsheets.BOM + spreadsheets.lines([headings])).encode()
    for batch in batches:
        yield spreadsheets.lines(batch).encode()


async def _told(parts: Iterator[bytes], language: str | None) -> AsyncIterator[bytes]:
    while (part := await sync_to_async(_next)(parts, language)) is not None:
        if part:
            yield part


def _next(parts: Iterator[bytes], language: str | None) -> bytes | None:
    with translation.override(language):
        return next(parts, None)
