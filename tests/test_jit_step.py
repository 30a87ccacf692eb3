"Recording and compiled training against the eager engine: bits, bad input, stale graphs, interrupts."
import argparse, math, os, random, subprocess, sys, threading, time, types
import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from micrograd import engine, recording, train
from micrograd.engine import Value, dot, maximum, no_grad
from micrograd.jit import jit
from micrograd.nn import MLP, Module, _inputs, activations
from micrograd.train import (SGD, Adam, Diverged, History, binary_cross_entropy_with_logits, cross_entropy, fit, l2, linear_schedule,
                             make_moons, max_margin, mse)
from jitted import SETUP, a_few, bits, compiled, executors, inf, labels, network, programs, python, run_program, signs, train_eagerly, weights, xs

pytest.importorskip('llvmlite')


# Training, bit for bit

losses = {'max_margin': (max_margin, signs, 1), 'binary_cross_entropy_with_logits': (binary_cross_entropy_with_logits, labels, 1),
          'soft binary_cross_entropy_with_logits': (binary_cross_entropy_with_logits, [0.3 if y else 1 for y in labels], 1),
          'mse': (mse, [float(y) for y in labels], 1), 'mse of rows': (mse, [[float(y), 0.5] for y in labels], 2),
          'cross_entropy': (cross_entropy, [i % 3 for i in range(50)], 3)}
ways = {'SGD, penalty': (lambda p: SGD(p, 0.1), dict(steps=5, penalty=l2(1e-3), schedule=linear_schedule(0.2, 0.1, 5))),
        'Nesterov, batches of 7': (lambda p: SGD(p, 0.05, momentum=0.9, weight_decay=0.01, nesterov=True), dict(steps=12, batch_size=7)), # a second epoch begins
        'momentum, dampening': (lambda p: SGD(p, 0.05, momentum=0.9, dampening=0.5), dict(steps=5)),
        'Adam, batches of 40': (lambda p: Adam(p, 0.01, weight_decay=0.001), dict(steps=7, batch_size=40, penalty=l2(1e-2)))}

@pytest.mark.parametrize('way', ways)
@pytest.mark.parametrize('name', losses)
@pytest.mark.parametrize('act', activations)
def test_whole_runs_have_the_bits_of_the_eager_engine(act, name, way):
    (loss, ys, nout), (make, options) = losses[name], ways[way]
    eager, ours, on_numpy, plain = (network((5, 4, nout), act) for _ in range(4))
    by_hand, optimizer = make(eager.parameters()), make(ours.parameters())
    expected = train_eagerly(eager, xs, ys, loss, by_hand, **options)
    history = compiled(ours, xs, ys, loss, optimizer, **options)
    assert bits(history.loss) == bits(expected)
    assert bits(weights(ours)) == bits(weights(eager))
    assert bits(p.grad for p in ours.parameters()) == bits(p.grad for p in eager.parameters())
    assert optimizer.state_dict() == by_hand.state_dict()
    other = compiled(on_numpy, xs, ys, loss, make(on_numpy.parameters()), 'numpy', **options)
    assert np.allclose(other.loss + weights(on_numpy), expected + weights(eager), rtol=1e-12, atol=1e-12)
    same = fit(plain, xs, ys, loss, make(plain.parameters()), progress=False, **options)
    assert same.accuracy == history.accuracy == other.accuracy
    assert np.allclose(same.loss + weights(plain), expected + weights(eager), rtol=1e-9, atol=1e-12)

def test_ties_between_classes_count_as_in_accuracy():
    class Table(Module):
        def __init__(self): self.w = [Value(1.0)]
        def __call__(self, x): return [self.w[0]*xi for xi in x]
    rows, ys = [[1, 1, 0], [0, 1, 1], [1, 1, 1], [0, 0, 1], [1, 0, 1]]*3, [0, 2, 1, 2, 0, 1, 1, 0, 1, 2, 1, 0, 2, 2, 0]
    a, b = Table(), Table()
    eager = fit(a, rows, ys, cross_entropy, SGD(a.parameters(), lr=0.0), steps=1, progress=False)
    for executor in ('llvm', 'numpy'):
        assert compiled(b, rows, ys, cross_entropy, SGD(b.parameters(), lr=0.0), executor, steps=1).accuracy == eager.accuracy

@executors
def test_a_loss_of_the_users_own_that_is_a_mean_and_rows_as_single_numbers(executor):
    def absolute(predictions, targets):
        return sum(abs(p - t) for p, t in zip(predictions, targets)) / len(predictions)
    points = [i/10 for i in range(20)]
    a, b = network((3, 1), 'tanh', nin=1), network((3, 1), 'tanh', nin=1)
    eager = fit(a, points, points, absolute, SGD(a.parameters(), 0.1), steps=5, progress=False)
    history = compiled(b, points, points, absolute, SGD(b.parameters(), 0.1), executor, steps=5)
    assert np.allclose(history.loss, eager.loss) and not history.accuracy

