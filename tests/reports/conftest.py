# SPDX-License-Identifier: Apache-2.0
"""Makes `reports` and the fixture importable from any working directory."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]
