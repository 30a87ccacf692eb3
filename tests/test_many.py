"Many trainings and shared steps on real engines: threads, processes, and a Dask cluster of two workers."
import json, os, pickle, random, re, signal, subprocess, sys
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
import numpy as np
import pytest
from hypothesis import given, strategies as st
from micrograd import MLP
from micrograd.checkpoints import History
from micrograd.cli import main
from micrograd.losses import cross_entropy, l2, max_margin, mse
from micrograd.many import by_setting, grid, sweep
from micrograd.optim import SGD, Adam, Diverged
from micrograd.shards import branches, tree_sum
from micrograd.sharing import Here, WorkerDied
from micrograd.train import fit, make_moons

root = Path(__file__).parent.parent
xs, labels = make_moons(90, seed=1)
ys = [2*label - 1 for label in labels]


def trained(steps=6, loss=max_margin, ys=ys, xs=xs, history=None, model=None, **more):
    "The bits of a training: its parameters, losses and accuracies."
    model = model or MLP(2, [5, 1 if loss is not cross_entropy else 2], rng=0)
    optimizer = Adam(model.parameters(), lr=0.05)
    history = fit(model, xs, ys, loss, optimizer, steps=steps, penalty=l2(1e-3), progress=False, history=history, **more)
    return [p.data.hex() for p in model.parameters()], [x.hex() for x in history.loss], history.accuracy


@contextmanager
def pools(*sizes, kind=ProcessPoolExecutor):
    with ExitStack() as stack: yield [stack.enter_context(kind(n)) for n in sizes]


# Sums

@given(st.integers(1, 40), st.lists(st.integers(1, 39), max_size=8), st.integers(0, 99))
def test_whoever_holds_the_shards_the_sum_is_the_same(n, cuts, seed):
    dice = random.Random(seed)
    leaves = {(k, k + 1): [dice.gauss(0, 1)*10**dice.randint(-9, 9)] for k in range(n)}
    ends = sorted({0, n, *(cut for cut in cuts if cut < n)})
    known = {}
    for mine in zip(ends, ends[1:]):
        for branch in branches((0, n), mine): known[branch] = tree_sum(branch, leaves)
    assert tree_sum((0, n), known) == tree_sum((0, n), leaves)
    assert abs(tree_sum((0, n), known)[0] - sum(x for x, in leaves.values())) <= 1e-12*sum(abs(x) for x, in leaves.values())


# Shared steps

@pytest.mark.parametrize('more', [{}, dict(batch_size=16), dict(jit=True), dict(jit='numpy', batch_size=16), dict(loss=cross_entropy, ys=labels, jit=True),
                                  dict(loss=mse, shards=3), dict(loss=mse, shards=5, batch_size=2)],
                         ids=['engine', 'batches', 'jit', 'numpy', 'classes', 'three shards', 'empty shards'])
def test_a_step_is_the_same_however_many_share_it(more):
    more.setdefault('shards', 8)
    alone = trained(**more)
    with pools(1, 2, 7, kind=ThreadPoolExecutor) as (one, two, seven):
        assert [trained(executor=pool, **more) for pool in (one, two, [one, seven], seven)] == [alone]*4
    del more['shards']
    usual = trained(**more)
    for a, b in zip(alone[0] + alone[1], usual[0] + usual[1]): assert abs(float.fromhex(a) - float.fromhex(b)) < 1e-9
    assert alone[2] == usual[2]


def test_in_processes_too_and_a_worker_that_dies_is_named():
    alone = trained(shards=8, jit=True)
    with pools(2, 1, 1) as (two, *each):
        assert trained(executor=two, jit=True) == trained(executor=each, jit=True) == alone
        victim, model, history = each[1].submit(os.getpid).result(), MLP(2, [5, 1], rng=0), History()
        def kill(step, history):
            if step == 2: os.kill(victim, signal.SIGKILL)
        with pytest.raises(WorkerDied, match=rf'step 3 .*shards 4 to 7: process {victim} on '):
            trained(executor=each, jit=True, model=model, history=history, callbacks=[kill])
    assert len(history) == 3 and [p.data.hex() for p in model.parameters()] == trained(3, shards=8, jit=True)[0]