@executors
def test_a_sum_over_the_samples_is_a_sum_and_anything_else_is_refused(executor):
    def total(predictions, targets): return sum((p - t)**2 for p, t in zip(predictions, targets))
    def worst(predictions, targets): return reduce_maximum([(p - t)**2 for p, t in zip(predictions, targets)])
    a, b = network(), network()
    eager = fit(a, xs, signs, total, SGD(a.parameters(), 0.001), steps=12, batch_size=7, progress=False)
    assert np.allclose(compiled(b, xs, signs, total, SGD(b.parameters(), 0.001), executor, batch_size=7, reduction='sum').loss, eager.loss)
    before = weights(b)
    with pytest.raises(ValueError, match="say reduction='sum'"): compiled(b, xs, signs, total, SGD(b.parameters()), executor)
    with pytest.raises(ValueError, match="say reduction='mean'"): compiled(b, xs, signs, mse, SGD(b.parameters()), executor, reduction='sum')
    with pytest.raises(ValueError, match='mean or the sum'): compiled(b, xs, signs, worst, SGD(b.parameters()), executor)
    assert weights(b) == before

def reduce_maximum(values):
    highest = values[0]
    for v in values[1:]: highest = maximum(highest, v)
    return highest

def test_fit_with_jit_is_fit(capsys):
    a, b = network(), network()
    seen = []
    one = fit(a, xs, signs, max_margin, SGD(a.parameters(), 0.1), steps=20, batch_size=16, progress=False)
    two = fit(b, xs, signs, max_margin, SGD(b.parameters(), 0.1), steps=20, batch_size=16, jit=True,
              callbacks=[lambda step, history: seen.append((step, len(history)))])
    assert seen == [(k, k + 1) for k in range(20)] and np.allclose(one.loss, two.loss) and two.seconds > 0
    assert '20/20' in capsys.readouterr().err

def test_a_run_in_parts_has_the_bits_of_a_run_in_one_piece():
    a, b = network(), network()
    one, two = Adam(a.parameters(), 0.01), Adam(b.parameters(), 0.01)
    whole = compiled(a, xs, signs, max_margin, one, steps=30, batch_size=8)
    half = compiled(b, xs, signs, max_margin, two, steps=11, batch_size=8)
    compiled(b, xs, signs, max_margin, two, steps=30, batch_size=8, history=half)
    assert whole.loss == half.loss and weights(a) == weights(b) and one.state_dict() == two.state_dict()

def test_eager_and_compiled_steps_can_take_turns():
    a, b = network(), network()
    one, two = SGD(a.parameters(), 0.1, momentum=0.9), SGD(b.parameters(), 0.1, momentum=0.9)
    eager = fit(a, xs, signs, max_margin, one, steps=9, progress=False)
    mixed = fit(b, xs, signs, max_margin, two, steps=3, progress=False)
    fit(b, xs, signs, max_margin, two, steps=6, progress=False, history=mixed, jit=True)
    fit(b, xs, signs, max_margin, two, steps=9, progress=False, history=mixed)
    assert np.allclose(eager.loss, mixed.loss, rtol=1e-12)

@executors
def test_callbacks_can_stop_change_weights_and_the_learning_rate(executor):
    def clip(step, history):
        for p in params: p.data = max(-0.5, min(0.5, p.data))
        optimizer.lr = 0.1/(step + 1)
        return step == 4
    results = []
    for run in (lambda m, o: fit(m, xs, signs, max_margin, o, steps=9, callbacks=[clip], progress=False),
                lambda m, o: compiled(m, xs, signs, max_margin, o, executor, steps=9, callbacks=[clip])):
        model = network()
        params = model.parameters()
        optimizer = SGD(params, 0.1)
        history = run(model, optimizer)
        assert len(history) == 5 and optimizer.lr == 0.1/5
        results.append(history.loss + weights(model))
    assert np.allclose(*results, rtol=1e-12)

@executors
def test_divergence_is_told_as_the_eager_engine_tells_it(executor):
    told = []
    for run in (lambda m, o: fit(m, xs, signs, mse, o, steps=40, progress=False), lambda m, o: compiled(m, xs, signs, mse, o, executor, steps=40)):
        model = network((5, 1), 'linear')
        optimizer = SGD(model.parameters(), 1e12)
        with pytest.raises(Diverged) as error: run(model, optimizer)
        assert all(map(math.isfinite, weights(model)))
        told.append((error.value.step, error.value.where, optimizer.steps, [f'{w:.6g}' for w in weights(model)]))
    assert told[0] == told[1]

def test_an_overflowing_update_is_not_taken():
    class One(Module):
        def __init__(self): self.w = Value(1e200)
        def __call__(self, x): return self.w*x[0]
    model = One()
    with pytest.raises(Diverged, match='update overflowed'):
        compiled(model, [[1.0]], [0.0], lambda p, t: p[0] - t[0], SGD(model.parameters(), 1e308*10/10, momentum=1e10))
    assert math.isfinite(model.w.data)

@pytest.mark.slow
@a_few
@given(programs(), st.integers(1, 40))
def test_random_models(program, n):
    "The same graphs as models: some leaves are parameters, the others differ from sample to sample."
    leaves, steps, numbers = program
    class Model(Module):
        def __init__(self): self.w = [Value(x) for x in numbers]
        def __call__(self, x): return run_program(steps, [*self.w, *_inputs(x)])
    rows = [[math.sin(i + j) for j in range(2)] for i in range(n)]
    eager, ours = Model(), Model()
    mean = lambda ps, ts: sum((p - t).tanh() for p, t in zip(ps, ts)) / len(ps)
    one, two = SGD(eager.parameters(), 0.01), SGD(ours.parameters(), 0.01)
    try: expected = fit(eager, rows, [0.0]*n, mean, one, steps=2, progress=False)
    except (Diverged, ValueError): assume(False)
    assert np.allclose(compiled(ours, rows, [0.0]*n, mean, two, steps=2).loss, expected.loss, rtol=1e-6, atol=1e-9)


