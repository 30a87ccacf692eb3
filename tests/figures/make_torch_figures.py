"""Asks PyTorch, once, for the figures that the tests compare with, so that the tests need no PyTorch.

    pip install torch; python tests/figures/make_torch_figures.py

writes, beside this file and in float64 throughout,

- torch_engine.json: for each operator and function a list of cases `[inputs, value, gradients]`; the same for `where`,
  whose inputs are the condition and both choices, and for whole expressions, whose gradients are listed after one
  backward and after a second one. For softmax and log_softmax a case is `[scores, values, gradients]`, the gradients
  being those of the sum of 1, 2, 3, ... times the values.
- torch_optim.json: for each optimizer the parameters after each of 20 steps down `bumpy_bowl`; and losses with gradients.

inf, -inf and nan are written as strings: JSON has no such numbers. The functions themselves are in tests/expressions.py.
"""
import functools
import itertools
import json
import math
import random
import sys
from pathlib import Path

import torch

here = Path(__file__).parent
sys.path.insert(0, str(here.parent))
from expressions import bumpy_bowl, expressions, functions, operators, takes_two

inf, nan = math.inf, math.nan
edges = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, -3.5, 7.0, 20.0, 20.5, 40.0, -40.0, 1000.0, -1000.0, 1e-300, 1e300, inf, -inf, nan]
pair_edges = [0.0, -0.0, 1.0, -2.0, 2.0, 7.0, -3.5, inf, -inf, nan]
expression_points = {
    'readme': [[-4.0, 2.0]],
    'neuron': [[2.0, 0.0, -3.0, 1.0, 6.8813735870195432]],
    'softmax loss': [[1.0, 2.0, -0.5], [1000.0, 0.0, -1000.0], [-1000.0, 0.0, 1000.0], [3.0, 3.0, 3.0]],
    'reuse': [[2.0], [-0.5]],
    'b = 3a, b*b': [[2.0]],
    'power of itself': [[2.0], [0.5], [0.0]],
    'norm': [[3.0, -4.0], [0.0, 0.0]],
    'root of zero, cancelled': [[0.0]],
    'log of zero, cancelled': [[0.0]],
    'relu below zero, from infinity': [[-1.0]],
}


score_lists = [[0.0], [1.0, 2.0, -0.5], [1000.0, 999.0], [1000.0, 0.0, -1000.0], [-1000.0, -1000.0], [3.0, 3.0, 3.0], [1e300, -1e300],
               [0.3, -inf, 1.2], [-inf, -inf], [inf, 0.0], [inf, inf], [0.5, nan]]


def plain(x):
    "Numbers as JSON can hold them."
    if isinstance(x, (list, tuple)): return [plain(y) for y in x]
    return x if math.isfinite(x) else str(x)


def leaves_of(numbers): return [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]

def gradients(leaves): return [0.0 if x.grad is None else x.grad.item() for x in leaves]

def case(f, inputs):
    leaves = leaves_of(inputs)
    out = f(*leaves)
    if out.grad_fn is not None: out.backward()
    return [inputs, out.item(), gradients(leaves)]

def case_of_scores(f, scores):
    x = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    out = f(x, 0)
    (out * torch.arange(1.0, len(scores) + 1, dtype=torch.float64)).sum().backward()
    return [scores, out.tolist(), x.grad.tolist()]

def case_twice(f, inputs):
    leaves = leaves_of(inputs)
    out = f(*leaves)
    out.backward(retain_graph=True)
    once = gradients(leaves)
    out.backward()
    return [inputs, out.item(), once, gradients(leaves)]


def engine_figures():
    draw = random.Random(1)
    torch_functions = {name: getattr(torch, name, None) or getattr(torch.nn.functional, name) for name in functions}
    def where(c, a, b): return torch.where(c != 0, a, b)
    # torch refuses to differentiate `//`, and `7 % x` with a bare 7; by another name it does both
    floor_divide, seven = functools.partial(torch.div, rounding_mode='floor'), torch.tensor(7.0, dtype=torch.float64)
    torch_operators = {**operators, '//': floor_divide, '7 // x': lambda x: floor_divide(seven, x), '7 % x': lambda x: seven % x}
    single = {}
    for name, f in {**torch_operators, **torch_functions}.items():
        number = 2 if name in takes_two else 1
        points = [list(p) for p in itertools.product(pair_edges, repeat=2)] if number == 2 else [[x] for x in edges]
        points += [[round(draw.uniform(-3, 3), 6) for _ in range(number)] for _ in range(10)]
        single[name] = [case(f, p) for p in points]
    whole = {}
    for name, f in expressions.items():
        points = expression_points.get(name) or [[round(draw.uniform(-1, 1), 6) for _ in range(20)] for _ in range(2)]
        whole[name] = [case_twice(f, p) for p in points]
    choices = [case(where, [c, *p]) for c in (1.0, 0.0, -0.0, -2.0, inf, nan) for p in ([3.0, -4.0], [inf, 1.0], [nan, 1.0], [1.0, nan], [2.0, 2.0])]
    lists = {f.__name__: [case_of_scores(f, scores) for scores in score_lists] for f in (torch.softmax, torch.log_softmax)}
    return {'operations': single, 'where': choices, **lists, 'expressions': whole}


