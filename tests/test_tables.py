"What is read from a file, and what is said of a bad one."
import gzip, math
from datetime import date
import numpy as np
import pytest
from hypothesis import given, strategies
from micrograd.reading import number, read_csv, read_rows
from micrograd.tables import Table, day, most_words

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
    ('"a" "b" "kind"\n' + ''.join(f'"{i}" {i} 2 "x"\n' for i in range(9)), 'line 1 has 3 names, and each row one cell more; .*as R writes it'),
    ('a,b,kind\n1,2,x,\n', 'line 1 has 3 names, and each row one cell more'),
    ('a,b,kind\n1,"2,x\n', 'line 2: .*not a comma-separated text file'),
    (good + '"a \\"b\\"",1,x\n', 'line 4: .*a quote is written twice'),
])
def test_what_is_wrong_with_a_table_is_said_with_its_place(tmp_path, text, says):
    (tmp_path/'t.csv').write_text(text)
    with pytest.raises(ValueError, match=says): read_csv(tmp_path/'t.csv', 'kind')


def test_binary_files_are_no_tables(tmp_path):
    (tmp_path/'t.csv').write_bytes(bytes(range(256)))
    with pytest.raises(ValueError, match='not a comma-separated'): read_csv(tmp_path/'t.csv', 'kind')


# Whatever separates the cells

kinds = [['x', 'kind'], ['1', 'a'], ['2.5', 'b, c'], ['', 'a']]

@pytest.mark.parametrize('sign', [',', ';', '\t', '|'])
@pytest.mark.parametrize('end', ['\n', '\r\n'])
@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16'])
@pytest.mark.parametrize('packed', [False, True])
def test_signs_ends_and_encodings(tmp_path, sign, end, encoding, packed):
    text = end.join(sign.join(f'"{cell}"' if ',' in cell else cell for cell in row) for row in kinds) + end
    raw = text.encode(encoding)
    (tmp_path/'t.csv').write_bytes(gzip.compress(raw) if packed else raw)
    table = Table.read(tmp_path/'t.csv')
    assert [column.spelled() for column in table.columns.values()] == [['1', '2.5', ''], ['a', 'b, c', 'a']]
    assert list(table.columns) == ['x', 'kind'] and len(table) == 3


@pytest.mark.parametrize('text', ['x kind\n1 a\n2.5 b\n', '  x   kind\n  1   a\n2.5   b\n', 'x, kind\n1, a\n2.5, b\n'])
def test_spaces_where_nothing_else_divides(tmp_path, text):
    (tmp_path/'t.csv').write_text(text)
    assert [column.spelled() for column in Table.read(tmp_path/'t.csv').columns.values()] == [['1', '2.5'], ['a', 'b']]
    (tmp_path/'names.csv').write_text('first name,last name\nAnn Lee,Bob Ray\n')
    assert list(Table.read(tmp_path/'names.csv').columns) == ['first name', 'last name']


@pytest.mark.parametrize('raw, says', [
    (b'PK\x03\x04rest', 'is an Excel or zip file; save the table as CSV'), (b'PAR1', 'Parquet'), (b'\xd0\xcf\x11\xe0', 'old Excel'),
    ('x,größe\n1,2\n'.encode('latin-1'), '0xf6 is not UTF-8.*--encoding cp1252'), (b'a,b\n1,2\n\x00', 'binary|line'),
    (gzip.compress(b'a,b\n' + bytes(range(48, 58))*9000)[:-9], 'only a part'),
])
def test_what_is_no_table_is_said(tmp_path, raw, says):
    (tmp_path/'t.csv').write_bytes(raw)
    with pytest.raises(ValueError, match=says): Table.read(tmp_path/'t.csv')


def test_another_encoding_may_be_named(tmp_path):
    (tmp_path/'t.csv').write_bytes('x,größe\n1,2\n'.encode('latin-1'))
    assert list(Table.read(tmp_path/'t.csv', encoding='latin-1').columns) == ['x', 'größe']


def test_names_in_single_quotes(tmp_path):
    (tmp_path/'t.csv').write_text("'x' 'y'\n1 2\n")
    assert list(Table.read(tmp_path/'t.csv').columns) == ['x', 'y']


