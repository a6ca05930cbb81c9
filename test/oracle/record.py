#!/usr/bin/env python3
"""Asks a real Linux kernel what memory operations do, and writes down its answers.

    record.py random --kind KIND --seed S --ops N [--traces T] [--proc] > traces.jsonl
    record.py script FILE [--proc] > trace.jsonl        (one operation a line; see FORMAT.md)
    record.py kinds
    record.py clean                            (unmounts and deletes what recording has made)

Needs Linux on x86-64, root (for page frame numbers and the huge-page pool) and gcc (for puppet.c).
Exits 3 where an operation killed the process that did it (it unmapped itself): the trace ends before that line.
A trace is a header line and then one line per operation: FORMAT.md says what each field means.
"""
import argparse, errno, json, os, random, re, select, shutil, signal, struct, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE, HUGE = 4096, 2 << 20
RLIMIT = {"data": 2, "stack": 3, "memlock": 8, "as": 9}
NOBODY = 65534
OPS = ["mmap", "munmap", "mprotect", "mremap", "madvise", "read", "write", "mlock", "munlock", "fork",
       "exit", "open", "close", "ftruncate", "memfd", "mlockall", "munlockall", "brk", "mincore",
       "fallocate", "msync", "mlock2", "unlink", "fcntl", "limit", "user", "shmget", "shmat", "shmdt", "shmctl"]
PROT = {"r": 1, "w": 2, "x": 4}
MAP = {"SHARED": 1, "PRIVATE": 2, "FIXED": 0x10, "ANONYMOUS": 0x20, "GROWSDOWN": 0x100, "LOCKED": 0x2000,
       "NORESERVE": 0x4000, "STACK": 0x20000, "POPULATE": 0x8000, "HUGETLB": 0x40000, "FIXED_NOREPLACE": 0x100000, "DROPPABLE": 8, "32BIT": 0x40, "SYNC": 0x80000}
MADV = {"NORMAL": 0, "RANDOM": 1, "SEQUENTIAL": 2, "WILLNEED": 3, "DONTNEED": 4, "FREE": 8, "REMOVE": 9,
        "DONTFORK": 10, "DOFORK": 11, "HUGEPAGE": 14, "NOHUGEPAGE": 15, "DONTDUMP": 16, "DODUMP": 17,
        "WIPEONFORK": 18, "KEEPONFORK": 19, "POPULATE_READ": 22, "POPULATE_WRITE": 23, "MERGEABLE": 12, "UNMERGEABLE": 13,
        "COLD": 20, "PAGEOUT": 21, "DONTNEED_LOCKED": 24, "COLLAPSE": 25, "GUARD_INSTALL": 102, "GUARD_REMOVE": 103}
MREMAP = {"MAYMOVE": 1, "FIXED": 2, "DONTUNMAP": 4}
SHM = {"IPC_PRIVATE": 0, "IPC_RMID": 0, "IPC_CREAT": 0o1000, "IPC_EXCL": 0o2000, "SHM_HUGETLB": 0o4000, "SHM_NORESERVE": 0o10000,
       "SHM_RDONLY": 0o10000, "SHM_RND": 0o20000, "SHM_REMAP": 0o40000, "SHM_EXEC": 0o100000}
POOL = "/sys/kernel/mm/hugepages/hugepages-2048kB/"
POOL_FIELDS = [("total", "nr_hugepages"), ("free", "free_hugepages"), ("rsvd", "resv_hugepages"),
               ("surp", "surplus_hugepages")]


def read_pool():
    return {k: int(open(POOL + f).read()) for k, f in POOL_FIELDS}


# Whether each line carries the text of /proc, too.
PROC_TEXT = False

# Reservations that the kernel has lost for good: Linux 6.18 leaks some when it moves a huge-page mapping
# (mremap). Nobody holds them, so the pool is kept that much larger and every figure is given less them.
LEAK = 0


def forget_leak():
    global LEAK
    LEAK = read_pool()["rsvd"]
    set_pool(0, 0)


def pool():
    return {k: v - (LEAK if k != "surp" else 0) for k, v in read_pool().items()}


def set_pool(nr=None, overcommit=None):
    if overcommit is not None:
        open(POOL + "nr_overcommit_hugepages", "w").write(str(overcommit))
    if nr is not None:
        open(POOL + "nr_hugepages", "w").write(str(nr + LEAK))


class Died(Exception):
    """A puppet ended without an answer."""


