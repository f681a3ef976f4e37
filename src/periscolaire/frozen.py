"""An immutable, hashable, picklable mapping: what attrs classes hold instead of a ``dict``."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any, Generic, TypeVar

__all__ = ["FrozenMap"]

K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)


class FrozenMap(Mapping[K, V_co], Generic[K, V_co]):
    """A mapping that never changes; equal to any mapping with the same items, hashable if its values are.

    Keeps the order of insertion, which is what files and screens show; order plays no part in equality.
    """

    __slots__ = ("_hash", "_items")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        items: Any = dict(*args, **kwargs)
        self._items: dict[K, V_co] = items
        self._hash: int | None = None

    def __getitem__(self, key: K) -> V_co:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    # What Mapping would do through __getitem__ and an exception, done by the dictionary itself: facts are read often.

    def __contains__(self, key: object) -> bool:
        return key in self._items

    if not TYPE_CHECKING:  # its type is that of Mapping.get

        def get(self, key: K, default: Any = None) -> Any:
            return self._items.get(key, default)

    def keys(self) -> KeysView[K]:
        return self._items.keys()

    def values(self) -> ValuesView[V_co]:
        return self._items.values()

    def items(self) -> ItemsView[K, V_co]:
        return self._items.items()

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMap):
            return bool(self._items == other._items)
        if isinstance(other, Mapping):
            return bool(self._items == dict(other))
        return NotImplemented

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def __reduce__(self) -> tuple[type[FrozenMap[K, V_co]], tuple[dict[K, V_co]]]:
        return FrozenMap, (self._items,)

    def with_(self, changes: Mapping[K, Any]) -> FrozenMap[K, Any]:
        """The same mapping with ``changes`` laid over it."""
        return FrozenMap({**self._items, **changes})
