"""Faults of photographs as cameras make them, in linear light: what the embedded judge learns from.

Each fault takes `(height, width, 3)` linear RGB in 0 … 1, a severity in 0 … 1 and a generator, and gives
linear RGB back; faults of files and processing work on the developed picture inside. `FAULTS` are
trained on; `UNSEEN_FAULTS` are never shown in training and measure what carries over.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Linear = NDArray[np.float32]
Fault = Callable[[Linear, float, np.random.Generator], Linear]


def linear(rgb: NDArray[np.uint8]) -> Linear:
    """Linear light of sRGB pixels."""
    return _TO_LINEAR[rgb]


def developed(light: Linear) -> NDArray[np.uint8]:
    """sRGB pixels of linear light, clipped."""
    steps = np.clip(light * 4095 + 0.5, 0, 4095).astype(np.uint16)
    return np.asarray(_TO_SRGB[steps], np.uint8)


def _ramp() -> Linear:
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _inverse_ramp() -> NDArray[np.uint8]:
    light = np.arange(4096) / 4095
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(value * 255).astype(np.uint8)


_TO_LINEAR = _ramp()
_TO_SRGB = _inverse_ramp()


def aperture(radius: float, blades: int, turn: float) -> Linear:
    """Point spread of a defocused lens: a regular polygon of `blades` sides (a disc for 0)."""
    steps = 5  # supersampled, so that radii below a pixel are kernels too
    half = int(np.ceil(radius)) + 1
    axis = (np.arange((2 * half + 1) * steps) + 0.5) / steps - (half + 0.5)
    across, down = np.meshgrid(axis, axis)
    distance = np.hypot(across, down)
    if blades:
        angle = np.mod(np.arctan2(down, across) + turn, 2 * np.pi / blades) - np.pi / blades
        distance = distance * np.cos(angle) / np.cos(np.pi / blades)
    inside = (distance <= radius).astype(np.float32)
    size = 2 * half + 1
    kernel = inside.reshape(size, steps, size, steps).mean(axis=(1, 3))
    return np.asarray(kernel / kernel.sum(), np.float32)


def hand_path(length: float, wander: float, rng: np.random.Generator) -> Linear:
    """Point spread of a hand that shook: a smooth path of about `length` px, straight for wander 0."""
    count = 64
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(np.cumsum(rng.normal(0, wander / count, count)))
    speed = np.abs(1 + 0.5 * rng.normal(0, 1, count)).cumsum()
    speed = np.diff(speed, prepend=0)
    points = np.cumsum(np.stack([np.cos(heading), np.sin(heading)]) * speed, axis=1)
    extent = max(float(np.ptp(points[0])), float(np.ptp(points[1])), 1e-6)
    points = (points - points.mean(axis=1, keepdims=True)) * (length / extent)
    half = int(np.ceil(np.abs(points).max())) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for x, y in points.T:
        column, row = int(np.floor(x)), int(np.floor(y))
        right, below = x - column, y - row
        kernel[row + half, column + half] += (1 - right) * (1 - below)
        kernel[row + half, column + half + 1] += right * (1 - below)
        kernel[row + half + 1, column + half] += (1 - right) * below
        kernel[row + half + 1, column + half + 1] += right * below
    return np.asarray(kernel / kernel.sum(), np.float32)


def _spread(light: Linear, kernel: Linear) -> Linear:
    return np.asarray(cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REFLECT_101), np.float32)


def _px(light: Linear, share: float) -> float:
    """A length given in thousandths of the long side, in pixels."""
    return float(share * max(light.shape[:2]) / 1000)


def _grown(severity: float, least: float, most: float) -> float:
    return float(least * (most / least) ** severity)


def subject_mask(light: Linear, rng: np.random.Generator) -> Linear:
    """A soft ellipse of 10 to 30 % of the picture near its middle: where a subject would be."""
    height, width = light.shape[:2]
    centre = int(width * rng.uniform(0.35, 0.65)), int(height * rng.uniform(0.4, 0.6))
    axes = int(width * rng.uniform(0.15, 0.28)), int(height * rng.uniform(0.22, 0.38))
    mask = np.zeros((height, width), np.float32)
    cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), _px(light, 12)), np.float32)[..., None]


def defocus(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    radius = _px(light, _grown(severity, 0.9, 9))
    return _spread(light, aperture(radius, int(rng.choice([0, 5, 6, 7, 8, 9])), float(rng.uniform(0, 6))))


def shake(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    return _spread(light, hand_path(_px(light, _grown(severity, 2.5, 36)), float(rng.uniform(0, 4)), rng))


def subject_motion(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    mask = subject_mask(light, rng)
    moved = _spread(light, hand_path(_px(light, _grown(severity, 4, 50)), 0.3, rng))
    return light * (1 - mask) + moved * mask


def back_focus(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """The subject soft, the background sharp."""
    mask = subject_mask(light, rng)
    return light * (1 - mask) + defocus(light, severity, rng) * mask


def shallow(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """No fault: the subject sharp, the background soft."""
    mask = subject_mask(light, rng)
    return light * mask + defocus(light, 0.4 + 0.6 * severity, rng) * (1 - mask)


def sensor_noise(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """High ISO: photon and read noise on a Bayer mosaic, demosaiced; a JPEG engine's compression."""
    gain = _grown(severity, 2e-4, 2e-2)
    mosaic = np.empty(light.shape[:2], np.float32)
    mosaic[0::2, 0::2], mosaic[0::2, 1::2] = light[0::2, 0::2, 0] * 0.5, light[0::2, 1::2, 1]
    mosaic[1::2, 0::2], mosaic[1::2, 1::2] = light[1::2, 0::2, 1], light[1::2, 1::2, 2] * 0.6
    noise = rng.standard_normal(mosaic.shape, np.float32)
    mosaic += noise * np.sqrt(gain * np.maximum(mosaic, 0) + (gain * 1.5) ** 2)
    counts = np.clip(mosaic * 40_000 + 4_000, 0, 65_535).astype(np.uint16)
    values = cv2.demosaicing(counts, cv2.COLOR_BayerRGGB2RGB).astype(np.float32)
    full = np.asarray((values - 4_000) / 40_000 / np.array([0.5, 1.0, 0.6]), np.float32)
    return linear(recompressed(developed(full), int(rng.integers(80, 97))))


