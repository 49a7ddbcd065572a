"""Make the tables and the figure of the benchmark from its CSV files.

    python benchmarks/peaks/table.py

Prints the tables as Markdown and writes ``tables.md`` and ``f1.png`` beside the results.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from methods import NAMESAKES

from sigsimnet._utils.files import write_whole
from sigsimnet.plotting import save_figure
from sigsimnet.plotting._figure import BLUE, GREY, new_figure

RESULTS = Path(__file__).with_name("results")


def pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return F1 at each tolerance (%), JF (%), CPU seconds for 24 h at 360 Hz, and records that failed."""
    table = []
    for method, part in rows.groupby("method"):
        true, found = part["n_true"].sum(), part["n_found"].sum()
        f1 = {f"F1 {t} ms": 200 * part[f"tp_{t}"].sum() / (true + found) for t in (150, 50, 25)}
        row = {"method": method, "Se": 100 * part["tp_150"].sum() / true, "PPV": 100 * part["tp_150"].sum() / found}
        row |= f1 | {"JF": part["jf"].fillna(0).mean()}
        if "cpu_s" in part:
            # Half an hour a record: 48 of them make a day.
            row["CPU s for 24 h"] = 48 * part["cpu_s"].mean()
        table.append(row | {"failed": int((part["error"].fillna("") != "").sum())})
    return pd.DataFrame(table).set_index("method").sort_values("F1 150 ms", ascending=False)


def markdown(table: pd.DataFrame, digits: dict[str, int]) -> str:
    names = [table.index.name or "", *table.columns]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for name, row in table.iterrows():
        cells = [f"{value:.{digits.get(column, 2)}f}" for column, value in row.items()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def not_seen() -> pd.DataFrame:
    """Return what ``recipes/peaks/train.py`` measured, pooled."""
    rows = pd.read_csv(Path(__file__).parents[2] / "recipes" / "peaks" / "cross_validation.csv", dtype={"record": str})
    pooled_rows = rows.groupby("channel")[["n_true", "n_found", "tp_150", "tp_50"]].sum()
    counted = pooled_rows["n_true"] + pooled_rows["n_found"]
    return pd.DataFrame({f"F1 {t} ms": 200 * pooled_rows[f"tp_{t}"] / counted for t in (150, 50)})


def main() -> None:
    mitdb = pooled(pd.read_csv(RESULTS / "mitdb.csv"))
    noise = pd.read_csv(RESULTS / "noise.csv")
    parts = ["## MIT-BIH, pooled", markdown(mitdb, {"failed": 0, "F1 150 ms": 3, "F1 50 ms": 3})]
    rows = []
    for name, others in NAMESAKES.items():
        mine = mitdb.loc[f"sigsimnet {name}"]
        row = {"detector": name, "F1 150 ms": mine["F1 150 ms"], "F1 50 ms": mine["F1 50 ms"]}
        known = [other for other in others if other in mitdb.index]
        row["best namesake 150 ms"] = max(mitdb.loc[other, "F1 150 ms"] for other in known)
        row["best namesake 50 ms"] = max(mitdb.loc[other, "F1 50 ms"] for other in known)
        row["times faster than py-ecg-detectors"] = mitdb.loc[others[0], "CPU s for 24 h"] / mine["CPU s for 24 h"]
        rows.append(row)
    parts += [
        "## Namesakes",
        markdown(pd.DataFrame(rows).set_index("detector"), {"times faster than py-ecg-detectors": 0}),
    ]
    parts += ["## The default on records that its network had not seen (six folds)", markdown(not_seen(), {})]
    default = mitdb.loc["sigsimnet sigsimnet", "CPU s for 24 h"]
    if "sleepecg C" in mitdb.index:
        fastest = mitdb[mitdb.index.str.startswith("sigsimnet ")]["CPU s for 24 h"].min()
        sleepecg = mitdb.loc["sleepecg C", "CPU s for 24 h"]
        parts.append(f"CPU against sleepecg C: default {default / sleepecg:.2f} ×, fastest {fastest / sleepecg:.2f} ×.")
    for kind, what in (("ma", "muscle noise"), ("bw", "baseline wander")):
        chosen = noise[noise["noise"] == kind]
        table = pd.DataFrame(
            {
                f"{snr} dB": pooled(chosen[chosen["snr"] == snr])["F1 150 ms"]
                for snr in sorted(chosen["snr"].unique())[::-1]
            }
        )
        table.index.name = "method"
        parts += [f"## With {what}, F1 at 150 ms", markdown(table.sort_values("6 dB", ascending=False), {})]
    text = "\n\n".join(parts) + "\n"
    print(text)
    with write_whole(RESULTS / "tables.md") as temporary:
        temporary.write_text(text, encoding="utf-8")
    shown = mitdb[mitdb["F1 150 ms"] > 90].iloc[::-1]
    figure = new_figure(9.0, 0.6 + 0.24 * len(shown))
    ax = figure.subplots()
    colors = [BLUE if name.startswith("sigsimnet") else GREY for name in shown.index]
    ax.barh(range(len(shown)), shown["F1 50 ms"], color=colors, alpha=0.45, label="50 ms")
    ax.plot(shown["F1 150 ms"], range(len(shown)), "k|", markersize=9, label="150 ms")
    ax.set_yticks(range(len(shown)), list(shown.index), fontsize=7)
    ax.set_xlim(0, 100.5)
    ax.set_xlabel("F1 (%), MIT-BIH channel 0 after minute 5: bars at 50 ms, strokes at 150 ms; blue: ours")
    save_figure(figure, RESULTS / "f1.png")


if __name__ == "__main__":
    main()
