"""Compiled training beside its peers, in one run: `python bench/compiled.py`.

As in compare.py, each cell is measured in a process of its own, the processes of a row take turns, and ratios are taken within a turn.
"""

import argparse, os, platform, sys
from pathlib import Path
from statistics import median
from compare import HERE, Worker, add_python, check_agreement, processor, told

NAMES = {'ours': 'jit', 'c': 'C by hand', 'scan': 'JAX, one scan', 'jax': 'JAX, a call a step', 'torch': 'PyTorch', 'numpy': 'jit on NumPy', 'eager': 'without jit'}
ROWS = {'micrograd’s demo': ('demo',), 'the lecture’s network': ('lecture',), 'digits, batches of 32': ('digits', '32'),
        'digits, batches of 256': ('digits', '256'), 'a step of microgpt': ('microgpt',),
        **{f'{name}, batches of {n}': ('wide', n, *name.split('-')) for name in ('784-128-10', '784-512-512-10') for n in ('64', '256')}}
ABILITIES = {'x86-64-v2': 'sse4_2', 'x86-64-v3': 'avx2', 'x86-64-v4': 'avx512bw'} # what the levels of processors need, as Linux calls it
VECTORS = {'x86-64-v2': 'SSE4_2', 'x86-64-v3': 'AVX2', 'x86-64-v4': 'AVX512'} # and as the engines do
CORES = {'x86-64-v2': 'Nehalem', 'x86-64-v3': 'Haswell', 'x86-64-v4': 'SkylakeX'} # OpenBLAS goes by processors

def levels():
    "Those that this machine has, the lowest first; none where it is no x86."
    try: flags = next(line for line in Path('/proc/cpuinfo').read_text().splitlines() if line.startswith('flags')).split()
    except (OSError, StopIteration): return []
    return [level for level, ability in ABILITIES.items() if ability in flags]

def restricted(level):
    "Settings that keep every engine to one level."
    one_thread = '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1'
    if not level: return dict(XLA_FLAGS=one_thread)
    vectors = VECTORS[level]
    return dict(MICROGRAD_JIT_CPU=level, BENCH_MARCH=level, XLA_FLAGS=f'{one_thread} --xla_cpu_max_isa={vectors}', OPENBLAS_CORETYPE=CORES[level],
                ATEN_CPU_CAPABILITY='default' if vectors == 'SSE4_2' else vectors.lower(), MKL_ENABLE_INSTRUCTIONS=vectors, ONEDNN_MAX_CPU_ISA=vectors)

def start(engine, pythons, level, *workload):
    command = [pythons.get(engine, sys.executable), HERE/'compiled_worker.py', engine, *workload]
    return Worker(engine, NAMES[engine], command, **restricted(level))

def measure(workload, engines, pythons, rounds, level):
    "The cost of each round, a list for each engine. The slow ones sit out most rounds."
    workers = [start(engine, pythons, level, *workload) for engine in engines]
    workers = [worker for worker in workers if worker.about.get('ready') or worker.stop()]
    costs = {worker.engine: [] for worker in workers}
    for i in range(2 + rounds):
        answers = {}
        for worker in workers:
            if worker.engine == 'eager' and i not in (1, 2, 3): continue
            result = worker.one_round()
            answers[worker.engine] = result['answer']
            if i > 1 or worker.engine == 'eager': costs[worker.engine].append(result['cost'])
        check_agreement(workload, answers, NAMES, 1e-6)
    for worker in workers: worker.stop()
    return costs

def cell(costs, engine):
    if engine not in costs: return '–'
    cost = median(costs[engine])
    shown = f'{1e6*cost:.1f} µs' if cost < 1e-4 else f'{1e6*cost:.0f} µs' if cost < 1e-3 else f'{1e3*cost:.1f} ms'
    if engine == 'ours': return f'**{shown}**'
    ours = costs['ours'] if len(costs[engine]) == len(costs['ours']) else [median(costs['ours'])]*len(costs[engine])
    ratio = median(theirs/mine for theirs, mine in zip(costs[engine], ours))
    return f'{shown}, {ratio:.2f}×' if ratio < 10 else f'{shown}, {ratio:.0f}×'

EXPLANATION = """\
A cell is the processor time of one training step, forward, backward and update, and how many times ours that is: medians of {rounds} rounds in
which the engines took turns, in double precision. All begin with the same weights and have to arrive at the same loss. Compiling is not in it.

- The demo: two moons, 100 samples, 2-16-16-1, hinge loss with a penalty. The lecture: 3-4-4-1 with tanh, 4 samples. Digits: 64-64-10 on
  pictures made by rule, cross-entropy; 784-128-10 and the wider one likewise. microgpt: a transformer of 4,192 parameters, one name a step, Adam; its lengths differ, so it cannot be one scan.
- PyTorch, C and ours keep to what a level has. JAX does so outside its matrix products only: these look for AVX-512 by themselves, and use it at every level.
- Steps of one scan never come back to Python; ours do not either, except in microgpt, where Adam is ten calls of NumPy.
- In microgpt each step is given a list of tokens and gives its loss as a Python number. In the other rows the calls of JAX are waited for
  once, at the end: it prepares a step while another is computed, on a second processor if there is one, and the time of both counts.
- *C by hand* is `bench/demo.c` and `bench/microgpt.c`, each written for this one network and compiled for the same level with `-O3 -fno-math-errno`."""

def report(pythons, rounds, only, chosen):
    found = {}
    for engine in NAMES:
        worker = start(engine, pythons, None)
        worker.stop()
        found[engine] = worker.about
    here = [engine for engine in NAMES if 'missing' not in found[engine]]
    yield f'Measured on {processor()}, {platform.system()}, Python {platform.python_version()}, one thread; {os.cpu_count()} processors under a load of {os.getloadavg()[1]:.0f}.'
    for engine in NAMES:
        if engine not in here: yield f"Not measured: {NAMES[engine]} ({found[engine]['missing']})."
    yield 'Versions: ' + '; '.join(sorted({found[engine]['version'] for engine in here if found[engine]['version']})) + '.'
    for level in chosen:
        yield ''
        yield f'With what {level} has ({VECTORS[level]}), every engine:' if level else 'With all that this processor has:'
        yield ''
        yield f"| a step of | {' | '.join(NAMES[engine] for engine in here)} |"
        yield '|---'*(1 + len(here)) + '|'
        for title, workload in ROWS.items():
            if only and workload[0] not in only: continue
            costs = measure(workload, [engine for engine in here if workload[0] in found[engine]['workloads']], pythons, rounds, level)
            yield f"| {title} | {' | '.join(cell(costs, engine) for engine in here)} |"
    yield ''
    yield EXPLANATION.format(rounds=rounds)

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='one round, to see that it runs')
    parser.add_argument('--save', action='store_true', help='write the table to bench/COMPILED.md, too')
    add_python(parser)
    parser.add_argument('--only', action='append', choices=sorted({workload[0] for workload in ROWS.values()}), help='these workloads')
    parser.add_argument('--level', action='append', choices=levels(), help='keep every engine to this level of processors, instead of all that are here in turn')
    args = parser.parse_args()
    told(report(dict(args.python), 1 if args.quick else 25, args.only, args.level or levels() or [None]), args.save and 'COMPILED.md')

if __name__ == '__main__': main()
