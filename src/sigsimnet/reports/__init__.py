"""Pages that carry everything with them: one HTML file, no network."""

from __future__ import annotations

from sigsimnet.reports._audit import audit_html, audit_page
from sigsimnet.reports._change import change_html, change_page, draw_change
from sigsimnet.reports._comparison import comparison_html, comparison_page
from sigsimnet.reports._delineation import plot_delineation
from sigsimnet.reports._demo import demo_page
from sigsimnet.reports._groups import groups_html, groups_page
from sigsimnet.reports._map import map_html, map_page
from sigsimnet.reports._page import Section, Table, write_page
from sigsimnet.reports._profile import profile_html, profile_page, signals_page
from sigsimnet.reports._search import search_html, search_page
from sigsimnet.reports._series import plot_series, series_html, series_page

__all__ = [
    "Section",
    "Table",
    "audit_html",
    "audit_page",
    "change_html",
    "change_page",
    "comparison_html",
    "comparison_page",
    "demo_page",
    "draw_change",
    "groups_html",
    "groups_page",
    "map_html",
    "map_page",
    "plot_delineation",
    "plot_series",
    "profile_html",
    "profile_page",
    "search_html",
    "search_page",
    "series_html",
    "series_page",
    "signals_page",
    "write_page",
]
