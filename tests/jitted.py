"What the tests of jit share: networks, a training in the order in which the machine adds, random programs, another process."
import math, os, random, struct, subprocess, sys
from pathlib import Path
import pytest
from hypothesis import settings, strategies as st
from micrograd import engine, train
from micrograd.engine import dot
from micrograd.nn import MLP
from micrograd.train import fit, make_moons
from expressions import functions, operators, takes_two

inf, nan = math.inf, math.nan
executors = pytest.mark.parametrize('executor', ['llvm', 'numpy'])
a_few = settings(max_examples=60)
operations = {**operators, **{name: getattr(engine, name) for name in functions}}
xs, labels = make_moons(50, seed=1)
signs = [2*y - 1 for y in labels]


def bits(numbers): return [struct.pack('d', x) for x in numbers]

def as_eager(a, b): return a == b or (a != a and b != b)

def close(a, b): return as_eager(a, b) or abs(a - b) <= 1e-12*max(1, abs(a))

def in_eight_lanes(numbers):
    "The order in which a batch is summed: number i in lane i mod 8, then upper halves onto lower halves."
    lanes = [0.0]*8
    for i, x in enumerate(numbers): lanes[i % 8] += x
    while len(lanes) > 1:
        half = len(lanes)//2
        lanes = [a + b for a, b in zip(lanes[:half], lanes[half:])]
    return lanes[0]

def train_eagerly(model, xs, ys, loss, optimizer, steps, schedule=None, penalty=None, batch_size=None, seed=0):
    "The eager engine, summing each batch in the documented order. Returns the losses."
    losses = []
    for k, batch in zip(range(steps), train.batches(len(xs), batch_size, seed, 0)):
        if schedule: optimizer.lr = schedule(k)
        gradients, values = [], []
        for i in batch:
            one = loss([model(xs[i])], [ys[i]])
            optimizer.zero_grad()
            (one / len(batch)).backward()
            gradients.append([p.grad for p in optimizer.params])
            values.append(one.data)
        total = in_eight_lanes(values) / len(batch)
        for p, column in zip(optimizer.params, zip(*gradients)): p.grad = in_eight_lanes(column)
        if penalty:
            extra = penalty(optimizer.params)
            extra.backward()
            total += extra.data
        losses.append(total)
        optimizer.step()
    return losses

def compiled(model, xs, ys, loss, optimizer, executor=None, **options):
    "`fit(..., jit=True)` with a choice of executor."
    return fit(model, xs, ys, loss, optimizer, jit=executor or True, progress=False, **{**dict(steps=12), **options})

def network(nouts=(5, 4, 1), act='relu', seed=3, nin=2):
    random.seed(seed)
    return MLP(nin, list(nouts), act=act)

def weights(model): return [p.data for p in model.parameters()]

unary = ['exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'sigmoid', 'relu', 'softplus', 'abs', '-x', 'x**2', 'x**3', 'x**-1', 'x**0.5']
binary = ['+', '-', '*', '/', 'maximum', 'minimum', '**', '%']

@st.composite
def programs(draw):
    "A few leaves, and operations on what there is so far; several of the last ones are added up."
    leaves = draw(st.integers(1, 4))
    steps = draw(st.lists(st.tuples(st.sampled_from(unary + 3*binary + 3*['dot']), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=25))
    numbers = draw(st.lists(st.floats(-3, 3, allow_subnormal=False), min_size=leaves, max_size=leaves))
    return leaves, steps, numbers

def run_program(steps, xs):
    found = list(xs)
    for name, i, j, k in steps:
        a, b, c = (found[q % len(found)] for q in (i, j, k))
        if name == 'dot': found.append(dot([a, b], [b, c], a))
        else: found.append(operations[name](a, b) if name in takes_two else operations[name](a))
    total = found[-1]
    for x in found[-4:-1]: total = total + x
    return total


# The machine

def python(code, **environment):
    return subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=600,
                          env={**os.environ, **environment}, cwd=Path(__file__).parent)

SETUP = '''
import random, struct, sys
from micrograd.jit import jit
from micrograd import MLP
from micrograd.train import *
xs, labels = make_moons(50)
def run(act='tanh'):
    random.seed(0)
    model = MLP(2, [6, 5, 3], act=act)
    history = fit(model, xs, [i % 3 for i in range(50)], cross_entropy, Adam(model.parameters(), 0.01), steps=20, progress=False, jit=True)
    return struct.pack('d', history.loss[-1]).hex(), struct.pack('d', model.parameters()[0].data).hex()
'''
