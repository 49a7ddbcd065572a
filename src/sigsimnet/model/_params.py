"""Parameters of a model, by scikit-learn's habits: the constructor stores what it is given, unchanged."""

from __future__ import annotations

import inspect
from typing import Any, Self

from sigsimnet.errors import ParameterError

__all__ = ["HasParams"]


class HasParams:
    """`get_params`, `set_params` and `clone` for a class whose constructor stores its arguments.

    Tools of scikit-learn such as ``sklearn.base.clone`` work with it; scikit-learn is not needed.
    """

    @classmethod
    def _param_names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - scikit-learn's signature
        """Return the arguments of the constructor."""
        return {name: getattr(self, name) for name in self._param_names()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; the model forgets what it learnt with others.

        Raises
        ------
        ParameterError
            If there is no such argument, or a value is invalid.
        """
        names = self._param_names()
        for name in params:
            if name not in names:
                raise ParameterError(f"{type(self).__name__} has no parameter {name!r} (known: {', '.join(names)})")
        fresh = type(self)(**(self.get_params() | params))  # refuses what the constructor refuses
        if any(getattr(self, name) is not value for name, value in params.items()):
            vars(self).update(vars(fresh))
        return self

    def clone(self) -> Self:
        """Return a new, unfitted model with the same arguments."""
        return type(self)(**self.get_params())
