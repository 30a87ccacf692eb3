"""Tables beside scikit-learn at its defaults, on the same rows: `python bench/tables.py`, or with `--save`.

scikit-learn's own tables, a fifth of the rows held out, ten seeds. Ours gets the table as a person would give it to `micrograd train`;
scikit-learn gets the same rows standardised by its StandardScaler, which its networks and linear models need. Where scikit-learn is not
there, it is installed into `bench/.peers/tables`, a folder that nothing else looks into.
"""
import argparse, statistics, subprocess, sys, time, warnings
from importlib.util import find_spec
from pathlib import Path
from micrograd.data import split
from micrograd.predictor import train_table
from micrograd.tables import Table

FOLDER = Path(__file__).resolve().with_name('.peers')/'tables'
if not (FOLDER/'sklearn').exists() and not find_spec('sklearn'):
    subprocess.run([sys.executable, '-m', 'pip', 'install', '-qq', '--target', FOLDER, 'scikit-learn'], check=True)
sys.path.append(str(FOLDER)) # last, so that nothing of ours comes from there

import sklearn
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TABLES = dict(iris=datasets.load_iris, wine=datasets.load_wine, cancer=datasets.load_breast_cancer, digits=datasets.load_digits,
              diabetes=datasets.load_diabetes)


def rows_of(name):
    "The inputs, the targets, and whether they are classes."
    found = TABLES[name]()
    return found.data, found.target, name != 'diabetes'


def ours(xs, ys, classes, train, held, seed):
    "As `micrograd train` does, on these rows."
    def table(rows): return Table.of({**{f'x{k}': xs[rows, k] for k in range(xs.shape[1])}, 'y': [f'c{y}' if classes else y for y in ys[rows]]})
    score = train_table(table(train), 'y', test=table(held), seed=seed, progress=False).score
    return score['accuracy' if classes else 'error']


def theirs(make):
    def measured(xs, ys, classes, train, held, seed):
        model = make_pipeline(StandardScaler(), make(classes, seed)).fit(xs[train], ys[train])
        said = model.predict(xs[held])
        return float((said == ys[held]).mean() if classes else ((said - ys[held])**2).mean()**0.5)
    return measured


PEERS = {
    'micrograd': ours,
    'its network': theirs(lambda classes, seed: (MLPClassifier if classes else MLPRegressor)(random_state=seed)),
    'linear': theirs(lambda classes, seed: LogisticRegression() if classes else LinearRegression()),
    'forest': theirs(lambda classes, seed: (RandomForestClassifier if classes else RandomForestRegressor)(random_state=seed))}


def measure(names, seeds, peers):
    "For each table and each peer the figures of all seeds, and the seconds of one."
    for name in names:
        xs, ys, classes = rows_of(name)
        figures = {peer: [] for peer in peers}
        seconds = dict.fromkeys(peers, 0.0)
        for seed in range(seeds):
            train, held = split(len(xs), 0.2, seed)
            for peer in peers:
                start = time.process_time()
                figures[peer].append(PEERS[peer](xs, ys, classes, train, held, seed))
                seconds[peer] += (time.process_time() - start)/seeds
        yield name, classes, figures, seconds


def cell(values, classes):
    mean, spread = statistics.mean(values), statistics.stdev(values)/len(values)**0.5 if len(values) > 1 else 0.0
    return f'{mean:.1%} ± {spread:.1%}' if classes else f'{mean:.1f} ± {spread:.1f}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--seeds', type=int, default=10)
    parser.add_argument('--tables', default=','.join(TABLES))
    parser.add_argument('--peers', default=','.join(PEERS))
    parser.add_argument('--save', action='store_true', help='write bench/TABLES.md')
    args = parser.parse_args()
    warnings.simplefilter('ignore') # scikit-learn says that its network has not converged in the rounds of its defaults
    peers = args.peers.split(',')
    lines = [f'| table | {" | ".join(peers)} |', f'|{"---|"*(len(peers) + 1)}']
    for name, classes, figures, seconds in measure(args.tables.split(','), args.seeds, peers):
        lines.append(f'| {name} | {" | ".join(cell(figures[peer], classes) for peer in peers)} |')
        print(lines[-1], {peer: round(s, 2) for peer, s in seconds.items()}, flush=True)
    if args.save:
        told = f'Held-out accuracy, and for diabetes the root mean squared error; means of {args.seeds} seeds with their standard errors. ' \
               f'scikit-learn {sklearn.__version__} at its defaults, its rows standardised; *its network* is MLPClassifier or MLPRegressor.'
        (Path(__file__).parent/'TABLES.md').write_text('\n'.join(['# Tables beside scikit-learn', '', told, '', *lines, '']))


if __name__ == '__main__': main()
