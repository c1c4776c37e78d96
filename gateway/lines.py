"""The lines of a file that comes in pieces, and where each begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from gateway.errors import TooLarge
from gateway.rows import Format


class Lines:
    """The lines of a file with their numbers, without their ends, empty ones left out.

    They are numbered as an editor does, from 1, empty ones included. A line of CSV goes on where a
    quoted cell does, and has the number of the first it takes. `most` bounds a line, in bytes:
    `feed` raises `TooLarge`.
    """

    def __init__(self, kind: Format, most: int) -> None:
        self.begins = 1
        """The number of the line that is being read, also when it is too large."""
        self._csv = kind == "csv"
        self._most = most
        self._held = bytearray()
        self._ended = 0
        self._quoted = False  # within a cell that goes on

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines that a piece completes."""
        *ended, rest = piece.split(b"\n")
        for part in ended:
            self._add(part)
            self._ended += 1
            if self._quoted:
                self._held += b"\n"
            else:
                yield from self._line()
        self._add(rest)

    def flush(self) -> Iterator[tuple[int, bytes]]:
        """The last line, which nothing ends."""
        yield from self._line()

    def _line(self) -> Iterator[tuple[int, bytes]]:
        line, self._held = bytes(self._held).rstrip(b"\r"), bytearray()
        number, self.begins = self.begins, self._ended + 1
        if line.strip():
            yield number, line

    def _add(self, part: bytes) -> None:
        # Each byte is looked at once: a cell that never ends would take hours otherwise.
        self._held += part
        self._quoted ^= self._csv and part.count(b'"') % 2 == 1
        if len(self._held) > self._most:
            raise TooLarge(
                f"A line is larger than {self._most / 2**20:g} MiB, the limit that "
                "LETHE_MAX_BODY_MIB sets.",
                code="body_too_large",
            )


async def lines_of(pieces: AsyncIterator[bytes], found: Lines) -> AsyncIterator[tuple[int, bytes]]:
    """The lines of a body that comes in pieces; raises `TooLarge` for a line that is."""
    async for piece in pieces:
        for line in found.feed(piece):
            yield line
    for line in found.flush():
        yield line
