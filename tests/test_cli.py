"The command from the outside: what a user types, what is printed, which files are there afterwards."
import csv, gzip, io, json, os, re, resource, shlex, shutil, signal, subprocess, sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
import pytest
from micrograd import __main__, checkpoints
from micrograd.cli import main
from micrograd.predictor import load

iris = Path(__file__).parent.parent/'examples'/'iris.csv'
command = [sys.executable, '-m', 'micrograd']


def run(folder, *args, input=''):
    "The command in this process, called in `folder`: what a shell would see of it."
    out, err, home, stdin = io.StringIO(), io.StringIO(), os.getcwd(), sys.stdin
    os.chdir(folder)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(input.encode())))
    try:
        with redirect_stdout(out), redirect_stderr(err): code = main(list(map(str, args)))
    except SystemExit as stop: code = stop.code
    finally:
        os.chdir(home)
        sys.stdin = stdin
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def process(folder, *args, **options):
    "Likewise, in a process of its own."
    return subprocess.run([*command, *map(str, args)], cwd=folder, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('iris')
    shutil.copy(iris, folder)
    return folder, process(folder, 'train', 'iris.csv', '--target', 'species')


def test_training_reports_and_saves(trained):
    folder, result = trained
    assert result.returncode == 0, result.stderr
    assert re.search(r'train +accuracy +9\d\.\d+% +\(120 rows\)', result.stdout)
    assert 'held out: true' in result.stdout and 'versicolor' in result.stdout
    assert {'iris.csv', 'iris.json'} == set(os.listdir(folder)) - {'long.csv'} and 'saved iris.json' in result.stdout
    assert 'step/s' in result.stderr # the progress bar
    assert 'species (3 classes' in result.stdout and 'likely; always' in result.stdout and 'petal_length' in result.stdout.split('what mattered')[1]


def held_out(result): return float(re.search(r'held-out accuracy +([\d.]+)%', result.stdout)[1])


def confusion(result): return [[int(n) for n in line.split()[1:]] for line in result.stdout.split('virginica\n')[1].splitlines()[:3]]


@pytest.mark.slow
def test_held_out_accuracy_on_three_seeds(trained, tmp_path):
    results = [trained[1], *[run(tmp_path, 'train', iris, '--target', 'species', '--quiet', '--seed', seed) for seed in (1, 2)]]
    for result in results:
        table = confusion(result)
        assert sum(map(sum, table)) == 30
        assert held_out(result) == pytest.approx(100 * sum(table[i][i] for i in range(3)) / 30, abs=0.01)
        assert held_out(result) >= 93


@pytest.mark.slow
def test_only_the_training_part_is_used_for_standardising(trained, tmp_path):
    "Changing a held-out row changes nothing of the network."
    from micrograd.data import split
    rows = iris.read_text().splitlines()
    _, held = split(150, 0.2, 0)
    rows[1 + held[0]] = '50,50,50,50,' + rows[1 + held[0]].split(',')[-1]
    (tmp_path/'iris.csv').write_text('\n'.join(rows) + '\n')
    assert run(tmp_path, 'train', 'iris.csv', '--target', 'species', '--quiet').returncode == 0
    before, after = [json.loads((folder/'iris.json').read_text()) for folder in (trained[0], tmp_path)]
    assert after['model'] == before['model'] and after['extra']['recipe'] == before['extra']['recipe']


@pytest.mark.slow
def test_same_command_same_bytes(trained, tmp_path):
    process(tmp_path, 'train', iris, '--target', 'species', '--quiet', env={**os.environ, 'PYTHONHASHSEED': '77'})
    assert (tmp_path/'iris.json').read_bytes() == (trained[0]/'iris.json').read_bytes()


def test_predictions(trained, tmp_path):
    folder, _ = trained
    result = run(folder, 'predict', 'iris.json', 'iris.csv')
    rows = list(csv.DictReader(result.stdout.splitlines()))
    truth = [row['species'] for row in csv.DictReader(iris.read_text().splitlines())]
    assert result.returncode == 0 and len(rows) == 150
    assert sum(row['species'] == t for row, t in zip(rows, truth)) >= 140
    assert all(1/3 < float(row['probability']) <= 1 for row in rows)
    columns = list(csv.reader(iris.read_text().splitlines()))
    (tmp_path/'turned.csv').write_text('\n'.join(','.join(reversed(row[:4])) for row in columns)) # other order, no target
    assert run(tmp_path, 'predict', folder/'iris.json', 'turned.csv', '--out', 'p.csv').stdout == ''
    assert (tmp_path/'p.csv').read_text() == result.stdout


def test_a_reader_that_goes_away_is_no_accident(trained):
    folder, _ = trained
    (folder/'long.csv').write_text(iris.read_text() + ''.join(iris.read_text().splitlines(True)[1:]*40))
    line = shlex.join([*command, 'predict', 'iris.json', 'long.csv']) + ' | head -n 1'
    result = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ('species,probability\n', '')


def test_a_target_of_numbers_is_predicted_as_a_number(tmp_path):
    (tmp_path/'line.csv').write_text('x,y\n' + ''.join(f'{x},{1000 + 50*x}\n' for x in range(60)))
    result = run(tmp_path, 'train', 'line.csv', '--target', 'y', '--quiet')
    assert re.search(r'held-out error [\d.]+ ', result.stdout) and 'accuracy' not in result.stdout
    predicted = [float(y) for y in run(tmp_path, 'predict', 'line.json', 'line.csv').stdout.splitlines()[1:]]
    assert all(abs(y - (1000 + 50*x)) < 150 for x, y in enumerate(predicted))


def test_numbers_may_be_names_of_classes(tmp_path):
    (tmp_path/'t.csv').write_text('x,kind\n' + ''.join(f'{x},{x // 30}\n' for x in range(60)))
    assert 'held-out accuracy' in run(tmp_path, 'train', 't.csv', '--target', 'kind', '--quiet', '--classes', '--rounds', 30).stdout
    assert run(tmp_path, 'predict', 't.json', 't.csv').stdout.splitlines()[1].startswith('0,')


def test_nothing_is_replaced_but_an_older_model_of_the_same_table(trained, tmp_path):
    for name in ('iris.csv', 'iris.json'): shutil.copy(trained[0]/name, tmp_path)
    before = {name: (tmp_path/name).read_bytes() for name in ('iris.csv', 'iris.json')}
    (tmp_path/'iris.json.partial').write_text('{"mine": true}')
    (tmp_path/'line.csv').write_text('x,y\n' + ''.join(f'{x},{x}\n' for x in range(9)))
    for args, says in [
        (['train', 'line.csv', '--target', 'y', '--out', 'iris.json'], 'model for another table'),
        (['train', 'iris.csv', '--target', 'species'], 'holds an unfinished training'),
        (['train', 'iris.csv', '--target', 'species', '--resume'], 'not a checkpoint of this program'),
        (['predict', 'iris.json', 'iris.csv', '--out', 'iris.csv'], 'would replace iris.csv'),
        (['predict', 'iris.json', 'iris.csv', '--out', 'iris.json'], 'would replace iris.json'),
    ]:
        result = run(tmp_path, *args)
        assert result.returncode == 1 and says in result.stderr, result.stderr
    assert before == {name: (tmp_path/name).read_bytes() for name in before}


def damaged(trained, folder, change, name='m.json'):
    content = json.loads((trained[0]/'iris.json').read_text())
    del content['checksum']
    change(content['extra']['recipe'])
    (folder/name).write_text(json.dumps(content))


damages = [
    dict(features=5), dict(features=[]), dict(hidden=5), dict(hidden=[0]), dict(hidden=[True]), dict(act=['x']), dict(act='round'), dict(target=5),
    dict(more=1), dict(hidden=[200_000]), dict(hidden=[10**9]), dict(hidden=[10**400]), dict(hidden=[1]*5000)]


@pytest.fixture(scope='module')
def told_of_damage(trained, tmp_path_factory):
    "What is said of each damaged recipe, in one process that has little memory, and the exit codes."
    folder = tmp_path_factory.mktemp('damaged')
    for i, damage in enumerate(damages): damaged(trained, folder, lambda recipe: recipe.update(damage), f'{i}.json')
    loop = 'import sys; from micrograd.cli import main; print(*(main(["predict", f"{i}.json", sys.argv[1]]) for i in range(int(sys.argv[2]))))'
    result = subprocess.run([sys.executable, '-c', loop, iris, str(len(damages))], cwd=folder, capture_output=True, text=True, preexec_fn=little_memory)
    return result.stdout.split(), result.stderr.splitlines()


@pytest.mark.parametrize('i', range(len(damages)))
def test_a_damaged_recipe_is_one_clear_line(told_of_damage, i):
    codes, told = told_of_damage
    assert len(codes) == len(told) == len(damages) and codes[i] == '1'
    assert re.match(f'micrograd predict: {i}.json is (damaged|no checkpoint)', told[i]), told[i]


@pytest.mark.parametrize('part, damage', [
    ('feature', dict(name=5)), ('feature', dict(kind='magic')), ('feature', dict(kind=[])), ('feature', dict(words='ab')), ('feature', dict(words=[1])),
    ('feature', dict(mean='1')), ('feature', dict(mean=True)), ('feature', dict(deviation=0)), ('feature', dict(deviation=-1.0)), ('feature', dict(gaps=1)),
    ('feature', dict(more=1)), ('target', dict(name=5)), ('target', dict(classes=5)), ('target', dict(classes=[1, 2, 3])), ('target', dict(mean=None)),
    ('target', dict(classes=['a'])), ('target', dict(deviation=None))])
def test_each_field_of_a_recipe_is_looked_at(trained, tmp_path, part, damage):
    damaged(trained, tmp_path, lambda recipe: (recipe['features'][0] if part == 'feature' else recipe['target']).update(damage))
    with pytest.raises(ValueError, match='m.json is damaged'): load(tmp_path/'m.json')


def little_memory(): resource.setrlimit(resource.RLIMIT_DATA, (100 << 20, 100 << 20))


def test_without_an_error_stream_it_still_trains(tmp_path):
    line = shlex.join([*command, 'train', str(iris), '--target', 'species', '--rounds', '5']) + ' 2>&-'
    assert subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True).returncode == 0
    assert (tmp_path/'iris.json').exists()


