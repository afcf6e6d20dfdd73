"""``broadsheet reader``: show or make an account, and give it a role."""

import click

from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import out, print_json, shown

_ROLES = ("reader", "editor", "moderator", "admin")


@click.command()
@click.argument("email")
@click.option("--role", type=click.Choice(_ROLES), help="What the reader may do from now on.")
@click.option("--handle", help="The handle; else one is made up.")
@common
def reader(email: str, role: str | None, handle: str | None, as_json: bool) -> None:
    """Show the account with an address, made if there is none, and give it a role.

    The first admin of a site: broadsheet reader you@example.org --role admin
    """
    library = open_library()
    from broadsheet.community import accounts

    found, is_new = accounts.ensure(email, handle, role, library.clock())
    if as_json:
        fields = ("username", "email", "name", "role", "is_active", "is_limited")
        print_json({name: getattr(found, name) for name in fields} | {"is_new": is_new})
        return
    state = "" if found.is_active else ", closed"
    out.print(f"{'Made' if is_new else 'Here'}: @{found.username}, {shown(found.email)}, {found.role}{state}")
    if is_new:
        out.print("They sign in by a code sent to that address. Next: broadsheet run")