# Bad input

@pytest.mark.parametrize('f, match', [
    (lambda x: x[0] if x[0] > 0 else -x[0], '> of a Value'), (lambda x: x[0]*float(x[1]), r'float\(\)'),
    (lambda x: x[0] if x[1] else x[1], 'branch'), (lambda x: x[0]*int(x[1]), r'int\(\)'), (lambda x: x[0]*round(x[1]), r'round\(\)'),
    (lambda x: max(x), '> of a Value'), (lambda x: x[0]*math.exp(x[1]), r'float\(\)'), (lambda x: x[0] == 1 and x[1], '== with an input'),
    (lambda x: (x[0] - x[1].data).exp(), 'read with .data'), (lambda x: x[0] + random.random(), 'random numbers'),
    (lambda x: Value(x[0].data**3, (x[0],), 'cube'), "no rule for the operation 'cube'"),
    (lambda x: 3.0, 'returned float'), (lambda x: 'no', 'returned str')])
@executors
def test_what_cannot_be_recorded(f, match, executor):
    with pytest.raises(TypeError, match=match): jit(f, executor=executor)([[0.5, 0.25]])
    assert Value(0.5) > 0 and not recording._traced # eager numbers go on as before

def test_an_operation_with_a_backward_of_its_own_is_named_even_if_it_is_called_exp():
    def mine(x):
        out = Value(x.data + 1, (x,), 'exp')
        out._backward = lambda: None
        return out
    x = Value(1.0)
    with pytest.raises(TypeError, match="'exp'"): jit(mine(x)*2, [x])

def test_in_fit_they_are_errors_that_leave_the_model():
    class Dropout(Module):
        def __init__(self): self.inner = network()
        def __call__(self, x): return self.inner(x) * (random.random() < 0.5)
    class Reads(Dropout):
        def __call__(self, x): return self.inner(x) * self.inner.layers[0].neurons[0].b.data
    for model, match in ((Dropout(), 'random'), (Reads(), 'data')):
        before = weights(model)
        with pytest.raises(TypeError, match=match): fit(model, xs, signs, max_margin, SGD(model.parameters()), jit=True, progress=False)
        assert weights(model) == before

@pytest.mark.parametrize('given, match', [
    (dict(xs=[[1.0, 2.0], [1.0]], ys=[1, -1]), 'row 1 has 1 numbers, but row 0 has 2'),
    (dict(xs=[[1.0]], ys=[1]), '1'), (dict(ys=[0]*50), 'targets 1 or -1'), (dict(ys=[3]*50, loss=cross_entropy, nout=3), 'class 3'),
    (dict(ys=[2]*50, loss=binary_cross_entropy_with_logits), 'from 0 to 1')])
def test_bad_data_is_told_as_by_fit(given, match):
    model = network((4, given.get('nout', 1)))
    with pytest.raises((ValueError, TypeError), match=match):
        fit(model, given.get('xs', xs), given.get('ys', signs), given.get('loss', max_margin), SGD(model.parameters()), jit=True, progress=False)

def test_an_optimizer_of_the_users_own_is_named():
    class Mine(SGD): pass
    model = network()
    with pytest.raises(TypeError, match='Mine'): fit(model, xs, signs, max_margin, Mine(model.parameters()), jit=True, progress=False)

@pytest.mark.parametrize('change, match', [
    (lambda m: setattr(m.layers[0].neurons[1], 'act', engine.tanh), 'layers.0.neurons.1'), (lambda m: m.layers.pop(), 'layers'),
    (lambda m: m.layers[1].neurons[0].w.__setitem__(0, Value(1.0)), r'neurons.0.w'), (lambda m: setattr(m, 'extra', 1), 'MLP')])
def test_a_changed_model_is_named(change, match):
    model = network()
    f = jit(model)
    f(xs)
    change(model)
    with pytest.raises(ValueError, match=match): f(xs)
    model = network()
    with pytest.raises(ValueError, match=match):
        fit(model, xs, signs, max_margin, SGD(model.parameters()), jit=True, progress=False, callbacks=[lambda step, history: change(model)])

def test_a_changed_constant_is_named():
    w, x, scale = Value(1.0), Value(2.0), Value(3.0, label='scale')
    f = jit(scale*w*x, [w], [x])
    assert f([2.0]) == (6.0, [6.0])
    scale.data = 4.0
    with pytest.raises(ValueError, match='scale'): f([2.0])

def test_a_changed_setting_of_the_optimizer_is_named():
    model = network()
    optimizer = SGD(model.parameters(), momentum=0.5)
    with pytest.raises(ValueError, match='setting'):
        fit(model, xs, signs, max_margin, optimizer, jit=True, progress=False, callbacks=[lambda *_: setattr(optimizer, 'momentum', 0.9)])

def test_parameters_that_the_optimizer_does_not_have_stay():
    a, b = network(), network()
    one, two = SGD(a.layers[-1].parameters(), 0.1), SGD(b.layers[-1].parameters(), 0.1)
    train_eagerly(a, xs, signs, max_margin, one, 12)
    compiled(b, xs, signs, max_margin, two)
    assert bits(weights(a)) == bits(weights(b)) and weights(a)[:3] == weights(network())[:3]

