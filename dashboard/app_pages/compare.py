"""机构对比: which offices stand out, and is it real?"""

from dashboard.components import compare, frame

view = frame.open_page("compare")
chosen = compare.controls(view)
if chosen is not None:
    compare.answer(chosen)
    compare.funnel(chosen)
    compare.dots(chosen)
    compare.heat(chosen)
    compare.ranking(chosen)
