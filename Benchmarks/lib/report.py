"""Numbers and tables as Markdown."""

import statistics


def table(headers, lines):
    """A Markdown table, the first column to the left, the others to the right."""
    texts = [headers] + [[str(cell) for cell in line] for line in lines]
    widths = [max(len(line[column]) for line in texts) for column in range(len(headers))]

    def render(cells):
        padded = [cell.ljust(width) if index == 0 else cell.rjust(width)
                  for index, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * width if index == 0 else "-" * (width - 1) + ":" for index, width in enumerate(widths)]
    return "\n".join([render(texts[0]), "| " + " | ".join(rule) + " |"] + [render(line) for line in texts[1:]])


def median(values):
    return statistics.median(values)


def spread_of_ratios(values, yardstick):
    """The median of the ratios round by round, and between which they lie; `–` without a yardstick."""
    if not yardstick:
        return "–"
    ratios = [value / base for value, base in zip(values, yardstick) if base > 0]
    if not ratios:
        return "–"
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def number(value, digits=1):
    """A number with thousands set apart; `–` for None."""
    return "–" if value is None else f"{value:,.{digits}f}"