def test_a_thread_that_records_does_not_keep_others_from_reading():
    going, results = threading.Event(), []
    def reads():
        going.wait()
        results.append(Value(2.0) > 1.0)
    thread = threading.Thread(target=reads)
    thread.start()
    def f(row):
        going.set()
        thread.join()
        return row[0]*2
    assert jit(f)([[1.0]]) == [2.0] and results == [True]

def test_ctrl_c_leaves_the_weights_of_the_last_whole_step():
    model = network()
    def schedule(step):
        if step == 7: raise KeyboardInterrupt
        return 0.1
    history = History()
    with pytest.raises(KeyboardInterrupt): compiled(model, xs, signs, max_margin, SGD(model.parameters()), schedule=schedule, history=history, steps=100)
    eager, optimizer = network(), None
    optimizer = SGD(eager.parameters(), 0.1)
    expected = train_eagerly(eager, xs, signs, max_margin, optimizer, len(history))
    assert 0 < len(history) <= 7 and history.loss == expected and weights(model) == weights(eager)

@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, 'fork'), reason='signals')
def test_a_real_ctrl_c_in_a_long_run():
    code = SETUP + '''
import os, signal, threading, time
random.seed(0)
model = MLP(2, [16, 16, 1])
history, optimizer = History(), SGD(model.parameters(), 0.01)
def interrupt():
    while len(history) < 1000: time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
signs = [2*y - 1 for y in labels]
try: fit(model, xs, signs, max_margin, optimizer, steps=10**8, jit=True, progress=False, history=history)
except KeyboardInterrupt: pass
random.seed(0)
twin = MLP(2, [16, 16, 1])
again = fit(twin, xs, signs, max_margin, SGD(twin.parameters(), 0.01), steps=len(history), jit=True, progress=False)
print(len(history) > 0, len(history) == optimizer.steps, again.loss == history.loss, [p.data for p in twin.parameters()] == [p.data for p in model.parameters()])
'''
    signal_on = 'import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n'
    result = python(signal_on + code)
    assert result.stdout == 'True True True True\n', result.stderr


# The command

