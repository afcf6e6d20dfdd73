"""Web addresses in running text, and how a link out of the site is written."""

import html
import re

WEB_ADDRESS = re.compile(
    r"(https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:[/?#][^\s<>\"'`{}|\\^\u0080-\uffff]{0,2000})?)"
)
REL = "noopener nofollow ugc"


def web_address(url: str, is_link: bool) -> str:
    """Write an address of a text as HTML, as a link or not."""
    url, tail = without_tail(url)
    shown = html.escape(url)
    link = f'<a href="{shown}" rel="{REL}">{shown}</a>' if is_link else shown
    return link + html.escape(tail)


def without_tail(url: str) -> tuple[str, str]:
    """Leave the full stop or bracket that ends the sentence out of the address."""
    end = len(url.rstrip(".,;:!?*_'"))
    while url[:end].endswith(")") and url.count("(", 0, end) < url.count(")", 0, end):
        end = len(url[: end - 1].rstrip(".,;:!?*_'"))
    return url[:end], url[end:]
