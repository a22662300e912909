"""What widgets in seats display, without a notebook."""

from typing import Any


class Shown:
    """Stands in for IPython's `display` and its handle, and keeps what it is given."""

    def __init__(self) -> None:
        self.bundles: list[dict[str, Any]] = []

    def __call__(
        self, data: dict[str, Any], *, metadata: dict[str, Any], raw: bool, display_id: bool
    ) -> "Shown":
        assert raw
        assert display_id
        return self.update(data, metadata=metadata, raw=raw)

    def update(self, data: dict[str, Any], *, metadata: dict[str, Any], raw: bool) -> "Shown":
        assert raw
        assert set(metadata) <= set(data)
        self.bundles.append(data)
        return self
