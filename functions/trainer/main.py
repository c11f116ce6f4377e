"""Trainer: a job that trains a model from SQL and puts it into the registry; `python -m earshot.training`."""

import typer

from earshot.cli.train import train

if __name__ == "__main__":
    typer.run(train)