class Puppet:
    """One process that obeys; `index` is its place in the family and names its pipes."""

    def __init__(self, family, index, pid):
        self.family, self.index, self.pid = family, index, pid
        self.ended = os.pidfd_open(pid)  # can be read once the process is gone, memory and files included

    def wait(self):
        select.select([self.ended], [], [])
        os.close(self.ended)

    def order(self, op, *args, path=b""):
        a = [x & 0xFFFFFFFFFFFFFFFF for x in args] + [0] * (6 - len(args))
        os.write(self.family.commands[self.index], struct.pack("<7Q64s", OPS.index(op), *a, path))
        return self.answer()

    def answer(self):
        reply = self.family.replies[self.index]
        # Other processes of the family hold the pipe open: that it is silent tells nothing, that the process is gone does.
        ready, _, _ = select.select([reply, self.ended], [], [])
        if reply not in ready:
            raise Died(f"process {self.index} did not survive")
        data = os.read(reply, 48)
        ret, err, sig, code, minflt, majflt = struct.unpack("<6q", data)
        return {"ret": ret, "err": err, "sig": sig, "code": code, "minflt": minflt, "majflt": majflt}

    def proc(self, name):
        with open(f"/proc/{self.pid}/{name}", "rb") as f:
            return f.read()

    def texts(self):
        """What /proc prints of the process, as it stands."""
        status = [x for x in self.proc("status").decode().splitlines(True) if x.startswith(("Vm", "Rss", "Huge"))]
        return {"maps": self.proc("maps").decode(), "smaps": self.proc("smaps").decode(), "status": "".join(status)}

    def smaps(self):
        """[{start,end,perms,off,name,flags,rss,...}] in address order, figures in KiB."""
        areas, now = [], None
        for line in self.proc("smaps").decode().splitlines():
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) \S+ \d+\s*(.*)", line)
            if m:
                now = {"start": int(m[1], 16), "end": int(m[2], 16), "perms": m[3], "off": int(m[4], 16),
                       "name": os.path.basename(m[5].replace(" (deleted)", ""))}
                areas.append(now)
                continue
            key, _, value = line.partition(":")
            if key == "VmFlags":
                now["flags"] = value.split()
            elif key in SMAPS:
                now[SMAPS[key]] = int(value.split()[0])
        return areas

    def status(self):
        wanted = {"VmSize": "size", "VmLck": "locked", "VmData": "data", "VmPTE": "pagetables", "HugetlbPages": "hugetlb"}
        out = {}
        for line in self.proc("status").decode().splitlines():
            key, _, value = line.partition(":")
            if key in wanted:
                out[wanted[key]] = int(value.split()[0])
        return out


SMAPS = {"Rss": "rss", "Anonymous": "anon", "KernelPageSize": "pagesize", "Private_Hugetlb": "private_hugetlb",
         "Shared_Hugetlb": "shared_hugetlb", "Locked": "locked", "AnonHugePages": "thp"}


