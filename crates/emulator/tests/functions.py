"""Functions that run in an emulator with the authorization gate, from outside, with AWS's SDK. Run by functions.rs in the emulator's
Python; the tests themselves are in the folder beside this file.

Usage: functions.py ENDPOINT [TEST..]      all tests, or those that are named: `events.Rules`
"""

import os
import sys
import unittest

FILES = ["objects", "events", "invocation", "settings"]

os.environ["ZONE_ENDPOINT"] = sys.argv.pop(1)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "functions"))
sys.dont_write_bytecode = True
names = sys.argv[1:] or FILES
result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromNames(names))
# a test that nobody ran has not passed
sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