@pytest.mark.slow
def test_the_command_has_it(tmp_path):
    rows = [f'{x:.4f},{y:.4f},{"moon" if l else "sun"}' for (x, y), l in zip(*make_moons(60))]
    (tmp_path/'t.csv').write_text('a,b,c\n' + '\n'.join(rows) + '\n')
    told = []
    for extra in ([], ['--jit']):
        run = subprocess.run([sys.executable, '-m', 'micrograd', 'train', 't.csv', '--target', 'c', '--quiet', '--rounds', '20', *extra], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        told.append(run.stdout)
    assert told[0] == told[1]


class Two(Module):
    def __init__(self, f): self.f, self.a, self.b = f, Value(0.3), Value(1.7)
    def __call__(self, x): return self.f(self.a, self.b, x)


@pytest.mark.parametrize('f', [
    lambda a, b, x: 0.5*(x[0] + b) + a, lambda a, b, x: (x[0] + b)*a, lambda a, b, x: a*(x[0] + b) + b, lambda a, b, x: x[0] + 0.1*(b + x[1]) + a,
    lambda a, b, x: 2**(a*x[0]), lambda a, b, x: (x[0] + 2)**(a*b),
], ids=['scaled sum', 'sum times', 'sum times and on', 'nested sum', 'exponent', 'exponent of both'])
@pytest.mark.parametrize('n', [1, 3, 8, 9])
def test_gradients_where_a_parameter_meets_a_sum_or_an_exponent(f, n):
    "Single numbers that only the sums over the samples need in lanes; and exponents, where a block of eight is not full."
    xs, ys = [[0.1*i, 1 - 0.2*i] for i in range(n)], [0.3*i for i in range(n)]
    eager, compiled = Two(f), Two(f)
    for model, jit in ((eager, False), (compiled, True)):
        fit(model, xs, ys, mse, SGD(model.parameters(), lr=0.01), steps=3, progress=False, jit=jit)
    assert [compiled.a.data, compiled.b.data] == pytest.approx([eager.a.data, eager.b.data], rel=1e-12)


def test_frozen_weights_before_trained_biases():
    losses = []
    for jit in (False, True):
        random.seed(0)
        model = MLP(2, [3, 1], act='linear')
        xs, ys = [[0.1*i, 1 - 0.2*i] for i in range(9)], [0.3*i for i in range(9)]
        losses.append(fit(model, xs, ys, mse, SGD([n.b for n in model.layers[0].neurons], lr=0.1), steps=3, progress=False, jit=jit).loss)
    assert losses[1] == pytest.approx(losses[0], rel=1e-12) and losses[0][2] < losses[0][0]


# What a loss of the user's own may be

def test_losses_that_are_neither_a_mean_nor_a_sum_are_refused():
    "Weights by class, by place and by batch, masks and caps: each was once taken for a mean, as the first three samples look like one."
    order = sorted(range(50), key=lambda i: -signs[i])
    rows, ys, mask, place = [xs[i] for i in order], [signs[i] for i in order], [1.0]*3 + [0.0]*20 + [1.0]*27, [1.0]*3 + [5.0]*47
    losses = {
        'class': lambda P, Y: sum((5 + 4*y)*(1 - y*p).relu() for p, y in zip(P, Y)) / sum(5 + 4*y for y in Y),
        'place': lambda P, Y: sum(w*(p - y)**2 for w, p, y in zip(place, P, Y)) / len(P),
        'cap': lambda P, Y: sum((p - y)**2 for p, y in zip(P, Y)) / min(len(P), 5),
        'penalty': lambda P, Y: sum((p - y)**2 for p, y in zip(P, Y)) + 0.5}
    for loss in losses.values():
        model = network()
        before = weights(model)
        with pytest.raises(ValueError, match='mean or the sum'): fit(model, rows, ys, loss, SGD(model.parameters()), jit=True, progress=False)
        assert weights(model) == before
    masked = lambda P, Y: sum(y[1]*(p - y[0])**2 for p, y in zip(P, Y)) / sum(y[1] for y in Y)
    with pytest.raises(ValueError, match='mean or the sum'):
        fit(network(), rows, list(zip(ys, mask)), masked, jit=True, progress=False)

@executors
def test_a_sum_of_hinges_is_a_sum_even_if_the_first_samples_are_on_the_right_side(executor):
    def perceptron(P, Y): return sum((-y*p).relu() for p, y in zip(P, Y))
    rows, ys = zip(*sorted(zip(xs, signs), key=lambda pair: -pair[1]))
    a, b = network(), network()
    eager = fit(a, rows, ys, perceptron, SGD(a.parameters(), 0.001), steps=5, progress=False)
    assert np.allclose(compiled(b, rows, ys, perceptron, SGD(b.parameters(), 0.001), executor, steps=5, reduction='sum').loss, eager.loss)

def test_a_loss_is_tried_in_batches_of_the_sizes_to_come():
    def capped(P, Y): return sum((p - y)**2 for p, y in zip(P, Y)) / min(len(P), 5)
    a, b = network(), network()
    eager = fit(a, xs, signs, capped, SGD(a.parameters(), 0.001), steps=9, batch_size=5, progress=False)
    assert np.allclose(compiled(b, xs, signs, capped, SGD(b.parameters(), 0.001), batch_size=5, steps=9).loss, eager.loss)
    with pytest.raises(ValueError, match='mean or the sum'): fit(network(), xs, signs, capped, batch_size=7, jit=True, progress=False)

@pytest.mark.parametrize('loss', [
    lambda P, Y: sum((p - 1)**2 if y > 0 else 3*(p + 1)**2 for p, y in zip(P, Y)) / len(P),
    lambda P, Y: sum(p*[1, 2][y > 0] for p, y in zip(P, Y)) / len(P)])
def test_a_loss_that_branches_on_a_target_is_told_that_targets_are_recorded(loss):
    with pytest.raises(TypeError, match='targets as Values'): fit(network(), xs, signs, loss, jit=True, progress=False)

def test_rows_of_targets_may_be_arrays():
    a, b, ys = network((3, 2)), network((3, 2)), np.array([[y, 0.5] for y in labels])
    eager = fit(a, xs, ys, mse, SGD(a.parameters(), 0.1), steps=5, progress=False)
    assert np.allclose(compiled(b, xs, ys, mse, SGD(b.parameters(), 0.1), steps=5).loss, eager.loss)

def test_a_loss_may_be_an_object_without_a_hash():
    class Loss:
        __hash__ = None
        def __call__(self, P, Y): return mse(P, Y)
    a, b = network(), network()
    eager = fit(a, xs, signs, Loss(), SGD(a.parameters(), 0.1), steps=3, progress=False)
    assert np.allclose(compiled(b, xs, signs, Loss(), SGD(b.parameters(), 0.1), steps=3).loss, eager.loss)


# Recorded with other numbers

class Holds(Module):
    "A model with a few weights, to be called as `f(weights, inputs)`."
    def __init__(self, f, w=(0.3, -0.7, 1.3)): self.f, self.w = f, [Value(x) for x in w]
    def __call__(self, x): return self.f(self.w, x)

reads = {
    'sign of an input': lambda w, x: w[0]*x[0] if x[0].data > 0 else w[1]*x[0], 'bound': lambda w, x: x[0]*2 if x[0].data > 0.45 else x[0]*3,
    'sign of a weight': lambda w, x: x[0]*(2 if w[0].data > 0 else 3), 'sign of a product': lambda w, x: x[0]*(2 if (w[0]*x[0]).data > 0 else 3),
    'int': lambda w, x: x[0]*int(x[0].data),
    'rounded': lambda w, x: x[0]*round(x[0].data), 'largest': lambda w, x: max(x, key=lambda v: v.data)*1.0,
    'smallest weight': lambda w, x: sorted(w, key=lambda v: v.data)[0]*x[0], 'median': lambda w, x: sorted(w, key=lambda v: v.data)[1]*x[0],
    'tanh': lambda w, x: x[0]*math.tanh(x[0].data), 'number': lambda w, x: x[1] + x[0].data, 'of a weight': lambda w, x: x[1] + w[2].data}
firsts = [[0.5, 0.2], [0.04, 1.0], [100.0, 2.0], [inf, 1.0], [-1.0, -1.0], [0.0, -0.0]]

@pytest.mark.parametrize('first', firsts, ids=str)
@pytest.mark.parametrize('name', reads)
def test_numbers_that_are_read_are_found_out(name, first):
    model = Holds(reads[name])
    with pytest.raises((TypeError, OverflowError), match='changes with its numbers|cannot convert float infinity'): jit(model)([first])
    assert weights(model) == [0.3, -0.7, 1.3]

def test_an_error_with_other_numbers_is_told_as_a_read():
    def f(w, x):
        if not -1 <= x[0].data <= 1: raise ArithmeticError('too far')
        return w[0]*x[0]
    with pytest.raises(TypeError, match='with others, ArithmeticError: too far'): jit(Holds(f))([[0.5]])

@pytest.mark.parametrize('f', [
    lambda x: Value(7*x.data, (x,), 'exp', '', lambda out: None), lambda x: Value(x.data**3, (x,), '**3', '', lambda out: None),
    lambda x: Value(x.data**3, (x,), '**3'), lambda x: Value(x.data, (x, x), '+', '', engine.operations['*'].rule),
    lambda x: Value(x.data, (x,), '**2', '', (x**3)._rule)])
def test_a_rule_of_the_users_own_under_a_name_of_ours_is_refused(f):
    with pytest.raises(TypeError, match='no rule for the operation'): jit(lambda row: f(row[0]))([[0.5]])

def test_what_is_being_recorded_cannot_call_something_compiled():
    inner, w = jit(Holds(lambda w, x: w[0]*x[0])), Value(2.0)
    evaluate = jit(w*w, [w])
    for f in (lambda x: Value(inner([[1.0]])[0])*x[0], lambda x: evaluate()[0]*x[0], lambda x: jit(w*w, [w])()[0]*x[0], lambda x: mine([x])[0]):
        mine = jit(f)
        with pytest.raises(TypeError, match='call something compiled'): mine([[1.0]])
    assert not recording._traced and inner([[1.0]]) == [0.3]

def test_random_numbers_of_other_threads_are_not_ours():
    going = threading.Event()
    def dice():
        while not going.is_set(): random.random()
    def waits(x):
        time.sleep(0.02)
        return x[0]*2
    thread = threading.Thread(target=dice)
    thread.start()
    try:
        assert jit(waits)([[1.0]]) == [2.0]
        with pytest.raises(TypeError, match='random'): jit(lambda x: waits(x)*(random.random() < 1))([[1.0]])
    finally:
        going.set()
        thread.join()

def test_threads_can_compile_and_use_one_model():
    model, wrong = network((40, 40, 1), 'tanh', nin=8), []
    before, row = weights(model), [0.1*i for i in range(8)]
    with no_grad(): expected = [model(row).data]
    f = jit(model)
    f([row])
    interval = sys.getswitchinterval()
    def work(seed):
        for _ in range(5):
            for g in (f, jit(model)):
                if g([row]) != expected: wrong.append(seed)
    try:
        sys.setswitchinterval(1e-5)
        threads = [threading.Thread(target=work, args=[i]) for i in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
    finally: sys.setswitchinterval(interval)
    assert weights(model) == before and not wrong

@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, 'fork'), reason='signals')
@pytest.mark.parametrize('what', ['train', 'compile'])
def test_many_real_interrupts_leave_everything_at_one_step(what):
    "Weights, gradients, momentum, steps and history belong together wherever Ctrl-C came; and nothing stays moved or traced."
    code = SETUP + f'''
import signal
from micrograd import recording
def start():
    random.seed(0)
    model = MLP(2, [16, 16, 1])
    return model, SGD(model.parameters(), 0.01, momentum=0.9)
def state(model, o): return [p.data for p in model.parameters()], [p.grad for p in model.parameters()], [list(row) for row in o.kept], o.steps
signs = [2*y - 1 for y in labels]
N, what = 200, {what!r}
model, o = start()
after = [state(model, o)]
fit(model, xs, signs, max_margin, o, steps=N, jit=True, progress=False, callbacks=[lambda *_: after.append(state(model, o))])
class Stop(BaseException): pass
def stop(*_): raise Stop
signal.signal(signal.SIGALRM, stop)
rng, kinds = random.Random(1), [0, 0, 0]
while kinds[1] < 80:
    model, o = start()
    history, bad = History(), None
    callbacks = [[lambda *_: None], []][what == 'train' and rng.random() < 0.3]
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.001, 0.05 if what == 'train' else 0.007))
            if what == 'train': fit(model, xs, signs, max_margin, o, steps=N, jit=True, progress=False, history=history, callbacks=callbacks)
            else: jit(model)(xs)
            kinds[0] += 1
        finally: signal.setitimer(signal.ITIMER_REAL, 0)
    except Stop: kinds[1] += 1
    now = state(model, o)
    if now != after[o.steps] or len(history) != o.steps or len(history.accuracy) != o.steps or recording._traced or recording.not_recording: kinds[2] += 1
print(kinds[2])
'''
    result = python(code)
    assert result.stdout == '0\n', (result.stdout, result.stderr[-2000:])


