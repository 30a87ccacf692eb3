"Optimizers against PyTorch's stored figures; schedules."
import json, math
from pathlib import Path
import numpy as np
import pytest
from micrograd import MLP, Value, optim
from micrograd.optim import SGD, Adam, Optimizer, cosine_schedule, linear_schedule, warmup
from micrograd.train import fit
from expressions import bumpy_bowl

figures = json.loads((Path(__file__).parent/'figures'/'torch_optim.json').read_text())


@pytest.mark.parametrize('case', figures['optimizers'], ids=lambda case: f"{case['optimizer']}{case['settings']}")
def test_optimizers_follow_pytorch(case):
    w = [Value(x) for x in figures['start']]
    optimizer = getattr(optim, case['optimizer'])(w, **case['settings'])
    for expected in case['steps']:
        optimizer.zero_grad()
        bumpy_bowl(w).backward()
        optimizer.step()
        assert [x.data for x in w] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('call, says', [
    (lambda: SGD([]), 'empty'),
    (lambda: SGD([Value(1.0)], lr=-1), 'lr must be at least 0, but got -1'),
    (lambda: SGD([Value(1.0)], lr=math.nan), 'lr must'),
    (lambda: SGD([Value(1.0)], nesterov=True), 'nesterov needs a momentum above 0 and a dampening of 0, but got 0.0 and 0.0'),
    (lambda: Adam([Value(1.0)]).load_state_dict(Adam([Value(1.0), Value(2.0)]).state_dict()), r'Adam keeps 2 rows of 1 number, .* has rows of \[2, 2\]'),
    (lambda: SGD([Value(1.0)]).load_state_dict(dict(kind='SGD', lr=1.0, steps=0, kept=[[1.0], [1.0]])), r'SGD keeps 0 or 1 rows of 1 number, .* has rows of \[1, 1\]'),
    (lambda: Adam([Value(1.0)], betas=(0.9, 1.0)), 'betas'),
    (lambda: SGD([Value(1.0)]).load_state_dict({'kind': 'SGD'}), 'state of a SGD has no kept, lr, steps'),
    (lambda: SGD([Value(1.0)], dampening=math.nan), 'dampening must be a number, but got nan'),
    (lambda: linear_schedule(0.1, 0.0, -1), 'steps must be at least 0, but got -1'),
    (lambda: cosine_schedule(0.1, 0.0, -1), 'steps must be at least 0, but got -1'),
    (lambda: warmup(lambda step: 0.1, -1), 'steps must be at least 0, but got -1'),
])
def test_wrong_arguments_are_value_errors(call, says):
    with pytest.raises(ValueError, match=says): call()


def test_an_optimizer_of_something_else_is_a_type_error():
    with pytest.raises(TypeError, match='float: 1.0'): SGD([1.0])


def test_an_optimizer_of_ones_own_that_keeps_nothing_can_be_saved_and_put_back():
    class Halving(Optimizer):
        def step(self):
            for p in self.params: p.data /= 2
            self.steps += 1
    w = Value(1.0)
    optimizer = Halving([w], lr=0.1, weight_decay=0.0)
    optimizer.load_state_dict(optimizer.state_dict())
    def stop(x): raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt): fit(stop, [1.0], [1.0], optimizer=optimizer, progress=False)


def test_schedules():
    assert [linear_schedule(1.0, 0.0, 4)(i) for i in (0, 1, 4, 9)] == [1.0, 0.75, 0.0, 0.0]
    assert [round(cosine_schedule(2.0, 1.0, 4)(i), 12) for i in (0, 2, 4, 9)] == [2.0, 1.5, 1.0, 1.0]
    assert [warmup(lambda step: 8.0, 4)(i) for i in (0, 1, 3, 7)] == [2.0, 4.0, 8.0, 8.0]


@pytest.mark.parametrize('make', [lambda p: SGD(p, lr=np.float32(.1), momentum=np.float32(.9), weight_decay=np.float32(.1)), lambda p: Adam(p, lr=np.float32(.1), betas=np.array([.9, .99], np.float32).tolist(), eps=np.float32(1e-8))])
def test_numbers_of_numpy_never_reach_a_weight(make):
    w = Value(1.0)
    w.data = np.float32(0.1)
    optimizer = make([w])
    for _ in range(2):
        w.grad = 1.0
        optimizer.lr = np.float32(0.1) # as a schedule gives it
        optimizer.step()
    assert type(w.data) is float and w.data != float(np.float32(w.data))
    assert {type(x) for row in optimizer.kept for x in row} == {float} and json.dumps(optimizer.state_dict())


@pytest.mark.parametrize('make, error, says', [
    (lambda w: SGD([w, w]), ValueError, 'given twice'),
    (lambda w: SGD(w), TypeError, r'such as model.parameters\(\), but got Value'),
    (lambda w: SGD([w].copy), TypeError, r'such as model.parameters\(\)'),
    (lambda w: SGD(MLP(1, [1])), TypeError, r'such as model.parameters\(\), but got MLP'),
    (lambda w: SGD([w], 'fast'), TypeError, "lr must be a number, at least 0, but got 'fast'"),
    (lambda w: SGD([w], lr=None), TypeError, 'lr must be a number'),
    (lambda w: Adam([w], betas=0.9), ValueError, 'betas must be two numbers'),
    (lambda w: Adam([w], betas=(0.9,)), ValueError, 'betas must be two numbers'),
    (lambda w: linear_schedule(1.0, 0.0, -1)(0), ValueError, 'steps must be at least 0'),
])
def test_misuse_is_said_with_what_is_wanted(make, error, says):
    with pytest.raises(error, match=says): make(Value(1.0))


def test_schedules_of_no_steps():
    assert warmup(lambda step: .1, 0)(0) == .1
    assert linear_schedule(1.0, 0.5, 0)(0) == cosine_schedule(1.0, 0.5, 0)(3) == 0.5


@pytest.mark.parametrize('damage', [dict(lr=-1.0), dict(steps=-1), dict(steps=1.5), dict(kind='Adam'), dict(kept=[[1.0]*3]), dict(kept=[['x']])])
def test_a_state_that_cannot_be_is_refused_and_changes_nothing(damage):
    optimizer = SGD([Value(1.0)], lr=0.5)
    with pytest.raises(ValueError): optimizer.load_state_dict({**optimizer.state_dict(), **damage})
    assert optimizer.state_dict() == SGD([Value(1.0)], lr=0.5).state_dict()
