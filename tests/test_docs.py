"What `make docs` refuses, and what follows from settings.ini. The pages themselves are opened in tests/site."
import json, os, shutil, subprocess, sys
from pathlib import Path
import pytest

root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'tools'))
import docs
import pages

can_build = pytest.mark.skipif(sys.version_info < (3, 11) and not shutil.which('quarto'), reason='neither Quarto nor Python 3.11 here, so the site was not built')


@pytest.fixture
def project(tmp_path):
    "A small project: the home page and two more, one of them in a folder."
    (tmp_path/'nbs'/'tutorials').mkdir(parents=True)
    shutil.copytree(root/'nbs'/'assets', tmp_path/'nbs'/'assets')
    shutil.copy(root/'settings.ini', tmp_path)
    options = (root/'_quarto.yml').read_text()
    (tmp_path/'nbs'/'_quarto.yml').write_text(options[:options.index('    contents:')] + '    contents: [index.ipynb, reference.ipynb, tutorials/story.ipynb]\n')
    write(tmp_path, 'index', '# Home\n\n> Where one begins', 'A [story](tutorials/story.ipynb#its-end).')
    write(tmp_path, 'reference', '# reference\n\n> All names', '### backward {#value.backward}', '### Value {#value}')
    write(tmp_path, 'tutorials/story', '# A story\n\n> With an end', 'With `Value`, `Value.backward()`, `here` and $x^2$.', '## Its end', code='here = 1')
    return tmp_path


def write(project, name, *texts, code=None):
    cells = [dict(cell_type='markdown', id=f'm{i}', metadata={}, source=[text]) for i, text in enumerate(texts)]
    if code: cells.append(dict(cell_type='code', id='c', metadata={}, source=[code], outputs=[], execution_count=None))
    kernel = dict(kernelspec=dict(display_name='python3', language='python', name='python3'))
    (project/'nbs'/f'{name}.ipynb').write_text(json.dumps(dict(cells=cells, metadata=kernel, nbformat=4, nbformat_minor=5)))


def change(project, **values):
    text = (project/'settings.ini').read_text()
    for key, value in values.items(): text = text.replace(f'\n{key} =\n', f'\n{key} = {value}\n')
    (project/'settings.ini').write_text(text)


def build(project):
    docs.build(project, project/'_docs')
    return {p.relative_to(project/'_docs').as_posix(): p.read_text(encoding='utf-8') for p in (project/'_docs').rglob('*.html')}


def test_our_notebooks_have_no_problem():
    assert pages.problems(root/'nbs') == []


@pytest.mark.parametrize('text, said', [
    ('See [this](nowhere.ipynb).', 'link to nowhere.ipynb: there is no such file'),
    ('![A slope](slope.png)', 'picture slope.png: there is no such file'),
    ('![](../assets/card.png)', 'a picture without a description'),
    ('::: {.callout-note}\nnever closed', "'::: {.callout-note}' is never closed with `:::`"),
    ('opened nowhere\n\n:::', '`:::` closes what was never opened'),
    ('Call `draw_dott`.', '`draw_dott` is a name neither in this notebook, nor in the package, nor in Python'),
    ('Call `Value.backwards()`.', '`Value.backwards`: Value has no backwards'),
    ('Call `math.expp`.', '`math.expp`: math has no expp'),
])
def test_a_problem_is_named_with_notebook_and_cell(project, text, said):
    write(project, 'tutorials/story', '# A story\n\n> With an end', 'All is well.', text, '## Its end')
    assert pages.problems(project/'nbs') == [f'nbs/tutorials/story.ipynb, cell 3: {said}']
    with pytest.raises(SystemExit, match='nbs/tutorials/story.ipynb, cell 3: '): docs.build(project, project/'_docs')
    assert not (project/'_docs').exists()


def test_a_picture_needs_a_description(project):
    path = project/'nbs'/'tutorials'/'story.ipynb'
    notebook = json.loads(path.read_text())
    svg = '<svg width="9pt" height="9pt" role="img"></svg>'
    notebook['cells'][-1]['outputs'] = [dict(output_type='display_data', metadata={}, data={'image/svg+xml': [svg]})]
    path.write_text(json.dumps(notebook))
    assert ['without a description' in p for p in pages.problems(project/'nbs')] == [True]
    notebook['cells'][-1]['source'] = ['#| fig-alt: "A dot & a line"\n', 'here = 1']
    path.write_text(json.dumps(notebook))
    assert pages.problems(project/'nbs') == []
    assert 'aria-label="A dot &amp; a line"' in docs.processed(path, project/'nbs').cells[-1].outputs[0].data['text/markdown']


