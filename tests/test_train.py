"Losses and optimizers against PyTorch's stored figures; the loop, its interruptions, checkpoints and tables."
import errno, gc, json, math, os, random
from pathlib import Path
import pytest
from micrograd import MLP, Module, Value, no_grad
from micrograd import train
from micrograd.train import (Adam, Diverged, History, SGD, accuracy, binary_cross_entropy, cosine_schedule, cross_entropy, fit, l2, linear_schedule,
                             load_checkpoint, make_circles, make_moons, make_spirals, make_xor, max_margin, mse, read_csv, save_checkpoint,
                             split, standardisation, standardise, warmup)
from expressions import bumpy_bowl

figures = json.loads((Path(__file__).parent/'figures'/'torch_optim.json').read_text())


def grads_of(leaves): return [x.grad if isinstance(x, Value) else [v.grad for v in x] for x in leaves]


@pytest.mark.parametrize('case', figures['optimizers'], ids=lambda case: f"{case['optimizer']}{case['settings']}")
def test_optimizers_follow_pytorch(case):
    w = [Value(x) for x in figures['start']]
    optimizer = getattr(train, case['optimizer'])(w, **case['settings'])
    for expected in case['steps']:
        optimizer.zero_grad()
        bumpy_bowl(w).backward()
        optimizer.step()
        assert [x.data for x in w] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('name, case', [(name, case) for name, cases in figures['losses'].items() for case in cases])
def test_losses_are_those_of_pytorch(name, case):
    scores = [[Value(x) for x in row] if isinstance(row, list) else Value(row) for row in case['scores']]
    loss = getattr(train, name.replace('_with_logits', ''))(scores, case['targets'])
    loss.backward()
    assert loss.data == pytest.approx(case['loss'], rel=1e-14, abs=1e-300)
    for ours, torchs in zip(grads_of(scores), case['gradients'], strict=True): assert ours == pytest.approx(torchs, rel=1e-12, abs=1e-15)


def test_mse_of_rows_is_the_mean_over_all_numbers():
    assert mse([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], [[0, 0], [0, 0]]).data == 7.5


def test_binary_cross_entropy_does_not_cancel():
    assert binary_cross_entropy([Value(40.0)], [1]).data == pytest.approx(4.248354255291589e-18, rel=1e-14)
    assert binary_cross_entropy([Value(0.3)], [0.25]).data == pytest.approx(math.log1p(math.exp(0.3)) - 0.25*0.3, rel=1e-14)


@pytest.mark.parametrize('call, says', [
    (lambda: mse([Value(1.0)], [1.0, 2.0]), '1 and 2'),
    (lambda: mse([], []), 'no predictions'),
    (lambda: mse([[Value(1.0)]], [[1.0, 2.0]]), '1 and 2'),
    (lambda: max_margin([Value(1.0)], [0]), '1 or -1, but got 0'),
    (lambda: binary_cross_entropy([Value(1.0)], [-1]), 'from 0 to 1, but got -1'),
    (lambda: cross_entropy([[Value(1.0), Value(2.0)]], [2]), 'class 2'),
    (lambda: cross_entropy([Value(1.0)], [0]), 'a score for each class'),
    (lambda: SGD([]), 'empty'),
    (lambda: SGD([Value(1.0)], lr=-1), 'lr must be at least 0, but got -1'),
    (lambda: SGD([Value(1.0)], lr=math.nan), 'lr must'),
    (lambda: SGD([Value(1.0)], nesterov=True), 'nesterov needs a momentum'),
    (lambda: Adam([Value(1.0)], betas=(0.9, 1.0)), 'betas'),
    (lambda: fit(MLP(1, [1]), [[1.0]], []), '1 samples and 0 targets'),
    (lambda: fit(MLP(1, [1]), [], []), '0 samples'),
    (lambda: fit(MLP(1, [1]), [[1.0]], [1.0], batch_size=0), 'batch_size'),
    (lambda: make_moons(noise=-1), 'noise'),
    (lambda: split(10, 1.0, 0), 'between 0 and 1'),
    (lambda: split(2, 0.2, 0), '2 rows cannot be divided'),
])
def test_wrong_arguments_are_value_errors(call, says):
    with pytest.raises(ValueError, match=says): call()


def test_an_optimizer_of_something_else_is_a_type_error():
    with pytest.raises(TypeError, match='float: 1.0'): SGD([1.0])


def test_schedules():
    assert [linear_schedule(1.0, 0.0, 4)(i) for i in (0, 1, 4, 9)] == [1.0, 0.75, 0.0, 0.0]
    assert [round(cosine_schedule(2.0, 1.0, 4)(i), 12) for i in (0, 2, 4, 9)] == [2.0, 1.5, 1.0, 1.0]
    assert [warmup(lambda step: 8.0, 4)(i) for i in (0, 1, 3, 7)] == [2.0, 4.0, 8.0, 8.0]