@pytest.mark.slow
def test_the_demo_draws_three_pictures_into_a_folder_that_it_names(tmp_path):
    result = run(tmp_path, 'demo', '--steps', 60, '--out', 'pictures')
    assert result.returncode == 0, result.stderr
    assert re.search(r'loss +accuracy +time +a step\n +0\.\d{4} +(9\d\.\d|100\.0)% +[\d.]+ s +[\d.]+ ms', result.stdout)
    assert str((tmp_path/'pictures').resolve()) in result.stdout and '60/60' in result.stderr
    assert sorted(os.listdir(tmp_path/'pictures')) == ['graph.svg', 'loss.png', 'moons.png']
    assert (tmp_path/'pictures'/'moons.png').read_bytes().startswith(b'\x89PNG') and '<svg' in (tmp_path/'pictures'/'graph.svg').read_text()


def heed_ctrl_c():
    "As a program does that a person started; what a shell starts in the background ignores Ctrl-C."
    signal.signal(signal.SIGINT, signal.default_int_handler)


long = ['train', str(iris), '--target', 'species', '--rounds', '120', '--patience', '120', '--no-jit', '--hidden', '4']


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp('whole')
    assert process(folder, *long, '--quiet').returncode == 0
    return folder/'iris.json'


@pytest.mark.slow
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_says_how_to_resume_and_resuming_gives_the_same_bytes(whole, tmp_path, number):
    errors = interrupted(tmp_path, long, number)
    assert os.listdir(tmp_path) == ['iris.json.partial']
    step, again = re.search(r'stopped after step (\d+); to go on: (.*)', errors).groups()
    assert 0 < int(step) < 840
    assert shlex.split(again) == ['micrograd', *long, '--resume']
    assert 'another seed' in run(tmp_path, *long, '--resume', '--seed', '5').stderr
    assert 'another hidden' in run(tmp_path, *long, '--resume', '--hidden', '3').stderr
    result = run(tmp_path, *shlex.split(again)[1:])
    assert result.returncode == 0, result.stderr
    assert os.listdir(tmp_path) == ['iris.json'] and (tmp_path/'iris.json').read_bytes() == whole.read_bytes()


