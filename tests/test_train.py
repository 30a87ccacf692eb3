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
    (lambda: fit(MLP(1, [1]), [[1.0]], [1.0], steps=-1), 'steps must be at least 0, but got -1'),
    *((lambda name=name: fit(MLP(1, [1]), [[1.0]], [1.0], jit=name, progress=False), f"'llvm' or 'numpy', but got '{name}'") for name in ('cuda', 'NUMPY', 'straight')),
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
    for size in (0, -1):
        with pytest.raises(ValueError, match=f'batch_size must be at least 1, but got {size}'): next(train.batches(5, size, seed=0, first=0))


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


# The five lines in the open

def test_the_five_lines_are_fit_with_the_plain_update():
    model, _ = new_run()
    losses = train.gradient_descent(model, model.parameters(), xs, labels, binary_cross_entropy_with_logits, 0.05, 12)
    other, optimizer = new_run(SGD)
    assert go_on(other, optimizer, batch_size=None).loss == losses and model.state_dict() == other.state_dict()


def test_help_explains_each_parameter():
    import inspect, pydoc
    told = pydoc.render_doc(fit, renderer=pydoc.plaintext)
    for name in inspect.signature(fit).parameters: assert f'\n    - `{name}`: ' in told, name


# What is given to it

both_ways = pytest.mark.parametrize('jit', [False, True], ids=['eager', 'jit'])

@both_ways
def test_a_truth_of_numpy_stops(jit):
    np = pytest.importorskip('numpy')
    for stop in (np.bool_(True), np.array(True), True):
        assert len(fit(MLP(2, [1]), xs, labels, steps=9, progress=False, jit=jit, callbacks=[lambda step, h: stop])) == 1
    for go in (np.bool_(False), np.array(False), 1.0, 1, 'yes', np.float64(1), np.ones(3, bool), None, []):
        assert len(fit(MLP(2, [1]), xs, labels, steps=3, progress=False, jit=jit, callbacks=[lambda step, h: go])) == 3

@both_ways
@pytest.mark.parametrize('kind', [SGD, Adam])
def test_float32_never_reaches_a_weight(jit, kind):
    np = pytest.importorskip('numpy')
    def run(number, data, momentum):
        random.seed(0)
        model = MLP(2, [3, 1], act='tanh')
        for p in model.parameters(): p.data = number(p.data)
        optimizer = kind(model.parameters(), **({'momentum': momentum} if kind is SGD else {}), lr=number(0.125))
        history = fit(model, data, labels, mse, optimizer, steps=5, batch_size=8, schedule=lambda step: number(0.125), progress=False, jit=jit)
        numbers = [*history.loss, optimizer.lr, *(p.data for p in model.parameters()), *(p.grad for p in model.parameters()), *sum(optimizer.kept, [])]
        assert {type(x) for x in numbers} == {float}
        return numbers
    low = np.array(xs, np.float32)
    same_start = lambda x: float(np.float32(x))
    assert run(np.float32, low, np.float32(0.5)) == run(same_start, low.astype(float), 0.5)

@both_ways
@pytest.mark.parametrize('bad', [math.nan, math.inf])
def test_what_is_not_finite_in_the_data_is_told_with_its_place(jit, bad):
    def run(xs, ys, **options):
        model = MLP(2, [2, 1], act='tanh')
        before = model.state_dict()
        with pytest.raises(ValueError) as error: fit(model, xs, ys, steps=50, progress=False, jit=jit, **options)
        assert 'smaller learning rate' not in str(error.value)
        return str(error.value), model.state_dict() == before
    rows, targets = [list(x) for x in xs], [float(y) for y in labels]
    if math.isnan(bad):
        rows[4][1] = bad
        assert run(rows, targets) == ('xs[4][1] is nan, and training needs finite numbers', True)
        told, _ = run(rows, targets, batch_size=7)
        assert told.startswith('xs[4][1] is nan')
    targets[2] = bad
    assert run(xs, targets) == (f'ys[2] is {bad}, and training needs finite numbers', True)

def samples(): yield from xs

@both_ways
@pytest.mark.parametrize('wrong, says', [
    (dict(optimizer=SGD), r'optimizer is an instance such as SGD\(model.parameters\(\)\), but got type'), (dict(optimizer='adam'), 'optimizer is .* got str'),
    (dict(loss=lambda p, t: 0.5), 'a loss is a Value.* float: 0.5'), (dict(loss='mse'), 'loss is a function'), (dict(callbacks=print), r'callbacks=\[f\]'),
    (dict(callbacks=[1]), 'callbacks is a list of functions'), (dict(xs=samples()), 'xs is a sequence of samples, such as a list, but got generator'),
    (dict(ys={'a': 1}), 'ys is a sequence'), (dict(xs='text'), 'xs is a sequence'), (dict(steps=10.0), 'steps is a whole number'), (dict(batch_size=2.0), 'batch_size is a whole'),
    (dict(schedule=0.1), 'schedule is a function of the step'), (dict(penalty=0.1), r'penalty is .* l2\(1e-4\)'), (dict(history=[]), 'history is'),
    (dict(model=MLP), 'model is something to call'), (dict(model=3), 'model is'), (dict(reduction='max'), "reduction can be 'mean' or 'sum'"),
    (dict(model=lambda x: Value(1.0)), 'optimizer is needed for a model without'), (dict(ys=['a']*30), r"the loss cannot compute with ys\[0\], which is 'a'"),
    (dict(ys=[None]*30), r'ys\[0\], which is None'), (dict(schedule=lambda step: None), 'a schedule returns a number, but .* NoneType'),
    (dict(schedule=lambda step: '0.1'), "a schedule returns .* str: '0.1'"), (dict(penalty=lambda params: None), 'a penalty returns a number, but .* NoneType')])
def test_wrong_kinds_get_a_sentence(wrong, says, jit):
    given = dict(model=MLP(2, [1]), xs=xs, ys=labels, loss=mse, optimizer=None, steps=1, progress=False, jit=jit)
    with pytest.raises((TypeError, ValueError), match=says): fit(**{**given, **wrong})

@both_ways
def test_one_hot_targets_get_a_sentence(jit):
    with pytest.raises((TypeError, ValueError), match='class'):
        fit(MLP(2, [3]), xs, [[1, 0, 0]]*30, train.cross_entropy, steps=1, progress=False, jit=jit)


# Memory

class Keeps(Module):
    "Keeps its last activations, and brings an operation whose closure makes a cycle."
    def __init__(self): self.w, self.kept = [Value(0.3), Value(0.1)], []
    def __call__(self, x):
        z = self.w[0]*x[0] + self.w[1]
        out = Value(math.tanh(z.data), (z,), 'own')
        def _backward(): z.grad += (1 - out.data**2)*out.grad
        out._backward = _backward
        self.kept = [*self.kept[-19:], out]
        return out*1.0

def test_memory_stays_level_for_a_thousand_steps():
    import tracemalloc
    sizes = []
    def look(step, history):
        if step in (100, 999): sizes.append(tracemalloc.get_traced_memory()[0] - 40*len(history)) # the history grows: a float and its place
    tracemalloc.start()
    try: fit(Keeps(), [[0.5], [-0.5]], [0.3, -0.3], mse, steps=1000, progress=False, callbacks=[look])
    finally: tracemalloc.stop()
    assert sizes[1] < 1.2*sizes[0] + 20_000, sizes
