"What is made of columns, and what is said of it."
from dataclasses import asdict
import math
import pytest
from micrograd.deciding import decide, make_recipe
from micrograd.recipe import answered, described, recipe_of
from micrograd.tables import Table


def decided(cells, name='x', rows=None, kind=None):
    column = Table.of({name: cells}).column(name)
    return decide(column, range(len(cells)) if rows is None else rows, kind)


@pytest.mark.parametrize('name, cells, kind, why', [
    ('size', [1, 2, 2.5], 'number', ''),
    ('size', [1, None, 2.5], 'number', '1 missing'),
    ('size', [7, 7, 7], 'left out', 'always the same'),
    ('size', ['a', 'a', 'a'], 'left out', 'always the same'),
    ('size', [None, 'NA', ''], 'left out', 'empty'),
    ('size', ['a', 'b', 'a'], 'words', '2 kinds'),
    ('size', ['a', None, 'a'], 'words', '1 kind'),
    ('size', [True, False, True], 'words', '2 kinds'),
    ('size', [f'name {i}' for i in range(50)], 'left out', 'another word in each row'),
    ('size', [f'name {i}' for i in range(40)]*2, 'left out', '40 kinds'),
    ('size', ['2024-01-31', '2024-02-01', None], 'date', '1 missing'),
    ('size', [1, 2, 3], 'number', ''),
    *[(name, [4, 2, 3], 'left out', 'as a name') for name in ('id', 'ID', 'PassengerId', 'customer_id', 'Unnamed: 0', 'rownames', 'row', 'index', '...1')],
    ('column 1', [1, 2, 3], 'left out', 'as a name'), ('X', [1, 2, 3], 'left out', 'as a name'),
    ('X', [10, 200, 30], 'number', ''), ('idle', [1, 2, 3], 'number', ''), ('id', [1, 1, 2], 'number', ''), ('id', [.5, 1, 2], 'number', ''),
])
def test_decisions(name, cells, kind, why):
    found = decided(cells, name)
    assert found.kind == kind and why in found.why and (why or not found.why)


def test_only_the_rows_to_train_with_have_a_say():
    found = decided([1, 2, 1000, None], rows=[0, 1])
    assert (found.mean, found.deviation, found.gaps) == (1.5, 0.5, False)
    column = Table.of({'x': ['a', 'b', 'c']}).column('x')
    found = decide(column, [0, 1])
    assert found.words == ['a', 'b'] and found.inputs(column) == [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]


def test_a_few_words_among_numbers_are_gaps_and_said_and_many_are_an_error():
    found = decided([*range(99), 'wide'])
    assert (found.kind, found.why, found.gaps, found.lenient) == ('number', "1 missing; 'wide' in line 100 counts as missing", True, True)
    assert decided([*range(99), 'wide'], rows=range(99)).why == "'wide' in line 100 counts as missing"
    with pytest.raises(ValueError, match="line 8, column 'x': 'wide' is not a number, as most are"): decided([*range(7), 'wide'])
    assert decided([*range(7), 'wide'], kind='number').lenient and decided([1, 2, 1, 'wide'], kind='words').words == ['1', '2', 'wide']


@pytest.mark.parametrize('cells', [['$1', '$2'], ['1%', '2%'], ['1,000', '999'], ['0,5', '1,5'], ['1.234,5', '2'], ['(3)', '-$4'], ['\u22121.5', '2'], ['1\u202f000', '999'],
                                   ['1\xa0000', '999'], ['1’000', '999'], ['31.12.2024', '1.1.2025'], ['12/31/2024', '3/4/25'], ['31-12-2024 18:30', '01-01-2025 7:00']])
def test_numbers_for_people_are_one_error_for_all_columns(cells):
    table = Table.of({'a': cells*3, 'b': cells*3, 'y': ['u', 'v']*3})
    with pytest.raises(ValueError, match='column .a. has .*; column .b. has .*--words "a,b"'): make_recipe(table, 'y', range(6))
    assert [f.kind for f in make_recipe(table, 'y', range(6), drop=['a'], words=['b']).features] == ['left out', 'words']


def test_what_is_wrong_with_columns_and_target_is_said_at_once():
    table = Table.of({'a': ['$1', '$2']*3, 'b': [*range(4), 'x', 'z'], 'y': ['u']*6})
    with pytest.raises(ValueError, match="column .a. has .*column .b.: 'x' is not a number.*column .y. is always 'u'"): make_recipe(table, 'y', range(6))


