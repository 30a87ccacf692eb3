"The small worlds, and how numbers are made ready."
import math
import pytest
from micrograd.data import make_circles, make_moons, make_spirals, make_xor, split, standardisation, standardise


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


@pytest.mark.parametrize('call, says', [
    (lambda: make_moons(noise=-1), 'noise'),
    (lambda: make_moons(noise=math.nan), 'noise must be at least 0, but got nan'),
    (lambda: make_spirals(classes=0), 'classes must be at least 1, but got 0'),
    (lambda: standardisation([[1, 2], [3]]), 'row 1 has 1 number.*but row 0 has 2'),
    (lambda: standardise([[1, 2], [1, 2, 3]], [0, 0], [1, 1]), 'row 1 has 3 number.*2 means'),
    (lambda: split(10, 1.0, 0), 'between 0 and 1'),
    (lambda: split(2, 0.2, 0), '2 rows cannot be divided'),
])
def test_wrong_arguments_are_value_errors(call, says):
    with pytest.raises(ValueError, match=says): call()


def test_standardisation_of_a_constant_column():
    means, deviations = standardisation([[1.0, 7.0], [3.0, 7.0]])
    assert (means, deviations) == ([2.0, 7.0], [1.0, 1.0])
    assert standardise([[1.0, 7.0], [3.0, 8.0]], means, deviations) == [[-1.0, 0.0], [1.0, 1.0]]
    assert standardisation([[0.1]] * 48)[1] == [1.0] # where the mean is not exactly 0.1


def test_split_holds_out_a_seeded_fifth():
    train_rows, test_rows = split(150, 0.2, seed=1)
    assert len(test_rows) == 30 and sorted(train_rows + test_rows) == list(range(150))
    assert (train_rows, test_rows) == split(150, 0.2, seed=1) != split(150, 0.2, seed=2)
