"""Real servers of folders that the adapters library, peft and transformers save."""

from __future__ import annotations

import os
import warnings

import pytest
import torch

# The libraries must not access the network.
os.environ.update(HF_HUB_OFFLINE="1")

pytest_plugins = ["harness.fixtures"]


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Uses one thread, fixed random numbers, and no hints of the libraries."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
