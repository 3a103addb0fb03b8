"""What the documents promise."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(path for folder in (".", "docs", "plugins") for path in (ROOT / folder).glob("*.md"))
DOCUMENTS += sorted(path for folder in ("docs", "plugins") for path in (ROOT / folder).glob("*/**/*.md"))


def code_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)


def test_the_program_in_the_readme_prints_what_it_says(capsys):
    (program,) = code_blocks("python")
    exec(compile(program, "README.md", "exec"), {"__name__": "readme"})
    *tensors, loss = capsys.readouterr().out.splitlines()
    assert tensors == re.findall(r"# (\(?tensor.*)$", program, re.MULTILINE)
    assert float(loss) < 0.01


def test_ci_runs_the_test_command_of_the_readme():
    _, command = code_blocks("sh")
    assert command.strip() in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []
