"""Text and marks keep the contrast that WCAG asks for, in both appearances."""

import tomllib

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
