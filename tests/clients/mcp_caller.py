"""A program with the official client in it, of whichever version Python finds: it asks and prints what it was answered.

``mcp_caller.py WHERE [NAME=VALUE…]`` reads a JSON list of acts from standard input. WHERE is an address, or a command
that speaks on standard input and output, which gets these options. An act is ["tools"], ["templates"], ["resource",
URI], ["call", TOOL, ARGUMENTS] or ["together", ACT…].
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from importlib.metadata import version


@asynccontextmanager
async def connected(where, options):
    """A session of the client, with what the server said of itself."""
    from mcp import StdioServerParameters

    command, *arguments = where.split()
    by_command = StdioServerParameters(command=command, args=arguments, env=options)
    is_address = where.startswith("http")
    if version("mcp").startswith("2."):
        from mcp import Client

        async with Client(where if is_address else by_command) as client:
            yield client, client.server_info.name, client.protocol_version
        return
    from mcp import ClientSession
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamablehttp_client

    async with (
        streamablehttp_client(where) if is_address else stdio_client(by_command) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        said = await session.initialize()
        yield session, said.serverInfo.name, said.protocolVersion


def field(shape, *names):
    """A field that the versions of the client call differently."""
    return next(getattr(shape, name) for name in names if hasattr(shape, name))


async def do(session, act):
    from mcp.shared import exceptions

    told = field(exceptions, "MCPError", "McpError")
    kind, *rest = act
    if kind == "together":
        return await asyncio.gather(*(do(session, each) for each in rest))
    try:
        if kind == "tools":
            return [tool.name for tool in (await session.list_tools()).tools]
        if kind == "templates":
            found = field(await session.list_resource_templates(), "resource_templates", "resourceTemplates")
            return [field(template, "uri_template", "uriTemplate") for template in found]
        if kind == "resource":
            return (await session.read_resource(rest[0])).contents[0].text
        result = await session.call_tool(*rest)
    except told as error:
        return {"error": str(error)}
    return {
        "is_error": field(result, "is_error", "isError"),
        "text": result.content[0].text,
        "structure": field(result, "structured_content", "structuredContent"),
    }


async def main(where, *options):
    acts = json.load(sys.stdin)
    async with connected(where, dict(option.split("=", 1) for option in options)) as (session, name, protocol):
        answers = [await do(session, act) for act in acts]
    json.dump({"client": version("mcp"), "server": name, "protocol": protocol, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
