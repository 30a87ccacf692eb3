"Optimizers against PyTorch's stored figures; schedules."
import json, math
from pathlib import Path
import pytest
from micrograd import Value, optim
from micrograd.optim import SGD, Adam, cosine_schedule, linear_schedule, warmup
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
    (lambda: SGD([Value(1.0)], nesterov=True), 'nesterov needs a momentum'),
    (lambda: Adam([Value(1.0)], betas=(0.9, 1.0)), 'betas'),
])
def test_wrong_arguments_are_value_errors(call, says):
    with pytest.raises(ValueError, match=says): call()


def test_an_optimizer_of_something_else_is_a_type_error():
    with pytest.raises(TypeError, match='float: 1.0'): SGD([1.0])


def test_schedules():
    assert [linear_schedule(1.0, 0.0, 4)(i) for i in (0, 1, 4, 9)] == [1.0, 0.75, 0.0, 0.0]
    assert [round(cosine_schedule(2.0, 1.0, 4)(i), 12) for i in (0, 2, 4, 9)] == [2.0, 1.5, 1.0, 1.0]
    assert [warmup(lambda step: 8.0, 4)(i) for i in (0, 1, 3, 7)] == [2.0, 4.0, 8.0, 8.0]