@can_build
def test_an_anchor_that_is_not_there_is_named(project):
    write(project, 'index', '# Home\n\n> Where one begins', 'Well.', 'A [story](tutorials/story.ipynb#its-start).')
    with pytest.raises(SystemExit, match=r'nbs/index.ipynb, cell 3: tutorials/story.html#its-start'): build(project)


@can_build
def test_nothing_is_loaded_from_another_host(project):
    write(project, 'index', '# Home\n\n> Where one begins', '![A cat](https://example.com/cat.png)', '[story](tutorials/story.ipynb#its-end)')
    with pytest.raises(SystemExit, match='https://example.com/cat.png would be loaded from another host'): build(project)


@can_build
def test_names_formulas_and_pages(project):
    built = build(project)
    assert set(built) == {'index.html', 'reference.html', 'tutorials/story.html'}
    story = built['tutorials/story.html']
    assert 'href="../reference.html#value"' in story and 'href="../reference.html#value.backward"' in story
    assert '<math' in story and 'katex' not in story
    assert 'href="story.ipynb" download' in story and (project/'_docs'/'tutorials'/'story.ipynb').exists()


def test_names_are_linked_where_they_are_prose():
    text = '`Value`, `fit()` and `a.grad`\n# `Value`\n[`Value`](x.html)\n```\n`Value`\n```\n``a `Value` b``'
    assert docs.linked(text, 'r') == text.replace('`Value`, `fit()`', '[`Value`](r#value), [`fit()`](r#fit)', 1)


@pytest.mark.parametrize('name, where', [
    ('Value', 'value'), ('engine.Value', 'value'), ('Value.backward', 'value.backward'), ('micrograd.train.SGD.step', 'sgd.step'),
    ('Value.tanh', 'tanh'), ('fit', 'fit'), ('Value.data', None), ('Value.__add__', None), ('Operand', None), ('engine', None), ('print', None),
])
def test_every_name_has_its_place_in_the_reference(name, where): assert pages.place(name) == where


def test_every_place_is_there():
    reference = (root/'nbs'/'reference.ipynb').read_text(encoding='utf-8')
    places = {pages.place(name) for name in pages.package()} - {None}
    assert [place for place in places if f'{{#{place}}}' not in reference] == []


@can_build
def test_links_to_the_sources_follow_from_git_url(project):
    words = ('Edit this page', 'Report an issue', 'Open in Colab')
    assert not any(word in page for page in build(project).values() for word in words)
    change(project, git_url='https://github.com/someone/micrograd-book')
    story = build(project)['tutorials/story.html']
    assert all(word in story for word in words)
    for address in ('https://github.com/someone/micrograd-book/edit/main/nbs/tutorials/story.ipynb',
                    'https://github.com/someone/micrograd-book/issues/new',
                    'https://colab.research.google.com/github/someone/micrograd-book/blob/main/nbs/tutorials/story.ipynb',
                    '%pip install git+https://github.com/someone/micrograd-book'):
        assert address in story, address


@can_build
def test_colab_opens_from_github_only(project):
    change(project, git_url='https://git.example.org/micrograd')
    story = build(project)['tutorials/story.html']
    assert 'https://git.example.org/micrograd/edit/main/nbs/tutorials/story.ipynb' in story and 'Colab' not in story


@can_build
def test_sitemap_and_social_card_need_an_address(project):
    assert not (build(project) and (project/'_docs'/'sitemap.xml').exists())
    change(project, doc_host='https://example.org', doc_baseurl='/book')
    home = build(project)['index.html']
    assert 'https://example.org/book/tutorials/story.html' in (project/'_docs'/'sitemap.xml').read_text()
    assert 'https://example.org/book/assets/card.png' in home


@pytest.mark.skipif(os.name == 'nt', reason='the program below is a shell script')
@pytest.mark.parametrize('says, fails', [('', False), ('WARN: Unable to resolve link target', True), ('[WARNING] unclosed Div', True)])
def test_quarto_is_used_where_it_is_and_its_warnings_count(project, monkeypatch, says, fails):
    "A stand-in for Quarto: it writes a page from the options it was given."
    program = project/'bin'/'quarto'
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "{says}" >&2\nmkdir _docs\n(echo "<pre>"; cat _quarto.yml) > _docs/index.html\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(program.parent), prepend=os.pathsep)
    if fails:
        with pytest.raises(SystemExit, match='Quarto says'): build(project)
    else: assert 'html-math-method: mathml' in build(project)['index.html'] and 'dark.scss' in (project/'_docs'/'index.html').read_text()


def test_the_command_says_where_the_site_is(tmp_path):
    if sys.version_info < (3, 11) and not shutil.which('quarto'): pytest.skip('neither Quarto nor Python 3.11 here, so the site was not built')
    ran = subprocess.run([sys.executable, root/'tools'/'docs.py', tmp_path/'out'], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert str(tmp_path/'out') in ran.stdout and (tmp_path/'out'/'index.html').exists()
