"The rooms of the house: who imports whom, what crosses from one to another, how long they are, and what their pages show."
import ast, inspect, json, re
from functools import cache
from importlib import import_module
from pathlib import Path
import pytest

root = Path(__file__).parent.parent
files = {'.'.join(('micrograd', *path.relative_to(root/'micrograd').with_suffix('').parts)).removesuffix('.__init__'): path
         for path in sorted((root/'micrograd').rglob('*.py')) if path.name not in ('_modidx.py', '__main__.py')}
notebooks = {}
for path in sorted((root/'nbs').rglob('*.ipynb')):
    cells = [(cell['cell_type'], ''.join(cell['source'])) for cell in json.loads(path.read_text(encoding='utf-8'))['cells']]
    exports_to = re.search(r'^#\| default_exp (\S+)', cells[0][1], re.M)
    if exports_to: notebooks[f'micrograd.{exports_to[1]}'.removesuffix('.__init__')] = [source for kind, source in cells if kind == 'code']
exported = re.compile(r'^#\| *(exports?|exporti)\b', re.M)
each_module = pytest.mark.parametrize('module', files)
each_notebook = pytest.mark.parametrize('module', notebooks)


@cache
def tree(module): return ast.parse(files[module].read_text(encoding='utf-8'))


def imports(module):
    "Each import of ours, those inside functions too: the module, and the names taken from it."
    for_types = {id(line) for block in ast.walk(tree(module)) if isinstance(block, ast.If) and 'TYPE_CHECKING' in ast.unparse(block.test) for line in ast.walk(block)}
    package = module.split('.') if files[module].name == '__init__.py' else module.split('.')[:-1]
    for line in ast.walk(tree(module)):
        if id(line) in for_types: continue
        if isinstance(line, ast.Import): found = [(alias.name, []) for alias in line.names]
        elif isinstance(line, ast.ImportFrom):
            source = '.'.join([*package[:len(package) - line.level + 1], *filter(None, [line.module])] if line.level else [line.module])
            names = [alias.name for alias in line.names]
            found = [(f'{source}.{name}', []) for name in names if f'{source}.{name}' in files]
            names = [name for name in names if f'{source}.{name}' not in files]
            if names: found.append((source, names))
        else: continue
        for source, names in found:
            if source in files: yield source, names


def test_every_module_but_the_package_comes_from_a_notebook():
    assert set(notebooks) == set(files) - {'micrograd'}


def test_no_circle_of_imports():
    "Nor one that waits inside functions; what is imported by a name in a string, only `viz` hands on."
    leads = {module: {source for source, _ in imports(module)} for module in files}
    while leads:
        free = [module for module in leads if not leads[module] & leads.keys()]
        assert free, f'a circle within {sorted(leads)}'
        for module in free: del leads[module]
    by_name = [module for module, path in files.items() if re.search(r"import_module\(f?['\"]micrograd", path.read_text(encoding='utf-8'))]
    assert by_name == ['micrograd.viz']


def test_each_operation_is_where_readers_import_it():
    import micrograd
    from micrograd import engine, functions
    names = [name for name in functions.__all__ if name not in ('Number', 'Unary', 'unary', 'Binary', 'binary')]
    assert [name for name in names if name not in engine.__all__] == [] == [name for name in names if name not in micrograd.__all__]
    assert [name for name in names if name in vars(engine.Value) and name not in engine.Value.__annotations__] == []


@each_module
def test_private_names_stay_at_home(module):
    ours = {(alias.asname or alias.name) for line in ast.walk(tree(module)) if isinstance(line, ast.ImportFrom) for alias in line.names} & {name.rpartition('.')[2] for name in files}
    taken = [name for _, names in imports(module) for name in names if name[0] == '_' and not name.endswith('__')]
    taken += [f'{node.value.id}.{node.attr}' for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)
              and isinstance(node.value, ast.Name) and node.value.id in ours and node.attr[0] == '_' and not node.attr.endswith('__')]
    assert taken == []


@each_module
def test_public_names_are_listed_and_there(module):
    if module.startswith('micrograd.jit'): pytest.importorskip('numpy')
    loaded = import_module(module)
    assert loaded.__all__ and len(set(loaded.__all__)) == len(loaded.__all__)
    assert [name for name in loaded.__all__ if name[0] == '_' or not hasattr(loaded, name)] == []


@each_module
def test_a_module_is_read_in_one_sitting(module):
    assert len(files[module].read_text(encoding='utf-8').splitlines()) <= 520


@each_notebook
def test_what_is_exported_is_shown(module):
    hidden = [source.split('\n')[1] for source in notebooks[module] if re.search(r'^#\| *(export|exporti)$', source, re.M) and not re.search(r'^#\| *default_exp', source)]
    assert [line for line in hidden if not line.startswith(('import ', 'from '))] == []


@each_notebook
def test_a_cell_fits_on_a_screen(module):
    without = [(source, re.sub(r'""".*?"""', '', source, flags=re.S)) for source in notebooks[module] if exported.search(source)] # a long docstring is for `help`
    lengths = {source.split('\n')[1]: len(short.splitlines()) - 1 for source, short in without}
    assert {line: length for line, length in lengths.items() if length > 60} == {}


@each_module
def test_public_functions_are_typed_and_described(module):
    module = import_module(module)
    public = [getattr(module, name) for name in module.__all__]
    offenders = []
    for thing in public:
        if not inspect.isfunction(thing) and not (inspect.isclass(thing) and thing.__module__ == module.__name__): continue
        if not thing.__doc__: offenders.append(f'{thing.__name__}: no docstring')
        methods = [m for name, m in vars(thing).items() if inspect.isfunction(m) and m.__module__ == thing.__module__ and (not name.startswith('_') or name == '__init__')] if inspect.isclass(thing) else [thing]
        for method in methods:
            signature = inspect.signature(method)
            untyped = [name for name, p in signature.parameters.items() if p.annotation is p.empty and name != 'self']
            if untyped or signature.return_annotation is signature.empty: offenders.append(f'{method.__qualname__}: {untyped or "return"}')
    assert not offenders
