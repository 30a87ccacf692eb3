"Everything that can change stands in settings.ini; this file only maps it."
import re, sys
from configparser import ConfigParser
from pathlib import Path

here = Path(__file__).resolve().parent
config = ConfigParser()
config.read(here/'settings.ini', encoding='utf-8')
s = config['DEFAULT']

min_python = tuple(int(n) for n in s['min_python'].split('.'))
if sys.version_info < min_python:
    sys.exit(f"{s['lib_name']} needs Python {s['min_python']} or newer; this is Python {sys.version.split()[0]} ({sys.executable}).")

from setuptools import find_packages, setup

licenses = {'apache2': 'Apache-2.0'}
statuses = {'3': '3 - Alpha', '4': '4 - Beta', '5': '5 - Production/Stable'}
last_minor = 14 # the newest Python 3 the tests run on

suffix = '_requirements'
extras = {key.removesuffix(suffix): s[key].split() for key in s if key.endswith(suffix)}
extras['dev'] += [need for name, needs in extras.items() if name != 'dev' for need in needs]

git_url, branch = s['git_url'].rstrip('/'), s['branch']
addresses = {} # none while the project has no public address
if git_url:
    addresses = dict(url=git_url, project_urls={
        'Source': git_url,
        'Changelog': f'{git_url}/blob/{branch}/CHANGELOG.md',
        'Issues': f'{git_url}/issues',
    })
    if s['doc_host']: addresses['project_urls']['Documentation'] = s['doc_host'] + s['doc_baseurl']

readme = here/'README.md'
description = readme.read_text(encoding='utf-8') if readme.exists() else s['description']
# Links into the repository need its address; without one only their texts stay.
if git_url: description = re.sub(r'\]\((nbs/[^)]*)\)', rf']({git_url}/raw/{branch}/\1)', description)
else: description = re.sub(r'!?\[([^\]]*)\]\(nbs/[^)]*\)', r'\1', description)
setup(
    name=s['lib_name'],
    version=s['version'],
    description=s['description'],
    long_description=description,
    long_description_content_type='text/markdown',
    keywords=s['keywords'].split(),
    author=s['author'],
    author_email=s['author_email'] or None,
    license_expression=licenses[s['license']],
    license_files=['LICENSE'],
    classifiers=[
        f"Development Status :: {statuses[s['status']]}",
        f"Intended Audience :: {s['audience']}",
        f"Natural Language :: {s['language']}",
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Typing :: Typed',
        'Programming Language :: Python :: 3',
        *(f'Programming Language :: Python :: 3.{n}' for n in range(min_python[1], last_minor + 1)),
    ],
    python_requires=f">={s['min_python']}",
    install_requires=s['requirements'].split(),
    extras_require=extras,
    packages=find_packages(include=[s['lib_path'], s['lib_path'] + '.*']),
    package_data={s['lib_path']: ['py.typed', 'explore.js']},
    entry_points={'console_scripts': s['console_scripts'].split()},
    zip_safe=False,
    **addresses,
)
