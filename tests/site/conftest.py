"The site in a browser: built for these tests, or the folder that the variable SITE names."
import os, shutil, sys
from pathlib import Path
import pytest

root = Path(__file__).parent.parent.parent
sys.path[:0] = [str(root/folder) for folder in ('tools', 'nbs/live', 'tests')]
from browser import chromium, flags, serving


patience = 120_000 # milliseconds until what does not come is missed: another machine may be slow, and busy


def missing():
    "Why these tests cannot run here, or ''."
    if chromium() is None: return 'no Chromium here, so the pages of the site were not opened'
    if not os.environ.get('SITE') and sys.version_info < (3, 11) and not shutil.which('quarto'): return 'neither Quarto nor Python 3.11 here, so the site was not built'
    return ''


def missing_live():
    "Why the live pages cannot be tested here, or ''."
    import live
    return missing() or live.missing()


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent: item.add_marker(pytest.mark.slow)


@pytest.fixture(scope='session')
def browser():
    assert chromium(), 'no Chromium here'
    from playwright.sync_api import expect, sync_playwright
    expect.set_options(timeout=patience)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope='session')
def folder(once):
    "Where the site is."
    if os.environ.get('SITE'): return Path(os.environ['SITE']).resolve()
    import docs
    return once('_docs', lambda folder: docs.build(root, folder))


@pytest.fixture(scope='session')
def address(folder):
    with serving(folder) as address: yield address


@pytest.fixture
def visit(browser, address):
    "Opens a page of the site in a window of its own: visit('engine.html', width=360, ...)."
    contexts = []
    def open_page(name, width=1280, height=900, **options):
        contexts.append(browser.new_context(viewport=dict(width=width, height=height), **options))
        contexts[-1].set_default_timeout(patience)
        page = contexts[-1].new_page()
        page.goto(address + name, wait_until='load')
        return page
    yield open_page
    for context in contexts: context.close()
