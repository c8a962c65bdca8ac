"""Pages from templates: one environment a language, the same frame for all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lintas.desk import lookup
from lintas.desk.office import Office
from lintas.model.entity import value_words
from lintas.web import bundle, differences, severity, showing, words

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("light", "dark")
THEME_COOKIE = "lintas_theme"
HTMX = {"includeIndicatorStyles": False, "allowEval": False, "historyCacheSize": 0, "selfRequestsOnly": True}


@dataclass(frozen=True)
class Pages:
    """What it takes to make a page."""

    office: Office
    bundle: bundle.Bundle
    environments: Mapping[str, Environment]


def pages(office: Office) -> Pages:
    """Read templates, catalogues and the bundle. Raises UnavailableError when the bundle was not built."""
    return Pages(office, bundle.read(), {name: _environment(it) for name, it in words.catalogues().items()})


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page or a part of one. What is FICTIONAL is said whatever the page."""
    made: Pages = request.app.state.pages
    language = words.preferred(request.headers.get("accept-language", ""), made.environments)
    theme = request.cookies.get(THEME_COOKIE, "")
    frame = {
        "request": request,
        "language": language,
        "theme": theme if theme in THEMES else "",
        "address": address(request),
        "officer": getattr(request.state, "officer", None),
        "node": made.office.node.name,
        "now": made.office.now(),
        "bundle": made.bundle,
        "htmx": json.dumps(HTMX),
        "is_fictional": bool(context.pop("is_fictional", False)) or lookup.is_fictional(made.office),
    }
    html = made.environments[language].get_template(template).render({**frame, **context})
    return HTMLResponse(html, status_code=status)


def address(request: Request) -> str:
    """Path and query of what is asked, for the way back."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def query(pairs: Mapping[str, Any], **changes: Any) -> str:
    """A query string of `pairs` with `changes`; what is empty is left out."""
    return urlencode({k: v for k, v in {**pairs, **changes}.items() if v not in (None, "", [], ())}, doseq=True)


def _environment(translations: Any) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "moment": showing.moment,
        "day": showing.day,
        "grouped": showing.grouped,
        "signed": showing.signed,
        "size": showing.size,
        "duration": showing.duration,
        "short_hash": showing.short_hash,
        "countries": showing.countries,
        "schema_words": showing.schema_words,
        "topic_words": lambda topic: value_words("topic", topic),
        "in_script": showing.in_script,
        "in_latin": showing.in_latin,
        "said": translations.gettext,
    }
    environment.globals |= {
        "differences": differences.differences,
        "severity": severity.severity,
        "steps": severity.STEPS,
        "in_words": showing.in_words,
        "property_words": showing.property_words,
        "query": query,
    }
    return environment
