"""Trainings beside each other, and steps that are shared, with one and two workers; a model of both, and what it says of more: `python bench/many.py`, or with `--save`.

Everything is measured in rounds that take turns, and the fastest counts: what else the machine does can only make it slower.
"""
import argparse, os, platform, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from compare import processor, told
from micrograd import MLP
from micrograd.checkpoints import History
from micrograd.jit.training import CompiledStep
from micrograd.losses import max_margin
from micrograd.many import grid, sweep
from micrograd.optim import SGD
from micrograd.sharing import SharedStep
from micrograd.train import EagerStep, fit, make_moons

WIDTHS, SIZES, SHARDS = (16, 32), (20_000, 100_000), 8

def step_of(width, n, executor=None, shards=SHARDS, alone=False):
    "A function that makes a step with all of `n` samples."
    xs, labels = make_moons(n)
    model = MLP(2, [width, width, 1], rng=0)
    eager, history = EagerStep(model, xs, [2*label - 1 for label in labels], max_margin, SGD(model.parameters(), lr=0.01)), History()
    if not alone: return partial(SharedStep(eager, executor, shards, jit=True).run, [range(n)], [0.01], history)
    step = CompiledStep(eager)
    step.compare(list(range(min(20, n))), 0)
    return lambda: step.machine.run([range(n)], [0.01])

def fastest(calls, rounds, seconds):
    "The shortest time of each, in rounds that take turns."
    times = dict.fromkeys(calls, float('inf'))
    for call in calls.values(): call()
    for _ in range(rounds):
        for name, call in calls.items():
            end = time.perf_counter() + seconds
            while (start := time.perf_counter()) < end:
                call()
                times[name] = min(times[name], time.perf_counter() - start)
    return times

# Steps. With S shards, w workers and n samples a step takes
#     u + w*v + S/w*s + n/w*c
# u: the update, and all else that happens once; v: a worker's round trip; s: what a shard costs; c: what a sample costs

def terms_of(width, rounds):
    "u, v, s and c of a network, and the other measurements, by what they are of."
    with ExitStack() as stack:
        def workers(n, kind=ProcessPoolExecutor): return [stack.enter_context(kind(1)) for _ in range(n)]
        small = fastest({(w, shards): step_of(width, SHARDS, workers(w), shards) for w, shards in ((1, 1), (1, SHARDS), (SHARDS, SHARDS))}, rounds, 0.1)
        s = max(0.0, (small[1, SHARDS] - small[1, 1])/(SHARDS - 1))
        v = (small[SHARDS, SHARDS] - small[1, 1])/(SHARDS - 1)
        u = small[1, 1] - v - s
        one, two, threads = workers(1), workers(2), workers(2, ThreadPoolExecutor)
        measured = {}
        for n in SIZES: # one size after the other, since a worker keeps the last training only
            calls = {'alone': step_of(width, n, alone=True), 1: step_of(width, n, one), 2: step_of(width, n, two), 'threads': step_of(width, n, threads)}
            measured.update(((n, name), time) for name, time in fastest(calls, rounds, 0.1).items())
        c = measured[SIZES[-1], 'alone']/SIZES[-1]
    return (u, v, s, c), measured

def computed(terms, n, w, shards=SHARDS):
    u, v, s, c = terms
    return u + w*v + max(1, shards/w)*s + n*c/w