# What changes while it trains

def both(make, **options):
    "The losses without and with jit; `make` gives a model, an optimizer, and options that may hang on these."
    found = []
    for run in (fit, lambda *args, **options: fit(*args, jit=True, **options)):
        model, optimizer, more = make()
        found.append(run(model, xs, signs, max_margin, optimizer, progress=False, **{**dict(steps=40), **options, **more}).loss)
    return found

def with_optimizer(more):
    def make():
        model = network()
        optimizer, history = SGD(model.parameters(), 0.05, momentum=0.5), History()
        return model, optimizer, dict(history=history, **more(model, optimizer, history))
    return make

class Halves:
    "A schedule that remembers."
    def __init__(self, optimizer): self.optimizer, self.best = optimizer, 0.1
    def __call__(self, step):
        self.best = min(self.best, self.optimizer.lr)
        return self.best*0.99

@pytest.mark.parametrize('schedule', [
    lambda m, o, h: lambda step: o.lr*0.99, lambda m, o, h: lambda step: 0.05/(1 + len(h)), lambda m, o, h: Halves(o),
    lambda m, o, h: lambda step: 0.01 if o.steps > 7 else 0.1, lambda m, o, h: lambda step: 0.02 + 0.01*abs(m.layers[0].neurons[0].b.data),
    lambda m, o, h: train.warmup(lambda step: o.lr*0.99, 5), lambda m, o, h: (lambda rates: lambda step: next(rates))(iter([0.1, 0.05]*40))],
    ids=['lr', 'history', 'object', 'steps', 'weights', 'warmup', 'iterator'])
