# SPDX-License-Identifier: Apache-2.0
"""Sweeps: many runs of one scenario, their table and their report (docs/sweeps.md)."""
