"What is read from a file, and what is said of a bad one."
import pytest
from micrograd.tables import read_csv

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
