"""``qa calibrate``: fits the confidence to questions whose answers are known."""

from __future__ import annotations

from pathlib import Path

import click

from qa import calibration
from qa.assembly import make_pipeline
from qa.cli.progress import standard_error
from qa.confidence import FILE_NAME, Calibrator
from qa.settings import Settings


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--precision",
    default=0.8,
    show_default=True,
    help="Share of the given answers that is to be right.",
)
@click.option("--dry-run", is_flag=True, help="Fit and report, but change nothing.")
@click.pass_obj
def calibrate(settings: Settings, file: Path, precision: float, dry_run: bool) -> None:
    """Fit the confidence, and the threshold below which nothing is answered, to your questions.

    FILE has a JSON object a line: {"question", "answers": [...]}, with no answers where the
    documents do not say; or {"question", "answer", "right": true|false}, as the page exports
    what its users said of answers. The questions are asked of the library as it is.

    \b
    Example:
      python -m qa calibrate questions.jsonl --precision 0.9
    """
    asked = list(calibration.examples(file.read_text("utf-8-sig").splitlines(), file.name))
    pipeline = make_pipeline(settings)
    pipeline.calibrator = Calibrator.load(settings.reader)
    with standard_error().status(f"Asking {len(asked):,} questions"):
        fit = calibration.fit(pipeline, asked, precision)
    click.echo(
        f"{fit.questions:,} questions judged, {fit.unjudged:,} left out; "
        f"{fit.right:.0%} answered right if nothing is declined.\n"
        f"Calibration error {fit.error_before:.3f} before, {fit.error_after:.3f} after.\n"
        f"From a confidence of {fit.calibrator.threshold:.2f} on {fit.given:.0%} are answered, "
        f"{fit.reached:.0%} of them right."
    )
    if not dry_run:
        fit.calibrator.save(settings.data)
        click.echo(
            f"Written to {settings.data / FILE_NAME}; delete it to go back. A running server "
            "takes it up when it is started again."
        )
