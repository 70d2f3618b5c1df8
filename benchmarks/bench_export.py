"""Pictures against bare vl-convert on the same specifications; a ten-chart briefing in all formats.

    python benchmarks/bench_export.py [WAREHOUSE]

WAREHOUSE: by default ``$DISCLOSURE_WAREHOUSE``, else ``data/warehouse``. The floor of a picture is
``vl_convert.vegalite_to_png`` at the same scale with the same font, which draws neither title nor
definition nor source. CPU seconds of the process and of those that draw for it, medians, so that
other work on the machine does not count; wall seconds beside them. "beside" is how much of a pack's
processor time ran at the same time as other parts of it (CPU / wall; above 1 on a quiet machine).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import vl_convert

from dashboard import briefing
from dashboard.briefing import Briefing, Pin
from dashboard.charts.base import to_spec
from dashboard.export import fonts, native, packs, picture
from dashboard.export.base import Item, item_of
from dashboard.open import Opener

ROUNDS = 5
SCALE = 2
#: Seven charts that PowerPoint draws itself, three that are pictures: as a pack is in practice.
MIXED = (
    "overview/outcomes", "overview/trend/applications_new", "overview/trend/disclosure_rate",
    "overview/trend/carry_over_rate", "overview/who", "disputes/correction",
    "quality/arrivals", "quality/rules", "compare/funnel", "compare/heat",
)  # fmt: skip
NATIVE = (*MIXED[:7], "disputes/block/review", "disputes/most", "proactive/top/licence_count")
AIM_SECONDS, AIM_BYTES, AIM_RATIO = 5.0, 3_000_000, 1.3


def spent() -> float:
    """CPU seconds of this process and of its drawing ones."""
    tick = os.sysconf("SC_CLK_TCK")
    used = time.process_time()
    for child in picture._drawers()._idle:
        stat = Path(f"/proc/{child._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        used += (int(stat[11]) + int(stat[12])) / tick
    return used


def measured(task: Callable[[], bytes], rounds: int = ROUNDS) -> tuple[float, float, int]:
    """CPU and wall seconds, medians, and the size of the last result."""
    task()
    cpu, wall, size = [], [], 0
    for _ in range(rounds):
        a, b = spent(), time.perf_counter()
        size = len(task())
        cpu.append(spent() - a)
        wall.append(time.perf_counter() - b)
    return statistics.median(cpu), statistics.median(wall), size


def pictures(items: list[Item]) -> None:
    fonts_folder = str(fonts.folder())
    vl_convert.register_font_directory(fonts_folder)
    print(f"{'picture, CPU s':<34}{'bare':>8}{'ours':>8}{'ours/bare':>11}")
    ours_all = bare_all = 0.0
    for item in items:
        spec = picture.paper_spec(to_spec(item.figure.draw), picture.WIDTH - 2 * picture.MARGIN)

        def bare(spec: dict[str, object] = spec) -> bytes:
            made: bytes = vl_convert.vegalite_to_png(spec, scale=SCALE)
            return made

        floor, _, _ = measured(bare)
        ours, _, _ = measured(lambda item=item: picture.png(item, SCALE))
        ours_all, bare_all = ours_all + ours, bare_all + floor
        print(f"{item.figure.name:<34}{floor:>8.2f}{ours:>8.2f}{ours / floor:>10.2f}x")
    print(f"{'all':<34}{bare_all:>8.2f}{ours_all:>8.2f}{ours_all / bare_all:>10.2f}x"
          f"   aim {AIM_RATIO}x")  # fmt: skip


def floor_of(opener: Opener, names: tuple[str, ...]) -> float:
    """CPU seconds of the bare pictures of those figures that PowerPoint cannot draw itself."""
    found = [item_of(name, opener.view(name.split("/")[0], {})) for name in names]
    kept = [item for item in found if item is not None and not native.fits(item.figure.native)]
    specs = [picture.paper_spec(to_spec(item.figure.draw), 900) for item in kept]
    return sum(measured(lambda s=s: vl_convert.vegalite_to_png(s, scale=SCALE), 3)[0]
               for s in specs)  # fmt: skip


def packed(opener: Opener, names: tuple[str, ...], what: str) -> None:
    made = Briefing("基准 benchmark", tuple(Pin(name) for name in names))
    for key in packs.BY_KEY if what == "mixed" else ("pptx",):

        def whole(key: str = key) -> bytes:
            return briefing.produce(made, key, opener, lang="zh").content

        cpu, wall, size = measured(whole, 3)
        aim = f"   aim {AIM_SECONDS} s, {AIM_BYTES / 1e6:.0f} MB" if key == "pptx" else ""
        said = f"{what} {key:<6}{cpu:>8.2f} s CPU{wall:>8.2f} s wall{size / 1e6:>8.2f} MB"
        print(f"{said}   beside {cpu / wall:.2f}{aim}")
        if key == "pptx" and (floor := floor_of(opener, names)):
            print(f"  {cpu / floor:.1f} times its pictures drawn bare ({floor:.2f} s CPU)")


def main() -> None:
    opener = Opener(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    found = [item_of(name, opener.view(name.split("/")[0], {})) for name in MIXED]
    pictures([item for item in found if item is not None])
    print("\nten charts, queries included")
    packed(opener, NATIVE, "native")
    packed(opener, MIXED, "mixed")


if __name__ == "__main__":
    main()
