"""Zip files made by hand where the library would not make them."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable


def zipped(
    members: Iterable[tuple[str | zipfile.ZipInfo, bytes]],
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A zip file of these members, in this order; names are taken as they are."""
    archive = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(archive, "w", compression) as package:
        warnings.simplefilter("ignore", UserWarning)  # a name that is used twice
        for name, content in members:
            info = zipfile.ZipInfo(name) if isinstance(name, str) else name
            info.compress_type = compression
            with package.open(info, "w") as member:
                member.write(content)
    return archive.getvalue()
