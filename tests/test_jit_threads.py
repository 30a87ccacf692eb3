"Several threads that share a step: the same bits for any number, and nothing lost whatever happens."
import copy, pickle, time
import numpy as np
import pytest
import micrograd.jit.run as memory
from micrograd.jit import jit
from micrograd.train import Adam, History, SGD, cross_entropy, fit, make_moons, max_margin
from jitted import SETUP, bits, network, python, signs, weights, xs

many, classes = make_moons(700, seed=2)

def trained(model, **options):
    "Seven blocks or more of each batch, the last batch smaller: all bits that are left of a training."
    optimizer = Adam(model.parameters(), 0.01)
    history = fit(model, many, classes, cross_entropy, optimizer, steps=30, batch_size=300, jit=True, progress=False, **options)
    return bits(history.loss + weights(model) + sum(optimizer.kept, []) + [p.grad for p in model.parameters()])

@pytest.fixture
def together(monkeypatch):
    "Nobody begins before all are there, else one thread would often have done everything before the others come."
    call = memory.Work.call
    def wait_and_call(work, name):
        helpers, entered = (memory.fields.index(name) for name in ('helpers', 'entered'))
        while work.args[entered] < work.args[helpers]: time.sleep(1e-5)
        call(work, name)
    monkeypatch.setattr(memory.Work, 'call', wait_and_call)

def test_the_bits_do_not_depend_on_the_number_of_threads(together):
    model = network((9, 7, 2), 'tanh')
    expected, one = trained(copy.deepcopy(model)), jit(model)(many)
    for threads in (1, 2, 3, 7):
        assert trained(copy.deepcopy(model), threads=threads) == expected, threads
        f = jit(model, threads=threads)
        assert [f(many), f(many[:20]), f(many[:1]), copy.deepcopy(f)(many), pickle.loads(pickle.dumps(f))(many)] == [one, one[:20], one[:1], one, one]

def test_nor_do_those_of_shared_steps():
    model = network((5, 2))
    assert trained(copy.deepcopy(model), shards=3) == trained(copy.deepcopy(model), shards=3, threads=2)

def test_canaries_and_poison_round_the_memory_of_each_thread(together, monkeypatch):
    "No thread writes beside its lanes, not even into the gap between them, nor reads what nobody wrote."
    guards = []
    def guarded(n):
        raw = np.full(n + 144, np.nan)
        start = 64 + (-raw[64:].ctypes.data % 64)//8
        raw[start:start + n] = 0
        guards.append((raw, start, n))
        return raw[start:start + n]
    gaps, run = [], memory.Work.run
    def run_and_look(work, samples):
        run(work, samples)
        gaps.append(work.V[:, -8:].any())
    monkeypatch.setattr(memory.Work, 'run', run_and_look)
    model = network((9, 7, 2), 'tanh')
    expected = trained(copy.deepcopy(model))
    monkeypatch.setattr(memory, 'aligned', guarded)
    assert trained(copy.deepcopy(model), threads=3) == expected
    jit(model, threads=3)(many)
    assert len(gaps) > 10 and not any(gaps) and all(np.isnan(raw[:start]).all() and np.isnan(raw[start + n:]).all() for raw, start, n in guards)

@pytest.mark.parametrize('threads, error', [(0, ValueError), (-1, ValueError), (True, TypeError), (1.5, TypeError), ('2', TypeError)])
def test_other_numbers_of_threads_are_errors(threads, error):
    before = weights(model := network())
    with pytest.raises(error, match='threads'): fit(model, xs, signs, max_margin, jit=True, threads=threads, progress=False)
    with pytest.raises(error, match='threads'): jit(model, threads=threads)
    with pytest.raises(ValueError, match='needs jit=True'): fit(model, xs, signs, max_margin, threads=threads, progress=False)
    assert weights(model) == before

def test_a_loss_has_no_rows_to_share():
    with pytest.raises(ValueError, match='a loss has none'): jit(lambda x: x[0]*x[0], [], [1.0], threads=2)

class Broken:
    "A team whose threads cannot be started, or fail the second time."
    def __init__(self, late): self.left = late
    def submit(self, f, *given):
        if not self.left: raise RuntimeError("can't start new thread")
        future = memory.Future()
        if self.left == 1: future.set_exception(MemoryError('in a thread'))
        self.left -= 1
        return future

@pytest.mark.parametrize('late, error, steps', [(0, RuntimeError, 0), (2, MemoryError, 1)])
def test_an_error_in_a_thread_is_raised_here_and_nothing_is_lost(monkeypatch, late, error, steps):
    "What was made is in the model; it goes on from there to the bits of a run without errors."
    def run(history, steps, **options):
        fit(model, many, classes, cross_entropy, optimizer, steps=steps, jit=True, history=history, callbacks=[lambda *_: None], progress=False, **options)
    twin, model = network((5, 2)), network((5, 2))
    whole, history, optimizer = History(), History(), SGD(model.parameters(), 0.1)
    fit(twin, many, classes, cross_entropy, SGD(twin.parameters(), 0.1), steps=5, jit=True, history=whole, progress=False)
    with monkeypatch.context() as patch:
        broken = Broken(late)
        patch.setattr(memory, 'team', lambda process: broken)
        with pytest.raises(error): run(history, 5, threads=2)
    assert len(history) == optimizer.steps == steps
    run(history, 5, threads=2)
    assert history.loss == whole.loss and weights(model) == weights(twin)

@pytest.mark.slow
@pytest.mark.skipif(not hasattr(memory.os, 'fork'), reason='no fork here')
def test_forks_and_ctrl_c_with_threads():
    "A fork has threads of its own, also one while they compute. A signal leaves weights, gradients and history at one step."
    result = python(SETUP + '''
import os, signal, threading
from concurrent.futures import ThreadPoolExecutor
xs, labels = make_moons(400)
def start():
    random.seed(0)
    model = MLP(2, [9, 2], act='tanh')
    return model, SGD(model.parameters(), 0.05, momentum=0.9)
def train(steps, history=None, model=None, o=None, **options):
    if model is None: model, o = start()
    return fit(model, xs, labels, cross_entropy, o, steps=steps, jit=True, threads=3, progress=False, history=history, **options).loss
expected = train(4)
f = jit(start()[0], threads=3)
answers, bad = f(xs), 0
with ThreadPoolExecutor(1) as another:
    for _ in range(2):
        busy = another.submit(train, 3000)
        pid = os.fork()
        if pid == 0:
            signal.alarm(100) # where it hangs
            os._exit(not (train(4) == expected and f(xs) == answers))
        bad += os.waitpid(pid, 0)[1] != 0
        busy.result()
class Stop(BaseException): pass
def stop(*_): raise Stop
signal.signal(signal.SIGALRM, stop)
rng, stopped = random.Random(1), 0
states = []
model, o = start()
def state(model, o): return [p.data for p in model.parameters()], [p.grad for p in model.parameters()], [list(row) for row in o.kept]
states.append(state(model, o))
whole = train(150, None, model, o, callbacks=[lambda *_: states.append(state(model, o))])
for i in range(24):
    (model, o), history = start(), History()
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.005, 0.06))
            train(150, history, model, o, callbacks=[lambda *_: None]*(i % 2))
        finally: signal.setitimer(signal.ITIMER_REAL, 0)
    except Stop: stopped += 1
    bad += state(model, o) != states[o.steps] or history.loss != whole[:o.steps]
print(stopped > 5, bad)
''')
    assert result.stdout == 'True 0\n', (result.stdout, result.stderr[-2000:])
