"""Real encoded clips, small and drawn."""

from fractions import Fraction
from pathlib import Path

import numpy as np


def write_clip(path: Path, seconds: int = 2, rate: int = 5, **metadata: str) -> Path:
    """A clip that goes from dark to bright."""
    import av

    options = {"movflags": "use_metadata_tags"} if any("." in key for key in metadata) else {}
    with av.open(str(path), "w", options=options) as container:
        container.metadata.update(metadata)
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.time_base = Fraction(1, rate)
        count = seconds * rate
        for at in range(count):
            pixels = np.full((96, 160, 3), 30 + 200 * at // count, np.uint8)
            pixels[::8] //= 2
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path
