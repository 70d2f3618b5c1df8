"""The commands that draw: run by ``disclosure chart`` and ``disclosure briefing``.

``etl`` may not import the dashboard, so its command line runs ``python -m dashboard COMMAND``
with the options as one JSON object. Exit codes and errors are those of ``disclosure``: 0 done;
2 wrong usage; 4 some figures could not be shown, the rest are; 5 nothing could be done.
"""

from __future__ import annotations

import difflib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from dashboard import briefing, commands_office, figures
from dashboard.command import (
    NOTHING,
    OK,
    SOME,
    USAGE,
    Options,
    Wrong,
    here,
    language,
    params_of,
    progress,
    say,
    target,
    understood,
    write,
)
from dashboard.db import WarehouseError
from dashboard.drawing import DrawingError
from dashboard.export import data, packs, picture
from dashboard.export.base import Item, item_of, metadata
from dashboard.export.kinds import BY_KEY as KINDS
from dashboard.export.template import TemplateError
from dashboard.filters import LANGUAGES
from dashboard.i18n import translator
from dashboard.open import Opener
from dashboard.registry import BY_KEY as PAGES

_INTERRUPTED: Final = 130
#: A specification is a page of text.
SPEC_BYTES: Final = 1 << 20
CHART_ENDINGS: Final = ("png", "svg", "pdf", "csv", "xlsx", "json", "parquet")


def chart(options: Options) -> int:
    """One figure of one view into one file: ``figure, filters, lang, out, title, scale, list``."""
    opener, lang = Opener(), language(options)
    params = params_of(options.get("filters") or "", lang)
    if options.get("list"):
        return _list(opener, params, options.get("figure") or "")
    name, out = str(options.get("figure") or ""), target(options, CHART_ENDINGS)
    page = _page(name)
    build = opener.build(params.get("build", ""))
    if build is None:
        raise Wrong(
            f"数据版本 {params['build']} 已不在 that build is no longer kept",
            hint="去掉 build= 用最新版本 leave build= out for the newest", code=NOTHING,
        )  # fmt: skip
    view = opener.view(page, params, build)
    here(view)
    known = _names(view, page)
    base = "/".join(name.split("/")[:2])
    if base not in figures.FIGURES():
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.3) or known[:3]
        raise Wrong(f"没有这张图 no such chart: {name}", hint=f"例如 such as {', '.join(near)}")
    if name not in known and (part := [k for k in known if k.startswith(f"{base}/")]):
        near = difflib.get_close_matches(name, part, n=3, cutoff=0.0)
        raise Wrong(f"没有这张图 no such chart: {name}", hint=f"例如 such as {', '.join(near)}")
    item = item_of(name, view, title=str(options.get("title") or ""),
                   note=str(options.get("note") or "")) if name in known else None  # fmt: skip
    if item is None:
        raise Wrong(
            f"没有可画的数据 nothing to draw: {name}（{view.in_words}）",
            hint="检查筛选；机构档案需要 office= check the filters; a profile needs office=",
            code=NOTHING,
        )  # fmt: skip
    ending = out.suffix.lower().lstrip(".")
    write(out, _chart_bytes(item, ending, int(options.get("scale") or 2)))
    if ending == "csv":
        note = json.dumps(metadata(item), ensure_ascii=False, indent=1)
        write(out.with_name(f"{out.name}.json"), note.encode("utf-8"))
    say(f"已导出 exported {item.heading} → {out}")
    return OK


def _chart_bytes(item: Item, ending: str, scale: int) -> bytes:
    if ending == "png":
        return picture.png(item, scale)
    if ending == "csv":
        return data.values_csv(item)
    return KINDS[ending].make(item)


def _names(view: Any, page: str) -> list[str]:
    return figures.names_on(page, view) if view.years else []


def _page(name: str) -> str:
    page = name.split("/")[0]
    if "/" not in name or page not in PAGES:
        pages = sorted({spec.page for spec in figures.FIGURES().values()})
        raise Wrong(
            f"图名应为 PAGE/CHART a chart's name is PAGE/CHART: {name!r}",
            hint=f"页面 pages: {', '.join(pages)}；--list 列出全部 lists all",
        )
    return page


def _list(opener: Opener, params: Mapping[str, str], only: str) -> int:
    """The names of the figures of a view, those that begin with ``only``."""
    build = opener.build(params.get("build", "")) or opener.newest()
    for page in PAGES:
        view = opener.view(page, params, build)
        for name in _names(view, page):
            if name.startswith(only):
                sys.stdout.write(f"{name}\n")
    return OK


