"""What the judges have in common: a judge expects things, and ends at the first that is not so."""

import sys


class Verdict:
    def __init__(self, name):
        self.name = name
        self.held = 0

    def expect(self, holds, what):
        if not holds:
            sys.exit(f"{self.name}: expected {what}")
        self.held += 1