class Family:
    """The first puppet and its forks, and what /proc says of them."""
    SIZE = 4

    def __init__(self, user="root", rlimit=None):
        self.user, self.rlimit = user, rlimit or {}
        exe = os.environ.get("PUPPET", "/tmp/puppet")
        src = os.path.join(HERE, "puppet.c")
        if not os.path.exists(exe) or os.path.getmtime(exe) < os.path.getmtime(src):
            subprocess.run(["gcc", "-O1", "-static", "-o", exe, src], check=True)
        self.commands, self.replies, give = [], [], []
        for _ in range(self.SIZE):
            cr, cw = os.pipe()
            rr, rw = os.pipe()
            self.commands.append(cw)
            self.replies.append(rr)
            give += [cr, rw]
        pid = os.fork()
        if pid == 0:
            high = [os.dup2(fd, 200 + i) for i, fd in enumerate(give)]
            for i, fd in enumerate(high):
                os.dup2(fd, 100 + i, inheritable=True)
            os.closerange(3, 100)
            os.closerange(100 + len(give), 1024)
            os.execve(exe, ["puppet"], {})
        for fd in give:
            os.close(fd)
        self.members = {0: Puppet(self, 0, pid)}
        self.first_pid = pid
        self.frames = {}
        first = self.members[0]
        first.order("mincore", 0, 0)  # it has started, and its own pages are warm
        for name, limit in self.rlimit.items():
            first.order("limit", RLIMIT[name], limit)
        if user != "root":
            first.order("user", NOBODY)
        self.initial = first.smaps()
        self.inherited = {(a["start"], a["end"], a["perms"]) for a in self.initial}
        self.base_pagetables = first.status()["pagetables"]
        self.pagemaps = {}
        self.kpageflags = os.open("/proc/kpageflags", os.O_RDONLY)
        for a in self.initial:
            if a["name"] != "[vsyscall]":
                a["present"] = [[run[0], run[1]] for run in self.present(first, a)]
        self.frames = {}

    def close(self):
        """Ends every process, and waits until all of them are gone: what they held of the pool is back then."""
        for m in self.members.values():
            try:
                os.kill(m.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            m.wait()
        for fd in self.commands + self.replies:
            os.close(fd)
        os.close(self.kpageflags)
        os.waitpid(self.first_pid, 0)

    def present(self, puppet, area):
        """Present pages of an area as runs [address, pages, marks, frame ids]."""
        runs = []
        n = (area["end"] - area["start"]) // PAGE
        huge = area.get("pagesize") == 2048
        step = 512 if huge else 1
        if n // step > 1 << 16:
            return None
        with open(f"/proc/{puppet.pid}/pagemap", "rb", buffering=0) as f:
            first = area["start"] // PAGE
            entries = struct.unpack(f"<{n}Q", os.pread(f.fileno(), 8 * n, 8 * first)) if not huge else None
            at = {} if not huge else {i: struct.unpack("<Q", os.pread(f.fileno(), 8, 8 * (first + i)))[0] for i in range(0, n, step)}
        for i in range(0, n, step):
            e = at[i] if huge else entries[i]
            if not e >> 63:
                continue
            pfn = e & (1 << 55) - 1
            flags = struct.unpack("<Q", os.pread(self.kpageflags, 8, pfn * 8))[0]
            if flags >> 24 & 1:
                marks, frame = "z", 0
            else:
                of_file = e >> 61 & 1
                marks = ("f" if of_file else "a") + ("x" if e >> 56 & 1 else "s") + ("t" if flags >> 22 & 1 and not huge and not of_file else "")
                size = 512 if huge or "t" in marks else 1
                frame = self.frames.setdefault((size, pfn // size), len(self.frames) + 1)
            if runs and runs[-1][2] == marks and runs[-1][0] + runs[-1][1] * step * PAGE == area["start"] + i * PAGE:
                runs[-1][1] += 1
                if "t" not in marks or runs[-1][3][-1] != frame:
                    runs[-1][3].append(frame)
            else:
                runs.append([area["start"] + i * PAGE, 1, marks, [frame]])
        return runs

    def observe(self, puppet):
        areas = []
        for a in puppet.smaps():
            if (a["start"], a["end"], a["perms"]) in self.inherited:
                continue
            row = {k: a[k] for k in ("start", "end", "perms", "off", "name", "rss", "anon", "pagesize") if k in a}
            row["flags"] = " ".join(a.get("flags", []))
            for k in ("private_hugetlb", "shared_hugetlb", "locked", "thp"):
                if a.get(k):
                    row[k] = a[k]
            if "vsyscall" not in a["name"] and a["name"] not in ("[stack]", "[vvar]", "[vdso]", "[vvar_vclock]"):
                row["present"] = self.present(puppet, a)
            areas.append(row)
        status = puppet.status()
        status["pagetables"] -= self.base_pagetables
        return {"areas": areas, **status}

    def do(self, who, op, *args, path=""):
        """Performs one operation and returns its line of the trace."""
        line = {"who": who, "op": op, "args": list(args)}
        if path:
            line["path"] = path
        if op == "pool":
            set_pool(*args)
        elif op == "fork":
            child = args[0]
            answer = self.members[who].order("fork", child)
            if answer["err"] == 0:
                self.members[child] = Puppet(self, child, answer["ret"])
                self.members[child].answer()
                for m in (self.members[who], self.members[child]):
                    m.order("read", 0, 0, 0)  # a touch of nothing, so that its code is mapped
                answer["ret"] = child
            line.update({k: v for k, v in answer.items() if v or k == "ret"})
        elif op == "exit":
            self.members[who].order("exit")
            self.members.pop(who).wait()
        else:
            real = path
            if op in ("open", "unlink"):
                real = path if path.startswith("/") else os.path.join(FILES, path[5:]) if path.startswith("file:") else os.path.join(MOUNT, path)
            answer = self.members[who].order(op, *args, path=real.encode())
            line.update({k: v for k, v in answer.items() if v or k == "ret"})
        if "err" in line:
            line["err"] = errno.errorcode[line["err"]]  # 95 is ENOTSUP there
        line["pool"] = pool()
        line["state"] = {str(i): self.observe(m) for i, m in sorted(self.members.items())}
        if PROC_TEXT:
            line["proc"] = {str(i): m.texts() for i, m in sorted(self.members.items())}
            line["meminfo"] = "".join(x for x in open("/proc/meminfo").readlines() if "uge" in x)
        return line

    def header(self, **more):
        u = os.uname()
        return {"format": 1, "kernel": u.release.split("-")[0], "page": PAGE, "huge": HUGE,
                "thp": open("/sys/kernel/mm/transparent_hugepage/enabled").read().split("[")[1].split("]")[0],
                "overcommit_memory": int(open("/proc/sys/vm/overcommit_memory").read()),
                "initial": [{k: a[k] for k in ("start", "end", "perms", "off", "name")} | {"flags": " ".join(a.get("flags", [])), "present": a.get("present", [])}
                            for a in self.initial],
                "pagetables": self.base_pagetables,
                **({} if self.user == "root" else {"user": self.user}), **({"rlimit": self.rlimit} if self.rlimit else {}),
                "pool": pool() | {"overcommit": int(open(POOL + "nr_overcommit_hugepages").read()), "lost": LEAK}, **more}


MOUNT = "/mnt/oracle-hugetlbfs"
FILES = "/var/tmp/oracle-files"
FILE_PAGES = {"A": 40, "B": 700}


def ordinary_files():
    """Fresh files on the root file system, clean and wholly in the page cache."""
    os.makedirs(FILES, exist_ok=True)
    for name, pages in FILE_PAGES.items():
        path = os.path.join(FILES, name)
        if os.path.exists(path):
            os.unlink(path)
        with open(path, "wb") as f:
            f.write(b"x" * (pages * PAGE))
            f.flush()
            os.fsync(f.fileno())
        with open(path, "rb") as f:
            f.read()


def clean():
    set_pool(0, 0)
    if MOUNT in open("/proc/mounts").read():
        subprocess.run(["umount", MOUNT], check=True)
        os.rmdir(MOUNT)
    shutil.rmtree(FILES, ignore_errors=True)
    for name in os.listdir("/dev/shm"):
        if name.startswith("oracle"):
            os.unlink(os.path.join("/dev/shm", name))


def mount():
    os.makedirs(MOUNT, exist_ok=True)
    if MOUNT not in open("/proc/mounts").read():
        subprocess.run(["mount", "-t", "hugetlbfs", "none", MOUNT], check=True)


# ---- random traces -------------------------------------------------------------------------

class Gen:
    """Draws the next operation from what is mapped now, so that most of them hit something."""

    def __init__(self, family, rng, kind):
        self.f, self.r, self.kind = family, rng, KINDS[kind]
        self.fds = []   # (fd, huge)

    def areas(self, who):
        return [a for a in self.last["state"][str(who)]["areas"] if "present" in a and a["present"] is not None and a["name"] != "[heap]"]

    def some_range(self, who):
        """A range in, across or just beside a mapping."""
        r = self.r
        areas = self.areas(who)
        if not areas or r.random() < .03:
            return r.randrange(0x10000, 0x200000) * PAGE, r.randrange(1, 8) * PAGE
        a = r.choice(areas)
        unit = a["pagesize"] * 1024 if r.random() < .9 else PAGE
        n = max(1, (a["end"] - a["start"]) // unit)
        how = r.random()
        if how < .25:
            lo, hi = 0, n
        elif how < .7:
            lo = r.randrange(n)
            hi = r.randrange(lo, n) + 1
        elif how < .85:
            lo = r.randrange(-2, n)
            hi = lo + r.randrange(1, n + 3)
        else:
            b = r.choice(areas)
            s, e = min(a["start"], b["start"]), max(a["end"], b["end"])
            if e - s > 64 * HUGE:
                s, e = a["start"], a["end"]
            return s, e - s
        start = a["start"] + lo * unit
        length = (hi - lo) * unit
        if r.random() < .04:
            start += r.choice([1, 8, PAGE // 2])
        if r.random() < .05:
            length += r.choice([-1, 1, PAGE // 2])
        if r.random() < .01:
            length = 0
        return max(start, PAGE), max(length, 0)

    def prot(self):
        return self.r.choice([3, 3, 3, 3, 1, 1, 0, 7, 5, 2])

    def mmap(self, who):
        r, k = self.r, self.kind
        what = r.choices(list(k["maps"]), list(k["maps"].values()))[0]
        flags = MAP["SHARED"] if "shared" in what else MAP["PRIVATE"]
        fd, off = -1, 0
        huge = "huge" in what
        unit = HUGE if huge else PAGE
        if "file" in what:
            cands = [x for x in self.fds if x[1] == huge]
            if not cands:
                return None
            fd = r.choice(cands)[0]
            off = r.choice([0, 0, 1, 2]) * unit if not k.get("giant") else r.choice([0, 0, 0, 512]) * unit
        else:
            flags |= MAP["ANONYMOUS"]
            if huge:
                flags |= MAP["HUGETLB"]
        if huge:
            n = r.choice([1, 1, 2, 2, 3, 4])
        elif k.get("big"):
            n = r.choice([16, 512, 512, 513, 700, 1024, 1024, 1536, 2048])
        else:
            n = r.choice([1, 2, 3, 4, 8, 16, 16, 33, 64] + ([512, 600, 1024] if r.random() < .2 else []))
        if k.get("giant") and huge:
            n = r.choice([512, 512, 512, 513, 1024, 3])
        length = n * unit
        if r.random() < .05:
            length += r.choice([1, PAGE, -1, -PAGE])
        if r.random() < .01:
            length = 0
        addr = 0
        t = r.random()
        if t < k.get("near", .2):
            s, _ = self.some_range(who)
            addr = s
            flags |= r.choice([MAP["FIXED"], MAP["FIXED"], MAP["FIXED_NOREPLACE"], 0])
            if flags & MAP["FIXED"] and not self.inside(addr, length):
                addr = 0
                flags &= ~MAP["FIXED"]
        elif t < k.get("near", .2) + .1:
            addr = 0x10000000000 + r.randrange(64) * r.choice([PAGE, HUGE, HUGE * 512])
        elif k.get("giant") and huge:
            addr = 0x10000000000 + r.randrange(8) * HUGE * 512
            flags |= MAP["FIXED"] if r.random() < .8 else 0
            flags |= r.choice([MAP["FIXED"], MAP["FIXED_NOREPLACE"], 0])
        for name, p in k.get("extra", {}).items():
            if r.random() < p:
                # It is a type of its own.
                flags = flags & ~MAP["PRIVATE"] | MAP[name] if name == "DROPPABLE" else flags | MAP[name]
        return ("mmap", addr, length, self.prot(), flags, fd, off)

    def inside(self, addr, length):
        """Never replace what the puppet itself lives in."""
        for a in self.f.initial:
            if addr < a["end"] + 16 * PAGE and a["start"] < addr + length + 16 * PAGE:
                return False
        return addr >= 0x10000

    def step(self, who):
        r, k = self.r, self.kind
        op = r.choices(list(k["ops"]), list(k["ops"].values()))[0]
        if op == "mmap":
            return self.mmap(who)
        if op in ("read", "write"):
            areas = self.areas(who)
            if not areas:
                return None
            a = r.choice(areas)
            unit = a["pagesize"] * 1024
            n = (a["end"] - a["start"]) // unit
            i = r.randrange(n)
            count = r.randrange(1, min(n - i, 16) + 1) if r.random() < .5 else 1
            addr = a["start"] + i * unit
            if r.random() < .03:
                addr = a["end"]
                count = 1
            elif "gd" in a["flags"].split() and r.random() < .5:
                addr = a["start"] - r.choice([1, 1, 2, 5, 20, 200, 300]) * PAGE
                count = 1
            if not self.inside(addr, PAGE):
                return None
            return (op, addr + r.choice([0, 0, 8, 4095]), count, unit)
        if op == "fork":
            free = [i for i in range(Family.SIZE) if i not in self.f.members and i not in self.used]
            if not free:
                return None
            self.used.add(free[0])
            return ("fork", free[0])
        if op == "exit":
            return ("exit",) if who != 0 else None
        if op == "open":
            if k.get("regular"):
                return ("open", r.choice([0, 2, 2]), 0o600, "file:" + r.choice("AB"))
            if r.random() < k.get("tmpfs", 0):
                return ("open", r.choice([0o102, 0o102, 0o102 | 0o200, 2]), 0o600, "/dev/shm/oracle-" + r.choice("AB"))
            return ("open", 0o102, 0o600, r.choice("AB"))
        if op == "unlink":
            return ("unlink", ("/dev/shm/oracle-" if k.get("tmpfs") else "") + r.choice("AB"))
        if op == "fcntl":
            if not self.fds:
                return None
            fd, _ = r.choice(self.fds)
            return ("fcntl", fd, 1033, r.choice([2, 4, 8, 16, 1, 6])) if r.random() < .7 else ("fcntl", fd, 1034, 0)
        if op == "memfd":
            huge = r.random() < k.get("memfd_huge", 0)
            return ("memfd", (4 if huge else 0) | r.choice(k.get("memfd_flags", [0])), "m")
        if op == "ftruncate":
            if not self.fds:
                return None
            fd, huge = r.choice(self.fds)
            unit = HUGE if huge else PAGE
            return ("ftruncate", fd, r.choice(k.get("sizes", [0, 1, 2, 3, 4, 8])) * unit + (r.choice([0, 0, 0, 100])))
        if op == "fallocate":
            if not self.fds:
                return None
            fd, huge = r.choice(self.fds)
            unit = HUGE if huge else PAGE
            edge = r.choice([0, 0, 100]) if k.get("edges") else 0
            return ("fallocate", fd, r.choice(k.get("modes", [0, 1, 3])), r.randrange(k.get("span", 4)) * unit + edge,
                    r.randrange(1, k.get("span", 4)) * unit - edge)
        if op == "close":
            if not self.fds:
                return None
            fd, _ = r.choice(self.fds)
            return ("close", fd)
        if op == "pool":
            return ("pool", r.choice([0, 2, 4, 8, 12, 16]), r.choice([0, 0, 0, 2, 4]))
        if op == "mlockall":
            return ("mlockall", r.choice(k.get("mlockall", [2, 2, 6])))
        if op == "munlockall":
            return ("munlockall",)
        if op == "brk":
            heap = next((a for a in self.f.initial if a["name"] == "[heap]"), None)
            if not heap:
                return None
            return ("brk", heap["end"] + r.randrange(-4, 40) * PAGE + r.choice([0, 0, 100]))
        addr, length = self.some_range(who)
        if not self.inside(addr, length):
            return None
        if op == "munmap":
            return ("munmap", addr, length)
        if op == "mprotect":
            return ("mprotect", addr, length, self.prot())
        if op in ("mlock", "munlock", "mincore"):
            return (op, addr, length)
        if op == "mlock2":
            return (op, addr, length, r.choice([0, 1]))
        if op == "msync":
            return (op, addr, length, r.choice([1, 4, 2]))
        if op == "madvise":
            advice = r.choices(list(k["advice"]), list(k["advice"].values()))[0]
            return ("madvise", addr, length, MADV[advice])
        if op == "mremap":
            new = max(0, length + r.choice([0, -PAGE, PAGE, 4 * PAGE, -length // 2 // PAGE * PAGE, HUGE, -HUGE]))
            flags = r.choice([0, 1, 1, 1, 3, 5])
            to = 0
            if flags & 2:
                to = 0x20000000000 + r.randrange(64) * r.choice([PAGE, HUGE])
            return ("mremap", addr, length, new, flags, to)
        raise ValueError(op)

    def run(self, n):
        self.used = {0}
        f, r = self.f, self.r
        nr = self.kind.get("pool", [0])
        set_pool(0, 0)
        set_pool(r.choice(nr), r.choice(self.kind.get("overcommit", [0])))
        yield f.header(kind=self.kind["name"], seed=self.seed)
        self.last = {"state": {"0": f.observe(f.members[0])}}
        done = 0
        tries = 0
        while done < n and tries < n * 50:
            tries += 1
            who = r.choice(list(f.members))
            step = self.step(who)
            if step is None:
                continue
            op, *args = step
            path = ""
            if op in ("open", "memfd", "unlink"):
                path = args.pop()
            line = f.do(who, op, *args, path=path)
            if op == "open" and line["ret"] >= 0:
                self.fds.append((line["ret"], not path.startswith(("file:", "/dev/shm/"))))
            elif op == "memfd" and line["ret"] >= 0:
                self.fds.append((line["ret"], bool(args[0] & 4)))
            elif op == "close":
                self.fds = [x for x in self.fds if x[0] != args[0]]
            self.last = line
            done += 1
            yield line


BASIC = {"mmap": 5, "munmap": 3, "mprotect": 2, "read": 3, "write": 5}
KINDS = {
    "anon": {"maps": {"anon": 1}, "ops": BASIC},
    "anon-shared": {"maps": {"anon": 3, "anon-shared": 2}, "ops": BASIC},
    "huge": {"maps": {"huge": 4, "anon": 1}, "ops": BASIC, "pool": [4, 8, 16], "extra": {"NORESERVE": .1}},
    "huge-shared": {"maps": {"huge": 2, "huge-shared": 3}, "ops": BASIC, "pool": [4, 8, 16], "extra": {"NORESERVE": .1}},
    "huge-fork": {"maps": {"huge": 3, "huge-shared": 2, "anon": 1}, "ops": BASIC | {"fork": 1, "exit": .3}, "pool": [6, 10, 16]},
    "huge-pool": {"maps": {"huge": 3, "huge-shared": 2}, "ops": BASIC | {"pool": 1.5}, "pool": [4, 8], "overcommit": [0, 2, 4], "extra": {"NORESERVE": .15}},
    "huge-file": {"maps": {"huge-file": 3, "huge-file-shared": 4}, "ops": BASIC | {"open": 1.5, "ftruncate": 1, "fallocate": .6, "close": .2},
                  "pool": [6, 10, 16], "extra": {"NORESERVE": .1}},
    "fork": {"maps": {"anon": 3, "anon-shared": 1}, "ops": BASIC | {"fork": 1, "exit": .3}},
    "mremap": {"maps": {"anon": 4, "anon-shared": 1}, "ops": BASIC | {"mremap": 3}},
    "huge-mremap": {"maps": {"huge": 3, "huge-shared": 1, "anon": 1}, "ops": BASIC | {"mremap": 3}, "pool": [8, 16]},
    "madvise": {"maps": {"anon": 4, "anon-shared": 1}, "ops": BASIC | {"madvise": 3},
                "advice": {"DONTNEED": 4, "DONTFORK": 1, "DOFORK": 1, "NORMAL": 1, "RANDOM": 1, "SEQUENTIAL": 1, "DONTDUMP": 1, "DODUMP": 1,
                           "POPULATE_READ": 1, "POPULATE_WRITE": 1, "WILLNEED": .5, "WIPEONFORK": .5, "REMOVE": .5}},
    "huge-madvise": {"maps": {"huge": 4, "huge-shared": 1, "anon": 1}, "ops": BASIC | {"madvise": 2}, "pool": [8, 16],
                     "advice": {"DONTNEED": 4, "DONTFORK": 1, "NORMAL": 1, "POPULATE_WRITE": 1, "POPULATE_READ": 1, "FREE": .5, "REMOVE": .5, "HUGEPAGE": .3}},
    "mlock": {"maps": {"anon": 4, "anon-shared": 1}, "ops": BASIC | {"mlock": 1.5, "munlock": 1, "mlock2": .5, "mlockall": 0},
              "extra": {"LOCKED": .1, "POPULATE": .1}},
    "brk": {"maps": {"anon": 1}, "ops": BASIC | {"brk": 5}},
    "growsdown": {"maps": {"anon": 1}, "ops": BASIC, "extra": {"GROWSDOWN": .5, "STACK": .2}},
    "memfd": {"maps": {"file": 2, "file-shared": 4, "anon": 1}, "ops": BASIC | {"memfd": 1.5, "ftruncate": 1, "fallocate": .6, "close": .2, "fork": .2}},
    "huge-giant": {"maps": {"huge-file-shared": 5, "huge-file": 1, "anon": 1}, "giant": True, "pool": [16], "extra": {"NORESERVE": .9},
                   "ops": BASIC | {"open": 1.5, "fork": .6, "ftruncate": .3}},
    "file": {"maps": {"file": 4, "file-shared": 3, "anon": 1}, "regular": True,
             "ops": BASIC | {"open": 1, "ftruncate": .4, "close": .2, "fork": .3, "msync": .2, "mincore": .2, "madvise": .5},
             "advice": {"DONTNEED": 3, "POPULATE_READ": 1, "POPULATE_WRITE": 1, "NORMAL": 1}},
    "thp": {"maps": {"anon": 4}, "ops": BASIC | {"madvise": 2}, "advice": {"HUGEPAGE": 5, "NOHUGEPAGE": 1, "DONTNEED": 2}, "big": True},
    "everything": {"maps": {"anon": 4, "anon-shared": 2, "huge": 3, "huge-shared": 2, "huge-file-shared": 1, "huge-file": 1},
                   "ops": BASIC | {"mremap": 1, "madvise": 1, "fork": .5, "exit": .2, "open": .4, "ftruncate": .3, "mlock": .4, "munlock": .3,
                                   "pool": .3, "memfd": .2, "mincore": .2, "msync": .1},
                   "pool": [4, 8, 16], "overcommit": [0, 0, 2], "memfd_huge": .5,
                   "advice": {"DONTNEED": 4, "DONTFORK": 1, "NORMAL": 1, "POPULATE_WRITE": 1, "WIPEONFORK": .5},
                   "extra": {"NORESERVE": .1, "POPULATE": .05, "LOCKED": .03}},
}
HUGE_ADVICE = {"DONTNEED": 4, "DONTFORK": .5, "DOFORK": .3, "POPULATE_WRITE": 1, "POPULATE_READ": 1, "FREE": .3, "REMOVE": 1, "HUGEPAGE": .3,
               "WILLNEED": .2, "DONTDUMP": .2, "DODUMP": .2}
KINDS |= {
    "huge-all": {"maps": {"huge": 4, "huge-shared": 3, "huge-file-shared": 3, "huge-file": 3, "anon": 1},
                 "ops": BASIC | {"mremap": 1.5, "madvise": 1.5, "fork": .7, "exit": .4, "open": .8, "memfd": .4, "ftruncate": .5, "fallocate": .7,
                                 "close": .3, "pool": .6, "mlock": .4, "munlock": .2, "mincore": .4},
                 "pool": [2, 4, 6, 8, 16], "overcommit": [0, 0, 2, 4], "memfd_huge": 1, "advice": HUGE_ADVICE,
                 "extra": {"NORESERVE": .2, "POPULATE": .1, "LOCKED": .05}},
    "huge-owner": {"maps": {"huge": 4, "huge-file": 2, "huge-file-shared": 1},
                   "ops": {"mmap": 3, "munmap": 2, "mprotect": 1, "read": 3, "write": 7, "mremap": 1, "madvise": .7, "fork": 1.3, "exit": .8,
                           "open": .5, "ftruncate": .3, "fallocate": .3},
                   "pool": [3, 4, 6, 8], "overcommit": [0, 0, 1, 2], "advice": HUGE_ADVICE, "extra": {"NORESERVE": .15}},
    "huge-tables": {"maps": {"huge-file-shared": 5, "huge-file": 1, "huge-shared": 1}, "giant": True, "pool": [16], "extra": {"NORESERVE": .95},
                    "ops": BASIC | {"open": 1, "fork": .8, "exit": .3, "ftruncate": .3, "fallocate": .3, "mremap": 1, "madvise": 1, "mlock": .2},
                    "advice": HUGE_ADVICE},
}
# What the kinds above keep apart, crossed.
KINDS |= {
    "fork-huge-file": {"maps": {"huge-file": 3, "huge-file-shared": 3, "huge": 1},
                       "ops": BASIC | {"fork": 1.2, "exit": .7, "open": 1.2, "close": .2, "unlink": .2, "ftruncate": .5, "fallocate": .7, "madvise": 2},
                       "pool": [4, 6, 8, 16], "overcommit": [0, 0, 2],
                       "advice": {"DONTNEED": 4, "REMOVE": 3, "DONTFORK": 1.5, "DOFORK": 1, "POPULATE_READ": 1, "POPULATE_WRITE": 1.5, "WIPEONFORK": .3,
                                  "DONTNEED_LOCKED": .5, "FREE": .3, "COLD": .3, "PAGEOUT": .3, "MERGEABLE": .3},
                       "extra": {"NORESERVE": .2, "POPULATE": .1}},
    "thp-mremap": {"maps": {"anon": 4}, "big": True, "ops": BASIC | {"madvise": 2.5, "mremap": 3, "mprotect": 3, "fork": .3, "exit": .2},
                   "advice": {"HUGEPAGE": 6, "NOHUGEPAGE": 1, "DONTNEED": 1.5, "FREE": .7, "COLD": .5, "DONTFORK": .3}},
    "growsdown-fixed": {"maps": {"anon": 1}, "near": .5, "ops": BASIC | {"mremap": .7, "mlock": .3, "brk": .3, "fork": .2},
                        "extra": {"GROWSDOWN": .5, "STACK": .1, "LOCKED": .05}},
    "tables-truncate": {"maps": {"huge-file-shared": 6, "huge-file": 1}, "giant": True, "pool": [16], "extra": {"NORESERVE": .95},
                        "ops": {"mmap": 5, "munmap": 1.5, "mprotect": 1, "read": 4, "write": 5, "open": 1, "fork": 1, "exit": .4, "ftruncate": 1.5,
                                "fallocate": 1.5, "madvise": 1, "mremap": .5, "unlink": .1},
                        "advice": {"REMOVE": 3, "DONTNEED": 3, "POPULATE_WRITE": .5}},
    "memfd-punch": {"maps": {"file": 2, "file-shared": 5}, "memfd_huge": .25, "memfd_flags": [0, 0, 2, 2, 8, 16], "edges": True, "sizes": [0, 3, 8, 16, 33, 64, 70], "span": 24,
                    "modes": [0, 1, 3, 3, 3, 16, 17, 8, 2], "tmpfs": 1, "pool": [6, 10],
                    "ops": BASIC | {"memfd": 1.2, "open": .5, "unlink": .2, "ftruncate": 1, "fallocate": 2.5, "close": .2, "fork": .3, "madvise": 1.5,
                                    "fcntl": .3, "mincore": .3},
                    "advice": {"REMOVE": 5, "DONTNEED": 2, "PAGEOUT": 2, "COLD": .5, "POPULATE_READ": .5, "POPULATE_WRITE": .5, "FREE": .2}},
    "memlock": {"maps": {"anon": 4, "anon-shared": 1}, "user": "nobody", "rlimit": {"memlock": [0, 16 << 10, 64 << 10, 256 << 10, 768 << 10]},
                "ops": BASIC | {"mlock": 3, "mlock2": 1.5, "munlock": 1.5, "mlockall": .4, "munlockall": .2, "mremap": 1, "brk": .7, "fork": .2},
                "mlockall": [1, 2, 2, 3, 6, 4, 8], "extra": {"LOCKED": .2, "POPULATE": .05, "GROWSDOWN": .1}},
    "limits": {"maps": {"anon": 4, "anon-shared": 1}, "rlimit": {"as": [2 << 20, 4 << 20, 64 << 20], "data": [400 << 10, 1 << 20, 64 << 20],
                                                                  "stack": [0, 64 << 10, 1 << 20]},
               "ops": BASIC | {"mremap": 1.5, "brk": 2, "fork": .2, "mlock": .2}, "extra": {"GROWSDOWN": .2, "NORESERVE": .2}},
    "guard": {"maps": {"anon": 4, "file": 1, "file-shared": 1, "anon-shared": 1},
              "ops": BASIC | {"madvise": 4, "mremap": .7, "fork": .4, "exit": .2, "memfd": .4, "ftruncate": .3, "mlock": .2, "mincore": .2},
              "advice": {"GUARD_INSTALL": 6, "GUARD_REMOVE": 3, "DONTNEED": 2, "POPULATE_READ": .5, "POPULATE_WRITE": .7, "FREE": .5, "DONTFORK": .3,
                         "WIPEONFORK": .3, "NORMAL": .2}},
    "advice": {"maps": {"anon": 5, "anon-shared": 2}, "ops": BASIC | {"madvise": 4, "fork": .4, "exit": .2, "mlock": .3, "mremap": .4},
               "advice": {"FREE": 3, "PAGEOUT": 4, "COLD": 2, "MERGEABLE": 2, "UNMERGEABLE": 1, "DONTNEED": 1, "DONTNEED_LOCKED": 1, "POPULATE_WRITE": .5,
                          "DONTFORK": .3, "WIPEONFORK": .3, "RANDOM": .5},
               "extra": {"LOCKED": .05}},
    "droppable": {"maps": {"anon": 3, "anon-shared": 1}, "extra": {"DROPPABLE": .6},
                  "ops": BASIC | {"madvise": 2, "fork": .5, "exit": .2, "mlock": .3, "mremap": 1},
                  "advice": {"DONTNEED": 2, "FREE": 1, "PAGEOUT": 1, "WIPEONFORK": 1, "KEEPONFORK": 1, "DONTDUMP": 1, "DODUMP": 1, "MERGEABLE": 1}},
}
for name, kind in KINDS.items():
    kind["name"] = name


def random_trace(kind, seed, ops, out):
    mount()
    if KINDS[kind].get("regular"):
        ordinary_files()
    for name in os.listdir(MOUNT):
        os.unlink(os.path.join(MOUNT, name))
    for name in "AB":
        if os.path.exists(f"/dev/shm/oracle-{name}"):
            os.unlink(f"/dev/shm/oracle-{name}")
    forget_leak()
    draw = random.Random(f"limits/{kind}/{seed}")
    limits = {name: draw.choice(choices) for name, choices in KINDS[kind].get("rlimit", {}).items()}
    family = Family(KINDS[kind].get("user", "root"), limits)
    gen = Gen(family, random.Random(f"{kind}/{seed}"), kind)
    gen.seed = seed
    try:
        for line in gen.run(ops):
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    finally:
        family.close()
        set_pool(0, 0)


# ---- scripts -------------------------------------------------------------------------------

def number(word, names):
    """4096, 0x1000, 8K, 2M, a, a+2M, PROT/MAP words joined by |"""
    total = 0
    for sign, term in re.findall(r"([+-]?)([^+-]+)", word):
        value = 0
        for w in term.split("|"):
            m = re.fullmatch(r"(\d+)([KMG])", w)
            if w in names:
                value |= names[w]
            elif m:
                value |= int(m[1]) << {"K": 10, "M": 20, "G": 30}[m[2]]
            elif re.fullmatch(r"0x[0-9a-fA-F]+|\d+", w):
                value |= int(w, 0)
            elif re.fullmatch(r"[rwx]+", w):
                value |= sum(PROT[c] for c in w)
            elif w == "none":
                pass
            else:
                raise SystemExit(f"unknown word {w!r}")
        total += -value if sign == "-" else value
    return total


def script_head(path):
    """What stands before the first operation: `user nobody`, `limit memlock 64K`."""
    user, rlimit = "root", {}
    for raw in open(path):
        words = raw.split("#")[0].split()
        if words[:1] == ["user"]:
            user = words[1]
        elif words[:1] == ["limit"]:
            rlimit[words[1]] = number(words[2], {})
    return user, rlimit


def script_trace(path, out):
    """Lines: [@process] [name =] op args…   e.g.  a = mmap 0 4M rw PRIVATE|ANONYMOUS|HUGETLB -1 0"""
    mount()
    ordinary_files()
    for name in os.listdir(MOUNT):
        os.unlink(os.path.join(MOUNT, name))
    forget_leak()
    family = Family(*script_head(path))
    names = dict(MAP) | {f"MADV_{k}": v for k, v in MADV.items()} | {f"MREMAP_{k}": v for k, v in MREMAP.items()} | SHM
    try:
        out.write(json.dumps(family.header(script=os.path.basename(path)), separators=(",", ":")) + "\n")
        for raw in open(path):
            text = raw.split("#")[0].split()
            if not text or text[0] in ("user", "limit"):
                continue
            who, label = 0, None
            if text[0].startswith("@"):
                who = int(text.pop(0)[1:])
            if len(text) > 1 and text[1] == "=":
                label = text[0]
                text = text[2:]
            op, *words = text
            file = words.pop(0) if op in ("open", "memfd", "unlink") else ""
            args = [number(w, names) for w in words]
            if op in ("read", "write") and len(args) == 1:
                args += [1, PAGE]
            if op == "mmap" and len(args) == 4:
                args += [-1, 0]
            line = family.do(who, op, *args, path=file)
            line["text"] = raw.strip()
            if label:
                names[label] = line["ret"]
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    except Died as why:
        print(f"{path}: {why}: {raw.strip()}", file=sys.stderr)
        return False
    finally:
        family.close()
        set_pool(0, 0)
    return True


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = p.add_subparsers(dest="mode", required=True)
    random_mode = a = sub.add_parser("random")
    a.add_argument("--kind", required=True, choices=list(KINDS))
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--ops", type=int, default=40)
    a.add_argument("--traces", type=int, default=1)
    script_mode = a = sub.add_parser("script")
    a.add_argument("file")
    sub.add_parser("kinds")
    sub.add_parser("clean")
    for a in (random_mode, script_mode):
        a.add_argument("--proc", action="store_true", help="add what /proc prints, as text")
    args = p.parse_args()
    global PROC_TEXT
    PROC_TEXT = getattr(args, "proc", False)
    if args.mode == "kinds":
        print("\n".join(KINDS))
    elif args.mode == "clean":
        clean()
    elif args.mode == "script":
        sys.exit(0 if script_trace(args.file, sys.stdout) else 3)
    else:
        for s in range(args.seed, args.seed + args.traces):
            random_trace(args.kind, s, args.ops, sys.stdout)


if __name__ == "__main__":
    main()