def test_a_schedule_may_look_at_the_run(schedule):
    eager, ours = both(with_optimizer(lambda *of: dict(schedule=schedule(*of))))
    assert np.allclose(eager, ours, rtol=1e-9)

def test_a_schedule_that_cannot_see_the_run_is_asked_ahead():
    asked = []
    def schedule(step):
        asked.append(step)
        return 0.1
    model = network()
    fit(model, xs, signs, max_margin, SGD(model.parameters()), schedule=schedule, steps=3000, jit=True, progress=False)
    assert asked == list(range(3000))

changing = [1e-3]
@pytest.mark.parametrize('more, match', [
    (lambda a: dict(penalty=lambda ps: a[0]*sum(p*p for p in ps)), 'penalty.a'), (lambda a: dict(penalty=lambda ps: changing[0]*sum(p*p for p in ps)), 'penalty.changing'),
    (lambda a: dict(loss=lambda P, Y: sum((p - a[0]*y)**2 for p, y in zip(P, Y))/len(P)), 'loss.a')])
def test_a_callback_that_changes_what_was_recorded_is_told(more, match):
    a, model = [1e-3], network()
    def change(step, history): a[0], changing[0] = 1.5*a[0], 1.5*changing[0]
    with pytest.raises(ValueError, match=match):
        fit(model, xs, signs, jit=True, progress=False, callbacks=[change], **more(a))

def test_a_penalty_that_follows_the_run_is_told():
    model = network()
    optimizer = SGD(model.parameters(), 0.1)
    with pytest.raises(ValueError, match='penalty'):
        fit(model, xs, signs, max_margin, optimizer, jit=True, progress=False, penalty=lambda ps: optimizer.lr*sum(p*p for p in ps), schedule=lambda k: 0.1/(k + 1))

def test_samples_that_change_are_told():
    rows, model = [list(row) for row in xs], network()
    def move(step, history):
        for row in rows: row[0] += 0.05
    with pytest.raises(ValueError, match='samples have changed'): fit(model, rows, signs, max_margin, steps=5, jit=True, progress=False, callbacks=[move])
    class Noisy:
        def __init__(self): self.dice = random.Random(0)
        def __len__(self): return len(xs)
        def __getitem__(self, i): return [x + self.dice.gauss(0, 0.1) for x in xs[i]]
    model = network()
    before = weights(model)
    with pytest.raises(ValueError, match='samples have changed'): fit(model, Noisy(), signs, max_margin, jit=True, progress=False)
    assert weights(model) == before

def test_other_parameters_for_the_optimizer_are_told():
    model = network()
    optimizer = SGD(model.parameters(), 0.1)
    with pytest.raises(ValueError, match='setting'):
        fit(model, xs, signs, max_margin, optimizer, jit=True, progress=False, callbacks=[lambda *_: setattr(optimizer, 'params', optimizer.params[:3])])

def test_momentum_that_is_off_for_a_while_is_remembered():
    found = []
    for jit in (False, True):
        model = network()
        optimizer = SGD(model.parameters(), 0.05)
        for momentum in (0.9, 0.0, 0.9, -0.5):
            optimizer.momentum = momentum
            fit(model, xs, signs, max_margin, optimizer, steps=5, jit=jit, progress=False)
        found.append(weights(model))
    assert np.allclose(*found, rtol=1e-9)


# What a function names is watched

class Plain:
    def __init__(self): self.k, self.calls = 3.0, 0
    def __call__(self, x): return x*self.k

class Rich(Module):
    scale = 2.0
    def __init__(self):
        self.w, self.k, self.array, self.set, self.plain = [Value(0.3), Value(0.7)], 1.5, np.array([1.0, 2.0]), {1}, Plain()
        self.table, self.bytes, self.pair = {'a': [1.0]}, bytearray(b'a'), (1.0, [2.0])
        self.f = (lambda a: lambda x: x*a[0])(self.table['a'])
    def __call__(self, x):
        total = dot(self.w, x)*self.k*self.scale*float(self.array[0])*len(self.set)*self.bytes[0]*self.pair[1][0]*outside[0]*number
        return self.f(self.plain(total))

outside, number = [1.0], 2.0
rich_changes = {
    'number': lambda m: setattr(m, 'k', 2.0), 'class': lambda m: setattr(Rich, 'scale', 5.0), 'array': lambda m: m.array.__setitem__(0, 7.0),
    'another array': lambda m: setattr(m, 'array', np.array([3.0, 3.0])), 'set': lambda m: m.set.add(2), 'plain object': lambda m: setattr(m.plain, 'k', 4.0),
    'list in a dict': lambda m: m.table['a'].__setitem__(0, 9.0), 'bytes': lambda m: m.bytes.__setitem__(0, 3), 'list in a tuple': lambda m: m.pair[1].__setitem__(0, 9.0),
    'method': lambda m: setattr(Rich, '__call__', lambda self, x: x[0]*5), 'method of a plain object': lambda m: setattr(Plain, '__call__', lambda self, x: x*2),
    'global list': lambda m: outside.__setitem__(0, 4.0), 'global number': lambda m: globals().__setitem__('number', 9.0),
    'minus zero': lambda m: setattr(m, 'k', -0.0), 'weights': lambda m: m.w.reverse()}

