"""Runs the tests beside it: `python3 tools/scaffold/tests`."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

found = unittest.defaultTestLoader.discover(str(HERE), "test_*.py")
sys.exit(not unittest.TextTestRunner(verbosity=2).run(found).wasSuccessful())
