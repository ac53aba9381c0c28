"""Take pictures of every page of a running `make demo`, as each role sees it.

    python -m docs.screenshots OUT [--publish]

Joins the services of the demo through the same environment (``ANTESIS_VAR``, ``PORT``) and signs in by making sessions,
so it needs no password. ``--publish`` also writes the pictures that the documentation shows to ``docs/images``.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from config.env import default_settings, read_environment

IMAGES = Path(__file__).parent / "images"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUALITY = 90


@dataclass(frozen=True)
class Shot:
    """One page: who looks at it, and under which name the documentation shows it (None: not at all)."""

    name: str
    role: str | None
    path: str
    published: str | None = None
    on_phone: bool = False


def shots(slug: str, run_id: int | None, version_id: str | None) -> Iterator[Shot]:
    """Every page of the product."""
    yield Shot("login", None, "/login")
    yield Shot("projects", "admin", "/projects")
    yield Shot("new-project", "admin", "/projects/new")
    yield Shot("overview", "admin", f"/p/{slug}", "overview")
    yield Shot("dashboard", "admin", f"/p/{slug}/dashboard")
    yield Shot("review", "expert", f"/p/{slug}/review", "bench")
    yield Shot("grid", "expert", f"/p/{slug}/grid", "grid")
    yield Shot("adjudicate", "adjudicator", f"/p/{slug}/adjudicate", "adjudicate")
    yield Shot("second-look", "adjudicator", f"/p/{slug}/second-look")
    yield Shot("atlas", "adjudicator", f"/p/{slug}/atlas", "atlas")
    yield Shot("agreement", "adjudicator", f"/p/{slug}/agreement", "agreement")
    yield Shot("photos", "admin", f"/p/{slug}/photos", "photos")
    yield Shot("map", "adjudicator", f"/p/{slug}/map")
    yield Shot("import", "admin", f"/p/{slug}/import")
    yield Shot("export", "adjudicator", f"/p/{slug}/export")
    yield Shot("training", "admin", f"/p/{slug}/training", "training")
    if run_id is not None:
        yield Shot("run", "admin", f"/p/{slug}/training/{run_id}")
    yield Shot("models", "admin", f"/p/{slug}/models")
    if version_id is not None:
        yield Shot("model", "admin", f"/p/{slug}/models/{version_id}", "model")
        yield Shot("report", "admin", f"/p/{slug}/models/{version_id}/report")
    yield Shot("people", "admin", f"/p/{slug}/people")
    yield Shot("settings", "admin", f"/p/{slug}/settings")
    yield Shot("webhooks", "admin", f"/p/{slug}/webhooks")
    yield Shot("account", "expert", "/account")
    yield Shot("grower", "grower", f"/u/{slug}", "grower", on_phone=True)
    yield Shot("grower-plots", "grower", f"/u/{slug}#plots")


def main() -> None:
    """Parse the command line and take the pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of every page of a running `make demo`.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--publish", action="store_true", help="update docs/images too")
    parser.add_argument("--only", default="", help="names of pages, separated by commas")
    arguments = parser.parse_args()
    default_settings()
    import django

    django.setup()
    arguments.out.mkdir(parents=True, exist_ok=True)
    take(arguments.out, {name for name in arguments.only.split(",") if name}, publish=arguments.publish)


def take(out: Path, only: set[str], *, publish: bool) -> None:
    """Write ``out/<page>.<width>.<language>.<scheme>.png`` for every page."""
    from playwright.sync_api import sync_playwright

    from classifier.models import ModelVersion, TrainingRun
    from labeling.models import Project

    project = Project.objects.order_by("pk").first()
    if project is None:
        raise SystemExit("There is no project: start `make demo` first.")
    run = TrainingRun.objects.filter(project=project).first()
    version = ModelVersion.objects.filter(project=project).first()
    pages = list(shots(project.slug, run.pk if run else None, str(version.pk) if version else None))
    cookies = {role: session_cookie(project, role) for role in ("admin", "expert", "adjudicator", "grower")}
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for shot, language, scheme, viewport in product(pages, ("en", "es"), ("light", "dark"), (DESKTOP, PHONE)):
            if only and shot.name not in only:
                continue
            if language == "es" and scheme == "dark":
                continue  # the words were seen in light, the colours in English
            target = out / f"{shot.name}.{viewport['width']}.{language}.{scheme}.png"
            picture(browser, shot, cookies.get(shot.role or ""), language, scheme, viewport, target)
            if publish and shot.published and scheme == "light" and (viewport is PHONE) == shot.on_phone:
                suffix = ("-phone" if shot.on_phone else "") + (".es" if language == "es" else "")
                publish_picture(target, IMAGES / f"{shot.published}{suffix}.webp")
        browser.close()


def session_cookie(project: Any, role: str) -> str | None:
    """A session of somebody with this role in the project, as the cookie's value."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from labeling.models import Membership

    membership = Membership.objects.filter(project=project, role=role).select_related("user").first()
    if membership is None:
        return None
    session = SessionStore()
    session[SESSION_KEY] = str(membership.user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = membership.user.get_session_auth_hash()
    session.create()
    return session.session_key


def picture(
    browser: Any, shot: Shot, cookie: str | None, language: str, scheme: str, viewport: dict[str, int], target: Path
) -> None:
    """Open one page, let it settle, and take its picture."""
    address = f"http://127.0.0.1:{read_environment().port}"
    context = browser.new_context(
        base_url=address,
        locale={"en": "en-GB", "es": "es-ES"}[language],
        color_scheme=scheme,
        viewport=viewport,
        is_mobile=viewport is PHONE,
        has_touch=viewport is PHONE,
        service_workers="block",
    )
    if cookie:
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    # People's own choice of language and scheme would win over the browser's; the pictures want the browser's.
    page = context.new_page()
    page.goto(shot.path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=target)
    context.close()


def publish_picture(source: Path, target: Path) -> None:
    """Write a small copy for the documentation."""
    from PIL import Image

    with Image.open(source) as image:
        image.convert("RGB").save(target, quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
