"Losses against PyTorch's stored figures, and what is wrong told."
import json, math
from pathlib import Path
import numpy as np
import pytest
from micrograd import Value, losses, train
from micrograd.losses import accuracy, binary_cross_entropy_with_logits, cross_entropy, l2, max_margin, mse

figures = json.loads((Path(__file__).parent/'figures'/'torch_optim.json').read_text())


def grads_of(leaves): return [x.grad if isinstance(x, Value) else [v.grad for v in x] for x in leaves]


@pytest.mark.parametrize('name, case', [(name, case) for name, cases in figures['losses'].items() for case in cases])
def test_losses_are_those_of_pytorch(name, case):
    scores = [[Value(x) for x in row] if isinstance(row, list) else Value(row) for row in case['scores']]
    loss = getattr(losses, name)(scores, case['targets'])
    loss.backward()
    assert loss.data == pytest.approx(case['loss'], rel=1e-14, abs=1e-300)
    for ours, torchs in zip(grads_of(scores), case['gradients'], strict=True): assert ours == pytest.approx(torchs, rel=1e-12, abs=1e-15)


def test_mse_of_rows_is_the_mean_over_all_numbers():
    assert mse([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], [[0, 0], [0, 0]]).data == 7.5


def test_binary_cross_entropy_does_not_cancel():
    assert binary_cross_entropy_with_logits([Value(40.0)], [1]).data == pytest.approx(4.248354255291589e-18, rel=1e-14)
    assert binary_cross_entropy_with_logits([Value(0.3)], [0.25]).data == pytest.approx(math.log1p(math.exp(0.3)) - 0.25*0.3, rel=1e-14)


def test_the_former_name_is_found_with_a_warning():
    for module in (losses, train):
        with pytest.warns(DeprecationWarning, match='now called binary_cross_entropy_with_logits'):
            assert module.binary_cross_entropy is binary_cross_entropy_with_logits
        assert not hasattr(module, 'nonsense')


@pytest.mark.parametrize('call, says', [
    (lambda: mse([Value(1.0)], [1.0, 2.0]), '1 and 2'),
    (lambda: mse([], []), 'no predictions'),
    (lambda: mse([[Value(1.0)]], [[1.0, 2.0]]), '1 and 2'),
    (lambda: max_margin([Value(1.0)], [0]), '1 or -1, but got 0'),
    (lambda: binary_cross_entropy_with_logits([Value(1.0)], [-1]), 'from 0 to 1, but got -1'),
    (lambda: cross_entropy([[Value(1.0), Value(2.0)]], [2]), 'class 2'),
    (lambda: cross_entropy([Value(1.0)], [0]), 'a score for each class'),
])
def test_wrong_arguments_are_value_errors(call, says):
    with pytest.raises(ValueError, match=says): call()


def test_accuracy_of_scores_and_of_rows():
    assert accuracy([Value(0.5), Value(-0.5), Value(0.1)], [1, -1, -1]) == pytest.approx(2/3)
    assert accuracy([Value(0.5), Value(-0.5)], [1, 0]) == 1.0
    assert accuracy([[Value(1.0), Value(2.0)], [Value(3.0), Value(2.0)]], [1, 1]) == 0.5


@pytest.mark.parametrize('row', [[math.nan, 1.0], [1.0, math.nan]])
@pytest.mark.parametrize('y', [0, 1])
def test_a_row_with_a_nan_is_not_right(row, y):
    assert accuracy([[Value(x) for x in row]], [y]) == 0.0 and losses.argmax(row) == row.index(math.nan) # as NumPy's


# A column of a table is rows of one number, and NumPy's rows are rows

column = np.array([[1], [0]])

@pytest.mark.parametrize('loss, targets', [(mse, column), (binary_cross_entropy_with_logits, column), (max_margin, 2*column - 1)])
def test_a_column_is_taken_as_its_numbers(loss, targets):
    scores = [Value(0.5), Value(-2.0)]
    assert loss(scores, targets).data == loss(scores, targets.ravel().tolist()).data
    assert accuracy(scores, targets) == 1.0


def test_rows_of_numpy_are_rows():
    rows = np.array([[Value(0.2), Value(0.8)], [Value(0.9), Value(0.1)]])
    assert cross_entropy(rows, np.array([[1], [0]])).data == cross_entropy(rows.tolist(), [1, 0]).data
    assert accuracy(rows, [1, 0]) == accuracy(np.array([[.2, .8], [.9, .1]]), np.array([1, 0])) == 1.0
    assert mse(rows, np.zeros((2, 2))).data == mse(rows.tolist(), [[0, 0], [0, 0]]).data
    assert accuracy([Value(1.0)], [np.True_]) == 1.0 and max_margin([Value(2.0)], [np.True_]).data == 0.0


@pytest.mark.parametrize('call, says', [
    (lambda: cross_entropy([[Value(1.0), Value(2.0)]], np.array([[0, 1]])), r'from 0 to 1, but got class \[.*0.*1'),
    (lambda: cross_entropy([[Value(1.0), Value(2.0)]], ['cat']), "but got class 'cat'"),
    (lambda: cross_entropy([[Value(1.0), Value(2.0)]], [0.5]), 'but got class 0.5'),
    (lambda: mse([Value(1.0)], [[1.0, 2.0]]), 'one number as the target'),
    (lambda: mse([[Value(1.0), Value(2.0)]], [1.0]), 'targets are 1.0'),
    (lambda: mse(Value(1.0), [1.0]), 'predictions are Value'),
    (lambda: mse([Value(1.0)], 1.0), 'targets are 1.0'),
    (lambda: max_margin([[Value(1.0), Value(2.0)]], [1]), 'one score for each sample, but got 2'),
    (lambda: binary_cross_entropy_with_logits([Value(1.0)], [[0, 1]]), 'one number'),
    (lambda: accuracy([], []), 'no predictions'),
    (lambda: accuracy([Value(1.0)], [5]), 'accuracy wants targets.*but got 5'),
    (lambda: accuracy([[Value(1.0), Value(2.0)]], [7]), 'accuracy wants a class.*from 0 to 1, but got class 7'),
    (lambda: cross_entropy([[]], [0]), r'a score for each class, but got \[\]'),
    (lambda: l2(-1.0), 'alpha must be at least 0, but got -1.0'),
])
def test_other_kinds_are_said_with_what_is_wanted(call, says):
    with pytest.raises(ValueError, match=says): call()
