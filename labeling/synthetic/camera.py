"""What a phone does to a scene: light, colour cast, softness, noise, compression, and the note in the file's header."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from .traits import PhotoSpec

_EXIF_IFD = 0x8769
_TAG_MAKE, _TAG_MODEL, _TAG_ORIENTATION, _TAG_DATETIME = 0x010F, 0x0110, 0x0112, 0x0132
_TAG_DATETIME_ORIGINAL, _TAG_OFFSET_ORIGINAL = 0x9003, 0x9011
_NOISE_SIDE = 768
_NOISE_STEPS = 16


def photo_image(spec: PhotoSpec, scene: Image.Image) -> Image.Image:
    """``scene`` as ``spec.camera`` records it. RGB, same size."""
    rng = np.random.default_rng([spec.seed, 2])
    amount = spec.difficulty.camera
    picture = _defocus(scene, amount, rng)
    picture = _light_falloff(picture, amount, rng)
    picture = picture.point(_curve(spec, rng))
    return _grain(picture, spec, rng)


def photo_bytes(spec: PhotoSpec, picture: Image.Image) -> bytes:
    """``picture`` as JPEG with the camera's name and the time the photo was taken."""
    exif = Image.Exif()
    exif[_TAG_MAKE], exif[_TAG_MODEL], exif[_TAG_ORIENTATION] = spec.camera.make, spec.camera.model, 1
    exif[_TAG_DATETIME] = f"{spec.taken_at:%Y:%m:%d %H:%M:%S}"
    times = exif.get_ifd(_EXIF_IFD)
    times[_TAG_DATETIME_ORIGINAL] = exif[_TAG_DATETIME]
    offset = f"{spec.taken_at:%z}"
    if offset:
        times[_TAG_OFFSET_ORIGINAL] = f"{offset[:3]}:{offset[3:5]}"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=spec.camera.jpeg_quality, exif=exif)
    return buffer.getvalue()


def _defocus(picture: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    """Most photos are sharp; some are soft, some shaken along one direction."""
    draw, radius, turn = rng.random(), picture.width * rng.uniform(0.0015, 0.006) * amount, rng.uniform(0, np.pi)
    if draw < 0.20 * amount:
        return picture.filter(ImageFilter.BoxBlur(radius)).filter(ImageFilter.BoxBlur(radius))
    if draw < 0.28 * amount:
        dx, dy = round(float(np.cos(turn) * radius * 1.5)), round(float(np.sin(turn) * radius * 1.5))
        half = Image.blend(picture, ImageChops.offset(picture, dx, dy), 0.5)
        return Image.blend(half, ImageChops.offset(half, 2 * dx, 2 * dy), 0.5)
    return picture


def _light_falloff(picture: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    """Uneven light: corners darken, and now and then a shadow or a flare crosses the picture."""
    x = np.linspace(-1, 1, 24, dtype=np.float32)
    y = x[:, None]
    field = 1.0 - 0.12 * (x**2 + y**2) * amount + rng.normal(0, 0.07 * amount) * x + rng.normal(0, 0.07 * amount) * y
    if rng.random() < 0.25 * amount:
        edge = np.cos(rng.uniform(0, 6.28)) * x + np.sin(rng.uniform(0, 6.28)) * y - rng.uniform(-0.4, 0.4)
        field = field * (1.0 - 0.35 / (1.0 + np.exp(-6 * edge)))
    mask = Image.fromarray((field.clip(0, 1) * 255).astype(np.uint8)).resize(picture.size, Image.Resampling.BILINEAR)
    return ImageChops.multiply(picture, Image.merge("RGB", (mask, mask, mask)))


def _curve(spec: PhotoSpec, rng: np.random.Generator) -> list[int]:
    """Look-up table of 768 entries: exposure, white balance, contrast and the site's light in one pass."""
    amount = spec.difficulty.camera
    exposure = spec.site.brightness * float(np.exp(rng.normal(0.10, 0.12 * amount)))
    warm = spec.site.warmth + float(rng.normal(0, 0.035 * amount))
    gains = np.asarray(spec.camera.cast) * exposure * (1 + warm, 1.0, 1 - warm)
    contrast = spec.camera.contrast * float(np.exp(rng.normal(0, 0.08 * amount)))
    level = np.arange(256) / 255.0
    table = []
    for gain in gains:
        value = (level * gain - 0.45) * contrast + 0.45
        # A soft shoulder keeps white petals from burning out at once, as a phone's tone curve does.
        value = np.where(value > 0.8, 0.8 + 0.2 * np.tanh((value - 0.8) / 0.2), value)
        table += (value.clip(0, 1) * 255).astype(int).tolist()
    return table


@lru_cache(maxsize=_NOISE_STEPS)
def _noise_field(step: int) -> Image.Image:
    """Fixed grain around mid-grey; each photo reads it at another place, at a fraction of the cost of fresh draws."""
    rng = np.random.default_rng(20250411)
    luma = rng.standard_normal((_NOISE_SIDE, _NOISE_SIDE, 1), dtype=np.float32)
    chroma = rng.standard_normal((_NOISE_SIDE, _NOISE_SIDE, 3), dtype=np.float32)
    grain = (0.75 * luma + 0.55 * chroma) * step + 128.0
    return Image.fromarray(grain.clip(0, 255).astype(np.uint8))


def _grain(picture: Image.Image, spec: PhotoSpec, rng: np.random.Generator) -> Image.Image:
    width, height = picture.size
    left, top = int(rng.integers(_NOISE_SIDE - width)), int(rng.integers(_NOISE_SIDE - height))
    amount = spec.camera.noise * spec.difficulty.camera * float(rng.uniform(0.5, 1.6))
    step = min(round(amount), _NOISE_STEPS)
    if step == 0:
        return picture
    grain = _noise_field(step).crop((left, top, left + width, top + height))
    return ImageChops.add(picture, grain, 1.0, -128)
