"""The report of a run: one HTML file with its figures inside, readable without the kit."""

import html

from edgekit.deploy.devices import DEVICES
from edgekit.graph.cost import summary
from edgekit.ui.figures import picture
from edgekit.ui.results import results
from edgekit.ui.scores import constraint, costs
from edgekit.ui.style import subplots

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:54rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.3rem .8rem;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}figure{margin:1.5rem 0}
figcaption,.note{color:#555;font-size:.9rem}"""


def compression_report(task, stages, record):
    """Return the HTML page of a compression run: verdict, costs, what the task has to show, how it was made."""
    before, after = stages[0].row, stages[-1].row
    parts = [
        f"<h1>{html.escape(task.title)}: float to int8</h1>",
        f"<p>{verdict(task, before, after)}</p>",
        _table(task, stages),
        _figure(
            _cost_figure(stages), "Weight bytes, peak RAM and file bytes of both models, as shares of the larger one."
        ),
        _figure(
            _constraint_figure(task, stages),
            f"The shaded band holds the models that lose at most {task.delta:g} {task.metric_name}.",
        ),
        *[html_table(part) if caption is None else _figure(part, caption) for part, caption in results(task, stages)],
        _device_table(after),
        _note(task, record),
    ]
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>edgekit: {task.name}</title>'
    return f"{head}<style>{STYLE}</style><body>{''.join(parts)}</body></html>\n"


def _note(task, record):
    """How the page was made, and what it is not."""
    made = f"Made by edgekit {record['edgekit']} with Python {record['python']}, seed {record['seed']}, observer"
    made += f" {record['observer']}, {record['calibration_used']} calibration examples"
    made += "." if record["calibration_used"] == record["calibration"] else f" of {record['calibration']} asked for."
    data = f"Data: {html.escape(task.dataset)}, synthetic."
    return f'<p class="note">{data} {made} This is teaching material: no medical device, no alarm system.</p>'


def verdict(task, before, after):
    """One sentence: is the small model allowed, and what does it save?"""
    lost, share = before["value"] - after["value"], after["weight_bytes"] / before["weight_bytes"]
    allowed = "within" if lost <= task.delta else "outside"
    return (
        f"The int8 model keeps {share:.1%} of the weight bytes and changes {task.metric_name} by {-lost:+.4f}: "
        f"{allowed} the allowed loss of {task.delta:g}."
    )


def _table(task, stages):
    rows = [
        (task.metric_name, "{:.4f}", "value", "measured on the sealed test split"),
        ("weight bytes", "{:,}", "weight_bytes", "measured, as serialized"),
        ("file bytes", "{:,}", "file_bytes", "measured"),
        ("MACs", "{:,}", "macs", "modelled from the layer shapes"),
        ("peak RAM bytes", "{:,}", "peak_ram_bytes", "modelled: arena at batch 1"),
    ]
    body = [(name, *(form.format(s.row[key]) for s in stages), note) for name, form, key, note in rows]
    times = [f"{s.row['latency_ms']['median']:.2f} (p90 {s.row['latency_ms']['p90']:.2f})" for s in stages]
    body.append(("latency ms", *times, "measured: the NumPy interpreter on this host"))
    return html_table([("", *(stage.name for stage in stages), "where it comes from"), *body])


def _device_table(row):
    body = [
        (
            "device",
            "modelled latency",
            "weights and arena fit (without program and stack)",
            "source of the cycles per MAC",
        )
    ]
    for name, card in DEVICES.items():
        fits = "yes" if card.fits(row["weight_bytes"], row["peak_ram_bytes"]) else "no"
        body.append((name, f"{card.latency(row['macs']).value:.1f} ms", fits, card.benchmark_source))
    return "<h2>The int8 model on devices</h2>" + html_table(body)


def html_table(rows):
    lines = [
        "".join(f"<{'td' if i else 'th'}>{html.escape(str(c))}</{'td' if i else 'th'}>" for c in row)
        for i, row in enumerate(rows)
    ]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _figure(shown, caption):
    image = shown._repr_mimebundle_()["text/html"]
    return f"<figure>{image}<figcaption>{html.escape(caption)}</figcaption></figure>"


def _cost_figure(stages):
    fig, ax = subplots(height=2.8)
    keys = {"weights": "weight_bytes", "peak RAM": "peak_ram_bytes", "file": "file_bytes"}
    counted = {stage.name: summary(stage.graph) for stage in stages}
    costs(
        ax, {name: {row: counted[name][key] for row, key in keys.items()} for name in counted}, "What each model costs"
    )
    return picture(fig, "Bars: weight bytes, peak RAM and file bytes of the float and the int8 model.")


def _constraint_figure(task, stages):
    fig, ax = subplots()
    points = {s.name: (s.row["weight_bytes"], s.row["value"]) for s in stages}
    constraint(ax, points, stages[0].row["value"], task.delta, metric=task.metric_name, title="Who is allowed?")
    return picture(fig, f"{task.metric_name} of each model against its weight bytes, with the allowed band.")
