"""Opens a page of the history in chromium, as narrow as a phone, and prints what is there as JSON."""

import json
import sys

from playwright.sync_api import sync_playwright


def look(address: str, chromium: str) -> dict[str, object]:
    """Return what the page shows once its charts are drawn, and what it complained of or asked the network for."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
        page.goto(address)
        page.wait_for_selector("html[data-charts=ready]", state="attached", timeout=120_000)
        seen: dict[str, object] = {
            "charts": page.locator(".chart .main-svg").count(),
            "title": page.title(),
            "width_px": page.evaluate("document.documentElement.scrollWidth"),
            "answers": page.locator("td.answer.larger").all_inner_texts(),
        }
        browser.close()
    return {**seen, "complaints": complaints}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look(*sys.argv[1:])))
