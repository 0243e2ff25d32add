# SPDX-License-Identifier: Apache-2.0
"""Turns run directories (docs/results-format.md) into a report for a design review."""
