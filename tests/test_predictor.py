"Training that stops by itself, and what a predictor answers."
import math, random
import numpy as np
import pytest
from micrograd.data import make_moons
from micrograd.answers import Predictor, evaluate, importance, score_of, score_of_answers
from micrograd.predictor import Options, Training, load, resume, run, save, train_table
from micrograd.report import confusion, report
from micrograd.tables import Table

xs, labels = make_moons(120, seed=1)
moons = {'a': [x for x, _ in xs], 'b': [y for _, y in xs], 'noise': [math.sin(9*i) for i in range(120)], 'kind': ['ox'[label] for label in labels]}
small = dict(hidden=(6,), rounds=12, progress=False)


@pytest.fixture(scope='module')
def predictor(): return train_table(moons, 'kind', hidden=(8,), rounds=100, patience=40, lr=0.02, progress=False)


def test_rows_dicts_columns_and_frames_get_the_same_answers(predictor):
    rows = [[moons[name][i] for name in ('a', 'b', 'noise')] for i in range(9)]
    expected = predictor.predict(Table.of(moons))[:9]
    assert predictor.predict(rows) == predictor.predict(np.array(rows)) == expected
    assert predictor.predict([dict(zip(('noise', 'b', 'a'), reversed(row))) for row in rows]) == expected
    assert predictor.predict({name: column[:9] for name, column in moons.items()}) == expected
    for answer, p in zip(expected, predictor.probabilities(rows)): assert max(p, key=p.get) == answer and math.isclose(sum(p.values()), 1)
    assert predictor.predict([]) == []


def test_compiled_answers_are_the_same_numbers(predictor):
    rows = predictor.recipe.inputs(Table.of(moons))
    plain = predictor.outputs(rows, jit=False)
    predictor._compiled = None
    assert predictor.outputs(rows, jit=True) == plain
    fresh = train_table(moons, 'kind', hidden=(8,), rounds=100, patience=40, lr=0.02, progress=False, jit=True)
    assert fresh.model.state_dict() == pytest.approx(predictor.model.state_dict(), rel=1e-6)


def test_a_table_in_parts_is_compiled_when_it_has_become_long(predictor, monkeypatch):
    rows = predictor.recipe.inputs(Table.of(moons))
    fresh = Predictor(predictor.recipe, predictor.model)
    monkeypatch.setattr('micrograd.answers.is_worth_compiling', lambda weights, rows: rows > 200)
    assert fresh.outputs(rows) == predictor.outputs(rows) and fresh._compiled is None
    assert fresh.outputs(rows) == predictor.outputs(rows) and fresh._compiled is not None


def test_it_learns_and_says_how_well(predictor):
    score = evaluate(predictor, moons)
    assert score.accuracy > 0.95 and score.rows == 120 and score.baseline == 0.5
    assert predictor.score['accuracy'] > 0.9 and str(score).startswith('accuracy')
    assert [name for name, _ in importance(predictor, predictor.recipe.inputs(Table.of(moons)), predictor.recipe.target.values(Table.of(moons).column('kind')))][-1] == 'noise'


def test_amounts():
    columns = dict(x=[i/20 for i in range(100)], y=[1000 + 3*i for i in range(100)])
    predictor = train_table(columns, 'y', hidden=(8,), rounds=60, lr=0.02, progress=False)
    score = evaluate(predictor, columns)
    assert score.error < 30 and score.r2() > 0.9 and score.baseline == pytest.approx(np.std(columns['y']))
    with pytest.raises(ValueError, match="'y' is an amount"): predictor.probabilities(columns)


def test_the_best_weights_are_kept_and_it_stops():
    training = Training(Table.of(moons), 'kind', Options(hidden=(6,), rounds=400, patience=3, lr=0.3))
    run(training, progress=False)
    best = training.best
    assert len(best.losses) < 400 and best.loss == min(best.losses) and best.round == best.losses.index(best.loss) + 1
    assert len(best.losses) - best.round == 3
    assert score_of(training.predictor, *training.watched).loss == best.loss


