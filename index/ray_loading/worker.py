"""What runs on the machines of the cluster. It is imported there, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from index.ray_loading.finishing import Raw, encoded, finish
from index.ray_loading.recipe import Recipe, fingerprint

if TYPE_CHECKING:
    import pyarrow


class Finisher:
    """An actor: it loads the model once and finishes one block of files after the other."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        self._recipe = Recipe.from_json(recipe)
        self._embedder = self._recipe.make_embedder()
        self._embedder.warm_up()

    def __call__(self, block: pyarrow.Table) -> pyarrow.Table:
        import pyarrow

        raws = [Raw(**row) for row in block.to_pylist()]
        pairs = [encoded(done) for done in finish(raws, self._recipe, self._embedder)]
        return pyarrow.table(
            {
                "header": pyarrow.array([text for text, _ in pairs], pyarrow.large_binary()),
                "data": pyarrow.array([data for _, data in pairs], pyarrow.large_binary()),
                "made_by": [fingerprint()] * len(pairs),
            }
        )


def made_by() -> str:
    """What the program on this machine is, see `index.ray_loading.recipe.fingerprint`."""
    return fingerprint()


def block_of(raws: list[Raw]) -> pyarrow.Table:
    """Files as a block for `Finisher`."""
    import pyarrow

    schema = pyarrow.schema(
        [
            ("number", pyarrow.int64()),
            ("name", pyarrow.large_string()),
            ("origin", pyarrow.large_string()),
            ("declared", pyarrow.large_string()),
            ("early", pyarrow.bool_()),
            ("data", pyarrow.large_binary()),
        ]
    )
    rows = [{**raw.header(), "data": raw.data} for raw in raws]
    return pyarrow.Table.from_pylist(rows, schema)
