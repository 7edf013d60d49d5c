"""Pickles that would run code, in every way that an unpickler supports."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import pickling
from .case import Case
from .checkpoint import Checkpoint, with_pickle, with_value
from .pickling import Call, Opcodes, Symbol

BASE = "vanilla"

Place = Callable[[Checkpoint, Any], object]


def command(marker: Path) -> str:
    """Returns a command that creates a file when it runs."""
    return f"touch {marker}"


def routes(marker: Path) -> dict[str, Call]:
    """Returns calls that run the command, directly or indirectly."""
    shell = command(marker)
    python = f"__import__('os').system({shell!r})"
    words = shell.split()
    getattr_system = Call(Symbol("builtins", "getattr"), (Symbol("os", "path"), "os"))
    calls: dict[str, tuple[Any, ...]] = {
        "os.system": (shell,),
        "posix.system": (shell,),
        "nt.system": (shell,),
        "os.popen": (shell,),
        "os.execvp": (words[0], words),
        "os.spawnlp": (0, words[0], *words),
        "posix.posix_spawn": ("/usr/bin/touch", words, {}),
        "os.remove": (str(marker.parent),),
        "shutil.rmtree": (str(marker.parent),),
        "subprocess.Popen": (words,),
        "subprocess.call": (words,),
        "subprocess.run": (words,),
        "subprocess.check_output": (words,),
        "subprocess.getoutput": (shell,),
        "commands.getoutput": (shell,),
        "pty.spawn": (words,),
        "builtins.eval": (python,),
        "builtins.exec": (python,),
        "__builtin__.eval": (python,),
        "__builtin__.execfile": (str(marker),),
        "builtins.compile": (python, "", "exec"),
        "builtins.__import__": ("antigravity",),
        "builtins.open": (str(marker), "w"),
        "builtins.getattr": (Symbol("os", "path"), "os"),
        "builtins.map": (Symbol("os", "system"), [shell]),
        "builtins.breakpoint": (),
        "io.open": (str(marker), "w"),
        "pathlib.Path": (str(marker),),
        "importlib.import_module": ("antigravity",),
        "runpy.run_path": (str(marker),),
        "runpy._run_code": (python, {}),
        "code.interact": (),
        "timeit.timeit": (python,),
        "cProfile.run": (python,),
        "pdb.run": (python,),
        "trace.Trace": (),
        "types.FunctionType": (None, {}),
        "types.CodeType": (),
        "marshal.loads": ("",),
        "pickle.loads": ("cos\nsystem\n.",),
        "_pickle.loads": ("cos\nsystem\n.",),
        "dill.loads": ("",),
        "cloudpickle.cloudpickle._make_function": (),
        "joblib.load": (str(marker),),
        "numpy.load": (str(marker), None, True),
        "numpy.core.multiarray._reconstruct": (),
        "numpy.testing._private.utils.runstring": (python, {}),
        "torch.load": (str(marker),),
        "torch.hub.load": ("owner/repository", "model"),
        "torch.jit.load": (str(marker),),
        "torch.serialization.load": (str(marker),),
        "torch.storage._load_from_bytes": ("",),
        "torch._utils._import_dotted_name": ("os.system",),
        "torch.utils.cpp_extension.load_inline": ("x", shell),
        "torch.distributed.rpc.internal._deserialize": (),
        "torch.fx.graph_module.reduce_graph_module": ({}, python),
        "torch.nn.modules.module.Module": (),
        "functools.partial": (Symbol("os", "system"), shell),
        "functools.reduce": (Symbol("os", "system"), [shell]),
        "operator.methodcaller": ("system", shell),
        "operator.attrgetter": ("system",),
        "copyreg._reconstructor": (Symbol("os", "system"), Symbol("builtins", "object"), None),
        "copyreg.__newobj__": (Symbol("subprocess", "Popen"), words),
        "ctypes.CDLL": (str(marker),),
        "socket.create_connection": (("127.0.0.1", 9),),
        "urllib.request.urlopen": (f"file://{marker}",),
        "webbrowser.open": (f"file://{marker}",),
        "asyncio.unix_events._UnixSubprocessTransport._start": (words, True),
        "logging.config.listen": (),
        "multiprocessing.util.spawnv_passfds": ("/usr/bin/touch", words, ()),
        "sys.setrecursionlimit": (1 << 30,),
        "signal.alarm": (1,),
    }
    symbols = ((name, name.rpartition(".")) for name in calls)
    named = {name: Call(Symbol(module, last), calls[name]) for name, (module, _, last) in symbols}
    return {
        **named,
        "call-of-a-call": Call(getattr_system, (shell,)),
        "defaultdict-of-system": Call(
            Symbol("collections", "defaultdict"), (Symbol("os", "system"),)
        ),
        "storage-called": Call(Symbol("torch", "FloatStorage"), (8,)),
        "ordered-dict-with-items": Call(Symbol("collections", "OrderedDict"), ([("a", 1)],)),
        "tensor-called-with-text": Call(pickling.REBUILD_TENSOR, (shell,)),
        "parameter-of-a-call": Call(
            Symbol("torch._utils", "_rebuild_parameter"),
            (Call(Symbol("os", "system"), (shell,)), False, {}),
        ),
        "text-called": Call(shell, ()),
        "dotted-name": Call(Symbol("collections", "OrderedDict.__init__.__globals__"), ()),
    }


#: Positions of the call in a checkpoint.
PLACES: dict[str, Place] = {
    "parameter": lambda checkpoint, call: checkpoint["encoder_params"].update(mean_pool=call),
    "tensor": lambda checkpoint, call: checkpoint["model_dict"].update(extra=call),
    "beside": lambda checkpoint, call: checkpoint.update(extra=call),
    "nested": lambda checkpoint, call: checkpoint["encoder_params"].update(a=[{"b": (1, [call])}]),
    "weights": lambda checkpoint, call: checkpoint.update(model_dict=call),
    "hooks": lambda checkpoint, call: setattr(
        next(iter(checkpoint["model_dict"].values())), "hooks", call
    ),
    "storage": lambda checkpoint, call: setattr(
        next(iter(checkpoint["model_dict"].values())), "storage", call
    ),
}


def forms(marker: Path) -> dict[str, bytes]:
    """Returns one call, made by each opcode that can make one."""
    shell = pickling.opcodes(command(marker))
    short = b"\x8c\x02os\x8c\x06system"
    system, arguments = b"cos\nsystem\n", shell + b"\x85"
    text = repr(command(marker)).encode()
    return {
        "reduce": system + arguments + b"R",
        "stack-global": short + b"\x93" + arguments + b"R",
        "memoized-global": system + b"q\x000h\x00" + arguments + b"R",
        "inst": b"(S" + text + b"\nios\nsystem\n",
        "obj": b"(" + system + shell + b"o",
        "newobj": system + arguments + b"\x81",
        "newobj-ex": system + arguments + b"}\x92",
        "ext1": b"\x82\x01",
        "ext4": b"\x84\x01\0\0\0",
        "build-slots": b"cos\nstat_result\n)\x81N}X\x01\0\0\0aK\x01s\x86b",
        "build-of-a-class": b"ccollections\nOrderedDict\n}X\x08\0\0\0__init__cos\nsystem\nsb",
        "persistent-text": b"Pos.system\n",
        "persistent-of-a-call": system + arguments + b"RQ",
        "next-buffer": b"\x97",
        "byte-array": b"\x96\x04\0\0\0\0\0\0\0data",
        "set": b"\x8f(" + system + b"\x90",
        "old-text-opcodes": b"S" + text + b"\nI1\n0",
    }


def broken() -> dict[str, bytes]:
    """Returns pickles that would cost time or memory, or that end at an unexpected position."""
    deep = 10_000
    bombs = b"\x80\x02]q\x00" + b"".join(
        b"](" + b"h" + bytes([n]) + (b"h" + bytes([n])) * 9 + b"eq" + bytes([n + 1])
        for n in range(60)
    )
    return {
        "empty": b"",
        "no-protocol": b"}.",
        "protocol-9": b"\x80\x09}.",
        "protocol-0": b"(dp0\n.",
        "only-a-protocol": b"\x80\x02",
        "no-stop": b"\x80\x02}",
        "after-stop": b"\x80\x02}.}.",
        "stop-alone": b"\x80\x02.",
        "not-a-dict": b"\x80\x02].",
        "empty-dict": b"\x80\x02}.",
        "deep-lists": b"\x80\x02" + b"]" * deep + b"a" * (deep - 1) + b".",
        "deep-tuples": b"\x80\x02)" + b"\x85" * deep + b".",
        "deep-marks": b"\x80\x02" + b"(" * deep + b".",
        "billion-lists": bombs + b".",
        "long-text": b"\x80\x02X\xff\xff\xff\x7f.",
        "long-text-8": b"\x80\x04\x8d" + b"\xff" * 8 + b".",
        "long-number": b"\x80\x02\x8b\xff\xff\xff\x7f.",
        "long-frame": b"\x80\x04\x95" + b"\xff" * 8 + b"}.",
        "memo-unset": b"\x80\x02h\x07.",
        "memo-far": b"\x80\x02}r\xff\xff\xff\xffj\xfe\xff\xff\xff.",
        "many-puts": b"\x80\x04}" + b"\x94" * (1 << 20) + b"\x94.",
        "many-values": b"\x80\x02" + b"N" * ((1 << 20) + 1) + b".",
        "self-in-self": b"\x80\x02}q\x00X\x0a\0\0\0model_dicth\x00s.",
        "text-not-utf-8": b"\x80\x02X\x02\0\0\0\xff\xfe.",
        "key-twice": b"\x80\x02}X\x01\0\0\0aK\x01sX\x01\0\0\0aK\x02s.",
        "key-a-list": b"\x80\x02}]K\x01s.",
        "pop-on-nothing": b"\x80\x020.",
        "unknown-opcode": b"\x80\x02\xff.",
        "global-cut": b"\x80\x02cos\nsyst",
        "global-long": b"\x80\x02c" + b"a" * (2 << 20) + b"\nb\n.",
    }


def code_cases(marker: Path) -> Iterator[Case]:
    """Yields every kind of call in one position, and one kind in all forms and positions."""
    places = list(PLACES.items())
    for index, (name, call) in enumerate(routes(marker).items()):
        place, put = places[index % len(places)]
        yield _case(f"route-{name}-{place}", put, call)
    for form, code in forms(marker).items():
        for place, put in places:
            yield _case(f"form-{form}-{place}", put, Opcodes(code))
        root = with_pickle(b"\x80\x04" + code + b".")
        yield Case(f"form-{form}-root", BASE, root)


def broken_cases() -> Iterator[Case]:
    """Yields files that are not the pickle of a checkpoint."""
    for name, content in broken().items():
        yield Case(f"pickle-{name}", BASE, with_pickle(content))
    huge = struct.pack("<I", (1 << 20) + 1)
    yield Case(
        "pickle-text-past-limit",
        BASE,
        with_pickle(b"\x80\x02X" + huge + b"a" * ((1 << 20) + 1) + b"."),
    )


def _case(name: str, put: Place, call: Any) -> Case:
    return Case(name, BASE, with_value(lambda checkpoint: put(checkpoint, call)))
