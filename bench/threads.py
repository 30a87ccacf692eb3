"""A compiled step in one thread and in two, beside PyTorch and JAX: `python bench/threads.py`, or with `--save`.

An engine in n threads is a process of its own, kept to n processors. The processes of a row take turns, and the fastest round counts:
what else the machine does can only make it slower.
"""
import argparse, os, platform, sys
from compare import HERE, Worker, add_python, check_agreement, processor, told
from compiled import NAMES

ENGINES = 'ours', 'scan', 'jax', 'torch'
ROWS = {'digits, 1,024 samples': ('digits', '1024'), 'digits, 100,000 samples': ('digits', '100000')}
THREADS = 1, 2

def start(engine, pythons, threads, *workload):
    return Worker(engine, NAMES[engine], [pythons.get(engine, sys.executable), HERE/'compiled_worker.py', engine, *workload], BENCH_THREADS=str(threads))

def measure(workload, engines, pythons, rounds):
    "The shortest time of a step, by engine and threads."
    workers = {(engine, threads): start(engine, pythons, threads, *workload) for engine in engines for threads in THREADS}
    times = dict.fromkeys(workers, float('inf'))
    for i in range(1 + rounds): # the first warms up
        told = {key: worker.one_round() for key, worker in workers.items()}
        for threads in THREADS: check_agreement(workload, {engine: told[engine, threads]['answer'] for engine in engines}, NAMES, 1e-6)
        if told['ours', 1]['answer'] != told['ours', 2]['answer']: raise SystemExit(f'{workload}: two threads have other bits than one')
        if i: times = {key: min(time, told[key]['cost']) for key, time in times.items()}
    for worker in workers.values(): worker.stop()
    return times

def report(pythons, rounds, rows):
    here = {}
    for engine in ENGINES:
        worker = start(engine, pythons, 1)
        worker.stop()
        if 'missing' not in worker.about: here[engine] = worker.about['version']
    yield f'Measured on {processor()}, {platform.system()}, Python {platform.python_version()}; load {os.getloadavg()[0]:.1f}. Versions: {"; ".join(dict.fromkeys(here.values()))}.\n'
    yield f'| a step of | {" | ".join(f"{NAMES[engine]}, 1 thread | 2 threads" for engine in here)} |'
    yield '|---'*(1 + 2*len(here)) + '|'
    for title, workload in rows.items():
        times, cells = measure(workload, here, pythons, rounds), []
        for engine in here:
            one, two = (times[engine, threads] for threads in THREADS)
            cells += [f'{1e3*one:.3g} ms', f'{1e3*two:.3g} ms, {one/two:.2f}×']
        yield f'| {title} | {" | ".join(cells)} |'
    yield f'\nThe time of one training step by the clock, the fastest of {rounds} rounds, in double precision, and how many times faster two threads are.'
    yield 'All engines begin with the same weights and have to arrive at the same loss, ours with one thread and two at the same bits.'

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='one round of 1,024 samples, to see that it runs')
    parser.add_argument('--save', action='store_true', help='write the table to bench/THREADS.md, too')
    add_python(parser)
    args = parser.parse_args()
    told(report(dict(args.python), 1 if args.quick else 9, dict(list(ROWS.items())[:1]) if args.quick else ROWS), args.save and 'THREADS.md')

if __name__ == '__main__': main()
