"""A process of its own that draws a picture (JPEG, PNG, GIF, WEBP) on standard input again, as a JPEG no larger than asked.

Arguments: the longest edge in pixels, the most bytes. What the file says beside the picture (place, camera, maker) is not carried over.
Ends with 0, or 4 where the picture cannot be drawn, 5 where it cannot be made so small.
"""

import io
import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

BROKEN, TOO_LARGE = 4, 5
MEMORY, SECONDS = 1_000_000_000, 20
MOST_PIXELS = 60_000_000
"""Larger than any camera of a packing station; unpacked, some 240 MB."""
QUALITIES = (88, 80, 70, 60)


def main() -> int:
    """Draw it again."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from PIL import Image, ImageOps

    longest, most = int(sys.argv[1]), int(sys.argv[2])
    try:
        picture = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG", "GIF", "WEBP"))
        if picture.width * picture.height > MOST_PIXELS:
            return BROKEN
        picture.draft("RGB", (longest, longest))
        drawn = _on_white(ImageOps.exif_transpose(picture))
    except Exception:  # a decoder may raise anything
        return BROKEN
    return _write(drawn, longest, most)


def _on_white(picture: "Image.Image") -> "Image.Image":
    from PIL import Image

    if picture.mode in ("RGB", "L"):
        return picture
    clear = picture.convert("RGBA")
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


def _write(picture: "Image.Image", longest: int, most: int) -> int:
    while longest >= 200:
        picture.thumbnail((longest, longest))
        for quality in QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= most:
                sys.stdout.buffer.write(out.getvalue())
                return 0
        longest = longest * 3 // 4
    return TOO_LARGE


if __name__ == "__main__":
    sys.exit(main())