@pytest.mark.parametrize('make', [make_moons, make_circles, make_spirals, make_xor])
@pytest.mark.parametrize('n', [0, 1, 2, 7, 100])
def test_data_sets_are_seeded_and_balanced(make, n):
    xs, labels = make(n, seed=5)
    assert (xs, labels) == make(n, seed=5) and len(xs) == len(labels) == n
    assert abs(labels.count(0) - labels.count(1)) <= 1
    assert not xs or xs != make(n, seed=6)[0]
    assert all(abs(x) < 4 and abs(y) < 4 for x, y in xs)


def test_spirals_of_three_classes():
    assert sorted(set(make_spirals(30, classes=3)[1])) == [0, 1, 2]


def test_accuracy_of_scores_and_of_rows():
    assert accuracy([Value(0.5), Value(-0.5), Value(0.1)], [1, -1, -1]) == pytest.approx(2/3)
    assert accuracy([Value(0.5), Value(-0.5)], [1, 0]) == 1.0
    assert accuracy([[Value(1.0), Value(2.0)], [Value(3.0), Value(2.0)]], [1, 1]) == 0.5


# The loop

xs, labels = make_moons(30, seed=1)


def new_run(kind=Adam, **options):
    random.seed(3)
    model = MLP(2, [4, 1], act='tanh')
    return model, kind(model.parameters(), lr=0.05, **options)


def go_on(model, optimizer, **more):
    return fit(model, xs, labels, binary_cross_entropy, optimizer, **{**dict(steps=12, batch_size=7, progress=False), **more})


def test_fit_is_the_loop_of_the_notes():
    model, optimizer = new_run(SGD)
    history = go_on(model, optimizer, batch_size=None, penalty=l2(0.01))
    by_hand, _ = new_run()
    losses = []
    for _ in range(12):
        loss = binary_cross_entropy([by_hand(x) for x in xs], labels) + l2(0.01)(by_hand.parameters())
        by_hand.zero_grad()
        loss.backward()
        for p in by_hand.parameters(): p.data -= 0.05 * p.grad
        losses.append(loss.data)
    assert history.loss == losses and model.state_dict() == by_hand.state_dict()
    assert len(history.accuracy) == 12


def test_an_epoch_takes_each_sample_once():
    batches = train._batches(10, 4, seed=0, first=0)
    first, second = [[next(batches) for _ in range(3)] for _ in range(2)]
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == list(range(10)) and first != second
    again = train._batches(10, 4, seed=0, first=2)
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


# Checkpoints

def test_resuming_from_a_file_gives_the_same_bits(tmp_path):
    whole, optimizer = new_run()
    expected = go_on(whole, optimizer)
    model, optimizer = new_run()
    save_checkpoint(tmp_path/'c.json', model, optimizer, go_on(model, optimizer, steps=5), note='five')
    random.random()
    model, optimizer = new_run()
    saved = load_checkpoint(tmp_path/'c.json', model, optimizer)
    history = go_on(model, optimizer, history=saved.history)
    assert saved.extra == {'note': 'five'}
    assert history.loss == expected.loss and history.accuracy == expected.accuracy and model.state_dict() == whole.state_dict()


def test_random_state_comes_back(tmp_path):
    model, optimizer = new_run()
    save_checkpoint(tmp_path/'c.json', model, optimizer)
    expected = random.random()
    random.seed(99)
    load_checkpoint(tmp_path/'c.json', model, optimizer)
    assert random.random() == expected


