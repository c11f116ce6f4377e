"""`python -m earshot.training TASK [overrides]`: a training as a job, in the project that the environment names."""

import typer

from earshot.cli.train import train

if __name__ == "__main__":
    typer.run(train)
