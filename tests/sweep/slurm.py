# SPDX-License-Identifier: Apache-2.0
"""A Slurm cluster of one node on the loopback, for as long as a test needs it.

munged, slurmctld and slurmd run from a folder of the test with keys, ports and state of
their own; nothing of a Slurm that the machine may have is touched."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

NODE = "stage2sim-node"
NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo")
START_S = 60
MEM_MB = 4000  # what Slurm may give away, not what is used

CONFIG = """
ClusterName=stage2sim-test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=1
ReturnToService=2
KillWait=5
NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={mem_mb}
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """Programs that are not installed."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    return [name for name in NEEDED if not shutil.which(name, path=path)]


def _free_ports(n):
    held = [socket.socket() for _ in range(n)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Cluster:
    """with Cluster(folder) as env: env has what Slurm's commands need."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.processes = []
        self.env = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"))
        self.env["PATH"] = self.env.get("PATH", os.defpath) + ":/usr/sbin:/sbin"

    def _start(self, *args):
        log = open(self.folder / f"{Path(args[0]).name}.out", "w", encoding="utf-8")
        self.processes.append(subprocess.Popen(
            args, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env,
            start_new_session=True))
        log.close()

    def _wait(self, what, ready):
        until = time.monotonic() + START_S
        while not ready():
            if time.monotonic() > until:
                logs = "\n".join(
                    f"--- {p.name}\n{p.read_text(errors='replace')[-2000:]}"
                    for p in sorted(self.folder.iterdir())
                    if p.suffix in (".out", ".log"))
                raise AssertionError(f"{what} did not start\n{logs}")
            time.sleep(0.1)

    def _is_idle(self):
        done = subprocess.run(["sinfo", "-h", "-o", "%t"], env=self.env,
                              capture_output=True, text=True, timeout=30)
        return done.stdout.strip() == "idle"

    def __enter__(self):
        folder = self.folder
        for name in ("state", "spool", "munge"):
            (folder / name).mkdir(parents=True)
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        ctld_port, slurmd_port = _free_ports(2)
        (folder / "slurm.conf").write_text(CONFIG.format(
            host=socket.gethostname().split(".")[0], node=NODE, folder=folder,
            user=pwd.getpwuid(os.getuid()).pw_name, ctld_port=ctld_port,
            slurmd_port=slurmd_port, cpus=os.cpu_count(), mem_mb=MEM_MB),
            encoding="utf-8")
        try:
            self._start("munged", "--foreground", "--force", f"--key-file={key}",
                        f"--socket={folder}/munge.socket",
                        f"--pid-file={folder}/munge.pid",
                        f"--log-file={folder}/munge.log",
                        f"--seed-file={folder}/munge.seed")
            self._wait("munged", (folder / "munge.socket").exists)
            self._start("slurmctld", "-D")
            self._start("slurmd", "-D", "-N", NODE)
            self._wait("Slurm", self._is_idle)
        except BaseException:
            self.__exit__()
            raise
        return self.env

    def __exit__(self, *_):
        subprocess.run(["scancel", "--full", "--user", str(os.getuid())], env=self.env,
                       capture_output=True, check=False, timeout=60)
        for p in reversed(self.processes):
            p.send_signal(signal.SIGTERM)
            try:
                p.wait(30)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