@pytest.mark.parametrize('wrap', [lambda m: jit(m), lambda m: jit(lambda row: m(row)), lambda m: jit(m.__call__),
                                  lambda m: (lambda f: lambda rows: f(rows[0]))(jit(lambda row: m(row), m.w, [1.0, 2.0]))], ids=['model', 'function', 'method', 'loss'])
@pytest.mark.parametrize('change', rich_changes)
def test_whatever_a_function_can_name_is_watched(change, wrap, monkeypatch):
    for kind, name in ((Rich, 'scale'), (Rich, '__call__'), (Plain, '__call__')): monkeypatch.setattr(kind, name, vars(kind)[name])
    monkeypatch.setitem(globals(), 'number', 2.0)
    outside[0], model = 1.0, Rich()
    if change == 'minus zero': model.k = 0.0
    f = wrap(model)
    f([[1.0, 2.0]])
    model.plain.calls += 1 # nobody names it
    f([[1.0, 2.0]])
    rich_changes[change](model)
    with pytest.raises(ValueError, match='has changed since it was compiled'): f([[1.0, 2.0]])

def test_a_changed_method_of_ours_is_noticed(monkeypatch):
    from micrograd.nn import Neuron
    f = jit(network())
    f(xs)
    monkeypatch.setattr(Neuron, '__call__', lambda self, x: self.w[0]*1.0)
    with pytest.raises(ValueError, match='Neuron'): f(xs)

def test_equal_numbers_are_no_change():
    model = Rich()
    model.k = 1e300
    f = jit(model)
    before = f([[1.0, 2.0]])
    model.k, model.table['a'][0] = float('1e300'), float('1')
    assert f([[1.0, 2.0]]) == before

def test_fit_inside_no_grad_is_refused_as_without_jit():
    for jit in (False, True):
        with no_grad(), pytest.raises(ValueError, match='is this inside no_grad'): fit(network(), xs, signs, max_margin, steps=2, jit=jit, progress=False)

def test_a_penalty_may_be_a_plain_number():
    a, b = network(), network()
    eager = fit(a, xs, signs, max_margin, SGD(a.parameters(), 0.1), penalty=lambda ps: 0.5, steps=3, progress=False)
    assert np.allclose(compiled(b, xs, signs, max_margin, SGD(b.parameters(), 0.1), penalty=lambda ps: 0.5, steps=3).loss, eager.loss)
    with pytest.raises(TypeError, match='changes with its numbers'):
        fit(network(), xs, signs, max_margin, penalty=lambda ps: sum(p.data**2 for p in ps), jit=True, progress=False)

def test_divergence_has_the_loss_of_the_engine():
    told = []
    for jit in (False, True):
        model = network((5, 1), 'linear')
        with pytest.raises(Diverged) as error: fit(model, xs, signs, mse, SGD(model.parameters(), 1e3, momentum=0.9), steps=500, jit=jit, progress=False)
        told.append((error.value.step, repr(error.value.loss), error.value.where[:9]))
    assert told[0] == told[1]

@pytest.mark.parametrize('kind', [types.SimpleNamespace, argparse.Namespace])
def test_the_attributes_of_a_librarys_objects_are_watched(kind):
    settings = kind(k=2.0)
    f = jit(lambda r: r[0]*settings.k)
    assert f([[1.0]]) == [2.0]
    settings.k = 7.0
    with pytest.raises(ValueError, match='has changed since it was compiled'): f([[1.0]])


def test_what_is_not_named_may_change():
    "A trainer that logs, its own optimizer beside its loss: only what the recorded code names counts."
    class Trainer:
        def __init__(self):
            self.model, self.log, self.history, self.alpha = network(), [], History(), 1e-3
            self.optimizer = SGD(self.model.parameters(), 0.1)
        def loss(self, P, Y): return mse(P, Y)
        def penalty(self, ps): return self.alpha*sum(p*p for p in ps)
        def predict(self, x): return self.model(x)
        def note(self, step, history): self.log.append(history.loss[-1])
        def run(self, jit):
            return fit(self.model, xs, signs, self.loss, self.optimizer, penalty=self.penalty, callbacks=[self.note], history=self.history,
                       steps=9, jit=jit, progress=False).loss
    assert np.allclose(Trainer().run(True), Trainer().run(False))
    ours = Trainer()
    f = jit(ours.predict)
    f(xs)
    ours.log.append(1)
    f(xs)
    ours.model = network()
    with pytest.raises(ValueError, match='has changed'): f(xs)

class InSlots:
    __slots__ = ('k',)

class Property:
    def __init__(self): self.inner = 2.0
    @property
    def k(self): return self.inner

def test_attributes_behind_properties_in_slots_and_in_modules_are_watched():
    import types
    slots, module, hidden = InSlots(), types.ModuleType('settings'), Property()
    slots.k = module.k = 2.0
    for thing, name in ((slots, 'k'), (module, 'k'), (hidden, 'inner')):
        f = jit(lambda x: x[0]*thing.k)
        f([[1.0]])
        setattr(thing, name, 3.0)
        with pytest.raises(ValueError, match='thing has changed'): f([[1.0]])