def interrupted(folder, args, number):
    "What the command says after a signal that comes while it trains."
    with subprocess.Popen([*command, *args], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=heed_ctrl_c) as process:
        bar = ''
        while not re.search(r' [1-9]\d*/\d+', bar): # until it has taken some steps
            bar += (read := process.stderr.read(20))
            assert read, bar
        process.send_signal(number)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 128 + number
    return errors


def test_a_finished_model_is_trained_further(tmp_path):
    args = ['train', iris, '--target', 'species', '--quiet', '--hidden', '4', '--rounds']
    assert run(tmp_path, *args, 4).returncode == 0
    before = json.loads((tmp_path/'iris.json').read_text())
    result = run(tmp_path, *args, 3, '--resume')
    after = json.loads((tmp_path/'iris.json').read_text())
    assert result.returncode == 0, result.stderr
    assert len(before['loss'])/4 == len(after['loss'])/7 and after['loss'][:len(before['loss'])] == before['loss']
    assert after['extra']['best']['loss'] <= before['extra']['best']['loss'] and len(after['extra']['best']['losses']) == 7


def test_a_better_model_is_not_replaced_without_a_word(trained, tmp_path):
    shutil.copy(trained[0]/'iris.json', tmp_path)
    result = run(tmp_path, 'train', iris, '--target', 'species', '--quiet', '--rounds', 1)
    assert re.search(r'there before had been better .*accuracy 96.67%\); it is now iris.before.json', result.stdout), result.stdout
    assert (tmp_path/'iris.before.json').read_bytes() == (trained[0]/'iris.json').read_bytes() != (tmp_path/'iris.json').read_bytes()


