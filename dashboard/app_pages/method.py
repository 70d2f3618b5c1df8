"""指标与口径: where does this number come from?"""

from dashboard.components import frame, method

view = frame.open_page("method")
method.metrics(view)
method.rules(view)
method.forms(view)
method.states(view)