def test_what_others_than_the_optimizer_change_reaches_the_workers():
    def held(**more):
        model = MLP(2, [4, 1], rng=0)
        def nudge(step, history): model.layers[0].neurons[0].b.data += 0.1
        fit(model, xs, ys, max_margin, SGD(model.layers[1].parameters(), lr=0.1), steps=4, callbacks=[nudge], progress=False, **more)
        return [p.data for p in model.parameters()]
    with pools(2, kind=ThreadPoolExecutor) as (two,):
        for jit in (False, True): assert held(executor=two, jit=jit) == held(shards=8, jit=jit) == pytest.approx(held(), abs=1e-12)


def worst(predictions, targets): return max((p - y)**2 for p, y in zip(predictions, targets))
def total(predictions, targets): return sum((p - y)**2 for p, y in zip(predictions, targets))


def test_what_cannot_be_shared_is_refused_and_a_sum_is_a_sum():
    with pytest.raises(ValueError, match='mean or the sum'): trained(loss=worst, shards=4)
    with pytest.raises(ValueError, match="reduction='mean'"): trained(loss=total, shards=4)
    assert trained(loss=total, shards=4, reduction='sum')[1][0] != trained(loss=mse, shards=4)[1][0]
    for none in (3, []):
        with pytest.raises(TypeError, match='submit'): trained(executor=none)
    with pytest.raises(ValueError, match='shards'): trained(shards=0)


def test_numbers_that_are_none_are_told_as_without_workers():
    broken = [row[:] for row in xs]
    broken[61][1] = float('nan')
    for more in ({}, dict(shards=8), dict(shards=8, jit=True)):
        with pytest.raises(ValueError, match=r'xs\[61\]\[1\] is nan'): trained(xs=broken, **more)
    for more in (dict(shards=8), dict(shards=8, jit=True)):
        model = MLP(2, [5, 1], rng=0)
        with pytest.raises(Diverged) as found: fit(model, xs, ys, mse, SGD(model.parameters(), lr=1e6), steps=99, progress=False, **more)
        assert vars(pickle.loads(pickle.dumps(found.value))) == pytest.approx(vars(found.value), nan_ok=True) # as it comes from a process
        assert all(np.isfinite(p.data) for p in model.parameters())


# Sweeps

def learn(hidden, seed, lr=0.1):
    model = MLP(2, [hidden, 1], rng=seed)
    return fit(model, xs[:30], ys[:30], max_margin, SGD(model.parameters(), lr=lr), steps=4, progress=False, seed=seed).loss[-1]


def die(seed):
    if seed == 1: os.kill(os.getpid(), signal.SIGKILL)
    return seed


settings = grid(hidden=[3, 4], seed=range(3))


def test_a_sweep_gives_the_same_everywhere_and_leaves_the_shared_random_numbers_alone():
    state = random.getstate()
    alone = sweep(learn, settings, progress=False)
    assert [r.setting for r in alone] == settings and all(r.error is None and r.seconds > 0 for r in alone)
    with pools(2) as (two,), ThreadPoolExecutor(3) as threads:
        for executor in (two, threads): assert [r.value for r in sweep(learn, settings, executor, progress=False)] == [r.value for r in alone]
    assert random.getstate() == state
    assert [(s, len(some)) for s, some in by_setting(alone)] == [({'hidden': 3}, 3), ({'hidden': 4}, 3)]


def test_failures_are_results(tmp_path):
    bad = [dict(hidden=3, seed=0, lr=-1), dict(hidden=0, seed=0), dict(hidden=3, seed=0), dict(wrong=1)]
    found = sweep(learn, bad, path=tmp_path/'r.jsonl', progress=False)
    assert [r.error and r.error.partition(':')[0] for r in found] == ['ValueError', 'ValueError', None, 'TypeError']
    with pools(2) as (two,):
        died = sweep(die, grid(seed=range(3)), two, progress=False)
    assert 'BrokenProcessPool' in died[1].error and len(died) == 3


def test_an_interrupted_sweep_goes_on(tmp_path):
    path, calls = tmp_path/'r.jsonl', []
    def once(x, seed):
        calls.append(seed)
        if len(calls) == 3: raise KeyboardInterrupt
        if seed == 0: raise ValueError('not today')
        return np.float32(seed), (1, 2)
    settings = grid(x=[(1, 2)], seed=range(5))
    first = sweep(once, settings, path=path, progress=False)
    assert [r.error for r in first] == ['ValueError: not today', None] + ['interrupted']*3 and first[1].value == [1.0, [1, 2]]
    path.write_text(path.read_text() + '{"error": null, "seco') # the power went
    second = sweep(once, settings, path=path, progress=False)
    assert calls == [0, 1, 2, 0, 2, 3, 4] and [r.value for r in second[1:]] == [[float(k), [1, 2]] for k in range(1, 5)] and second[1].setting == settings[1]
    assert all(json.loads(line) for line in path.read_text().splitlines())
    with ThreadPoolExecutor(2) as two: assert [r.value for r in sweep(once, settings[1:], two, path, progress=False)] == [r.value for r in second[1:]] and len(calls) == 7


