"""`siyu import orders`."""
import typer
app = typer.Typer(no_args_is_help=True)

@app.command("orders")
def orders() -> None:
    """x"""
@app.command("x")
def orders2() -> None:
    """x"""
