"""Recurrent networks on a series, by darts, beside the last value; and by SHAP what each past value adds.

    pip install darts pytorch-lightning shap
    python examples/recurrent/run.py ../shared/data/mitdb/100 --horizon 6

The series is that of ``sigsimnet forecast``: of an ECG its heart rate, 60 / mean RR by 5 s; of a table one column. Its
first 60 % are learnt from. On the rest each network (RNN, LSTM, GRU; reading the past in one direction or in both)
forecasts ``--horizon`` steps from every moment, without learning again, and misses by so much on average at the last of
these steps, beside the last value on the same moments. SHAP (Lundberg & Lee 2017, by sampling) then says how far each
past value moves the forecast of the best network at the last moment.

SigSimNet needs none of this: the packages take 0.5 GB, and ``sigsimnet forecast`` has the simple methods.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings

import numpy as np
from darts import TimeSeries
from darts.models import BlockRNNModel
from darts.models.forecasting.block_rnn_model import _BlockRNNModule
from numpy.typing import NDArray
from torch import nn

import sigsimnet as ssn
from sigsimnet.series import fill, series_of

LAGS = 24  # steps that a network looks back: two minutes
LEARN = 0.6  # of the series
HIDDEN = 16
KINDS = ("RNN", "LSTM", "GRU")


class BothWays(_BlockRNNModule):
    """darts' recurrent block with a layer that reads the past in both directions."""

    def __init__(self, kind: str, **settings: object) -> None:
        super().__init__(name=kind, **settings)
        self.rnn = getattr(nn, kind)(
            self.input_size, self.hidden_dim, self.num_layers, batch_first=True, bidirectional=True
        )
        self.fc = nn.Linear(2 * self.hidden_dim, self.nr_params * self.target_size)


class BothRNN(BothWays):
    """Of plain units."""

    def __init__(self, **settings: object) -> None:
        super().__init__("RNN", **settings)


class BothLSTM(BothWays):
    """Of LSTM units."""

    def __init__(self, **settings: object) -> None:
        super().__init__("LSTM", **settings)


class BothGRU(BothWays):
    """Of GRU units."""

    def __init__(self, **settings: object) -> None:
        super().__init__("GRU", **settings)


NETWORKS = {**{kind: kind for kind in KINDS}, "RNN, both ways": BothRNN, "LSTM, both ways": BothLSTM,
            "GRU, both ways": BothGRU}  # fmt: skip


def learnt(kind: str | type, known: NDArray[np.float32], horizon: int, epochs: int, seed: int) -> BlockRNNModel:
    """Return a network that has learnt from a series."""
    quiet = {"accelerator": "cpu", "enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    network = BlockRNNModel(
        input_chunk_length=LAGS, output_chunk_length=horizon, model=kind, hidden_dim=HIDDEN, n_rnn_layers=1,
        n_epochs=epochs, batch_size=32, random_state=seed, pl_trainer_kwargs=quiet,
    )  # fmt: skip
    network.fit(TimeSeries.from_values(known))
    return network


def said(network: BlockRNNModel, pasts: NDArray[np.float32], horizon: int) -> NDArray[np.float64]:
    """Return the forecast of the last step, for pasts of shape (n, LAGS)."""
    found = network.predict(horizon, series=[TimeSeries.from_values(past) for past in pasts], verbose=False)
    return np.array([one.values()[-1, 0] for one in found])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("series", help="an ECG, or a table of values at even steps")
    parser.add_argument("--column", help="of a table of several columns")
    parser.add_argument("--horizon", type=int, default=6, help="steps ahead (default 6: of an ECG 30 s)")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=UserWarning)  # of PyTorch Lightning, for each fit
    try:
        found = series_of(asked.series)
        column = found.names.index(asked.column) if asked.column in found.names else 0
        whole = (fill(found).series if np.isnan(found.values).any() else found).values[column]
    except ssn.SigSimNetError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    n = round(LEARN * len(whole))
    if n < 4 * LAGS or len(whole) - n < LAGS + asked.horizon:
        print(f"error: {len(whole)} values are too few to learn from and to forecast", file=sys.stderr)
        return 2
    mean, spread = whole[:n].mean(), max(float(whole[:n].std()), 1e-9)
    values = ((whole - mean) / spread).astype(np.float32)
    moments = np.arange(n, len(values) - asked.horizon)
    pasts = np.stack([values[m - LAGS : m] for m in moments])
    truth = whole[moments + asked.horizon - 1]
    print(f"{found.names[column]}: {n} values of {found.step:g} s to learn from, {len(moments)} moments to forecast")
    misses = {"last value": float(np.abs(whole[moments - 1] - truth).mean())}
    networks = {}
    for name, kind in NETWORKS.items():
        networks[name] = learnt(kind, values[:n], asked.horizon, asked.epochs, asked.seed)
        misses[name] = float(np.abs(said(networks[name], pasts, asked.horizon) * spread + mean - truth).mean())
    unit = found.units[column]
    for name, miss in misses.items():
        print(f"{name:16s} {miss:.2f} {unit}")
    best = min(networks, key=misses.__getitem__)
    verdict = "misses by less than the last value" if misses[best] < misses["last value"] else "is no better than it"
    print(f"{best} is the best network, and {verdict} (one series, one seed: no proof)")

    import shap

    some = pasts[np.linspace(0, len(pasts) - 1, 20).astype(int)]
    explainer = shap.KernelExplainer(lambda x: said(networks[best], x.astype(np.float32), asked.horizon), some)
    added = np.asarray(explainer.shap_values(pasts[-1:], nsamples=200, silent=True))[0] * spread
    base = float(explainer.expected_value) * spread + mean
    print(f"{best} says {base + added.sum():.1f} {unit}: {base:.1f} as usual, and by the past values")
    for k in np.argsort(-np.abs(added))[:5]:
        print(f"  {(LAGS - k) * found.step:5.0f} s ago ({pasts[-1, k] * spread + mean:.1f}): {added[k]:+.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
