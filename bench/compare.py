"""This package beside its peers, in one run: `python bench/compare.py`, or `make bench`.

Every cell of the table is measured in a process of its own. The processes of one row take turns, round by round,
so that a machine that slows down slows all of them, and a ratio is taken within a round.
"""

import argparse, json, math, os, platform, subprocess, sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
PEERS = HERE/'.peers' # PyPI's micrograd lives here, as its import name is ours
NAMES = {'ours': 'literate-micrograd', 'micrograd': 'PyPI micrograd', 'microgpt': 'microgpt style',
         'torch': 'PyTorch, 0-d tensors', 'autograd': 'HIPS autograd'}

@dataclass
class Row:
    title: str
    workload: str
    collector: str # 'on' or 'off'
    size: int
    rounds: int
    engines: tuple # the names of those that can do it

def rows(quick):
    samples, nodes = (4, 1_000) if quick else (100, 1_000_000)
    loops, chains = (1, 1) if quick else (5, 3)
    for collector in 'on', 'off':
        yield Row('training step, through `MLP`', 'mlp', collector, samples, loops, ('ours', 'micrograd'))
    for collector in 'on', 'off':
        yield Row('training step, written out', 'written out', collector, samples, loops, tuple(NAMES))
    for collector in 'on', 'off':
        yield Row(f'chain of {nodes:,} nodes', 'chain', collector, nodes, chains, ('ours', 'micrograd', 'microgpt', 'torch'))
    yield Row('memory of a node', 'bytes', 'on', nodes//5, 1, ('ours', 'micrograd', 'microgpt'))

# One process

class Worker:
    "An engine in a process of its own, which waits to be told to run one more round."
    def __init__(self, engine, name, command, path=HERE.parent, **settings):
        self.engine, self.name = engine, name
        settings |= {'PYTHONPATH': str(path), 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1'}
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, **settings})
        self.about = self.hear()

    def hear(self):
        line = self.process.stdout.readline()
        if not line: raise SystemExit(f'{self.name} broke off; its own message is above')
        return json.loads(line)

    def one_round(self):
        print(file=self.process.stdin, flush=True)
        return self.hear()

    def stop(self): self.process.communicate()

def start(engine, pythons, *workload):
    command = [pythons.get(engine, sys.executable), HERE/'worker.py', engine, *map(str, workload)]
    return Worker(engine, NAMES[engine], command, PEERS if engine == 'micrograd' else HERE.parent)

def install_micrograd():
    "The wheel of karpathy's package into a folder that only its own processes look into."
    if not (PEERS/'micrograd').exists():
        subprocess.run([sys.executable, '-m', 'pip', 'install', '-qq', '--no-deps', '--target', PEERS, 'micrograd==0.1.0'])

def ask(engine, pythons):
    "Its versions, or what is missing."
    worker = start(engine, pythons)
    worker.stop()
    return worker.about

# One row of the table

def measure(row, engines, pythons):
    "The cost of each round, a list for each engine."
    workers = [start(engine, pythons, row.workload, row.size, row.collector) for engine in row.engines if engine in engines]
    costs = {worker.engine: [] for worker in workers}
    for i in range(1 + row.rounds):
        results = {worker.engine: worker.one_round() for worker in workers}
        check_agreement(row.title, {engine: result['answer'] for engine, result in results.items()})
        if i > 0: # the first round warms up
            for engine, result in results.items(): costs[engine].append(result['cost'])
    for worker in workers: worker.stop()
    return costs

def check_agreement(title, answers, names=NAMES, tolerance=1e-9):
    for engine, answer in answers.items():
        if not math.isclose(answer, answers['ours'], rel_tol=tolerance):
            raise SystemExit(f"{title}: {names[engine]} answers {answer}, ours {answers['ours']}")

def cell(row, costs, engine):
    if engine not in costs: return '–'
    cost = median(costs[engine])
    shown = f'{cost:.0f} bytes' if row.workload == 'bytes' else f'{cost:.2f} s' if cost >= 1 else f'{1000*cost:.1f} ms'
    if engine == 'ours': return shown
    ratios = [peer/mine for peer, mine in zip(costs[engine], costs['ours'])]
    spread = f' ({min(ratios):.1f} to {max(ratios):.1f})' if row.rounds > 1 else ''
    return f'{shown}, **{median(ratios):.1f}×**{spread}'

# The report

def processor():
    try: lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError: return platform.processor() or platform.machine()
    return next((line.split(': ')[1] for line in lines if line.startswith('model name')), platform.machine())

def header(found):
    "The machine, the versions, and what is missing."
    python = found['ours']['python']
    yield f'Measured on {processor()}, {platform.system()}, Python {python}, one thread.'
    for engine, about in found.items():
        if 'missing' in about: yield f"Not measured: {NAMES[engine]} ({about['missing']})."
    versions = [f"{NAMES[engine]} {about['version']}" + (f" on Python {about['python']}" if about['python'] != python else '')
                for engine, about in found.items() if about.get('version')]
    yield f"Versions: {'; '.join(versions)}."

EXPLANATION = """\
A cell is processor time, from building the graph to dropping it, and how many times ours that is: medians over rounds of
three training steps or one chain, with the lowest and the highest ratio.

- Python's garbage collector visits living objects again and again. In PyPI micrograd each node is part of a reference cycle,
  so that old graphs pile up until the collector finds them: most of the first ratio is the collector at work.
  Where it is off, it runs between the rounds, unmeasured, or those graphs would fill the machine.
- Through `MLP`, a neuron's weighted sum is one node of ours (`dot`); written out, it is two nodes for each input.
- PyTorch and autograd are made for arrays, and here pay for each number what they would pay for a whole array
  (autograd's chain is left out, as it alone would take longer than the rest of the table)."""

def report(pythons, quick):
    "The lines of the table, each as soon as it is measured."
    found = {engine: ask(engine, pythons) for engine in NAMES}
    engines = [engine for engine in NAMES if 'missing' not in found[engine]]
    yield from header(found)
    yield ''
    yield f"| | garbage collector | {' | '.join(NAMES[engine] for engine in engines)} |"
    yield '|---' * (2 + len(engines)) + '|'
    for row in rows(quick):
        costs = measure(row, engines, pythons)
        yield f"| {row.title} | {row.collector} | {' | '.join(cell(row, costs, engine) for engine in engines)} |"
    yield ''
    yield EXPLANATION

def add_python(parser):
    "The option that says where an engine is; `dict(args.python)` has the choices."
    parser.add_argument('--python', action='append', default=[], type=lambda choice: choice.split('=', 1), metavar='ENGINE=PATH', help='run an engine in another interpreter')

def told(lines, file, title=''):
    "Print each line of a report as it comes, and write all of them to a file in this folder, if one is named."
    found = []
    for line in lines:
        print(line, flush=True)
        found.append(line)
    if file: (HERE/file).write_text(title + '\n'.join(found).rstrip() + '\n', encoding='utf-8')

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='one round of tiny sizes, to see that it runs')
    parser.add_argument('--save', action='store_true', help='write the table to bench/RESULTS.md, too')
    add_python(parser)
    args = parser.parse_args()
    install_micrograd()
    told(report(dict(args.python), args.quick), args.save and 'RESULTS.md')

if __name__ == '__main__': main()
