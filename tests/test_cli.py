"The command from the outside: what a user types, what is printed, which files are there afterwards."
import csv, json, os, re, resource, shlex, shutil, signal, subprocess, sys
from pathlib import Path
import pytest

iris = Path(__file__).parent.parent/'examples'/'iris.csv'
command = [sys.executable, '-m', 'micrograd']


def run(folder, *args, **options):
    return subprocess.run([*command, *map(str, args)], cwd=folder, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('iris')
    shutil.copy(iris, folder)
    return folder, run(folder, 'train', 'iris.csv', '--target', 'species')


def test_training_reports_and_saves(trained):
    folder, result = trained
    assert result.returncode == 0, result.stderr
    assert re.search(r'train +accuracy +9\d\.\d+% +\(120 rows\)', result.stdout)
    assert 'held out: true' in result.stdout and 'versicolor' in result.stdout
    assert {'iris.csv', 'iris.json'} == set(os.listdir(folder)) - {'long.csv'} and 'saved iris.json' in result.stdout
    assert '500/500' in result.stderr # the progress bar


def held_out(result): return float(re.search(r'held-out accuracy +([\d.]+)%', result.stdout)[1])


def confusion(result): return [[int(n) for n in line.split()[1:]] for line in result.stdout.split('virginica\n')[1].splitlines()[:3]]


def test_held_out_accuracy_on_three_seeds(trained, tmp_path):
    results = [trained[1], *[run(tmp_path, 'train', iris, '--target', 'species', '--quiet', '--seed', seed) for seed in (1, 2)]]
    for result in results:
        table = confusion(result)
        assert sum(map(sum, table)) == 30
        assert held_out(result) == pytest.approx(100 * sum(table[i][i] for i in range(3)) / 30, abs=0.01)
        assert held_out(result) >= 93


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


def test_same_command_same_bytes(trained, tmp_path):
    run(tmp_path, 'train', iris, '--target', 'species', '--quiet', env={**os.environ, 'PYTHONHASHSEED': '77'})
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
    assert 'held-out accuracy' in run(tmp_path, 'train', 't.csv', '--target', 'kind', '--quiet', '--classes').stdout
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


@pytest.mark.parametrize('damage', [dict(columns=5), dict(hidden=5), dict(act=['x']), dict(means=None), dict(means=['a']*4), dict(classes=5), dict(more=1)])
def test_a_damaged_recipe_is_one_clear_line(trained, tmp_path, damage):
    content = json.loads((trained[0]/'iris.json').read_text())
    content['extra']['recipe'] |= damage
    (tmp_path/'m.json').write_text(json.dumps(content))
    result = run(tmp_path, 'predict', 'm.json', iris)
    assert result.returncode == 1 and result.stderr.startswith('micrograd predict: ') and len(result.stderr.splitlines()) == 1, result.stderr


def test_without_an_error_stream_it_still_trains(tmp_path):
    line = shlex.join([*command, 'train', str(iris), '--target', 'species', '--steps', '5']) + ' 2>&-'
    assert subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True).returncode == 0
    assert (tmp_path/'iris.json').exists()


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


@pytest.mark.slow
def test_ctrl_c_says_how_to_resume_and_resuming_gives_the_same_bytes(tmp_path):
    whole, stopped = tmp_path/'whole', tmp_path/'stopped'
    for folder in (whole, stopped): folder.mkdir()
    args = ['train', str(iris), '--target', 'species', '--steps', '3000']
    assert run(whole, *args, '--quiet').returncode == 0
    with subprocess.Popen([*command, *args], cwd=stopped, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=heed_ctrl_c) as process:
        bar = ''
        while '/3000' not in bar or ' 0/3000' in bar[-60:]: bar += process.stderr.read(20) # until it has taken some steps
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert os.listdir(stopped) == ['iris.json.partial']
    step, again = re.search(r'stopped after step (\d+) of 3000; to go on: (.*)', errors).groups()
    assert 0 < int(step) < 3000
    assert shlex.split(again) == ['micrograd', *args, '--resume']
    assert 'another seed' in run(stopped, *args, '--resume', '--seed', '5').stderr
    assert 'another hidden' in run(stopped, *args, '--resume', '--hidden', '3').stderr
    result = run(stopped, *shlex.split(again)[1:])
    assert result.returncode == 0, result.stderr
    assert os.listdir(stopped) == ['iris.json'] and (stopped/'iris.json').read_bytes() == (whole/'iris.json').read_bytes()


def no_more_than_a_kilobyte():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


@pytest.mark.slow
def test_a_disk_that_fills_leaves_the_old_file_whole(trained, tmp_path):
    shutil.copy(trained[0]/'iris.json', tmp_path)
    result = run(tmp_path, 'train', iris, '--target', 'species', '--quiet', '--seed', '9', preexec_fn=no_more_than_a_kilobyte)
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
    (flowers.replace('7,1,b', '7,wide,b'), ['--target', 'kind'], "line 9, column 'width': 'wide' is not a finite number"),
    ('', ['--target', 'kind'], 'is empty'),
    ('length,kind\n', ['--target', 'kind'], 'has no rows'),
    (flowers.replace('a\n', 'b\n'), ['--target', 'kind'], "nothing to learn: column 'kind' is always 'b'"),
    ('x,y\n1,2\n2,2\n3,2\n4,2\n5,2\n', ['--target', 'y'], "nothing to learn: column 'y' is always '2'"),
    ('length,kind\n1,a\n2,b\n', ['--target', 'kind'], '2 rows cannot be divided'),
    (flowers.replace('7,1,b', '7,1,'), ['--target', 'kind'], "row 8, column 'kind' is empty"),
    ('x,y\n' + ''.join(f'{x},{x}\n' for x in range(9)) + '9,n/a\n', ['--target', 'y'], "row 10, column 'y': 'n/a' is not a finite number, as most are"),
    (flowers.replace('7,1,b', '7,1e200,b'), ['--target', 'kind'], "line 9, column 'width': '1e200' is too large"),
    (flowers, ['--target', 'kind', '--lr', '-1'], 'lr must be at least 0, but got -1.0'),
    (flowers, ['--target', 'kind', '--lr', '1e200', '--act', 'relu'], 'diverged at step'),
    (flowers, ['--target', 'kind', '--holdout', '1'], 'holdout must be between 0 and 1'),
    (flowers, ['--target', 'kind', '--resume'], 'nothing to resume: t.json.partial does not exist'),
    (flowers, ['--target', 'kind', '--out', 'no/such/folder/m.json', '--steps', '1000000000'], 'No such file or directory'),
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