def no_more_than_a_kilobyte():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


@pytest.mark.slow
def test_a_disk_that_fills_leaves_the_old_file_whole(trained, tmp_path):
    shutil.copy(trained[0]/'iris.json', tmp_path)
    result = process(tmp_path, 'train', iris, '--target', 'species', '--quiet', '--seed', '9', '--rounds', '3', preexec_fn=no_more_than_a_kilobyte)
    assert result.returncode == 1 and 'File too large' in result.stderr and 'Traceback' not in result.stderr
    assert os.listdir(tmp_path) == ['iris.json'] and (tmp_path/'iris.json').read_bytes() == (trained[0]/'iris.json').read_bytes()


def test_a_file_of_another_program_is_not_replaced(tmp_path):
    (tmp_path/'iris.json').write_text('{"mine": true}')
    result = run(tmp_path, 'train', iris, '--target', 'species', '--quiet')
    assert result.returncode == 1 and 'iris.json is not a checkpoint of this program' in result.stderr
    assert (tmp_path/'iris.json').read_text() == '{"mine": true}'


flowers = 'length,width,kind\n' + ''.join(f'{i},{i % 3},{"ab"[i % 2]}\n' for i in range(20))

@pytest.mark.parametrize('text, args, says', [
    (flowers, ['--target', 'colour'], "no column 'colour', only length, width, kind"),
    (flowers.replace(',1,', ',wide,'), ['--target', 'kind'], "line 3, column 'width': 'wide' is not a number, as most are: take them as words with --words"),
    ('', ['--target', 'kind'], 'is empty'),
    ('length,kind\n', ['--target', 'kind'], 'has no rows'),
    (flowers.replace('a\n', 'b\n'), ['--target', 'kind'], "nothing to learn: column 'kind' is always 'b'"),
    ('x,y\n1,2\n2,2\n3,2\n4,2\n5,2\n', ['--target', 'y'], "nothing to learn: column 'y' is always '2'"),
    ('length,kind\n1,a\n2,b\n', ['--target', 'kind'], '2 rows cannot be divided into some to train with and a share of 0.2 to test with; take another share, or more rows'),
    ('x,y\n' + ''.join(f'{x},{x}\n' for x in range(9)) + '9,many\n', ['--target', 'y'], "line 11, column 'y': 'many' is not a finite number, as most are"),
    (flowers.replace('7,1,b', '7,1e200,b'), ['--target', 'kind'], "t.csv, line 9, column 'width': '1e200' is too large"),
    (flowers.replace('7,1,b', f'7,{"9"*200},b'), ['--target', 'kind'], f"column 'width': '{'9'*59} is too large\n"),
    (flowers.replace(',1,', f',{"w"*5000},'), ['--target', 'kind'], f"column 'width': '{'w'*60}' is not a number"),
    (','.join(f'c{i}' for i in range(5000)) + '\n' + '1,'*4999 + '2\n', ['--target', 'kind'], 'only c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, '
     'c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, ...\n'),
    (flowers, ['--target', 'kind', '--drop', 'kind'], "column 'kind' is asked for in two ways"),
    (flowers, ['--target', 'kind', '--words', 'width', '--numbers', 'width'], "column 'width' is asked for in two ways"),
    (flowers, ['--target', 'kind', '--numbers', 'kind'], "column 'kind' has no number in any row"),
    (flowers, ['--target', 'kind', '--lr', '-1'], 'lr must be at least 0, but got -1.0'),
    (flowers, ['--target', 'kind', '--lr', '1e200', '--act', 'relu'], 'diverged at step'),
    (flowers, ['--target', 'kind', '--holdout', '1'], 'holdout must be between 0 and 1'),
    (flowers, ['--target', 'kind', '--holdout', '-1'], 'holdout must be between 0 and 1'),
    (flowers, ['--target', 'kind', '--drop', 'size'], "has no column 'size', only length, width, kind"),
    (flowers, ['--target', 'kind', '--drop', 'length,width'], "nothing to learn from: 'length' is left out (as asked); 'width'"),
    (flowers, ['--target', 'kind', '--encoding', 'runes'], 'unknown encoding: runes'),
    (flowers, ['--target', 'kind', '--resume'], 'nothing to resume: t.json.partial does not exist'),
    (flowers, ['--target', 'kind', '--out', 'no/such/folder/m.json', '--rounds', '1000000000'], "No such file or directory: 'no/such/folder/m.json'"),
])
def test_bad_tables_and_options_are_one_clear_line(tmp_path, text, args, says):
    (tmp_path/'t.csv').write_text(text)
    result = run(tmp_path, 'train', 't.csv', *args, '--quiet')
    assert result.returncode == 1 and result.stderr.startswith('micrograd train: ') and says in result.stderr
    assert len(result.stderr.splitlines()) == 1 and os.listdir(tmp_path) == ['t.csv']


