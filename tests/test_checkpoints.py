"Files that hold a run: nothing is lost, nothing bad is taken."
import errno, json, math, os, random
import numpy as np
import pytest
from micrograd import MLP, Module, Value
from micrograd.checkpoints import History, load_checkpoint, save_checkpoint
from micrograd.data import make_moons
from micrograd.losses import binary_cross_entropy_with_logits
from micrograd.optim import Adam
from micrograd.train import fit

xs, labels = make_moons(30, seed=1)


def new_run():
    random.seed(3)
    model = MLP(2, [4, 1], act='tanh')
    return model, Adam(model.parameters(), lr=0.05)


def go_on(model, optimizer, **more):
    return fit(model, xs, labels, binary_cross_entropy_with_logits, optimizer, **{**dict(steps=12, batch_size=7, progress=False), **more})


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
    del whole['checksum'] # each field is looked at by itself
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
    with pytest.raises(OSError, match='No space left.*c.json'): save_checkpoint(path, model)
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


class Hidden(Module):
    "Knows of weights that no attribute of it holds."
    def __init__(self, weights): self.own, self.known = Value(0.0), lambda: weights
    def parameters(self): return [self.own, *self.known()]


def test_a_parameter_without_a_name_is_an_error_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match='cannot be named'): save_checkpoint(tmp_path/'c.json', Hidden([Value(1.0), Value(2.0)]))
    with pytest.raises(ValueError, match='2 of the parameters that the optimizer trains are not in the model'):
        save_checkpoint(tmp_path/'c.json', MLP(1, [1]), Adam([Value(1.0), Value(2.0)]))
    with pytest.raises(TypeError, match='of a Module have names'): save_checkpoint(tmp_path/'c.json', lambda x: x)
    assert os.listdir(tmp_path) == []


def test_numbers_of_numpy_are_saved_as_floats(tmp_path):
    model = MLP(2, [1])
    for p, x in zip(model.parameters(), np.array([1, 2, 3], np.float32)): p.data = x
    save_checkpoint(tmp_path/'c.json', model, history=History([np.float32(0.5)], [np.float64(1)]))
    other = MLP(2, [1])
    assert load_checkpoint(tmp_path/'c.json', other).history == History([0.5], [1.0])
    assert list(other.state_dict().values()) == [1.0, 2.0, 3.0]


def test_any_flipped_bit_is_found_or_changes_nothing(tmp_path):
    model, optimizer = new_run()
    path = tmp_path/'c.json'
    save_checkpoint(path, model, optimizer, go_on(model, optimizer, steps=2), note='two')
    whole, dice, weights = path.read_bytes(), random.Random(1), model.state_dict()
    for _ in range(300):
        at = dice.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1:])
        try: found = load_checkpoint(path, model, optimizer)
        except ValueError: continue
        assert (model.state_dict(), found.extra) == (weights, {'note': 'two'})


@pytest.mark.parametrize('number', ['1e999', '-1e999', 'NaN', 'Infinity'])
def test_a_number_that_no_float_holds_is_refused(tmp_path, number):
    (tmp_path/'c.json').write_text('{"format": "literate-micrograd checkpoint 1", "extra": {"x": %s}}' % number)
    with pytest.raises(ValueError, match=f'{number} among the numbers'): load_checkpoint(tmp_path/'c.json')


def test_a_file_from_before_the_checksum_is_read(tmp_path):
    model, optimizer = new_run()
    save_checkpoint(tmp_path/'c.json', model, optimizer)
    content = json.loads((tmp_path/'c.json').read_text())
    del content['checksum']
    (tmp_path/'c.json').write_text(json.dumps(content))
    assert load_checkpoint(tmp_path/'c.json', model, optimizer).weights == model.state_dict()