def steps(rounds):
    yield '## A step that is shared\n'
    yield '| weights | samples a step | one process, no sharing | 1 worker: measured, computed | 2 workers: measured, computed | 2 threads |'
    yield '|---|---|---|---|---|---|'
    found = {}
    for width in WIDTHS:
        weights = len(MLP(2, [width, width, 1]).parameters())
        terms, measured = found[weights] = terms_of(width, rounds)
        for n in SIZES:
            shared = [f'{ms(measured[n, w])}, {ms(computed(terms, n, w))} ({measured[n, w]/computed(terms, n, w) - 1:+.0%})' for w in (1, 2)]
            yield f'| {weights:,} | {n:,} | {ms(measured[n, "alone"])} | {" | ".join(shared)} | {ms(measured[n, "threads"])} |'
    yield ''
    for weights, ((u, v, s, c), _) in found.items():
        pays = (u + 2*v + (SHARDS/2)*s)/(c/2)
        yield (f'With {weights:,} weights a step has {u*1e6:.0f} µs for the update and the sums, {v*1e6:.0f} µs for each worker, {s*1e6:.0f} µs for each shard, '
               f'and {c*1e9:.0f} ns for each sample. With {SHARDS} shards, two workers are faster than one process from {round(pays, -3):,.0f} samples a step on.\n')
    yield 'Computed from that, for as many shards as workers, each behind a wire as fast as that between two processes here: how many times faster than one process.\n'
    yield '| weights | samples a step | 10 workers | 100 workers | 1,000 workers | best number of workers |'
    yield '|---|---|---|---|---|---|'
    for weights, (terms, _) in found.items():
        u, v, s, c = terms
        for n in (10**5, 10**6, 10**7, 10**8):
            faster = [f'{n*c/computed(terms, n, w, w):.1f}' for w in (10, 100, 1000)]
            yield f'| {weights:,} | {n:,} | {" | ".join(faster)} | {max(1, round((n*c/max(v, 1e-6))**0.5)):,} |'
    yield ''

# Sweeps. n trainings of t seconds with w workers take
#     ceil(n/w)*t + n*d
# d: what it costs to hand out a training and to take its result

def train(seed, steps=10):
    xs, labels = make_moons(60)
    model = MLP(2, [8, 1], rng=seed)
    return fit(model, xs, [2*label - 1 for label in labels], max_margin, SGD(model.parameters(), lr=0.1), steps=steps, progress=False).loss[-1]

def nothing(seed): return seed

def started():
    "Two processes, from nothing to the first answer of both."
    with ProcessPoolExecutor(2) as two: sweep(train, grid(seed=range(2), steps=[0]), two, progress=False)

def sweeps(rounds, n=8):
    yield '## Trainings beside each other\n'
    with ProcessPoolExecutor(1) as one, ProcessPoolExecutor(2) as two:
        for pool in (one, two): sweep(train, grid(seed=range(4), steps=[1]), pool, progress=False) # all are there
        times = fastest({name: partial(sweep, train, grid(seed=range(n)), pool, None, False) for name, pool in (('here', None), (1, one), (2, two))}, rounds, 0.01)
        start = fastest({0: started}, 1, 1.0)[0]
        d = fastest({0: partial(sweep, nothing, grid(seed=range(100)), two, None, False)}, rounds, 0.1)[0]/100
    t = times['here']/n
    yield '| trainings | one process, no pool | 1 worker: measured, computed | 2 workers: measured, computed |'
    yield '|---|---|---|---|'
    cells = [f'{ms(times[w])}, {ms(x)} ({times[w]/x - 1:+.0%})' for w in (1, 2) for x in [-(-n//w)*t + n*d]]
    yield f'| {n} of {ms(t)} | {ms(times["here"])} | {" | ".join(cells)} |\n'
    yield (f'To hand out a training and to take its result costs {d*1e6:.0f} µs, to start two processes {ms(start)}: two workers are faster '
           f'than one process as soon as all trainings together take about {ms(2*start)}.\n')
    yield 'Computed from that, for 1,000 trainings: how many times faster than one process.\n'
    yield '| a training takes | 10 workers | 100 workers | 1,000 workers |'
    yield '|---|---|---|---|'
    for t in (0.01, 0.1, 1, 60):
        yield f'| {t} s | {" | ".join(f"{1000*t/(-(-1000//w)*t + 1000*d):.1f}" for w in (10, 100, 1000))} |'
    yield ''

def ms(seconds): return f'{seconds*1e3:.2f} ms'

def report(rounds):
    load = os.getloadavg()[0]
    yield f'Measured on {processor()}, {platform.system()}, Python {platform.python_version()}, {os.cpu_count()} processors, load {load:.1f} before.\n'
    yield from sweeps(rounds)
    yield from steps(rounds)

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--save', action='store_true')
    args = parser.parse_args()
    told(report(1 if args.quick else 12), args.save and 'MANY.md', '# Many workers\n\n')

if __name__ == '__main__': main()
