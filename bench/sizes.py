"""Operations a second over the sizes of networks: `python bench/sizes.py`, or with `--save`.

Measured as compiled.py does: in turns, each engine in a process of its own, one step of training at a time.
"""

import argparse, os, platform
from statistics import median
from compare import add_python, processor, told
from compiled import NAMES, levels, measure

ENGINES = 'ours', 'torch', 'scan'
NETWORKS = (2, 16, 16, 1), (8, 16, 10), (16, 32, 10), (64, 32, 10), (64, 64, 10), (64, 256, 10), (784, 32, 10), (784, 128, 10), (784, 256, 128, 10), (784, 512, 512, 10)
BATCH = 64

def operations(sizes, samples):
    "Multiplications and additions of a step: each weight takes part in the output, in its own gradient, and behind the first layer in the one passed back."
    layers = [a*b for a, b in zip(sizes, sizes[1:])]
    return 2*samples*(3*sum(layers) - layers[0])

def report(pythons, rounds, level, only):
    yield f'Measured on {processor()} with what {level or "it"} has, {platform.system()}, Python {platform.python_version()}, one thread; {os.cpu_count()} processors under a load of {os.getloadavg()[1]:.0f}.'
    yield ''
    yield f"| network | operations | {' | '.join(NAMES[engine] for engine in ENGINES)} |"
    yield '|---'*(2 + len(ENGINES)) + '|'
    for sizes in NETWORKS:
        name = '-'.join(map(str, sizes))
        if only not in (None, name): continue
        demo = sizes == (2, 16, 16, 1)
        costs = measure(('demo',) if demo else ('wide', str(BATCH), *map(str, sizes)), ENGINES, pythons, rounds, level)
        count = operations(sizes, 100 if demo else BATCH)
        rates = [f'{count/median(costs[engine])/1e9:.2f}' if engine in costs else '–' for engine in ENGINES]
        yield f"| {name} | {count:,} | {' | '.join(rates)} |"
    yield ''
    yield f'In billions a second, for the processor time of a whole step in double precision: the multiplications and additions of its matrices, forward and backward. Batches of {BATCH}; the first network is the demo, with 100 samples.'

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='one round, to see that it runs')
    parser.add_argument('--save', action='store_true', help='write the table to bench/SIZES.md, too')
    add_python(parser)
    parser.add_argument('--only', choices=['-'.join(map(str, sizes)) for sizes in NETWORKS], help='one network')
    parser.add_argument('--level', choices=levels(), default=(levels() or [None])[-1], help='keep every engine to a level of processors')
    args = parser.parse_args()
    told(report(dict(args.python), 1 if args.quick else 11, args.level, args.only), args.save and 'SIZES.md')

if __name__ == '__main__': main()
