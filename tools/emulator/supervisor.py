"""The parent of a function's process: ends it, and all that it started, together with the emulator.

Usage: python -I -S supervisor.py STATUS PROGRAM ARGUMENT..

STATUS     file descriptor for two lines: `pid N` when PROGRAM runs, and `exit N`, `signal N` or `error TEXT` when it has ended
stdin      a pipe that the emulator never writes into: it closes when the emulator ends, however it ends

The emulator is a program of many threads, in which nothing can be done between fork and exec, and Linux's PR_SET_PDEATHSIG counts
for the thread that started a process, not for its program. So a small process does it, on macOS as well.
"""

import os
import select
import signal
import sys

status, command = int(sys.argv[1]), sys.argv[2:]
read, write = os.pipe()
os.set_blocking(write, False)
os.set_inheritable(status, False)
signal.set_wakeup_fd(write)
signal.signal(signal.SIGCHLD, lambda *_: None)


def tell(text):
    os.write(status, f"{text}\n".encode())


def end():
    """Ends the whole process group, which is this session's only one unless the function made others."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGKILL)


problem, tells = os.pipe()
child = os.fork()
if child == 0:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, os.environ)
    except OSError as error:
        os.write(tells, error.strerror.lower().encode())
    os._exit(127)
os.close(tells)
# empty when the program runs: exec closes the pipe
failed = os.read(problem, 1000).decode()
tell(f"pid {child}")
while True:
    ready, _, _ = select.select([0, read], [], [])
    if 0 in ready:
        end()
    os.read(read, 100)
    ended, how = os.waitpid(child, os.WNOHANG)
    if ended:
        code = os.waitstatus_to_exitcode(how)
        tell(f"error {failed}" if failed else f"signal {-code}" if code < 0 else f"exit {code}")
        # what it left behind ends with it
        end()
