"""Real servers of folders that the adapters library, peft and transformers save."""

from __future__ import annotations

import os
import warnings

import pytest
import torch

# The libraries ask nobody outside of this machine.
os.environ.update(HF_HUB_OFFLINE="1")

pytest_plugins = ["harness.fixtures"]


@pytest.fixture(autouse=True)
def quiet() -> None:
    """One thread, the same numbers each time, and no advice of the libraries."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
