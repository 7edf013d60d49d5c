"""The fixtures are in the harness, because other test folders share them."""

import signal

pytest_plugins = ["harness.fixtures"]

# A child process inherits ignored signals, and the tests send signals to child processes.
# nohup ignores SIGHUP; a shell that starts a program in the background ignores SIGINT and SIGQUIT.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
