"One formula in fifteen spellings: none makes the machine do much more than another."
import random
from functools import reduce
import numpy as np
import pytest
from micrograd import Value, dot, maximum, softmax
from micrograd.jit import jit
from micrograd.jit.driver import fields
from micrograd.jit.llvm import one_by_one
from micrograd.jit.machine import size
from micrograd.jit.totals import instructions

dice = random.Random(1)
rows = [[dice.uniform(-1, 1) for _ in range(6)] for _ in range(12)]
labels = [dice.randrange(3) for _ in rows]

def by_loop(w, x, b):
    for p, q in zip(w, x): b = b + q*p
    return b

def by_products(w, x, b):
    total = w[0]*x[0]
    for p, q in zip(w[1:], x[1:]): total += p*q
    return total + b

def exponentials(row):
    e = [s.exp() for s in row]
    return e, sum(e)

def by_division(row):
    e, total = exponentials(row)
    return [x/total for x in e]

def by_power(row):
    e, total = exponentials(row)
    return [x*total**-1 for x in e]

def shifted(row):
    highest = reduce(maximum, row)
    return by_division([s - highest for s in row])

spellings = {
    'dot': {},
    'sum from the bias': dict(weigh=lambda w, x, b: sum((p*q for p, q in zip(w, x)), b)),
    'sum and the bias': dict(weigh=lambda w, x, b: sum(p*q for p, q in zip(w, x)) + b),
    'bias and the sum': dict(weigh=lambda w, x, b: b + sum(p*q for p, q in zip(w, x))),
    'loop from the bias': dict(weigh=by_loop),
    'loop of products': dict(weigh=by_products),
    'arrays of NumPy': dict(weigh=lambda w, x, b: np.array(w, object) @ np.array(x, object) + b),
    'data as Values': dict(number=Value),
    'data as inputs': dict(number=Value, given=True),
    'data as Values in a loop': dict(number=Value, weigh=by_products),
    'a power of -1': dict(softmax=by_power),
    'less the highest': dict(softmax=shifted),
    'our softmax': dict(softmax=softmax),
    'a factor for the mean': dict(mean=lambda losses: sum(losses)*(1/len(losses))),
    'each a share of the mean': dict(mean=lambda losses: sum(loss/len(losses) for loss in losses))}

def spelt(weigh=dot, number=float, given=False, softmax=by_division, mean=lambda losses: sum(losses)/len(losses)):
    "Loss, parameters and inputs of a network 6-8-3, in one spelling."
    start = random.Random(0)
    layers = [[([Value(start.uniform(-1, 1)) for _ in range(nin)], Value(0.1)) for _ in range(nout)] for nin, nout in ((6, 8), (8, 3))]
    data, losses = [[number(x) for x in row] for row in rows], []
    for x, label in zip(data, labels):
        hidden = [weigh(w, x, b).tanh() for w, b in layers[0]]
        shares = softmax([weigh(w, hidden, b) for w, b in layers[1]])
        losses.append(sum((share - (k == label))**2 for k, share in enumerate(shares)))
    return mean(losses), [p for layer in layers for w, b in layer for p in (*w, b)], [x for x in sum(data, []) if given]

def done(compiled):
    "How many steps the machine does in a call, and how many calls of the C library among them."
    words, at, steps, calls = compiled.work.buffers['before'].tolist(), 0, 0, 0
    for _ in range(compiled.work.args[fields.index('before_groups')]):
        number, m, n, _ = words[at:at + 4]
        name, x = list(instructions.items())[number]
        steps, calls = steps + m*n, calls + m*(name in one_by_one)
        at += 4 + sum(size(shape, m, n) for part in x.parts for shape in (part.shape, part.steps) if shape)
    return steps, calls

def test_no_spelling_makes_the_machine_do_much_more():
    counts = {name: done(jit(*spelt(**how))) for name, how in spellings.items()}
    for what in zip(*counts.values()):
        assert max(what) <= 1.3*min(what), counts

@pytest.mark.parametrize('name', spellings)
def test_each_spelling_has_the_bits_of_the_engine(name):
    loss, params, inputs = spelt(**spellings[name])
    value, gradients = jit(loss, params, inputs)([x.data for x in inputs])
    loss.backward()
    assert value == loss.data and gradients == [p.grad for p in params]

def test_an_operation_on_the_same_numbers_is_done_once():
    x, y = Value(0.5), Value(2.0)
    once, twice = (jit(f, [x, y]) for f in (x.exp()*y, x.exp()*y + x.exp()))
    assert done(twice)[1] == done(once)[1]
