#!/usr/bin/env python3
"""Holds a simulator's answers against a real kernel's.

    compare.py KERNEL.jsonl[.gz] SIMULATOR.jsonl[.gz] [--show N] [--ignore FIELD,FIELD]

Both files hold traces in the format of FORMAT.md: the same operations, line by line. Prints how many
operations and whole traces agree in every field, which fields differ and how often, and the first N
disagreements. A trace counts up to its first disagreement only: what follows a wrong state proves
nothing. Exits 0 only if everything agrees.
"""
import argparse, collections, gzip, json, sys


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as f:
        for text in f:
            yield json.loads(text)


def traces(path):
    now = None
    for line in lines(path):
        if "op" not in line:
            if now:
                yield now
            now = [line]
        else:
            now.append(line)
    if now:
        yield now


def canonical(state):
    """Frame ids renumbered in the order met: only who shares what with whom is compared."""
    ids, out = {}, {}
    for who in sorted(state, key=int):
        s = dict(state[who])
        areas = []
        for a in s.pop("areas"):
            a = dict(a)
            if a.get("present"):
                a["present"] = [[p, n, m, [f if f == 0 else ids.setdefault(f, len(ids) + 1) for f in fs]]
                                for p, n, m, fs in a["present"]]
            areas.append(a)
        s["areas"] = areas
        out[who] = s
    return out


def differences(a, b, ignore):
    """The names of the fields in which two lines of a trace differ."""
    found = []
    for k in ("op", "args", "who", "ret", "err", "sig", "code", "minflt"):
        if k not in ignore and a.get(k) != b.get(k) and not (not a.get(k) and not b.get(k)):
            found.append((k, a.get(k), b.get(k)))
    for k in ("total", "free", "rsvd", "surp"):
        if "pool" not in ignore and a["pool"].get(k) != b.get("pool", {}).get(k):
            found.append((f"pool.{k}", a["pool"].get(k), b.get("pool", {}).get(k)))
    sa, sb = canonical(a["state"]), canonical(b.get("state", {}))
    if sorted(sa) != sorted(sb):
        return found + [("processes", sorted(sa), sorted(sb))]
    for who in sa:
        x, y = sa[who], sb[who]
        for k in x:
            if k == "areas" or k in ignore:
                continue
            if x[k] != y.get(k):
                found.append((k, x[k], y.get(k)))
        if [(r["start"], r["end"]) for r in x["areas"]] != [(r["start"], r["end"]) for r in y["areas"]]:
            found.append(("areas", [f"{r['start']:x}-{r['end']:x}" for r in x["areas"]], [f"{r['start']:x}-{r['end']:x}" for r in y["areas"]]))
            continue
        for r, t in zip(x["areas"], y["areas"]):
            for k in r | t:
                if k not in ignore and r.get(k) != t.get(k):
                    found.append((f"area.{k}", r.get(k), t.get(k)))
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kernel")
    p.add_argument("simulator")
    p.add_argument("--show", type=int, default=5)
    p.add_argument("--ignore", default="")
    args = p.parse_args()
    ignore = set(filter(None, args.ignore.split(",")))
    ops = agreed = whole = total = 0
    fields, kinds, shown = collections.Counter(), collections.defaultdict(lambda: [0, 0]), 0
    theirs = traces(args.simulator)
    for number, real in enumerate(traces(args.kernel)):
        sim = next(theirs, None)
        kind = real[0].get("kind", "script")
        total += 1
        kinds[kind][1] += 1
        ops += len(real) - 1
        good = True
        if sim is None:
            continue
        for i, a in enumerate(real[1:], 1):
            found = differences(a, sim[i], ignore) if i < len(sim) else [("missing", "", "")]
            if found:
                good = False
                fields.update({f[0] for f in found})
                if shown < args.show:
                    shown += 1
                    print(f"trace {number} ({kind}, seed {real[0].get('seed')}), operation {i}: {a['op']} {a['args']} by {a['who']}")
                    for name, kernel, simulator in found[:6]:
                        print(f"    {name}: kernel {kernel!r}, simulator {simulator!r}")
                break
            agreed += 1
        whole += good
        kinds[kind][0] += good
    print("fields at the first disagreement:", dict(fields.most_common()))
    for kind, (good, n) in sorted(kinds.items()):
        print(f"{kind}: {good}/{n} traces")
    print(f"{agreed}/{ops} operations, {whole}/{total} traces agree")
    sys.exit(0 if whole == total and total else 1)


if __name__ == "__main__":
    main()
