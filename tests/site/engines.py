"Firefox and WebKit, each driven by its own protocol: WebDriver BiDi over a socket, and WebDriver over HTTP."
from __future__ import annotations
import json, os, re, shutil, subprocess, tempfile, time
from contextlib import contextmanager
from urllib.request import Request, urlopen


@contextmanager
def started(*command, **options):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    try: yield process
    finally:
        process.terminate()
        try: process.wait(10)
        except subprocess.TimeoutExpired: process.kill()


class Browser:
    "A window. `js` gives what an expression is, once it is there if it is a promise."
    def until(self, expression, seconds=120):
        "Waits until an expression is true, and returns it."
        end = time.monotonic() + seconds
        while not (found := self.js(expression)):
            assert time.monotonic() < end, f'{expression} did not come; the page shows {self.js("document.body.innerText")[:2000]}'
            time.sleep(0.05)
        return found


class Firefox(Browser):
    def __init__(self, socket):
        self.socket, self.asked = socket, 0
        self.ask('session.new', capabilities={})
        self.context = self.ask('browsingContext.getTree')['contexts'][0]['context']
        self.ask('browsingContext.setViewport', context=self.context, viewport=dict(width=1280, height=900))

    def ask(self, method, **params):
        self.asked += 1
        self.socket.send(json.dumps(dict(id=self.asked, method=method, params=params)))
        while (answer := json.loads(self.socket.recv())).get('id') != self.asked: pass
        assert answer['type'] == 'success', answer
        return answer['result']

    def open(self, url): self.ask('browsingContext.navigate', context=self.context, url=url, wait='complete')

    def js(self, expression):
        answer = self.ask('script.evaluate', expression=f'(async () => JSON.stringify([await ({expression})]))()', target=dict(context=self.context), awaitPromise=True)
        assert answer['type'] == 'success', answer
        return json.loads(answer['result']['value'])[0]


class WebKit(Browser):
    def __init__(self, at):
        self.at = at
        self.at = f"{at}/session/{self.ask('/session', capabilities=dict(alwaysMatch={'webkitgtk:browserOptions': dict(binary=minibrowser(), args=['--automation'])}))['sessionId']}"
        self.ask('/window/rect', width=1280, height=900)

    def ask(self, what, **params):
        with urlopen(Request(self.at + what, json.dumps(params).encode(), {'Content-Type': 'application/json'}), timeout=300) as answer: return json.load(answer)['value']

    def open(self, url): self.ask('/url', url=url)

    def js(self, expression):
        answer = self.ask('/execute/async', script=f'(async () => await ({expression}))().then(value => arguments[0]([value]), error => arguments[0](String(error)))', args=[])
        assert isinstance(answer, list), answer
        return answer[0]


@contextmanager
def firefox():
    from websocket import create_connection
    with tempfile.TemporaryDirectory() as profile, started(shutil.which('firefox-esr') or 'firefox', '--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0',
                                                           stderr=subprocess.PIPE, text=True, env={**os.environ, 'MOZ_HEADLESS_WIDTH': '1280', 'HOME': profile}) as process:
        address = next(found[1] for line in process.stderr if (found := re.search(r'BiDi listening on (ws://\S+)', line)))
        socket = create_connection(f'{address}/session', timeout=300, suppress_origin=True)
        try: yield Firefox(socket)
        finally: socket.close()


def minibrowser(): return next((str(path) for path in sorted(__import__('pathlib').Path('/usr/lib').glob('*/webkit2gtk-4*/MiniBrowser'))), None)


@contextmanager
def webkit():
    with started('Xvfb', '-displayfd', '1', '-screen', '0', '1400x1000x24', stderr=subprocess.DEVNULL) as _: yield


missing = {'Firefox': '' if shutil.which('firefox-esr') or shutil.which('firefox') else 'no Firefox here',
           'WebKit': '' if shutil.which('WebKitWebDriver') and shutil.which('Xvfb') and minibrowser() else 'no WebKit here'}