@pytest.mark.parametrize('call', [1, 90, 200, 500]) # the 90th looks at the rows to stop by, after the first round
@pytest.mark.parametrize('in_a_file', [False, True])
def test_interrupted_anywhere_it_goes_on_with_the_same_bits(tmp_path, call, in_a_file):
    def new(): return Training(Table.of(moons), 'kind', Options(hidden=(3,), rounds=6), jit=False)
    whole, training = new(), new()
    run(whole, progress=False)
    model, calls = training.predictor.model, []
    class Stops:
        def __call__(self, x):
            calls.append(1)
            if len(calls) == call: raise KeyboardInterrupt
            return model(x)
        def parameters(self): return model.parameters()
    training.predictor.model = Stops()
    with pytest.raises(KeyboardInterrupt): run(training, progress=False)
    training.predictor.model = model
    if in_a_file:
        save(training, tmp_path/'t.json')
        training = new()
        resume(training, tmp_path/'t.json')
    run(training, progress=False)
    assert training.predictor.model.state_dict() == whole.predictor.model.state_dict() and training.best == whole.best
    assert training.history.loss == whole.history.loss


def test_another_table_or_other_options_are_not_gone_on_with(tmp_path):
    training = Training(Table.of(moons), 'kind', Options(hidden=(3,), rounds=1))
    save(training, tmp_path/'t.json')
    for change in (dict(hidden=(4,)), dict(lr=0.5), dict(seed=1)):
        with pytest.raises(ValueError, match='made with another'): resume(Training(Table.of(moons), 'kind', Options(**{**dict(hidden=(3,)), **change})), tmp_path/'t.json')
    with pytest.raises(ValueError, match='another features'): resume(Training(Table.of({**moons, 'a': moons['b']}), 'kind', Options(hidden=(3,))), tmp_path/'t.json')


def test_missing_answers_words_gaps_and_dates_together():
    dice = random.Random(1)
    columns = dict(size=[dice.choice([1.5, 2, 3, None]) for _ in range(90)], colour=[dice.choice(['red', 'blue', None]) for _ in range(90)],
                   day=[f'2024-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}' for _ in range(90)], id=range(90),
                   y=[dice.choice(['yes', 'no', None]) for _ in range(90)])
    predictor = train_table(columns, 'y', **small)
    assert [f.kind for f in predictor.recipe.features] == ['number', 'words', 'date', 'left out'] and predictor.recipe.sizes() == [7, 6, 2]
    assert len(predictor.predict([dict(size=None, colour='green', day=None)])) == 1


def test_words_among_amounts_to_predict_may_count_as_missing():
    columns = dict(x=range(50), y=[*range(48), 'inf', 'many'])
    with pytest.raises(ValueError, match='--numbers "y"'): Training(Table.of(columns), 'y')
    training = Training(Table.of(columns), 'y', Options(rounds=1), numbers=['y'])
    assert training.unanswered == 2 and not training.recipe.target.classes
    assert evaluate(run(training, progress=False), columns).rows == 48


def test_a_score_says_how_little_thirty_rows_say():
    score = score_of_answers([('a', 'a')]*29 + [('b', 'a')], classes=True)
    low, high = score.interval()
    assert score.accuracy == score.baseline == 29/30 and low == pytest.approx(0.8333, abs=1e-4) and high == pytest.approx(0.9941, abs=1e-4) # statsmodels, method='wilson'


def test_forty_classes_are_told_as_mistakes():
    pairs = [(f'class {i}', f'class {i % 38}') for i in range(40)]
    told = confusion(score_of_answers(pairs, classes=True))
    assert "'class 38' was taken for 'class 0': 1 time" in told and max(map(len, told.splitlines())) <= 80
    assert len(confusion(score_of_answers([('b\n1', 'a'), ('a', 'a')], classes=True)).splitlines()) == 3


@pytest.mark.parametrize('text', ['{"format": "literate-micrograd checkpoint 1", "loss": [], "accuracy": [], "random": [3, [], null], "model": {}, "extra": {}}'])
def test_a_file_without_a_recipe_is_said(tmp_path, text):
    (tmp_path/'m.json').write_text(text)
    with pytest.raises(ValueError, match='nothing tells how its inputs are prepared'): load(tmp_path/'m.json')


def test_of_very_many_columns_those_with_the_largest_weights_are_tried():
    dice = random.Random(0)
    table = Table.of({**{f'x{i}': [dice.random() for _ in range(50)] for i in range(150)}, 'y': [i % 2 for i in range(50)]})
    training = Training(table, 'y', Options(hidden=(2,), rounds=1), jit=False)
    for neuron in training.predictor.model.layers[0].neurons:
        for w in neuron.w[:50]: w.data = 0.0
    found = [name for name, _ in importance(training.predictor, *training.test)]
    assert sorted(found) == sorted(f'x{i}' for i in range(50, 150))
    assert 'of the 100 columns with the largest weights' in report(training)[0] and 'and 90 more' in report(training)[0]