def test_dates_are_a_day_and_a_place_in_the_year():
    table = Table.of({'x': ['2024-01-01', '2024-07-01', '2024-12-31']})
    rows = decide(table.column('x'), range(3)).inputs(table.column('x'))
    assert [len(row) for row in rows] == [3]*3 and rows[0][0] < rows[1][0] < rows[2][0]
    assert math.dist(rows[0][1:], rows[2][1:]) < 0.1 < 1.9 < math.dist(rows[0][1:], rows[1][1:])
    assert decided(['2024-01-01 06:00', '2024-01-01 18:00']).width() == 5


@pytest.mark.parametrize('cells, classes', [
    ([0, 1, 0], ['0', '1']), ([True, False, True], ['False', 'True']), ([2.5, 3, 4], []), (['b', 'a', 'b'], ['a', 'b']), ([1, 10, 1.0], ['1', '10'])])
def test_two_values_and_words_are_classes(cells, classes):
    table = Table.of({'x': [1, 2, 3], 'y': cells})
    target = make_recipe(table, 'y', range(3)).target
    assert target.classes == classes and (classes or target.values(table.column('y')) == pytest.approx([(y - target.mean)/target.deviation for y in cells]))
    assert make_recipe(table, 'y', range(3), classes=True).target.classes if cells != [2.5, 3, 4] else True


def test_numbers_as_classes_are_in_the_order_of_numbers():
    table = Table.of({'x': range(22), 'y': [*range(11), *range(11)]})
    assert make_recipe(table, 'y', range(22), classes=True).target.classes == [str(i) for i in range(11)]
    assert make_recipe(table, 'y', range(22), numbers=['y']).target.classes == []


def test_rows_without_an_answer():
    column = Table.of({'y': ['a', '', 'NA', 'b', None]}).column('y')
    assert answered(column) == [0, 3]


@pytest.mark.parametrize('columns, says', [
    (dict(x=[1, 2], y=['a', 'a']), "column 'y' is always 'a'"), (dict(x=[1, 2, 3], y=['a', 'b', 'c']), 'another word in nearly every row'),
    (dict(x=[1, 1], y=['a', 'b']), "nothing to learn from: 'x' is left out \\(always the same\\)"), (dict(y=['a', 'b']), 'no other column'),
    (dict(x=[1, 2], y=['2024-01-01', '2024-01-02']), 'dates, which cannot be predicted'),
    (dict(x=range(3), y=['10%', '20%', '30%']), "column 'y' has '10%' .*write numbers as 1234.5"),
    (dict(x=range(3000), y=[f'c{i % 1000}' for i in range(3000)]), "column 'y' has 1000 classes or more")])
def test_where_there_is_nothing_to_learn(columns, says):
    table = Table.of(columns)
    with pytest.raises(ValueError, match=says): make_recipe(table, 'y', range(len(table)))


def test_a_few_classes_may_be_written_for_people():
    table = Table.of({'x': range(4), 'y': ['10%', '20%']*2})
    assert make_recipe(table, 'y', range(4)).target.classes == ['10%', '20%']
    three = Table.of({'x': range(4), 'y': ['10%', '20%', '30%', '10%']})
    assert len(make_recipe(three, 'y', range(4), classes=True).target.classes) == 3


def test_a_row_number_is_all_there_is():
    table = Table.of({'id': range(9), 'y': range(9)})
    assert [f.kind for f in make_recipe(table, 'y', range(9)).features] == ['number']


def test_a_class_with_one_row_is_said():
    table = Table.of({'x': range(5), 'y': list('ababc')})
    assert "only one row is 'c'" in described(make_recipe(table, 'y', range(5)))


def test_other_kinds_of_cells_later_are_an_error_with_their_line():
    recipe = make_recipe(Table.of({'x': range(9), 'd': ['2024-01-01', '2024-01-02', '2024-01-03']*3, 'y': list('abababbab')}), 'y', range(9))
    for cells, says in ((dict(x=[1, 'wide'], d=['2024-01-01']*2), "line 2, column 'x': 'wide' is not a number"),
                        (dict(x=[1, '2024-01-01'], d=['2024-01-01']*2), 'is not a number'), (dict(x=[1, 2], d=['2024-01-01', 5]), "'5' is not a date")):
        with pytest.raises(ValueError, match=says): recipe.inputs(Table.of(cells))
    assert recipe.inputs(Table.of({'x': [None], 'd': [None]})) == [[0.0]*4]
    assert recipe_of(asdict(recipe)) == recipe



def test_a_described_recipe_stays_on_the_screen():
    table = Table.of({**{f'column number {i}': [i, i + 1, i + 3] for i in range(50)}, 'y\nz': list('aba')})
    assert all(len(line) <= 80 for line in described(make_recipe(table, 'y\nz', range(3))).splitlines())
