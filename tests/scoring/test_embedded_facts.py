import numpy as np
from pictures import picture
from PIL import Image, ImageFilter

from culler.scoring import features
from culler.scoring.embedded_facts import measured_facts


def measured(*images: Image.Image) -> np.ndarray:
    return np.stack([features.measure(image) for image in images])


def test_a_softer_frame_of_one_scene_is_less_sharp() -> None:
    frame = picture(3, (600, 400))
    softer, softest = (frame.filter(ImageFilter.GaussianBlur(radius)) for radius in (0.7, 2.5))
    sharp, soft, soft_most = measured_facts(measured(frame, softer, softest)).sharpness.tolist()
    assert sharp > soft > soft_most > 0
    assert soft_most < 0.85 * sharp


def test_clipped_shares_are_those_of_the_picture() -> None:
    pixels = np.asarray(picture(1, (400, 400))).copy()
    pixels[:100] = 255
    pixels[-40:] = 0
    facts = measured_facts(measured(Image.fromarray(pixels)))
    assert abs(facts.highlights[0] - 0.25) < 0.01
    assert abs(facts.shadows[0] - 0.10) < 0.01


def test_photos_without_a_measurement_have_no_facts() -> None:
    vectors = np.concatenate([measured(picture(0)), np.zeros((1, len(features.names())))])
    facts = measured_facts(vectors)
    for values in (facts.sharpness, facts.highlights, facts.shadows):
        assert np.isnan(values).tolist() == [False, True]