def test_a_first_line_of_numbers_is_no_header(tmp_path):
    (tmp_path/'t.csv').write_text('1,2,a\n3,4,b\n')
    with pytest.raises(ValueError, match='line 1 holds numbers.*--no-header'): Table.read(tmp_path/'t.csv')
    assert list(Table.read(tmp_path/'t.csv', header=False).columns) == ['column 1', 'column 2', 'column 3']
    assert len(Table.read(tmp_path/'t.csv', header=False)) == 2 and list(Table.read(tmp_path/'t.csv', header=True).columns) == ['1', '2', 'a']
    (tmp_path/'years.csv').write_text('country,2020,2021\nA,1,2\n')
    assert list(Table.read(tmp_path/'years.csv', header=True).columns) == ['country', '2020', '2021']


def test_a_fault_is_told_before_the_rest_is_read(tmp_path):
    def lines():
        yield b'a,b\n1,2,3\n'
        for _ in range(10_000): yield b'1,2\n'
    (tmp_path/'t.csv').write_bytes(b''.join(lines()))
    with pytest.raises(ValueError, match='t.csv, line 2: 3 cells, but there are 2 columns'): next(read_rows(tmp_path/'t.csv'))


def test_numbers_dates_and_gaps_in_one_column():
    column = Table.of({'x': ['1', '2024-01-31', 'NA', None, float('nan'), 'red', date(2024, 2, 1), np.float64(2.5), True]}).column('x')
    assert dict(column.found) == dict(number=2, date=2, missing=3, word=2)
    assert column.first['word'].line == 6 and column.first['date'].text == '2024-01-31'


@pytest.mark.parametrize('others', [[], ['word']])
def test_a_number_is_too_large_whatever_stands_beside_it(others):
    assert len(Table.of({'x': ['1e99', '-9e99', *others]})) == 2 + len(others)
    with pytest.raises(ValueError, match="the table, line 1, column 'x': '1e101' is too large"): Table.of({'x': ['1e101', *others]})


def test_words_beyond_a_thousand_are_counted_no_more(tmp_path):
    column = Table.of({'x': [f'w{i}' for i in range(3*most_words)]}).column('x')
    assert len(column.words) == most_words and column.found['word'] == 3*most_words and len(column.spelled()) == 3*most_words


@given(strategies.lists(strategies.sampled_from(['1', '2.0', 'a', 'b', '', 'NA', '1e5', '-3', '2024-05-06', '1_0', 'inf', '  7 '])),
       strategies.integers(1, 5))
def test_cells_mean_the_same_in_any_parts(cells, size):
    whole, parts = Table(['x']), Table(['x'])
    whole.add([cells], range(len(cells)))
    for start in range(0, len(cells), size): parts.add([cells[start:start + size]], range(start, len(cells)))
    one, other = whole.column('x'), parts.column('x')
    assert one.found == other.found and one.words == other.words and one.spelled() == other.spelled()
    assert len(one) == len(other) == len(cells) and list(one.codes or []) == list(other.codes or [])
    for x, cell in zip(one.numbers, cells): assert x == number(cell) or math.isnan(x) or x == day(cell)


@pytest.mark.parametrize('data, names, says', [
    ({'a': [1, 2], 'b': [1]}, (), 'different lengths'), ([[1, 2], [1]], ('a', 'b'), 'row 2 has 1 cells'), (['ab'], ('a', 'b'), 'row 1')])
def test_python_rows_that_fit_nothing(data, names, says):
    with pytest.raises(ValueError, match=says): Table.of(data, names)


def test_rows_and_columns_from_python():
    by_column = Table.of({'a': np.array([1, 2]), 'b': ['x', 'y']})
    by_dict, by_row = Table.of([dict(a=1, b='x'), dict(a=2, b='y')]), Table.of([[1, 'x'], (2, 'y')], ['a', 'b'])
    class Frame: # as of polars: not a mapping, but with columns by name
        columns = ['a', 'b']
        def __getitem__(self, name): return dict(a=[1, 2], b=['x', 'y'])[name]
    for table in (by_dict, by_row, Table.of(Frame())):
        assert [column.spelled() for column in table.columns.values()] == [column.spelled() for column in by_column.columns.values()]
