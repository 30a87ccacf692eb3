"The page *exercises*: each alone in a fresh namespace, its stub fails the check, and its answer passes."
import json, re
from pathlib import Path
import pytest

page = Path(__file__).parent.parent/'nbs'/'tutorials'/'exercises.ipynb'
cells = [(c['cell_type'], ''.join(c['source'])) for c in json.loads(page.read_text(encoding='utf-8'))['cells']]
starts = [i for i, (kind, text) in enumerate(cells) if kind == 'markdown' and re.match(r'## \d+\. ', text)]
exercises = {re.match(r'## (.*)', cells[i][1])[1]: cells[i:end] for i, end in zip(starts, [*starts[1:], len(cells)])}
helpers = [text for kind, text in cells[:starts[0]] if kind == 'code']
each = pytest.mark.parametrize('title', exercises)


def run(title, last):
    given = [text for kind, text in exercises[title] if kind == 'code' and '"Answer"' not in text]
    names = {'__name__': 'exercise'}
    for text in (*helpers, *given, last): exec(text, names)


def test_there_are_enough(): assert len(exercises) >= 12


@each
def test_the_answer_passes(title):
    answer, = [text for kind, text in exercises[title] if kind == 'code' and '"Answer"' in text]
    assert 'check_' in answer
    run(title, answer)


@each
def test_the_stub_fails(title):
    stubs = [block for kind, text in exercises[title] if kind == 'markdown' for block in re.findall(r'```python\n(.*?)```', text, re.S)]
    stub, = stubs or ['check_times(times)'] # there, the stub is the code that has to be repaired
    assert 'check_' in stub
    with pytest.raises(Exception): run(title, stub)
