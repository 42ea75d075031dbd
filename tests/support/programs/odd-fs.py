"""A FUSE file system of a few files that are not what they say. Usage: odd-fs.py MOUNTPOINT, a description as JSON on stdin; says `ready` once mounted.

Description: {name: {content: text, repeat: times, size: bytes told, ino, nlink, mtime: seconds, failAt: offset from which reading fails (EIO),
shown: false for a name that is listed and cannot be looked at, short: most bytes a read gives,
hangs: "read" or "look", which then never answers, and `hanging` is said,
with who waits}}. A name with "/" stands in a folder; with a name "." nothing can be listed.
"""
import ctypes
import errno
import json
import os
import signal
import stat
import sys
import time

from fusepy import FUSE, FuseOSError, Operations, fuse_get_context

NOW = 1700000000

PR_SET_PDEATHSIG = 1


class Odd(Operations):
    def __init__(self, files):
        self.files = files
        self.folders = {os.path.dirname(name) for name in files} | {''}

    def init(self, path):
        os.write(1, b'ready\n')

    def hang(self, name, at):
        if self.files.get(name, {}).get('hangs') == at:
            # In one piece: several may begin to wait at once.
            os.write(1, f'hanging {fuse_get_context()[2]}\n'.encode())
            time.sleep(1_000_000)

    def content(self, name):
        about = self.files[name]
        return about.get('content', '').encode() * about.get('repeat', 1)

    def getattr(self, path, fh=None):
        name = path[1:]
        self.hang(name, 'look')
        both = dict(st_uid=os.getuid(), st_gid=os.getgid(), st_atime=NOW, st_ctime=NOW)
        if name in self.folders:
            ino = 2 + sorted(self.folders).index(name)
            return dict(both, st_mode=stat.S_IFDIR | 0o755, st_nlink=2, st_size=0, st_ino=ino, st_mtime=NOW)
        about = self.files.get(name)
        if about is None or about.get('shown') is False:
            raise FuseOSError(errno.ENOENT)
        return dict(
            both,
            st_mode=stat.S_IFREG | 0o644,
            st_nlink=about.get('nlink', 1),
            st_size=about.get('size', len(self.content(name))),
            st_ino=about.get('ino', 100 + sorted(self.files).index(name)),
            st_mtime=about.get('mtime', NOW),
        )

    def readdir(self, path, fh):
        if '.' in self.files:
            raise FuseOSError(errno.EIO)
        names = sorted({*self.files, *self.folders} - {''})
        return ['.', '..', *[os.path.basename(name) for name in names if os.path.dirname(name) == path[1:]]]

    def open(self, path, flags):
        return 5

    def read(self, path, size, offset, fh):
        about = self.files[path[1:]]
        self.hang(path[1:], 'read')
        if offset >= about.get('failAt', offset + 1):
            raise FuseOSError(errno.EIO)
        end = offset + min(size, about.get('short', size), about.get('failAt', offset + size) - offset)
        return self.content(path[1:])[offset:end]


if __name__ == '__main__':
    # Left behind by tests that were killed, one that answers nobody would hold up whoever looks at the processes that wait for it (ps, pkill).
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The library would stop answering and then wait for the threads that hang.
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    files = json.load(sys.stdin)
    FUSE(Odd(files), sys.argv[1], foreground=True, direct_io=True, use_ino=True, attr_timeout=0, entry_timeout=0)
