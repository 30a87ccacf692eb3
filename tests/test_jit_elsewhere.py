"The machine as WebAssembly, in Node and in the memory of Pyodide; and planning without NumPy."
import json, math, re, subprocess, sys
from pathlib import Path
import pytest
from micrograd import engine
from micrograd.engine import Value
from micrograd.jit import elsewhere, jit
from micrograd.jit.driver import fields
from micrograd.jit.elsewhere import Reader, machine_for, sections, with_exports
from micrograd.jit.run import Program, Work
from micrograd.train import SGD, l2, make_moons, max_margin
from expressions import functions, operators, takes_two
from jitted import bits, compiled, network, python, weights

sys.path.insert(0, str(Path(__file__).parent.parent/'tools'))
import live

pytest.importorskip('llvmlite')
node = pytest.importorskip('playwright._impl._driver').compute_driver_executable()[0] # it brings Node with it
chapter = json.loads((Path(__file__).parent.parent/'nbs'/'jit'/'elsewhere.ipynb').read_text(encoding='utf-8'))
start, _ = re.findall(r'```js\n(.*?)```', '\n'.join(''.join(cell['source']) for cell in chapter['cells']), re.S)
run = start + '''
const [folder, name, args] = process.argv.slice(1), files = require('fs')
const image = files.readFileSync(folder + '/memory'), memory = new WebAssembly.Memory({ initial: Math.ceil(image.length / 65536) })
new Uint8Array(memory.buffer).set(image)
const library = { fmod: (a, b) => a % b, erf: () => NaN, sched_yield: () => 0 }
start(files.readFileSync(folder + '/machine.wasm'), memory, name => library[name] ?? Math[name])[name](Number(args))
files.writeFileSync(folder + '/memory', new Uint8Array(memory.buffer))
'''


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp('page')
    (found/'machine.wasm').write_bytes(with_exports(machine_for('page')))
    return found


@pytest.fixture
def in_node(folder, monkeypatch):
    "From here on the machine is the one in Node: what a Work owns is laid out from 64 on, goes there, and comes back."
    calls = []
    def call(work, name):
        arrays = [array for array in [work.args, *work.buffers.values()] if hasattr(array, 'ctypes')]
        places, end = [], 64
        for array in arrays:
            places.append(end)
            end += array.nbytes + 64 + -array.nbytes % 64
        memory = bytearray(end)
        for array, place in zip(arrays, places): memory[place:place + array.nbytes] = array.tobytes()
        for k, number in enumerate(work.args.tolist()):
            for array, place in zip(arrays, places):
                if 0 <= number - array.ctypes.data < array.nbytes: memory[64 + 8*k:72 + 8*k] = (place + number - array.ctypes.data).to_bytes(8, 'little')
        (folder/'memory').write_bytes(memory)
        subprocess.run([node, '-e', run, str(folder), name, '64'], check=True)
        back = (folder/'memory').read_bytes()
        for array, place in zip(arrays[1:], places[1:]): array.view('u1').reshape(-1)[:] = list(back[place:place + array.nbytes])
        work.set(done=int.from_bytes(back[64 + 8*fields.index('done'):][:8], 'little'))
        calls.append(name)
    def call_program(program):
        work = program.kept[-1]
        work.args = program.kept[0]
        call(work, 'evaluate')
    monkeypatch.setattr(Work, 'call', call)
    monkeypatch.setattr(Program, '__call__', call_program)
    return calls


def demo(steps=3):
    xs, labels = make_moons(100, noise=0.1, seed=0)
    model = network((16, 16, 1))
    history = compiled(model, xs, [2*y - 1 for y in labels], max_margin, SGD(model.parameters(), 0.1), steps=steps, penalty=l2(1e-4))
    return bits(history.loss + weights(model)), model, xs


@pytest.mark.slow
def test_the_demo_in_a_page_has_the_bits_of_the_machine_here(request):
    here, model, xs = demo()
    predicted = jit(model)(xs)
    calls = request.getfixturevalue('in_node')
    there, model, xs = demo()
    assert there == here and bits(jit(model)(xs)) == bits(predicted)
    assert set(calls) == {'run'}


def test_every_operation_in_a_page(in_node):
    "Made from one loss of all of them, its value and gradients; erf and the last bits are not JavaScript's."
    def loss(params):
        a, b = params
        return sum((made for name in [*operators, *functions] if name != 'erf'
                    for f in [operators.get(name) or getattr(engine, name)] for made in [f(a, b) if name in takes_two else f(a)]), Value(0.0))
    params = [Value(0.7), Value(1.3)]
    value, gradients = jit(lambda _: loss(params), params)([]) # is compared with the engine at the first call
    assert in_node == ['evaluate'] and all(map(math.isfinite, [value, *gradients]))