def test_one_number_is_no_list_of_choices():
    with pytest.raises(TypeError, match='grid takes a list of choices of lr, but got 0.1'): grid(lr=0.1)


@pytest.mark.parametrize('text', ['x,y\n1,2\n', 'x,y', '{}\n', '{"error": null}\nno\n'])
def test_a_file_that_holds_something_else_stays_as_it_is(tmp_path, text):
    path = tmp_path/'data.csv'
    path.write_text(text)
    with pytest.raises(ValueError, match='data.csv'): sweep(learn, settings, path=path, progress=False)
    assert path.read_text() == text


def test_ctrl_c_that_a_worker_hears_first_ends_the_sweep():
    class Pressed(Here): # as a pool, whose processes get it too
        def submit(self, f, train, setting):
            if setting['seed'] < 2: return super().submit(f, train, setting)
            future = Future()
            future.set_exception(KeyboardInterrupt())
            return future
    found = sweep(lambda seed: seed, grid(seed=range(3)), Pressed(), progress=False)
    assert found[2].error == 'interrupted' and {r.error for r in found[:2]} <= {None, 'interrupted'}


# On the command line

def swept(folder, *more):
    "What the command prints, without bar and paths."
    options = ['--target', 'species', '--hidden', '3', '--hidden', '4,2', '--lr', '0.03', '--rounds', '3', '--seeds', '2', '--no-jit', '--quiet']
    result = subprocess.run([sys.executable, '-m', 'micrograd', 'sweep', str(root/'examples'/'iris.csv'), *options, *more], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_command_keeps_the_best_and_does_not_train_twice(tmp_path, capsys, monkeypatch):
    told = swept(tmp_path, '--processes', '1')
    assert told.count('*') == 1 and 'saved iris.json' in told and len((tmp_path/'iris.sweep.jsonl').read_text().splitlines()) == 4
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr('micrograd.cli.train_setting', dict) # is an error in each result
    again = ['sweep', str(root/'examples'/'iris.csv'), *'--target species --hidden 3 --hidden 4,2 --lr 0.03 --rounds 3 --seeds 2 --no-jit --quiet --processes 1'.split()]
    assert main(again) == 0 and capsys.readouterr().out == told
    assert main([*again[:-2], '--seeds', '3', '--processes', '1']) == 1 # the third seed is trained, and fails
    for bad, says in (('--target nothing', 'nothing'), ('--drop nothing', 'nothing')):
        assert main([*again, *bad.split(' ')]) == 1 and says in capsys.readouterr().err
    assert main([*again[:-2], '--lr', '-1', '--processes', '1']) == 0
    assert re.search(r'^3 +-1 +- +- +2 failed$', capsys.readouterr().out, re.M)


# Clusters

example = str(root/'examples'/'many.py')


def printed(*command): return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, 'PYTHONPATH': str(root)}).stdout


@pytest.fixture(scope='module')
def here():
    "What the example prints on this machine's processes."
    return printed(sys.executable, example)


@pytest.mark.slow
def test_the_same_program_under_mpi(here):
    mpiexec = str(Path(sys.executable).parent/'mpiexec')
    assert printed(mpiexec, '-n', '3', sys.executable, '-m', 'mpi4py.futures', example, 'mpi') == here


@pytest.mark.slow
def test_the_same_program_on_processes_and_on_dask_and_a_worker_that_dies_there(here, tmp_path):
    from dask.distributed import Client, LocalCluster
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        assert printed(sys.executable, example, cluster.scheduler_address) == here and len(here.splitlines()) == 7
        (tmp_path/'here').mkdir()
        assert swept(tmp_path, '--dask', cluster.scheduler_address) == swept(tmp_path/'here', '--processes', '2')
        addresses = sorted(client.has_what())
        each = [client.get_executor(pure=False, workers=[address], allow_other_workers=True) for address in addresses]
        pids = client.run(os.getpid)
        def kill(step, history):
            if step == 2: os.kill(pids[addresses[0]], signal.SIGKILL)
        assert trained(executor=each, jit=True, callbacks=[kill]) == trained(shards=8, jit=True)