def damaged(text):
    whole = json.loads(text)
    yield from (text[:n] for n in (0, 1, len(text)//3, len(text) - 3))
    yield from ('[]', '{}', '17', 'null', '\x00', '{"format": "another program"}', '[' * 100_000)
    for key in whole: yield json.dumps({k: v for k, v in whole.items() if k != key})
    yield json.dumps({**whole, 'model': {'w': 1.0}})
    yield json.dumps({**whole, 'model': {k: 'x' for k in whole['model']}})
    yield json.dumps({**whole, 'optimizer': {**whole['optimizer'], 'kind': 'SGD'}})
    yield json.dumps({**whole, 'optimizer': {**whole['optimizer'], 'kept': [[1.0], [1.0]]}})
    yield json.dumps({**whole, 'optimizer': {**whole['optimizer'], 'kept': []}})
    yield json.dumps({**whole, 'model': {k: math.nan for k in whole['model']}})
    yield json.dumps({**whole, 'model': {k: 10**400 for k in whole['model']}})
    yield json.dumps({**whole, 'optimizer': None})
    yield json.dumps({**whole, 'random': [3, [1, 2], None]})


def test_no_damaged_file_is_taken_and_none_changes_anything(tmp_path):
    model, optimizer = new_run()
    go_on(model, optimizer, steps=2)
    path = tmp_path/'c.json'
    save_checkpoint(path, model, optimizer)
    for text in list(damaged(path.read_text())):
        path.write_text(text)
        random.seed(1)
        before = model.state_dict(), optimizer.state_dict(), random.getstate()
        with pytest.raises(ValueError, match='c.json (is|was) '): load_checkpoint(path, model, optimizer)
        assert (model.state_dict(), optimizer.state_dict(), random.getstate()) == before


def test_a_full_disk_leaves_the_old_file_whole(tmp_path, monkeypatch):
    model, _ = new_run()
    path = tmp_path/'c.json'
    save_checkpoint(path, model)
    old = path.read_bytes()
    def full(fd): raise OSError(errno.ENOSPC, 'No space left on device')
    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='No space left'): save_checkpoint(path, model)
    assert path.read_bytes() == old and os.listdir(tmp_path) == ['c.json']


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    model, _ = new_run()
    model.parameters()[0].data = math.nan
    with pytest.raises(ValueError): save_checkpoint(tmp_path/'c.json', model)
    assert os.listdir(tmp_path) == []


def test_what_is_no_file_stays_what_it_is_and_permissions_are_kept(tmp_path):
    model, _ = new_run()
    os.mkfifo(tmp_path/'pipe')
    reader = os.open(tmp_path/'pipe', os.O_RDONLY | os.O_NONBLOCK)
    save_checkpoint(tmp_path/'pipe', model)
    assert b'checkpoint' in os.read(reader, 100) and not (tmp_path/'pipe').is_file()
    os.close(reader)
    save_checkpoint(tmp_path/'c.json', model)
    (tmp_path/'c.json').chmod(0o600)
    save_checkpoint(tmp_path/'c.json', model)
    assert (tmp_path/'c.json').stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(tmp_path):
    model, _ = new_run()
    (tmp_path/'link.json').symlink_to(tmp_path/'real.json')
    save_checkpoint(tmp_path/'link.json', model)
    assert (tmp_path/'link.json').is_symlink() and load_checkpoint(tmp_path/'real.json')


# Tables

good = 'a,b,kind\n1,2,x\n3,4.5,y\n'


def test_a_table(tmp_path):
    (tmp_path/'t.csv').write_text('\ufeff' + good + '\n', encoding='utf-8')
    table = read_csv(tmp_path/'t.csv', 'kind')
    assert (table.columns, table.xs, table.targets) == (['a', 'b'], [[1.0, 2.0], [3.0, 4.5]], ['x', 'y'])
    assert read_csv(tmp_path/'t.csv', columns=['b', 'a']).xs == [[2.0, 1.0], [4.5, 3.0]]


@pytest.mark.parametrize('text, says', [
    ('', 'is empty'),
    ('a,b,kind\n', 'has no rows'),
    ('a,b\n1,2\n', "has no column 'kind', only a, b"),
    ('kind\nx\n', "no column beside 'kind'"),
    (good + '5,six,x\n', "line 4, column 'b': 'six' is not a finite number"),
    (good + '5,,x\n', "line 4, column 'b': ''"),
    (good + '5,nan,x\n', "line 4, column 'b': 'nan'"),
    (good + '5,1e999,x\n', "line 4, column 'b': '1e999'"),
    (good + '5,6\n', 'line 4: 2 cells, but there are 3 columns'),
    (good + '5,6,x,7\n', 'line 4: 4 cells'),
    ('a,a,kind\n1,2,x\n', 'two columns of the same name'),
    ('a,b,kind\n1,"2,x\n', 'not a comma-separated text file'),
])
def test_what_is_wrong_with_a_table_is_said_with_its_place(tmp_path, text, says):
    (tmp_path/'t.csv').write_text(text)
    with pytest.raises(ValueError, match=says): read_csv(tmp_path/'t.csv', 'kind')


def test_binary_files_are_no_tables(tmp_path):
    (tmp_path/'t.csv').write_bytes(bytes(range(256)))
    with pytest.raises(ValueError, match='not a comma-separated'): read_csv(tmp_path/'t.csv', 'kind')


def test_standardisation_of_a_constant_column():
    means, deviations = standardisation([[1.0, 7.0], [3.0, 7.0]])
    assert (means, deviations) == ([2.0, 7.0], [1.0, 1.0])
    assert standardise([[1.0, 7.0], [3.0, 8.0]], means, deviations) == [[-1.0, 0.0], [1.0, 1.0]]
    assert standardisation([[0.1]] * 48)[1] == [1.0] # where the mean is not exactly 0.1


def test_split_holds_out_a_seeded_fifth():
    train_rows, test_rows = split(150, 0.2, seed=1)
    assert len(test_rows) == 30 and sorted(train_rows + test_rows) == list(range(150))
    assert (train_rows, test_rows) == split(150, 0.2, seed=1) != split(150, 0.2, seed=2)
