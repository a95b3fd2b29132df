"""Results for people and machines: a table, JSON, and a plot."""
import json
import os
import shutil
import subprocess

OURS = ("rfbkit", "rfbkit-m")


def number(v, digits=1):
    if v is None:
        return "–"
    return f"{v:.{digits}f}" if v < 100 else f"{v:.0f}"


def ratio(ours, theirs):
    return f"{theirs / ours:.1f}×" if ours and theirs else ""


def lines(name, by_server):
    """One cell for the terminal: a line for each server."""
    text = [name]
    for server, r in by_server.items():
        if "error" in r:
            text.append(f"  {server:12} {r['error']}")
            continue
        exact = "exact" if r["exact"] else f"psnr {number(r['psnr'])}"
        crowd = f"  others {number(r['others_least'], 0)}..{number(r['others_median'], 0)}" if "others_least" in r else ""
        text.append(f"  {server:12} {number(r['fps'])} fps  p50 {number(r['p50_ms'])} p90 {number(r['p90_ms'])} ms  "
                    f"{number(r['kb_per_frame'])} kB/frame  cpu {number(r['cpu_ms_per_frame'], 2)} ms/frame {number(r['cpu_percent'])} %  "
                    f"X {number(r['x_ms_per_frame'], 2)}  pss {number(r['pss_mb'])} MB  {exact} after {number(r['settle_ms'], 0)} ms"
                    f"{crowd}  {r['cpu_by_name']}")
    return "\n".join(text)


def cell_text(cell, r):
    if "error" in r:
        return "failed"
    if r.get("frames", 0) == 0:
        return ("" if cell.startswith("idle") else "no frame, ") + f"{number(r['cpu_percent'], 2)} % CPU"
    return f"{number(r['fps'])} / {number(r['p50_ms'])} / {number(r['kb_per_frame'])} / {number(r['cpu_ms_per_frame'], 2)}"


def markdown(results):
    servers = list(next(iter(results.values())))
    text = ["| cell | " + " | ".join(servers) + " | best peer's CPU and latency to ours |",
            "|---|" + "---|" * (len(servers) + 1)]
    for cell, by_server in results.items():
        ours = next((by_server[n] for n in OURS if n in by_server and "error" not in by_server[n]), {})
        scrapers = [r for n, r in by_server.items() if n not in OURS and n != "Xtigervnc" and "error" not in r]
        cpu = min((r["cpu_ms_per_frame"] for r in scrapers if r.get("cpu_ms_per_frame")), default=None)
        late = min((r["p50_ms"] for r in scrapers if r.get("p50_ms")), default=None)
        versus = " ".join(filter(None, (ratio(ours.get("cpu_ms_per_frame"), cpu), ratio(ours.get("p50_ms"), late))))
        text.append(f"| {cell} | " + " | ".join(cell_text(cell, by_server[s]) for s in servers) + f" | {versus} |")
    return "\n".join(text) + "\n"


# key, its name, and whether more is better
FIGURES = (("fps", "fps", True), ("p50_ms", "p50 ms", False), ("kb_per_frame", "kB/frame", False), ("cpu_ms_per_frame", "CPU ms/frame", False))
MARGIN = 1.05       # less than this apart is noise


def behind(results):
    """Where a peer is ahead of the better of ours by more than the margin: a line for each cell and figure."""
    text = []
    for cell, by_server in results.items():
        good = {n: r for n, r in by_server.items() if r.get("frames")}
        for key, label, more in FIGURES:
            best = max if more else min
            ours = [r[key] for n, r in good.items() if n in OURS and r.get(key)]
            peers = {n: r[key] for n, r in good.items() if n not in OURS and r.get(key)}
            if not ours or not peers:
                continue
            mine, name = best(ours), best(peers, key=peers.get)
            ahead = peers[name] / mine if more else mine / peers[name]
            if ahead > MARGIN:
                text.append(f"| {cell} | {label} | {number(mine, 2)} | {name} {number(peers[name], 2)} | {ahead:.2f} |")
    return "\n".join(["| cell | figure | ours | best peer | times |", "|---|---|---|---|---|"] + text) + "\n"


def load(out, name, servers):
    """The cells of the last run, if it measured the same servers."""
    try:
        with open(f"{out}/{name}.json") as f:
            cells = json.load(f)["cells"]
    except (OSError, ValueError, KeyError):
        return {}
    return {c: r for c, r in cells.items() if list(r) == servers}


def save(out, name, results, repeats, seconds):
    with open(f"{out}/{name}.json", "w") as f:
        json.dump({"repeats": repeats, "seconds": seconds, "cpus": os.cpu_count(), "cells": results}, f, indent=1)
    with open(f"{out}/{name}.md", "w") as f:
        f.write("frames per second / p50 latency in ms / kB per frame / server CPU ms per frame\n\n" + markdown(results) +
                "\nwhere a peer is ahead\n\n" + behind(results))


def plot(out, results):
    """Latency and CPU of every cell, a bar for each server."""
    if not shutil.which("gnuplot"):
        return
    servers = list(next(iter(results.values())))
    with open(f"{out}/results.dat", "w") as f:
        for cell, by_server in results.items():
            values = [by_server[s].get(k) for k in ("p50_ms", "cpu_ms_per_frame") for s in servers]
            f.write(cell + " " + " ".join("nan" if v is None else f"{v:.3f}" for v in values) + "\n")
    bars = lambda first: ", ".join(f"'{out}/results.dat' using {first + i}{':xtic(1)' if i == 0 else ''} title '{s}'"
                                   for i, s in enumerate(servers))
    script = (f"set terminal pngcairo size 1600,1000 noenhanced; set output '{out}/results.png'\n"
              "set style data histograms; set style fill solid 0.8 border -1; set logscale y; set grid ytics; set key top left\n"
              "set xtics rotate by -35; set rmargin 14; set multiplot layout 2,1\n"
              f"set ylabel 'latency p50, ms'; plot {bars(2)}\n"
              f"set ylabel 'server CPU, ms per frame'; plot {bars(2 + len(servers))}\nunset multiplot\n")
    subprocess.run(["gnuplot"], input=script.encode(), check=False)


def plot_series(out, results, series):
    """The server's CPU along each series, a line for each server."""
    if not shutil.which("gnuplot"):
        return
    servers = list(next(iter(results.values())))
    panels = []
    for i, (axis, points) in enumerate(series.items()):
        with open(f"{out}/series{i}.dat", "w") as f:
            for x, cell in points:
                values = [results[cell.name][s].get("cpu_percent") for s in servers]
                f.write(f"{x} " + " ".join("nan" if v is None else f"{v:.3f}" for v in values) + "\n")
        panels.append(f"set xlabel '{axis}'; plot " + ", ".join(f"'{out}/series{i}.dat' using 1:{n + 2} with linespoints title '{s}'"
                                                               for n, s in enumerate(servers)))
    script = (f"set terminal pngcairo size 1800,600 noenhanced; set output '{out}/series.png'\n"
              f"set grid; set key top left; set ylabel 'server CPU, % of one core' ; set yrange [0:*]; set multiplot layout 1,{len(panels)}\n"
              + "\n".join(panels) + "\nunset multiplot\n")
    subprocess.run(["gnuplot"], input=script.encode(), check=False)


def inexact(results):
    """Our lossless cells that did not end exact."""
    return [f"{cell} ({n})" for cell, by_server in results.items() for n, r in by_server.items()
            if n in OURS and "error" not in r and not (r["exact"] and r.get("other_exact", True))]
