"""A process of its own that sets pack.typ with the page (JSON) on standard input and writes the document (PDF/A-2b) on standard output.

Arguments: a folder with the pictures, a folder with further fonts (or an empty word). What was written is data of the page, never
markup; the setter reads no file outside the folder and fetches nothing. Ends with 0, or 3 where no font has a letter, 4 for anything else.
"""

import resource
import sys
from pathlib import Path
from typing import Any

NO_FONT, BROKEN = 3, 4
MEMORY, SECONDS = 3_000_000_000, 90


def main() -> int:
    """Set the page."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import typst

    folder = Path(sys.argv[1])
    fonts: Any = [sys.argv[2]] if sys.argv[2] else []
    page = sys.stdin.buffer.read().decode()
    pattern = Path(__file__).with_name("pack.typ").read_bytes()
    try:
        done = typst.compile(pattern, root=str(folder), font_paths=fonts, ignore_system_fonts="alone" in sys.argv[3:],
                             sys_inputs={"page": page}, pdf_standards=["a-2b"])  # fmt: skip
    except typst.TypstError as error:
        sys.stderr.write(error.message)
        return NO_FONT if "could not be displayed" in error.message else BROKEN
    except BaseException as error:  # the library's panics are no Exception
        sys.stderr.write(str(error)[:500])
        return BROKEN
    sys.stdout.buffer.write(done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
