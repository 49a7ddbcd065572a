"""Pictures of the gallery: every figure that an example makes, also those that no pyplot knows of."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

__all__ = ["scrape"]


def scrape(block: tuple[Any, ...], block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:  # noqa: ARG001
    """Save the figures of a block that were not saved before."""
    import matplotlib.pyplot as plt
    from sphinx_gallery.scrapers import figure_rst

    found, paths = [], []
    for value in block_vars["example_globals"].values():
        if isinstance(value, Figure) and not any(value is one for one in found):
            found.append(value)
    for figure in found:
        if not getattr(figure, "_was_shown", False):
            path = next(block_vars["image_path_iterator"])
            figure.savefig(path, dpi=110, bbox_inches="tight")
            figure._was_shown = True  # type: ignore[attr-defined]  # noqa: SLF001
            paths.append(path)
    plt.close("all")
    return str(figure_rst(paths, gallery_conf["src_dir"]))


def _get_sg_image_scraper() -> Any:
    return scrape
