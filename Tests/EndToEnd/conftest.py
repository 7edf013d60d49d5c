"""The fixtures are the harness's: other folders of tests share them."""

pytest_plugins = ["harness.fixtures"]
