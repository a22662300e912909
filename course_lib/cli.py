"""The `course` command: each verb calls one function."""

import argparse
import io
import sys
from pathlib import Path

from course_lib import launch
from course_lib.folders import JUPYTER_DATA, NOTEBOOKS, WORKSPACE, is_workspace
from course_lib.notebooks import workspace


def main() -> int:
    """Run the command line; returns the exit code. Errors are one line on stderr.

    A console that lacks a sign gets its code instead; one that stops reading, as `head` does, is no error.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="course", description="Lectures on sequence models, by hand.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("lab", help="open the lectures in JupyterLab (further options go to JupyterLab)")
    verbs.add_parser("workspace", help="make or update workspace/, the learner's copies of the lectures")
    verbs.add_parser("progress", help="show which exercises are solved")
    again = verbs.add_parser("start-over", help="set an exercise back to its stub; the old text is kept")
    again.add_argument("exercise", metavar="EXERCISE", help="the name of its function, as moving_average")
    run = verbs.add_parser("run", help="execute lectures and store their outputs")
    run.add_argument("lectures", nargs="+", metavar="LECTURE", help="as 1, 01, 01_sequences or a path")
    arguments, further = parser.parse_known_args()
    if further and arguments.verb != "lab":
        parser.error(f"unknown: {' '.join(further)}")
    try:
        match arguments.verb:
            case "lab":
                return launch.lab(*further)
            case "workspace":
                with launch.workspace_to_ourselves(WORKSPACE):
                    lines = workspace.update(NOTEBOOKS, WORKSPACE, JUPYTER_DATA)
                print(*lines or ["Everything is up to date."], sep="\n")
            case "progress":
                # Brings torch: seconds that the other verbs need not wait.
                from course_lib.exercises import progress

                if not is_workspace(WORKSPACE):
                    raise ValueError("there is no workspace yet; `course lab` or `make lab` makes it")
                print(progress(WORKSPACE))
            case "start-over":
                with launch.workspace_to_ourselves(WORKSPACE):
                    print(workspace.start_over(arguments.exercise, WORKSPACE, JUPYTER_DATA))
            case "run":
                run_lectures(arguments.lectures)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # else Python complains when it closes it
        return 0
    except (OSError, ValueError) as error:
        print(f"course: {error}", file=sys.stderr)
        return 1
    return 0


def run_lectures(names: list[str]) -> None:
    """Execute and store the lectures, saying which of the files changed.

    Raises:
        ValueError: a name fits no lecture, or fits several; or a cell could not be executed.
    """
    from course_lib.notebooks import store

    for path in [find_lecture(name) for name in names]:
        changed = store.run(path)
        print(f"{path.name}: {'updated' if changed else 'unchanged'}", flush=True)


def find_lecture(name: str, folder: Path = NOTEBOOKS) -> Path:
    """The notebook of a lecture given by number, name or path.

    Raises:
        ValueError: the name fits no lecture, or fits several.
    """
    if Path(name).is_file():
        return Path(name)
    stem = Path(name).stem
    beginning = stem.zfill(2) if stem.isdigit() else stem
    lectures = sorted(folder.glob("*.ipynb"))
    found = [path for path in lectures if path.name.startswith(beginning)]
    if len(found) != 1:
        known = ", ".join(path.stem for path in lectures)
        raise ValueError(f"{name!r} is not one lecture; there are {known}")
    return found[0]
