"""Run a command and print its seconds, CPU seconds and peak memory: `python -S launch.py INPUT COMMAND...`.

Linux counts to a process the memory of the one that started it, so that one has to be small: this is a program of its
own that loads next to nothing.
"""

import os
import sys
import time

text, *command = sys.argv[1:]
streams = [(os.POSIX_SPAWN_OPEN, 0, text, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
process = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
_, status, used = os.wait4(process, 0)
seconds = time.perf_counter() - start
unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