@pytest.mark.parametrize('args, says', [
    ([], 'usage'),
    (['train', 't.csv'], '--target'),
    (['train', 't.csv', '--target', 'x', '--hidden', '4,0'], 'must be at least 1, but got 0'),
    (['train', 't.csv', '--target', 'x', '--hidden', 'wide'], "'wide'"),
    (['train', 't.csv', '--target', 'x', '--batch-size', '0'], 'must be at least 1'),
    (['train', 't.csv', '--target', 'x', '--rounds', '0'], 'must be at least 1'),
    (['demo', '--steps', '0'], 'must be at least 1'),
])
def test_wrong_usage_is_exit_code_2(tmp_path, args, says):
    result = run(tmp_path, *args)
    assert result.returncode == 2 and says in result.stderr and 'Traceback' not in result.stderr


def test_missing_and_foreign_files(trained, tmp_path):
    model = trained[0]/'iris.json'
    (tmp_path/'cut.json').write_text(model.read_text()[:900])
    (tmp_path/'foreign.json').write_text('{"weights": [1, 2]}')
    (tmp_path/'few.csv').write_text('sepal_length\n1\n')
    for args, says in [
        (['train', 'none.csv', '--target', 'x'], "No such file or directory: 'none.csv'"),
        (['predict', 'none.json', iris], "No such file or directory: 'none.json'"),
        (['predict', 'cut.json', iris], 'cut.json is no checkpoint, or only a part of one'),
        (['predict', 'foreign.json', iris], 'foreign.json is not a checkpoint of this program'),
        (['predict', model, 'few.csv'], "has no column 'sepal_width'"),
    ]:
        result = run(tmp_path, *args)
        assert result.returncode == 1 and says in result.stderr and 'Traceback' not in result.stderr, result.stderr
        assert result.stdout == '' # no header of answers that do not come


def test_a_fault_in_the_rows_to_test_with_is_told_of_their_file(tmp_path):
    (tmp_path/'t.csv').write_text(flowers)
    (tmp_path/'more.csv').write_text('length,width,kind\n1,2,a\n1,wide,a\n')
    result = run(tmp_path, 'train', 't.csv', '--target', 'kind', '--test', 'more.csv')
    assert result.stderr == "micrograd train: more.csv, line 3, column 'width': 'wide' is not a number\n"


# What a table may be, and what may be asked

def write(folder, name, text): (folder/name).write_text(text); return name


