"""The fixtures are the harness's: other folders of tests share them."""

import signal

pytest_plugins = ["harness.fixtures"]

# A signal that is ignored stays so in what is started: nohup's, which the tests of signals send.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
