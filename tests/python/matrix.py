"""Builds one wheel and tests it under every Python found: `python tests/python/matrix.py [--wheel FILE]`.

Pythons are looked for in pyenv's folder and on the PATH, from the oldest that the package supports on. Each gets a
fresh virtual environment with the wheel and those of the tests' requirements that exist for it; then, one after the
other, the Django versions that exist for it, with the tests of the Django app on SQLite.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "python"
OLDEST = (3, 9)

DJANGO = HERE.parent / "django"
ANY = (3, 99)
DJANGOS = {"4.2": ((3, 12), (3, 12)), "5.2": ((3, 10), ANY), "6.0": ((3, 12), ANY)}
"""Which Pythons each is tested on; 4.2 as Saleor 3.20 has it, and with the plugin for Saleor."""
SALEOR_PLUGIN = HERE.parent / "saleor_plugin"
# These have settings of their own; guides, browsers and whole processes are the same everywhere.
DJANGO_LEFT_OUT = ("oscar", "saleor", "guides", "social", "immunity")

# All but types and lint, which are the same everywhere, and the guides, which need no other Python either.
LEFT_OUT = ("test_typing.py", "test_guides.py")


def check_saleor(python: str, into: Path) -> bool:
    """Test the Saleor app under the Django that is installed."""
    saleor = DJANGO / "saleor"
    kills = f"--ignore={saleor / 'test_kills.py'}"
    tests = [python, "-m", "pytest", "-q", "-c", str(saleor / "pytest.ini"), kills, str(saleor)]
    return subprocess.run(tests, cwd=into, check=False).returncode == 0


def pythons() -> dict[tuple[int, int], str]:
    """Return one interpreter for each minor version."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [str(path) for path in sorted(pyenv.glob("*/bin/python"), reverse=True)]
    candidates += filter(None, (shutil.which(f"python3.{minor}") for minor in range(9, 30)))
    candidates.append(sys.executable)
    found: dict[tuple[int, int], str] = {}
    for candidate in candidates:
        code = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
        told = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False).stdout
        if match := re.fullmatch(r"cpython (\d+) (\d+)\n", told):
            version = int(match.group(1)), int(match.group(2))
            if version >= OLDEST:
                found.setdefault(version, candidate)
    return dict(sorted(found.items()))


def build(into: Path) -> Path:
    """Build the wheel."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(into), str(PACKAGE)]
    subprocess.run(command, check=True)
    (wheel,) = into.glob("*.whl")
    return wheel


def check(python: str, wheel: Path, into: Path, arguments: list[str]) -> tuple[str, bool]:
    """Test the wheel under one Python; returns its path in the new environment, too."""
    subprocess.run([python, "-m", "venv", str(into)], check=True)
    inside = str(next(path for name in ("bin", "Scripts") if (path := into / name).is_dir()) / "python")
    pip = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-index", str(wheel)], check=True)
    requirements = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for requirement in requirements:
        if requirement and not requirement.startswith("#"):
            done = subprocess.run([*pip, "--only-binary=:all:", requirement], check=False, capture_output=True)
            if done.returncode:
                print(f"   without {requirement}")
    left_out = [f"--ignore={HERE / name}" for name in LEFT_OUT]
    tests = [inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *left_out, *arguments, str(HERE)]
    # Elsewhere than in the repository, so that nothing but the wheel can be imported.
    return inside, subprocess.run(tests, cwd=into, check=False).returncode == 0


def check_django(python: str, version: str, into: Path) -> bool:
    """Test the Django app under one Django."""
    requirements = str(DJANGO / "requirements.txt")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"Django=={version}.*", "-r", requirements], check=True)
    left_out = [f"--ignore={DJANGO / name}" for name in DJANGO_LEFT_OUT]
    tests = [python, "-m", "pytest", "-q", "-c", str(DJANGO / "pytest.ini"), *left_out, str(DJANGO)]
    passed = subprocess.run(tests, cwd=into, check=False).returncode == 0
    if version == "4.2":
        tests = [python, "-m", "pytest", "-q", "-c", str(SALEOR_PLUGIN / "pytest.ini"), str(SALEOR_PLUGIN)]
        passed = subprocess.run(tests, cwd=into, check=False).returncode == 0 and passed
    return passed


def main() -> int:
    """Run the matrix; the exit code tells whether all went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, help="test this wheel instead of building one")
    parser.add_argument("--others", action="store_true", help="leave out this Python, which `make test` has tested")
    parser.add_argument("arguments", nargs="*", help="further arguments of pytest, after --")
    given = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        wheel = given.wheel.resolve() if given.wheel else build(Path(folder))
        for version, python in pythons().items():
            if given.others and version == sys.version_info[:2]:
                continue
            name = "Python {}.{}".format(*version)
            print(f"== {name}", flush=True)
            into = Path(folder) / name.replace(" ", "-")
            inside, results[name] = check(python, wheel, into, given.arguments)
            for django, (oldest, newest) in DJANGOS.items():
                if oldest <= version <= newest:
                    print(f"== {name}, Django {django}", flush=True)
                    results[f"{name}, Django {django}"] = check_django(inside, django, into)
                    if django != "4.2":  # on which Saleor has its plugin alone
                        results[f"{name}, Django {django}, Saleor"] = check_saleor(inside, into)
        # Before the folder is removed, which takes its time.
        summary = "\n".join(f"{name}: {'passed' if passed else 'FAILED'}" for name, passed in results.items())
        print(summary, flush=True)
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
