"""`earshot page`: opens the page of the running stack, or says how to reach the one in the cloud."""

import webbrowser
from typing import Annotated

import typer

from earshot.cli.target import Cloud, DataDir, NoTarget, explained, in_cloud, say
from earshot.local.endpoints import found, home_folder


@explained
def page(
    show: Annotated[bool, typer.Option("--print", help="Print the address only; open no browser.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Open the page: find, hear and correct recordings.

    Of the running stack in a browser. In the cloud it stands behind Identity-Aware Proxy; --cloud prints the command
    that brings it to this machine.
    """
    if in_cloud(cloud):
        typer.echo("gcloud run services proxy listener --region REGION --port 8080")
        say.print("Replace REGION by the deployment's, and open http://127.0.0.1:8080/")
        return
    home = home_folder(data_dir)
    running = found(home)
    if running is None or "listener" not in running.functions:
        raise NoTarget(f"no stack is running in {home}. Start one with `earshot up`.")
    address = running.functions["listener"]
    typer.echo(address)
    if not show:
        webbrowser.open(address)
