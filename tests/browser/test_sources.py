"""A password typed in a real browser: it is taken however one leaves its input, and never comes back."""

import pytest

from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
WORD = "sesame-open-77xyz"


@pytest.mark.parametrize("leave", ["Tab", pytest.param("Enter", marks=pytest.mark.slow)])
def test_a_password_is_sent_once_and_never_comes_back(visit, home, leave):
    received = []
    with serving(home) as base:
        visited = visit(base)
        page = visited.page
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))
        visited.go("/data_jobs")
        page.get_by_role("button", name="Add a source").click()
        page.locator(".st-key-kind_zendesk button >> visible=true").first.click()
        page.get_by_role("textbox", name="Base URL").fill("http://127.0.0.1:9")
        page.get_by_role("textbox", name="Email").fill("reader@example.com")
        page.get_by_role("textbox", name="API token").click()
        page.keyboard.type(WORD)
        page.keyboard.press(leave)
        page.wait_for_timeout(600)  # the input hands its text over after a pause
        page.get_by_role("button", name="Test and preview").click()
        page.get_by_text("does not work").or_(page.get_by_text("failed")).first.wait_for(timeout=180_000)
        visited.settled()
        assert "give either api_token" not in visited.words()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Add a source").wait_for(timeout=180_000)
        visited.settled()
        assert WORD not in page.content()
    assert len(received) > 5
    assert not any(
        WORD.encode() in (frame if isinstance(frame, bytes) else frame.encode()) for frame in received
    )
    assert not any(WORD.encode() in file.read_bytes() for file in home.root.rglob("*") if file.is_file())
