"""The grader knows neither the web nor the database."""

import subprocess
import sys

# Plain arithmetic that the product promises by too, and what a spreadsheet would run; they import nothing of their own.
SHARED = ["labapp.formulas", "labapp.values", "labapp.working_time"]
FOREIGN = ("flask", "flask_babel", "sqlalchemy", "werkzeug", "xlsxwriter")


def test_importing_the_grader_imports_nothing_of_the_web_or_the_database():
    code = (
        "import sys, labapp.grading, labapp.grading.sheets\n"
        "own = [name for name in sys.modules if name.startswith('labapp.') and not name.startswith('labapp.grading')]\n"
        f"print(sorted(own), [name for name in {FOREIGN} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{SHARED} []"
