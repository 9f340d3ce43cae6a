"""Names for folders and lines of text, safe whatever an upload was called."""

import hashlib
import os
import re
import unicodedata

MAX_STEM = 40  # letters of the original name that a folder's name keeps
VIDEO_DIGEST_LENGTH = 10  # hexadecimal digits
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(?![a-z0-9])", re.IGNORECASE)  # devices of Windows


def name_folder(stem: str, identity: str) -> str:
    """Return a folder's name: what of `stem` is letters, digits, - and _, and a digest of `identity`.

    Two identities never share a name, also where case is ignored, and the same identity always has the same. Letters
    of any script stay; the name is at most 200 bytes long.
    """
    plain = unicodedata.normalize("NFKC", stem.encode("utf-8", "replace").decode("utf-8"))
    kept = re.sub(r"[^\w-]+", "_", plain).strip("_-")[:MAX_STEM].rstrip("_-")
    if RESERVED.match(kept):
        kept = f"_{kept}"
    mark = hashlib.sha256(os.fsencode(identity)).hexdigest()[:VIDEO_DIGEST_LENGTH]
    return f"{kept}-{mark}" if kept else mark