def test_a_test_file_and_no_test_at_all(tmp_path):
    write(tmp_path, 'train.csv', flowers)
    write(tmp_path, 'test.csv', 'length,width,kind\n3,0,b\n4,1,a\n5,2,c\n')
    result = run(tmp_path, 'train', 'train.csv', '--target', 'kind', '--quiet', '--rounds', 2, '--test', 'test.csv')
    assert 'train    accuracy' in result.stdout and '(20 rows)' in result.stdout and '(3 rows)' in result.stdout and 'not in training' in result.stdout
    result = run(tmp_path, 'train', 'train.csv', '--target', 'kind', '--quiet', '--rounds', 2, '--holdout', 0)
    assert '(20 rows)' in result.stdout and 'held-out' not in result.stdout and result.returncode == 0


@pytest.mark.slow
def test_pipes_and_gzip(trained, tmp_path):
    (tmp_path/'iris.csv.gz').write_bytes(gzip.compress(iris.read_bytes()))
    assert run(tmp_path, 'train', 'iris.csv.gz', '--target', 'species', '--quiet').returncode == 0
    assert (tmp_path/'iris.json').read_bytes() == (trained[0]/'iris.json').read_bytes()
    result = run(tmp_path, 'train', '-', '--target', 'species', '--quiet', input=iris.read_text())
    assert result.returncode == 0 and (tmp_path/'model.json').read_bytes() == (trained[0]/'iris.json').read_bytes()
    plain, piped = run(tmp_path, 'predict', 'iris.json', iris), run(tmp_path, 'predict', 'iris.json', '-', input=iris.read_text())
    assert plain.stdout == piped.stdout == run(tmp_path, 'predict', 'iris.json', 'iris.csv.gz').stdout != ''
    (tmp_path/'cut.csv.gz').write_bytes((tmp_path/'iris.csv.gz').read_bytes()[:500])
    assert 'or only a part of one' in run(tmp_path, 'predict', 'iris.json', 'cut.csv.gz').stderr


def test_predictions_with_an_id_and_all_probabilities_and_a_score(trained, tmp_path):
    rows = iris.read_text().splitlines()
    write(tmp_path, 'i.csv', '\n'.join(['no,' + rows[0], *(f'0{i},{row}' for i, row in enumerate(rows[1:]))]))
    result = run(tmp_path, 'predict', trained[0]/'iris.json', 'i.csv', '--id', 'no', '--probabilities')
    header, *answers = csv.reader(result.stdout.splitlines())
    assert header == ['no', 'species', 'p(setosa)', 'p(versicolor)', 'p(virginica)']
    assert [row[0] for row in answers] == [f'0{i}' for i in range(150)]
    assert all(abs(sum(map(float, row[2:])) - 1) < 2e-4 for row in answers)
    right = sum(row[1] == truth.split(',')[-1] for row, truth in zip(answers, rows[1:]))
    assert f'accuracy {right/150:7.2%}   (150 rows)' in result.stderr
    assert "no column 'nr'" in run(tmp_path, 'predict', trained[0]/'iris.json', 'i.csv', '--id', 'nr').stderr


def test_rows_without_an_answer_are_counted(tmp_path):
    for n, says in ((1, '1 row has no kind, and is left out'), (2, '2 rows have no kind, and are left out')):
        write(tmp_path, 't.csv', flowers.replace('a\n', 'NA\n', n))
        assert says in run(tmp_path, 'train', 't.csv', '--target', 'kind', '--quiet', '--rounds', 1).stdout


def test_compiled_or_not_the_answers_are_the_same(trained, tmp_path):
    args = ['train', iris, '--target', 'species', '--quiet', '--rounds', '5']
    weights, answers = [], []
    for option in ('--jit', '--no-jit'):
        assert run(tmp_path, *args, option).returncode == 0
        weights.append(json.loads((tmp_path/'iris.json').read_text())['model'])
        answers += [run(tmp_path, 'predict', 'iris.json', iris, option).stdout for option in ('--jit', '--no-jit')]
    assert len(set(answers)) == 1 and weights[0] == pytest.approx(weights[1], rel=1e-9)