def test_a_page_brings_memory_and_functions_and_gets_the_drivers(folder):
    module = (folder/'machine.wasm').read_bytes()
    r = Reader(dict(sections(module))[2])
    brought = []
    for _ in range(r.number()):
        _, name, kind = r.part(), r.part().decode(), r.byte()
        brought.append(name)
        for _ in range(2 if kind == 2 else 1): r.number() # a function's type; a memory's flags and least size
    assert set(brought) == {'__linear_memory', 'fmod', *re.findall(r'declare \w+ @(\w+)\(', elsewhere.assembly(4))}
    assert {kind for kind, _ in sections(module)} == {1, 2, 3, 7, 10} # no data: all memory is the page's


def test_planning_needs_no_numpy():
    "The same words, to the last, where NumPy can be had and where not."
    code = """
import random, zlib
from micrograd.jit.code import Code, check
from micrograd.jit.step import StepPlan, StepTape
from micrograd.jit.update import UpdateTape, target_of
from micrograd.nn import MLP
from micrograd.train import *
random.seed(3)
for act, optimizer, loss, nout in [('relu', SGD, max_margin, 1), ('tanh', Adam, cross_entropy, 3)]:
    model, target = MLP(2, [16, 16, nout], act=act), target_of(loss, 1)
    numbers = [0.5, -0.25, *target.numbers(1, [0]*nout)]
    step = StepTape(model, numbers[:2], numbers, target, model.parameters(), [], l2(1e-4))
    plan = StepPlan(step, UpdateTape(optimizer(model.parameters(), 0.1)))
    each, update, row, lane = plan.step, plan.update, 8*plan.row, 64*13
    room = 8*(update.single + 8)
    for groups, stride, lanes in [(each.before, 8, room), (each.each, lane, lane*each.lanes), (each.after + update.before, 8, room), (update.each, row, row*update.lanes)]:
        code = Code(groups, stride, each.arrive)
        check(code, room, lanes, code.waiting, stride)
        print(len(code.words), zlib.crc32(code.words))
"""
    here = python('import numpy\n' + code)
    without = python("import sys; sys.modules['numpy'] = None\n" + code)
    assert len(here.stdout.split()) == 16 and without.stdout == here.stdout, without.stderr


@pytest.mark.slow
@pytest.mark.skipif(bool(live.missing()), reason='no npm here')
def test_pyodide_plans_and_lends_the_machine_its_memory(folder):
    "Value and gradients of all operations have the bits of the engine there."
    home, root = live.packages(live.root)/'pyodide', Path(__file__).parent.parent
    (folder/'plan.py').write_text("""
import sys; sys.path[:0] = ['/micrograd', '/micrograd/tests']
from array import array
from micrograd import engine
from micrograd.engine import Value
from micrograd.jit.adjoint import Adjoint
from micrograd.jit.code import Code, check
from micrograd.jit.driver import fields
from micrograd.jit.plan import Plan
from micrograd.jit.tape import ONE, Tape, record_graph
from expressions import functions, operators, takes_two
params = a, b = Value(0.7), Value(1.3)
made = [f(a, b) if name in takes_two else f(a) for name in [*operators, *functions] for f in [operators.get(name) or getattr(engine, name)]]
loss = sum(made, Value(0.0))
tape = Tape()
at = {p: tape.leaf('parameter') for p in params}
adjoint = Adjoint(tape, at, params)
adjoint.backward(record_graph(tape, loss, at), loss, ONE)
places = {at[a]: 0, at[b]: 1, tape.append('sum', adjoint.terms.pop(a)): 2, tape.append('sum', adjoint.terms.pop(b)): 3}
plan = Plan(tape, [at[loss], *list(places)[2:]], places=places, free=4)
code, S = Code(plan.before), array('d', [0.0])*(plan.single + 8)
check(code, 8*len(S), 8*len(S))
for place, number in plan.constants.items(): S[place] = number
S[:2] = array('d', [a.data, b.data])
args, words = array('q', [0])*len(fields), code.words
for name, x in dict(scalars=S.buffer_info()[0], before=words.buffer_info()[0], before_groups=code.groups).items(): args[fields.index(name)] = x
import machine
machine.evaluate(args.buffer_info()[0])
loss.backward()
S[plan.place[at[loss]]] == loss.data and S[2:4].tolist() == [a.grad, b.grad], 'numpy' in sys.modules
""", encoding='utf-8')
    (folder/'pyodide.mjs').write_text(f"""
import {{ readFileSync as read }} from 'fs'
import {{ loadPyodide }} from {json.dumps(str(home/'pyodide.mjs'))}
{start}
const pyodide = await loadPyodide()
pyodide.mountNodeFS('/micrograd', {json.dumps(str(root))})
pyodide.registerJsModule('machine', start(read('machine.wasm'), pyodide._module.memory, name => pyodide._module['_' + name]))
console.log(String(pyodide.runPython(read('plan.py', 'utf8'))))
""", encoding='utf-8')
    result = subprocess.run([node, 'pyodide.mjs'], cwd=folder, capture_output=True, text=True)
    assert result.stdout == '(True, False)\n', result.stderr
