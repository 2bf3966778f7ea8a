from core.home import PROJECT
from ui.navigation import MENU


def test_the_menu_and_the_files_are_the_same_both_ways():
    files = {str(path.relative_to(PROJECT / "pages")) for path in (PROJECT / "pages").rglob("*.py")}
    assert len(files) >= 4
    assert files == {entry.file for entry in MENU}
    assert len({entry.slug for entry in MENU}) == len(MENU)


def test_no_page_lies_directly_in_pages():
    assert list((PROJECT / "pages").glob("*.py")) == []


def test_every_page_is_short_and_keeps_to_ui_and_core():
    for entry in MENU:
        text = (PROJECT / entry.path).read_text()
        assert len(text.splitlines()) <= 60, entry.file
        for word in ("session_state", "SELECT ", "<style", "unsafe_allow_html"):
            assert word not in text, (entry.file, word)
        imports = [
            line.split()[1].split(".")[0]
            for line in text.splitlines()
            if line.startswith(("import ", "from "))
        ]
        assert set(imports) <= {"ui", "core", "streamlit"}, entry.file