def pack(options: Options) -> int:
    """A briefing's specification into one file: ``spec, out, lang, template, fresh``."""
    out = target(options, tuple(p.ending for p in packs.PRODUCTS))
    path = Path(str(options["spec"]))
    try:
        spec = briefing.from_mapping(_read_spec(path))
        for n, pin in enumerate(spec.pins, start=1):
            _page(pin.figure)
            understood(dict(pin.params), f"pins[{n}]")
    except briefing.BriefingError as error:
        raise briefing.BriefingError(f"{path}: {error}") from None
    except Wrong as error:
        known = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise Wrong(known, code=error.code) from None
    if not spec.pins:
        raise Wrong(f"{path}: 简报里没有图 no charts", hint="写上 pins: add pins:")
    template = _template(options, out)
    spec = briefing.refreshed(spec) if options.get("fresh") else spec
    opener, lang = Opener(), language(options, default="")
    items, troubles = briefing.build(spec, opener, lang=lang, progress=progress("图 charts"))
    t = translator(lang or (items[0].view.lang if items else "zh"))
    for trouble in troubles:
        say(briefing.trouble_words(trouble, t))
    if not items:
        raise Wrong("没有一张图可画 no chart could be drawn", hint="见上 see above", code=NOTHING)
    made = briefing.pack_of(spec, items, troubles, template=template)
    content = packs.make(out.suffix.lower().lstrip("."), made, progress("写入 writing"))
    write(out, content)
    say(f"已导出 exported {len(items)} 张图 charts → {out}")
    return SOME if troubles else OK


def _read_spec(path: Path) -> Any:
    try:
        if path.stat().st_size > SPEC_BYTES:
            raise Wrong(f"{path} 过大 is too large", hint="简报说明应是一页文字 a page of text")
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Wrong(
            f"无法读取 cannot read {path}: {error.strerror}", hint="检查路径 check the path"
        ) from None
    except UnicodeDecodeError:
        raise Wrong(f"{path}: 不是 UTF-8 文字 is not UTF-8 text") from None
    except yaml.YAMLError as error:
        raise Wrong(f"{path}{_line(error)}: 不是 YAML is not YAML: {_what(error)}") from None


def _line(error: yaml.YAMLError) -> str:
    """Where a specification is broken, counted as an editor does."""
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f" 第{mark.line + 1}行 line {mark.line + 1}"


def _what(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error)


def _template(options: Options, out: Path) -> bytes | None:
    if not options.get("template"):
        return None
    if out.suffix.lower() != ".pptx":
        raise Wrong("--template 只用于 .pptx goes with a .pptx only")
    try:
        return Path(str(options["template"])).read_bytes()
    except OSError as error:
        raise Wrong(f"无法读取 cannot read {options['template']}: {error.strerror}") from None


COMMANDS: Final[dict[str, Callable[[Options], int]]] = {
    "chart": chart,
    "briefing": pack,
    "dossier": commands_office.dossier,
    "letters": commands_office.letters,
}


def main(arguments: list[str]) -> int:
    """Run ``COMMAND JSON``; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    logging.getLogger("dashboard").addHandler(logging.StreamHandler(sys.stderr))
    try:
        return COMMANDS[arguments[0]](json.loads(arguments[1]))
    except Wrong as error:
        say(f"错误 error: {error}")
        return error.code
    except briefing.BriefingError as error:
        say(f"错误 error: {error}")
        return USAGE
    except TemplateError as error:
        say(f"错误 error: --template: {_both(f'briefing.template_{error.reason}')}")
        return USAGE
    except WarehouseError as error:
        what, do = (_both(f"error.{error.reason}.{part}") for part in ("what", "do"))
        say(f"错误 error: {what} — {do} {error.place}")
        return NOTHING
    except DrawingError as error:
        say(f"错误 error: 无法绘制 cannot draw: {str(error)[:500]}")
        return NOTHING
    except KeyboardInterrupt:
        say("已中断 interrupted")
        return _INTERRUPTED
    except Stopped as error:
        say("已中断 interrupted")
        return error.code
    except BrokenPipeError:
        return OK
    except Exception as error:
        if os.environ.get("DISCLOSURE_DEBUG"):
            raise
        say(
            f"程序内部错误 internal error: {type(error).__name__}: {error} — "
            "设 DISCLOSURE_DEBUG=1 重试可见详情，并请告知维护者 set DISCLOSURE_DEBUG=1 for details"
        )
        return NOTHING


def _both(key: str) -> str:
    """Words of the catalogue in both languages: a scheduler's log has no language."""
    return " ".join(translator(lang)(key) for lang in LANGUAGES)


class Stopped(BaseException):
    """A signal asked us to stop; ``code`` is the exit code a shell would give."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def _stop(number: int, frame: object) -> None:
    """Stop once: cleaning up is not interrupted again."""
    for each in _ASKED:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


_ASKED: Final = (signal.SIGINT, signal.SIGTERM)


def script() -> NoReturn:
    """The process of one command: signals stop it with everything put away."""
    for each in _ASKED:
        signal.signal(each, _stop)
    code = main(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    if code > 128:
        # Threads may wait for a drawing; the processes that draw end with our end of their pipes.
        os._exit(code)
    sys.exit(code)
