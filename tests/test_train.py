"The loop: what a step does, and how it stops."
import gc, math, random
import pytest
from micrograd import MLP, Module, Value, no_grad
from micrograd import train
from micrograd.train import Adam, Diverged, History, SGD, binary_cross_entropy_with_logits, fit, l2, linear_schedule, make_moons, mse

xs, labels = make_moons(30, seed=1)


def new_run(kind=Adam, **options):
    random.seed(3)
    model = MLP(2, [4, 1], act='tanh')
    return model, kind(model.parameters(), lr=0.05, **options)


def go_on(model, optimizer, **more):
    return fit(model, xs, labels, binary_cross_entropy_with_logits, optimizer, **{**dict(steps=12, batch_size=7, progress=False), **more})


@pytest.mark.parametrize('call, says', [
    (lambda: fit(MLP(1, [1]), [[1.0]], []), '1 samples and 0 targets'),
    (lambda: fit(MLP(1, [1]), [], []), '0 samples'),
    (lambda: fit(MLP(1, [1]), [[1.0]], [1.0], batch_size=0), 'batch_size'),
])
def test_wrong_arguments_are_value_errors(call, says):
    with pytest.raises(ValueError, match=says): call()


def test_fit_is_the_loop_of_the_notes():
    model, optimizer = new_run(SGD)
    history = go_on(model, optimizer, batch_size=None, penalty=l2(0.01))
    by_hand, _ = new_run()
    losses = []
    for _ in range(12):
        loss = binary_cross_entropy_with_logits([by_hand(x) for x in xs], labels) + l2(0.01)(by_hand.parameters())
        by_hand.zero_grad()
        loss.backward()
        for p in by_hand.parameters(): p.data -= 0.05 * p.grad
        losses.append(loss.data)
    assert history.loss == losses and model.state_dict() == by_hand.state_dict()
    assert len(history.accuracy) == 12


def test_an_epoch_takes_each_sample_once():
    batches = train.batches(10, 4, seed=0, first=0)
    first, second = [[next(batches) for _ in range(3)] for _ in range(2)]
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == list(range(10)) and first != second
    again = train.batches(10, 4, seed=0, first=2)
    assert [next(again) for _ in range(4)] == [first[2], *second]


def test_schedule_callbacks_and_stopping():
    model, optimizer = new_run()
    seen = []
    history = go_on(model, optimizer, schedule=linear_schedule(0.1, 0.0, 10), callbacks=[lambda step, h: seen.append((step, optimizer.lr, len(h))), lambda step, h: step == 2])
    assert seen == [(0, 0.1, 1), (1, 0.09, 2), (2, 0.08, 3)] and len(history) == 3


@pytest.mark.parametrize('was_on', [True, False])
def test_the_collector_is_put_back(was_on):
    (gc.enable if was_on else gc.disable)()
    try:
        during = []
        go_on(*new_run(), callbacks=[lambda step, h: during.append(gc.isenabled())])
        assert not any(during) and gc.isenabled() is was_on
        with pytest.raises(ZeroDivisionError): go_on(*new_run(), callbacks=[lambda step, h: 1/0])
        assert gc.isenabled() is was_on
    finally: gc.enable()


class Cubed(Module):
    "Has an operation of the lecture's kind, whose closures form reference cycles."
    def __init__(self): self.w = Value(0.5)
    def __call__(self, x):
        w, out = self.w, Value(self.w.data**3 * x[0], (self.w,), 'cube')
        def _backward(): w.grad += 3 * w.data**2 * x[0] * out.grad
        out._backward = _backward
        return out


def test_operations_with_cycles_do_not_pile_up_while_the_collector_is_paused():
    cubes = lambda: sum(isinstance(o, Value) and o._op == 'cube' for o in gc.get_objects())
    counts = []
    model = Cubed()
    fit(model, [[1.0]], [1.0], steps=20, progress=False, callbacks=[lambda step, h: counts.append(cubes())])
    assert max(counts) <= 1


@pytest.mark.parametrize('kind, options', [(SGD, dict(momentum=0.9)), (Adam, {})])
@pytest.mark.parametrize('call', [1, 20, 40, 70])
def test_ctrl_c_leaves_the_last_whole_step_and_going_on_gives_the_same_bits(kind, options, call):
    whole, optimizer = new_run(kind, **options)
    expected = go_on(whole, optimizer)

    class Interrupted(Module):
        def __init__(self, model): self.model, self.calls = model, 0
        def __call__(self, x):
            self.calls += 1
            random.random() # a model may use Python's random numbers
            if self.calls == call: raise KeyboardInterrupt
            return self.model(x)

    model, optimizer = new_run(kind, **options)
    history, dice = History(), random.getstate()
    with pytest.raises(KeyboardInterrupt): go_on(Interrupted(model), optimizer, history=history)
    assert len(history) < 12 and optimizer.steps == len(history)
    if not len(history): assert random.getstate() == dice
    go_on(model, optimizer, history=history)
    assert history.loss == expected.loss and model.state_dict() == whole.state_dict()


def test_interrupted_between_update_and_stats_nothing_is_half_done(monkeypatch):
    model, optimizer = new_run()
    before = model.state_dict()
    def step():
        Adam.step(optimizer)
        raise KeyboardInterrupt
    monkeypatch.setattr(optimizer, 'step', step)
    with pytest.raises(KeyboardInterrupt): go_on(model, optimizer)
    assert model.state_dict() == before and optimizer.steps == 0 and not any(map(any, optimizer.kept))


def test_divergence_names_step_loss_and_node_and_leaves_finite_weights():
    random.seed(0)
    model, history = MLP(2, [4, 1]), History()
    with pytest.raises(Diverged, match=r'step \d+ \(counted from 0\), with loss (inf|nan): .+ gave (inf|nan)') as caught:
        fit(model, xs, labels, mse, SGD(model.parameters(), lr=50.0), steps=200, history=history, progress=False)
    assert caught.value.step == len(history) and not math.isfinite(caught.value.loss)
    assert all(math.isfinite(p.data) for p in model.parameters())


def test_an_optimizer_that_overflows_is_divergence():
    w = Value(1.0)
    with pytest.raises(Diverged, match='the update overflowed'):
        fit(lambda x: w * x[0], [[1e80]], [0.0], mse, Adam([w]), steps=5, progress=False)
    assert w.data == 1.0


def test_fit_inside_no_grad_is_an_error():
    model, optimizer = new_run()
    with no_grad(), pytest.raises(ValueError, match='inside no_grad'): go_on(model, optimizer)


class Root(Module):
    def __init__(self): self.w = Value(0.0)
    def __call__(self, x): return self.w.sqrt() * x[0]


def test_a_gradient_that_is_infinite_is_divergence_too():
    model = Root()
    with pytest.raises(Diverged, match='the gradient of an operand became -?inf in sqrt'): fit(model, [[1.0]], [1.0], steps=3, progress=False)
    assert model.w.data == 0.0
