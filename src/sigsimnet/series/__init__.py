"""Series of vital signs: what comes next, what is missing, what one says of another; and what that is worth."""

from __future__ import annotations

from sigsimnet.series._fill import Filled, Nowcast, fill, nowcast
from sigsimnet.series._forecast import FORECAST_ROW, Forecast, Method, forecast
from sigsimnet.series._methods import METHODS
from sigsimnet.series._series import Series, series_of

__all__ = [
    "FORECAST_ROW",
    "METHODS",
    "Filled",
    "Forecast",
    "Method",
    "Nowcast",
    "Series",
    "fill",
    "forecast",
    "nowcast",
    "series_of",
]
