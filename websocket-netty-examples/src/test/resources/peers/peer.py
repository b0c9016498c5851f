"""Python's websockets, as a client that does what it is told or as a server that echoes."""
import asyncio
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory


def pattern(length):
    return bytes(i * 31 & 0xFF for i in range(length))


def say(*words):
    print(*words, flush=True)


def describe(message):
    if isinstance(message, str):
        return "text " + message
    same = message == pattern(len(message))
    return f"binary {len(message)}" if same else "broken"


async def receive(ws):
    try:
        async for message in ws:
            say(describe(message))
    except websockets.ConnectionClosed:
        pass
    say("closed", ws.close_code, ws.close_reason)


async def ping(ws):
    await (await ws.ping())
    say("pong")


def deflate(factory, bits):
    """Asks for windows, the server's and the client's, if they are given."""
    if not bits:
        return {}
    server, client = map(int, bits)
    windows = factory(server_max_window_bits=server, client_max_window_bits=client)
    return {"extensions": [windows], "compression": None}


async def client(uri, *bits):
    windows = deflate(ClientPerMessageDeflateFactory, bits)
    async with websockets.connect(uri, max_size=None, **windows) as ws:
        receiving = asyncio.create_task(receive(ws))
        loop = asyncio.get_running_loop()
        while line := (await loop.run_in_executor(None, sys.stdin.readline)).rstrip("\n"):
            command, _, rest = line.partition(" ")
            if command == "text":
                await ws.send(rest)
            elif command == "binary":
                await ws.send(pattern(int(rest)))
            elif command == "fragments":
                await ws.send(f"part {i} " for i in range(int(rest)))
            elif command == "ping":
                asyncio.create_task(ping(ws))
            elif command == "close":
                code, reason = rest.split(" ")
                await ws.close(int(code), reason)
        await receiving


async def echo(ws):
    try:
        async for message in ws:
            if message == "please close":
                await ws.close(4002, "server")
            await ws.send(message)
    except websockets.ConnectionClosed:
        pass


async def server(*bits):
    windows = deflate(ServerPerMessageDeflateFactory, bits)
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=None, **windows) as listening:
        say("listening", listening.sockets[0].getsockname()[1])
        await asyncio.Future()


asyncio.run(client(*sys.argv[2:]) if sys.argv[1] == "client" else server(*sys.argv[2:]))
