"""`python -m unbroken`."""

from unbroken.cli import app

if __name__ == "__main__":
    app(prog_name="unbroken")
