"""How large a picture announces to be, from its first bytes, where its decoder must not be asked first."""

_HEAD_BYTES = 1 << 16


def avif_size(data: bytes) -> tuple[int, int] | None:
    """The largest extent that the header announces (ISO/IEC 23008-12, 6.5.3): of a grid that is the whole."""
    head = data[:_HEAD_BYTES]
    sizes: list[tuple[int, int]] = []
    at = head.find(b"ispe")
    while 0 <= at <= len(head) - 16:
        width, height = (int.from_bytes(head[at + start : at + start + 4], "big") for start in (8, 12))
        sizes.append((width, height))
        at = head.find(b"ispe", at + 4)
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def jxl_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from a JPEG XL codestream header (ISO/IEC 18181-1, SizeHeader)."""
    start = data.find(b"\xff\x0a", 0, 4096)
    if start < 0 or len(data) < start + 12:
        return None
    bits = int.from_bytes(data[start + 2 : start + 14], "little")

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & ((1 << count) - 1), bits >> count
        return value

    small = take(1)

    def length() -> int:
        return (take(5) + 1) * 8 if small else take((9, 13, 18, 30)[take(2)]) + 1

    height = length()
    ratio = take(3)
    if ratio == 0:
        return length(), height
    above, below = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))[ratio - 1]
    return height * above // below, height