def test_pictures(tmp_path):
    write(tmp_path, 't.csv', flowers)
    result = run(tmp_path, 'train', 't.csv', '--target', 'kind', '--quiet', '--rounds', 3, '--plot', 'drawn')
    assert result.returncode == 0, result.stderr
    assert sorted(os.listdir(tmp_path/'drawn')) == ['boundary.png', 'loss.png', 'predictions.png'] and 'boundary.png in ' in result.stdout
    write(tmp_path, 'line.csv', 'x,y\n' + ''.join(f'{x},{x*3}\n' for x in range(50)))
    assert run(tmp_path, 'train', 'line.csv', '--target', 'y', '--quiet', '--rounds', 3, '--plot', 'line').returncode == 0
    assert sorted(os.listdir(tmp_path/'line')) == ['loss.png', 'predictions.png']


def test_help_fits_a_screen_of_24_lines_with_the_prompt(tmp_path, monkeypatch):
    monkeypatch.setenv('COLUMNS', '80')
    result = run(tmp_path, 'train', '--help')
    lines = result.stdout.splitlines()
    assert result.returncode == 0 and len(lines) <= 23 and max(map(len, lines)) <= 80, result.stdout


def test_a_disk_that_fills_while_it_trains_costs_nothing(tmp_path, monkeypatch, capsys):
    "The place for the result was there before the training, and is not any more."
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('TMPDIR', str(tmp_path/'elsewhere'))
    (tmp_path/'elsewhere').mkdir()
    monkeypatch.setattr('tempfile.tempdir', None)
    def full(path, text, whole=checkpoints.write_whole):
        if Path(path).parent == tmp_path or str(Path(path).parent) == '.': raise OSError(28, 'No space left on device', str(path))
        whole(path, text)
    monkeypatch.setattr(checkpoints, 'write_whole', full)
    args = ['train', str(iris), '--target', 'species', '--quiet', '--rounds', '3']
    assert main(args) == 1
    told = capsys.readouterr().err
    assert "iris.json'" in told and 'No space left on device; what was learned is in ' in told and '--resume' in told
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    shutil.move(tmp_path/'elsewhere'/'iris.json.partial', tmp_path)
    assert main([*args, '--resume']) == 0 and load(tmp_path/'iris.json').predict([[5.1, 3.5, 1.4, 0.2]])


# Streams, and Ctrl-C at the edges

def test_answers_go_to_the_file_as_they_come(tmp_path):
    "Half of them are on the disk before the others are asked for, and the file is there when all are."
    def lines():
        for i in range(2):
            yield f'{i}\n'*100_000
            parts.append(sum(path.stat().st_size for path in tmp_path.iterdir()))
    parts = []
    checkpoints.write_whole(tmp_path/'p.csv', lines())
    assert parts[0] > 100_000 and os.listdir(tmp_path) == ['p.csv'] and (tmp_path/'p.csv').stat().st_size == 400_000


def test_a_table_that_is_not_there_is_named_not_the_file_for_the_answers(trained, tmp_path):
    assert "No such file or directory: 'none.csv'" in run(tmp_path, 'predict', trained[0]/'iris.json', 'none.csv', '--out', 'p.csv').stderr
    assert "No such file or directory: 'no/p.csv'" in run(tmp_path, 'predict', trained[0]/'iris.json', iris, '--out', 'no/p.csv').stderr.replace(f'{tmp_path}/', '')
    assert os.listdir(tmp_path) == []


def test_ctrl_c_during_the_report_saves_the_training(tmp_path, monkeypatch):
    def interrupted(*args): raise KeyboardInterrupt
    args = ['train', iris, '--target', 'species', '--quiet', '--rounds', 2]
    with monkeypatch.context() as patch:
        patch.setattr('micrograd.cli.report', interrupted)
        assert run(tmp_path, *args).returncode == 130 and os.listdir(tmp_path) == ['iris.json.partial']
    assert run(tmp_path, *args, '--resume').returncode == 0 and os.listdir(tmp_path) == ['iris.json']


def test_ctrl_c_while_it_is_imported_is_one_line(monkeypatch, capsys):
    class Interrupts:
        def find_spec(self, name, *rest):
            if name == 'micrograd.cli': raise KeyboardInterrupt
    monkeypatch.delitem(sys.modules, 'micrograd.cli')
    monkeypatch.setattr(sys, 'meta_path', [Interrupts(), *sys.meta_path])
    assert __main__.main() == 130 and capsys.readouterr().err == 'micrograd: stopped\n'