def compression(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    return linear(recompressed(developed(light), round(_grown(severity, 60, 5))))


def recompressed(rgb: NDArray[np.uint8], quality: int, webp: bool = False) -> NDArray[np.uint8]:
    """The picture as a JPEG (or WebP) file of this quality shows it."""
    form, setting = (".webp", cv2.IMWRITE_WEBP_QUALITY) if webp else (".jpg", cv2.IMWRITE_JPEG_QUALITY)
    _, data = cv2.imencode(form, rgb[..., ::-1], [setting, quality])
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert picture is not None
    return np.ascontiguousarray(picture[..., ::-1], dtype=np.uint8)


def phone_processing(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """Noise, smoothed away with the detail, then sharpened with halos."""
    noisy = sensor_noise(light, 0.3 + 0.4 * severity, rng)
    rgb = cv2.bilateralFilter(developed(noisy), 9, _grown(severity, 15, 110), _grown(severity, 1.5, 4))
    soft = cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(1.0, 1.8)))
    amount = _grown(severity, 0.3, 1.0)
    return linear(np.asarray(cv2.addWeighted(rgb, 1 + amount, soft, -amount, 0), np.uint8))


def sharpening(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """Sharpened beyond what pleases: halos, ringing and grain."""
    rgb = developed(light)
    soft = cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(1.2, 2.5)))
    amount = _grown(severity, 2.0, 9.0)
    return linear(np.asarray(cv2.addWeighted(rgb, 1 + amount, soft, -amount, 0), np.uint8))


def underexposure(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    return sensor_noise(light * 2 ** -(1.2 + 3.3 * severity), 0.1 * severity, rng)


def overexposure(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    return np.asarray(np.clip(light * 2 ** (0.8 + 2.4 * severity), 0, 1), np.float32)


def haze(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    height = light.shape[0]
    depth = np.linspace(1.2, 0.8, height, dtype=np.float32)[:, None, None]
    passing = np.exp(-_grown(severity, 0.12, 1.4) * depth)
    air = np.array([0.62, 0.66, 0.7], np.float32) * float(rng.uniform(0.7, 1.1))
    return np.asarray(light * passing + air * (1 - passing), np.float32)


def digital_zoom(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    height, width = light.shape[:2]
    factor = _grown(severity, 1.4, 7)
    small = cv2.resize(light, (round(width / factor), round(height / factor)), interpolation=cv2.INTER_AREA)
    return np.clip(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)


FAULTS: dict[str, Fault] = {
    "defocus": defocus,
    "shake": shake,
    "subject motion": subject_motion,
    "sensor noise": sensor_noise,
    "compression": compression,
    "phone processing": phone_processing,
    "sharpening": sharpening,
    "underexposure": underexposure,
    "overexposure": overexposure,
    "haze": haze,
    "digital zoom": digital_zoom,
}


def soft_lens(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    return np.asarray(cv2.GaussianBlur(light, (0, 0), _px(light, _grown(severity, 0.6, 5))), np.float32)


def zoom_burst(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """Zoomed while exposing: blur that grows from the middle outwards."""
    height, width = light.shape[:2]
    most = _grown(severity, 0.006, 0.08)
    total = np.zeros_like(light)
    for share in np.linspace(0, most, 12):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0, 1 + float(share))
        total += cv2.warpAffine(light, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(total / 12, np.float32)


def webp(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    return linear(recompressed(developed(light), round(_grown(severity, 50, 1)), webp=True))


def watercolour(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """Noise reduction that paints: medians over growing windows, mixed in more and more."""
    rgb = developed(light)
    painted = cv2.medianBlur(cv2.medianBlur(cv2.medianBlur(rgb, 3), 5), 5 if severity < 0.7 else 7)
    share = _grown(severity, 0.3, 1.0)
    return linear(np.asarray(cv2.addWeighted(rgb, 1 - share, painted, share, 0), np.uint8))


def film_grain(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """Grain of about two pixels on the developed picture, grey, strongest in the middle tones."""
    rgb = developed(light).astype(np.float32)
    noise = cv2.GaussianBlur(rng.standard_normal(light.shape[:2], np.float32), (0, 0), 0.8)
    strength = _grown(severity, 4, 45) * (1.2 - np.abs(rgb.mean(axis=2) / 127.5 - 1))
    grain = noise / float(noise.std()) * strength
    return linear(np.clip(rgb + grain[..., None], 0, 255).astype(np.uint8))


def flare(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
    """A light source outside the frame: a veil that falls off from one corner."""
    height, width = light.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    corner = rng.choice([0, width]), rng.choice([0, height])
    distance = np.hypot(x - corner[0], y - corner[1]) / np.hypot(width, height)
    veil = np.exp(-2.2 * np.square(distance))[..., None] * _grown(severity, 0.08, 1.0)
    return np.asarray(np.clip(light + veil * np.array([1.0, 0.93, 0.85], np.float32), 0, 1), np.float32)


UNSEEN_FAULTS: dict[str, Fault] = {
    "soft lens": soft_lens,
    "zoom burst": zoom_burst,
    "webp": webp,
    "watercolour": watercolour,
    "film grain": film_grain,
    "flare": flare,
}