def trajectory(make_optimizer):
    w = leaves_of([0.0, 0.0, 0.0])
    optimizer = make_optimizer(w)
    steps = []
    for _ in range(20):
        optimizer.zero_grad()
        bumpy_bowl(w).backward()
        optimizer.step()
        steps.append([x.item() for x in w])
    return steps


def optimizer_figures():
    settings = {
        'SGD': [dict(lr=0.1), dict(lr=0.05, momentum=0.9), dict(lr=0.05, momentum=0.9, nesterov=True),
                dict(lr=0.1, weight_decay=0.1), dict(lr=0.05, momentum=0.9, dampening=0.5),
                dict(lr=0.05, momentum=0.9, weight_decay=0.1, nesterov=True)],
        'Adam': [dict(), dict(lr=0.1), dict(lr=0.1, betas=(0.8, 0.9)), dict(lr=0.1, weight_decay=0.1), dict(lr=0.1, eps=1e-3)],
    }
    return [{'optimizer': name, 'settings': kwargs, 'steps': trajectory(lambda w: getattr(torch.optim, name)(w, **kwargs))}
            for name, choices in settings.items() for kwargs in choices]


def loss_figures():
    "Each: the scores (a list, or rows of logits), the targets, the mean loss and its gradient."
    def figure(f, scores, targets, target_type=torch.float64):
        s = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
        loss = f(s, torch.tensor(targets, dtype=target_type))
        loss.backward()
        return {'scores': scores, 'targets': targets, 'loss': loss.item(), 'gradients': s.grad.tolist()}

    F = torch.nn.functional
    def hinge(s, y): return (1 - y*s).relu().mean() # torch has it only for embeddings
    mild, wild = [0.3, -1.2, 2.5, 0.0], [1000.0, -1000.0, 1000.0, -1000.0]
    rows = [[0.2, -1.0, 3.0], [1.5, 1.5, -2.0], [0.0, 0.0, 0.0]]
    wild_rows = [[1000.0, 0.0, -1000.0], [1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 1000.0]]
    return {
        'mse': [figure(F.mse_loss, mild, [1.0, -1.0, 2.5, 0.5]), figure(F.mse_loss, wild, [0.0, 1.0, 2.0, 3.0])],
        'max_margin': [figure(hinge, [0.3, -1.2, 2.5, 1.0], [1.0, 1.0, -1.0, 1.0]), figure(hinge, wild, [1.0, 1.0, -1.0, -1.0])],
        'binary_cross_entropy_with_logits': [figure(F.binary_cross_entropy_with_logits, s, [1.0, 1.0, 0.0, 0.0]) for s in (mild, wild)],
        'cross_entropy': [figure(F.cross_entropy, r, [2, 0, 1], torch.int64) for r in (rows, wild_rows)],
    }


def dumps(x, indent='\n'):
    "JSON with a case a line: objects and lists of lists are opened up, a case is not."
    inner = indent + ' '
    if isinstance(x, dict): return '{' + ','.join(f'{inner}{json.dumps(k)}: {dumps(v, inner)}' for k, v in x.items()) + indent + '}'
    if isinstance(x, list) and isinstance(x[0], dict): return '[' + ','.join(inner + dumps(v, inner) for v in x) + indent + ']'
    if isinstance(x, list) and isinstance(x[0], list): return '[' + ','.join(inner + json.dumps(plain(v)) for v in x) + indent + ']'
    return json.dumps(plain(x) if isinstance(x, (list, tuple, float)) else x)


if __name__ == '__main__':
    made_with = {'torch': torch.__version__, 'dtype': 'float64', 'made by': 'tests/figures/make_torch_figures.py'}
    (here/'torch_engine.json').write_text(dumps({**made_with, **engine_figures()}) + '\n')
    (here/'torch_optim.json').write_text(dumps({**made_with, 'start': [0.0, 0.0, 0.0], 'function': 'bumpy_bowl in tests/expressions.py',
                                               'optimizers': optimizer_figures(), 'losses': loss_figures()}) + '\n')
