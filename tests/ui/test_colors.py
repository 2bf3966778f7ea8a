"""Text and marks keep the contrast that WCAG asks for, in both appearances."""

import tomllib
from itertools import combinations
from math import dist

import pytest

from core.home import PROJECT

THEME = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())["theme"]


def luminance(color):
    parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_is_readable(mode):
    theme = THEME[mode]
    for ground in (
        theme["backgroundColor"],
        theme["secondaryBackgroundColor"],
        theme["sidebar"]["backgroundColor"],
    ):
        assert contrast(theme["textColor"], ground) >= 7
        for name in ("greenColor", "redColor", "orangeColor", "blueColor", "grayColor", "primaryColor"):
            assert contrast(theme[name], ground) >= 4.5, (name, ground)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_marks_of_charts_are_visible(mode):
    theme = THEME[mode]
    assert len(theme["chartCategoricalColors"]) == 5
    for color in theme["chartCategoricalColors"]:
        for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
            assert contrast(color, ground) >= 3, (color, ground)


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SEEN_BY = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
FAR_ENOUGH = 24  # CIELAB units between any two colours of a palette


def linear(color):
    parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(rgb):
    xyz = times(
        ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041)),
        [min(1, max(0, part)) for part in rgb],
    )  # fmt: skip
    white = (0.95047, 1.0, 1.08883)
    x, y, z = (
        (part / whole) ** (1 / 3) if part / whole > 0.008856 else 7.787 * part / whole + 16 / 116
        for part, whole in zip(xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def closest(colors, matrix):
    seen = [lab(times(matrix, linear(color))) for color in colors]
    return min(dist(one, other) for one, other in combinations(seen, 2))


@pytest.mark.parametrize("eye", SEEN_BY)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_series_are_told_apart_by_every_eye(mode, eye):
    assert closest(THEME[mode]["chartCategoricalColors"], SEEN_BY[eye]) >= FAR_ENOUGH


def test_a_palette_that_is_not_told_apart_would_fail():
    assert closest(["#2CA02C", "#D62728"], SEEN_BY["deutan"]) < FAR_ENOUGH
    assert closest(["#0072B2", "#D55E00"], SEEN_BY["deutan"]) > 80
