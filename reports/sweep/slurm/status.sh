#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# status.sh JOB - prints running, success or failed, as Snakemake asks for it. Works
# without Slurm's accounting; a job that Slurm has forgotten counts as failed, and the
# driver then looks for its results.
case $(scontrol --oneliner show job "$1" 2>/dev/null) in
*JobState=COMPLETED*) echo success ;;
*JobState=PENDING* | *JobState=RUNNING* | *JobState=COMPLETING* | *JobState=CONFIGURING* | *JobState=SUSPENDED*) echo running ;;
*) echo failed ;;
esac
