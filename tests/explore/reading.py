"""What the tests of explorers read off their panels."""

from course_lib.explore import Explorer, Panel


def panel(explorer: Explorer, title: str, **setting: object) -> Panel:
    """The panel whose title starts so."""
    (found,) = (panel for panel in explorer(**setting) if panel.title.startswith(title))
    return found


def plain(text: str) -> str:
    return text.replace("−", "-")
