"The benchmark runs, shows every engine that is here, and notices an engine that computes something else."

import importlib.util, os, re, shutil, subprocess, sys
from pathlib import Path
import pytest

BENCH = Path(__file__).resolve().parent.parent/'bench'
sys.path.insert(0, str(BENCH))
import compare, compiled, compiled_engines, engines, microgpt, sizes, workloads

pytestmark = pytest.mark.slow

def test_quick_run_prints_the_table():
    run = subprocess.run([sys.executable, BENCH/'compare.py', '--quick'], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    header, _, *table = [line for line in run.stdout.splitlines() if line.startswith('|')]
    assert len(table) == 7
    here = {'ours', 'microgpt'} | {name for name in ('torch', 'autograd') if importlib.util.find_spec(name)}
    if (compare.PEERS/'micrograd').exists(): here.add('micrograd') # else there is no network
    for engine, name in compare.NAMES.items():
        assert (name in header) == (engine in here)
        assert (f'Not measured: {name}' in run.stdout) == (engine not in here)

def test_the_compiled_steps_agree_with_their_peers():
    pytest.importorskip('llvmlite')
    run = subprocess.run([sys.executable, BENCH/'compiled.py', '--quick', '--only', 'lecture', *(f'--level={level}' for level in compiled.levels()[-1:])], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    header, _, row = [line for line in run.stdout.splitlines() if line.startswith('|')]
    assert header.startswith('| a step of | jit |') and 'the lecture' in row and 'jit on NumPy' in header

@pytest.mark.skipif(not shutil.which('cc'), reason='no compiler of C')
def test_c_by_hand_trains_the_transformer_as_the_engine_does(monkeypatch):
    monkeypatch.setattr(compiled_engines, 'GPT_STEPS', 2)
    answers = {engine: make().microgpt()()[1] for engine, make in (('ours', compiled_engines.Eager), ('c', compiled_engines.C))}
    compare.check_agreement('a step of microgpt', answers, {'c': 'C'}, 1e-12)

def test_operations_a_second_are_told_for_the_engines_that_are_here():
    pytest.importorskip('llvmlite')
    run = subprocess.run([sys.executable, BENCH/'sizes.py', '--quick', '--only', '8-16-10'], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    header, _, row = [[cell.strip() for cell in line.strip('|').split('|')] for line in run.stdout.splitlines() if line.startswith('|')]
    rates = dict(zip(header[2:], row[2:]))
    assert float(rates['jit']) > 0.01 and (rates['PyTorch'] == '–') == (importlib.util.find_spec('torch') is None)

@pytest.mark.skipif(not hasattr(os, 'sched_setaffinity'), reason='processors cannot be chosen here')
def test_two_threads_are_measured_and_have_the_same_bits():
    pytest.importorskip('llvmlite')
    run = subprocess.run([sys.executable, BENCH/'threads.py', '--quick'], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    header, _, row = [line for line in run.stdout.splitlines() if line.startswith('|')]
    assert header.startswith('| a step of | jit, 1 thread | 2 threads |') and '1,024' in row

def test_operations_of_a_step_are_counted():
    assert sizes.operations((3, 4, 5), 2) == 2*2*(2*3*4 + 3*4*5)

def test_graphs_agree_with_those_that_are_here():
    pytest.importorskip('llvmlite')
    run = subprocess.run([sys.executable, BENCH/'graphs.py', '--quick', '--only', 'bodies, 10 '], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    header, _, row = [line for line in run.stdout.splitlines() if line.startswith('|')]
    assert 'jit, straight' in header and 'five bodies' in row
    assert 'Not measured: CppADCodeGen' in run.stdout

def test_disagreement_stops_the_run():
    compare.check_agreement('a step', {'ours': 0.5, 'torch': 0.5 + 1e-12})
    with pytest.raises(SystemExit, match='a step: PyTorch.* answers 0.50001, ours 0.5'):
        compare.check_agreement('a step', {'ours': 0.5, 'torch': 0.50001})

def test_a_wrong_gradient_changes_the_answer(monkeypatch):
    def answer():
        cost, answer = workloads.written_out(engines.Scalars(microgpt.Value), 10)()
        return answer
    right = answer()
    always_open = lambda x: microgpt.Value(max(0, x.data), (x,), (1.0,))
    monkeypatch.setattr(microgpt.Value, 'relu', always_open)
    assert abs(answer() - right) > 1e-3

def test_many_workers_are_measured_and_computed(monkeypatch):
    pytest.importorskip('llvmlite')
    import many
    monkeypatch.setattr(many, 'SIZES', (16, 32))
    monkeypatch.setattr(many, 'WIDTHS', (2,))
    monkeypatch.setattr(many, 'SHARDS', 2)
    fastest = many.fastest
    monkeypatch.setattr(many, 'fastest', lambda calls, rounds, seconds: fastest(calls, rounds, 0.001)) # it is not judged how fast
    told = '\n'.join(many.report(1))
    assert len(re.findall(r'\([+-]\d+%\)', told)) == 6 and 'With 15 weights a step has' in told
    assert many.computed((1.0, 2.0, 3.0, 4.0), 10, 5, 20) == 1 + 5*2 + 20/5*3 + 10/5*4
