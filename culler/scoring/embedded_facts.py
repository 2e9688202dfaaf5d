"""What the embedded judge's stored measurements say in words a photographer knows: sharp, clipped."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from culler.scoring import features


@dataclass(frozen=True, slots=True)
class MeasuredFacts:
    """n photos, NaN where there is no measurement.

    `sharpness` (n,) is the amplitude of fine detail above the noise in the sharpest fifth of the picture,
    so that shallow depth of field is no fault: positive, and comparable between frames of one scene.
    `highlights`, `shadows` (n,) are the shares of the picture that are clipped in every channel.
    """

    sharpness: NDArray[np.float64]
    highlights: NDArray[np.float64]
    shadows: NDArray[np.float64]


def measured_facts(vectors: NDArray[np.floating]) -> MeasuredFacts:
    """The facts in feature vectors (n, len(features.names())); rows of zeros are photos without one."""
    place = {name: index for index, name in enumerate(features.names())}
    known = (vectors != 0).any(axis=1)

    def of(name: str) -> NDArray[np.float64]:
        return np.where(known, vectors[:, place[name]].astype(np.float64), np.nan)

    # The feature is the logarithm of an energy.
    return MeasuredFacts(np.exp(0.5 * of("ln_sharp_peak")), of("blown_share"), of("black_share"))
