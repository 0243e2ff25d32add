# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the driver of a sweep."""

from killing import kill_and_resume


def test_a_driver_killed_five_times_and_resumed_gives_the_same_table(tmp_path):
    kill_and_resume(tmp_path, 5)
