"""Pages from templates: one environment a language, the same frame for all."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lintas.desk import lookup, sessions
from lintas.desk.office import Office
from lintas.model.errors import LintasError
from lintas.web import bundle, cookies, differences, drafts, history, offers, severity, showing, words
from lintas.web.showing import Showing
from lintas.web.words import N_

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("light", "dark")
THEME_COOKIE = "lintas_theme"
LANGUAGE_COOKIE = "lintas_language"
KEYS_COOKIE = "lintas_keys"  # "off": no single keys (WCAG 2.1.4)
OWN_NAME = N_("English")  # translated as the name of the catalogue's language in itself
HTMX = {"includeIndicatorStyles": False, "allowEval": False, "historyCacheSize": 0, "selfRequestsOnly": True}


@dataclass(frozen=True)
class Pages:
    """What it takes to make a page."""

    office: Office
    bundle: bundle.Bundle
    showings: Mapping[str, Showing]  # by language
    environments: Mapping[str, Environment]  # by language


def pages(office: Office, locale: Path = words.LOCALE) -> Pages:
    """Read templates, catalogues and the bundle. Raises UnavailableError when the bundle was not built."""
    showings = {name: Showing(name, held, words.rooms(name, locale)) for name, held in words.catalogues(locale).items()}
    languages = [(name, it.said(OWN_NAME)) for name, it in showings.items()]
    environments = {name: _environment(it, languages, office) for name, it in showings.items()}
    return Pages(office, bundle.read(), showings, environments)


def shown(request: Request) -> Showing:
    """How this request's answer is written: in the language that was chosen, else in the browser's."""
    made: Pages = request.app.state.pages
    chosen = cookies.held(request, LANGUAGE_COOKIE)
    return made.showings[words.preferred(chosen, request.headers.get("accept-language", ""), made.showings)]


def languages(request: Request) -> Collection[str]:
    """The languages of the pages."""
    made: Pages = request.app.state.pages
    return made.showings


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page or a part of one. What is FICTIONAL is said whatever the page."""
    made: Pages = request.app.state.pages
    if isinstance(error := context.get("error"), LintasError):
        request.state.code = error.code  # for the journal
    language = shown(request).language
    theme = cookies.held(request, THEME_COOKIE)
    officer = getattr(request.state, "officer", None)
    frame = {
        "request": request,
        "theme": theme if theme in THEMES else "",
        "has_keys": cookies.held(request, KEYS_COOKIE) != "off",
        "address": address(request),
        "officer": officer,
        "waits": offers.Waits(made.office, officer),
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


def _environment(shown: Showing, languages: Sequence[tuple[str, str]], office: Office) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(shown.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "message_type": lambda name: shown.said(drafts.TYPES.get(name, name.replace("_", " "))),
        "message_word": lambda name: shown.said(drafts.WORDS.get(name, name.replace("_", " "))),
        "message_value": lambda value: shown.said(drafts.VALUES.get(value, value)),
        "moment": showing.moment,
        "day": showing.day,
        "grouped": shown.grouped,
        "score": shown.score,
        "decimal": shown.decimal,
        "signed": shown.signed,
        "size": shown.size,
        "duration": shown.duration,
        "span": shown.span,
        "short_hash": showing.short_hash,
        "countries": shown.countries,
        "schema_words": shown.schema_words,
        "topic_words": shown.topic_words,
        "link_words": shown.link_words,
        "in_script": showing.in_script,
        "in_latin": showing.in_latin,
        "said": shown.said,
        "told": shown.told,
        "happened": history.happened,
    }
    may, sections = offers.offers(office)
    environment.globals |= {
        "language": shown.language,
        "idles_s": int(sessions.SESSION_IDLES.total_seconds()),
        "languages": languages,
        "differences": differences.differences,
        "severity": severity.severity,
        "steps": severity.STEPS,
        "in_words": shown.in_words,
        "property_words": shown.property_words,
        "query": query,
        "may": may,
        "sections": sections,
    }
    return environment
