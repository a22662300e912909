"""Changes of terms: left out, doubled, of another sign, off by one, in other brackets."""

import ast
import copy
import math
from collections.abc import Iterator
from itertools import combinations

from course_lib.exercises.diagnosis.change import Change, Kind
from course_lib.exercises.diagnosis.wording import SIGNS, argument, called, named, number, of_another

WITHOUT: dict[type[ast.operator], str] = {
    ast.Add: "{} is not added",
    ast.Sub: "{} is not subtracted",
    ast.Mult: "nothing is multiplied by {}",
    ast.Div: "nothing is divided by {}",
    ast.FloorDiv: "nothing is divided by {}",
    ast.Pow: "the power {} is left out",
    ast.MatMult: "{} is left out of the matrix product",
    ast.Mod: "the remainder by {} is left out",
    ast.BitAnd: "{} does not count",
    ast.BitOr: "{} does not count",
}
OTHER_SIGNS: dict[type[ast.operator], tuple[ast.operator, ...]] = {
    ast.Add: (ast.Sub(), ast.Mult()),
    ast.Sub: (ast.Add(),),
    ast.Mult: (ast.Div(), ast.Add()),
    ast.Div: (ast.Mult(), ast.FloorDiv()),
    ast.FloorDiv: (ast.Div(), ast.Mod()),
    ast.MatMult: (ast.Mult(),),
    ast.BitAnd: (ast.BitOr(),),
    ast.BitOr: (ast.BitAnd(),),
    ast.Mod: (ast.FloorDiv(),),
}
OTHER_ORDERS: dict[type[ast.cmpop], tuple[ast.cmpop, ...]] = {
    ast.Lt: (ast.LtE(), ast.Gt(), ast.GtE()),
    ast.LtE: (ast.Lt(), ast.Gt(), ast.GtE()),
    ast.Gt: (ast.GtE(), ast.Lt(), ast.LtE()),
    ast.GtE: (ast.Gt(), ast.Lt(), ast.LtE()),
    ast.Eq: (ast.NotEq(),),
    ast.NotEq: (ast.Eq(),),
}
ORDER_WORDS: dict[type[ast.cmpop], str] = {
    ast.Lt: "less than",
    ast.LtE: "at most",
    ast.Gt: "greater than",
    ast.GtE: "at least",
    ast.Eq: "equal to",
    ast.NotEq: "other than",
}
TERM_ADVICE = "Compare your formula with that of the text, term by term."
EDGE_ADVICE = "Try it by hand on the smallest input: where does it begin, and where does it end?"
SHAPE_ADVICE = "Write down the shapes, and what each axis stands for."
BRACKET_ADVICE = "Look at the brackets: what belongs into the function or the product, and what outside?"
CONDITION_ADVICE = "Try the condition by hand on both sides of the limit, and on the limit."


def changes(node: ast.expr) -> Iterator[Change]:
    """All changes of an operator, a comparison or a number."""
    match node:
        case ast.BinOp():
            yield from _of_an_operator(node)
            yield from _of_brackets(node)
            yield from _of_functions_of_sums(node)
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield Change(Kind.SIGN, f"{named(operand)} keeps its sign", TERM_ADVICE, operand)
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            yield Change(
                Kind.OPPOSITE,
                f"{named(operand)} is used as it is, not its opposite",
                CONDITION_ADVICE,
                operand,
            )
        case ast.Compare(ops=[sign], left=left, comparators=[right]):
            for other in OTHER_ORDERS.get(type(sign), ()):
                words = f"it is asked whether {named(left)} is {ORDER_WORDS[type(other)]} {named(right)}"
                changed = ast.Compare(left, [other], [right])
                yield Change(Kind.CONDITION, words, CONDITION_ADVICE, changed)
        case ast.BoolOp(values=values):
            for index, value in enumerate(values):
                rest = [other for other in values if other is not value]
                changed = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
                words = f"a part of the condition, number {index + 1}, does not count"
                yield Change(Kind.CONDITION, words, CONDITION_ADVICE, changed)
        case ast.IfExp(body=body, orelse=otherwise):
            for branch in (body, otherwise):
                words = f"{named(branch)} is taken whatever the condition says"
                yield Change(Kind.CONDITION, words, CONDITION_ADVICE, branch)
        case ast.Attribute(value=value, attr="T" | "mT"):
            yield Change(Kind.TRANSPOSE, f"{named(value)} is not transposed", SHAPE_ADVICE, value)
            yield Change(
                Kind.TRANSPOSE, f"{named(value)} is reshaped, not transposed", SHAPE_ADVICE, _reshaped(value)
            )
        case ast.Constant():
            yield from _of_a_number(node)
        case ast.Subscript():
            yield from _of_a_part(node)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            yield from _of_parts(node, parts)


def _of_an_operator(node: ast.BinOp) -> Iterator[Change]:
    left, right, sign = node.left, node.right, type(node.op)
    if sign in WITHOUT:
        yield Change(Kind.TERM, WITHOUT[sign].format(named(right)), TERM_ADVICE, left)
        words = f"{named(left)} is left out of the {SIGNS[sign]} with {named(right)}"
        alone = ast.UnaryOp(ast.USub(), right) if sign is ast.Sub else right
        yield Change(Kind.TERM, words, TERM_ADVICE, alone)
    if sign in {ast.Sub, ast.Div, ast.MatMult, ast.FloorDiv, ast.Pow}:
        words = f"{named(left)} and {named(right)} change places in the {SIGNS[sign]}"
        yield Change(Kind.ORDER, words, TERM_ADVICE, ast.BinOp(right, node.op, left))
    is_number_added = isinstance(right, ast.Constant) and sign in {ast.Add, ast.Sub}
    for other in () if is_number_added else OTHER_SIGNS.get(sign, ()):
        words = f"{named(left)} and {named(right)} make a {SIGNS[type(other)]}, not a {SIGNS[sign]}"
        if sign is not ast.FloorDiv and type(other) is not ast.FloorDiv:
            yield Change(Kind.OPERATOR, words, TERM_ADVICE, ast.BinOp(left, other, right))
        else:
            yield Change(
                Kind.ROUNDING,
                f"the {SIGNS[sign]} is rounded otherwise",
                TERM_ADVICE,
                ast.BinOp(left, other, right),
            )
    if sign in {ast.Mult, ast.Div}:
        for factor, word in ((2, "twice"), (0.5, "half")):
            many = ast.BinOp(ast.Constant(factor), ast.Mult(), node)
            yield Change(Kind.FACTOR, f"the {SIGNS[sign]} is {word} as large", TERM_ADVICE, many)
    if sign is ast.Mult:
        for operand, changed in ((left, "left"), (right, "right")):
            rest = copy.copy(node)
            setattr(rest, changed, ast.BinOp(ast.Constant(1), ast.Sub(), operand))
            yield Change(Kind.OPPOSITE, f"1 minus {named(operand)} stands in place of it", TERM_ADVICE, rest)
    if sign is ast.Sub and isinstance(left, ast.Constant):
        yield Change(Kind.OPPOSITE, f"{named(right)} is used as it is, not subtracted", TERM_ADVICE, right)
    if sign in {ast.Add, ast.Sub}:
        for operand, changed in ((left, "left"), (right, "right")):
            if isinstance(operand, ast.Constant):
                continue
            for factor, word in ((2, "twice"), (0.5, "half")):
                many = copy.copy(node)
                setattr(many, changed, ast.BinOp(ast.Constant(factor), ast.Mult(), operand))
                yield Change(Kind.FACTOR, f"{named(operand)} counts {word}", TERM_ADVICE, many)
    if sign is ast.MatMult:
        for operand, changed in ((left, "left"), (right, "right")):
            if not (isinstance(operand, ast.Attribute) and operand.attr in {"T", "mT"}):
                turned = copy.copy(node)
                setattr(turned, changed, ast.Attribute(operand, "mT", ast.Load()))
                yield Change(Kind.TRANSPOSE, f"{named(operand)} is transposed", SHAPE_ADVICE, turned)
    if sign is ast.Pow:
        words = f"{named(left)} and {named(right)} meet by `^`, which is no power in Python"
        yield Change(Kind.POWER, words, TERM_ADVICE, ast.BinOp(left, ast.BitXor(), right))
        yield Change(
            Kind.POWER,
            f"{named(left)} is multiplied by the exponent",
            TERM_ADVICE,
            ast.BinOp(left, ast.Mult(), right),
        )


def _of_brackets(node: ast.BinOp) -> Iterator[Change]:
    """What happens to one term alone in place of a sum, and the other way round."""
    left, right, sign = node.left, node.right, node.op
    if isinstance(sign, ast.Mult | ast.Div | ast.MatMult):
        for inner, is_left in ((left, True), (right, False)):
            if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add | ast.Sub):
                first = ast.BinOp(inner.left, sign, right) if is_left else ast.BinOp(left, sign, inner.left)
                second = (
                    ast.BinOp(inner.right, sign, right) if is_left else ast.BinOp(left, sign, inner.right)
                )
                words = f"a {SIGNS[type(sign)]} is taken of {{}} alone, not of the {SIGNS[type(inner.op)]}"
                for part, changed in (
                    (inner.left, ast.BinOp(first, inner.op, inner.right)),
                    (inner.right, ast.BinOp(inner.left, inner.op, second)),
                ):
                    yield Change(Kind.BRACKETS, words.format(named(part)), BRACKET_ADVICE, changed)
    if isinstance(sign, ast.Add | ast.Sub):
        for inner, other, is_left in ((left, right, True), (right, left, False)):
            if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult | ast.Div | ast.MatMult):
                near, far = (inner.right, inner.left) if is_left else (inner.left, inner.right)
                total = ast.BinOp(near, sign, other) if is_left else ast.BinOp(other, sign, near)
                changed = ast.BinOp(far, inner.op, total) if is_left else ast.BinOp(total, inner.op, far)
                words = f"{named(other)} comes into the {SIGNS[type(inner.op)]}, too"
                yield Change(Kind.BRACKETS, words, BRACKET_ADVICE, changed)
                total = ast.BinOp(far, sign, other) if is_left else ast.BinOp(other, sign, far)
                changed = ast.BinOp(total, inner.op, near) if is_left else ast.BinOp(near, inner.op, total)
                words = f"{named(other)} comes in before {named(near)} does"
                yield Change(Kind.BRACKETS, words, BRACKET_ADVICE, changed)
    if isinstance(sign, ast.Div) and isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult):
        changed = ast.BinOp(ast.BinOp(left, sign, right.left), ast.Mult(), right.right)
        words = f"{named(right.right)} is multiplied, not divided by"
        yield Change(Kind.BRACKETS, words, BRACKET_ADVICE, changed)


def _of_functions_of_sums(node: ast.BinOp) -> Iterator[Change]:
    """A function of one term that takes the sum."""
    for side, other in (("left", node.right), ("right", node.left)):
        operand = getattr(node, side)
        if inner := argument(operand):
            total = copy.copy(node)
            setattr(total, side, inner)
            words = f"`{called(operand)}` is applied after {named(other)} has come in"
            yield Change(Kind.BRACKETS, words, BRACKET_ADVICE, of_another(operand, total))


def function_of_terms(node: ast.Call) -> Iterator[Change]:
    """A function of a sum that takes its terms."""
    match argument(node):
        case ast.BinOp(left=left, op=sign, right=right) as total:
            name = called(node)
            first, second = of_another(node, left), of_another(node, right)
            for part, changed in (
                (f"{named(left)} alone", ast.BinOp(first, sign, right)),
                (f"{named(right)} alone", ast.BinOp(left, sign, second)),
                (f"each part of the {SIGNS.get(type(total.op), 'term')}", ast.BinOp(first, sign, second)),
            ):
                yield Change(Kind.BRACKETS, f"`{name}` is applied to {part}", BRACKET_ADVICE, changed)


def _of_parts(node: ast.expr, parts: list[ast.expr]) -> Iterator[Change]:
    """Parts of a list that change places, or are left out."""
    for first, second in combinations(range(len(parts)), 2):
        order = [*parts]
        order[first], order[second] = parts[second], parts[first]
        words = f"{named(parts[first])} and {named(parts[second])} change places in a list"
        yield Change(Kind.ORDER, words, TERM_ADVICE, _list(node, order))
    if len(parts) > 1:
        for part in parts:
            rest = [other for other in parts if other is not part]
            yield Change(Kind.TERM, f"{named(part)} is missing in a list", TERM_ADVICE, _list(node, rest))


def _list(node: ast.expr, parts: list[ast.expr]) -> ast.expr:
    return ast.Tuple(parts, ast.Load()) if isinstance(node, ast.Tuple) else ast.List(parts, ast.Load())


def _reshaped(node: ast.expr) -> ast.expr:
    shape = ast.Attribute(ast.Attribute(node, "mT", ast.Load()), "shape", ast.Load())
    return ast.Call(ast.Attribute(node, "reshape", ast.Load()), [shape], [])


def _of_a_number(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if type(value) is int and value >= 100:
        for other in (value // 10, 10 * value, math.e):
            words = f"`{number(other)}` stands where another number belongs"
            yield Change(Kind.NUMBER, words, TERM_ADVICE, ast.Constant(other))
    if type(value) is int:
        for other in (value + 1, value - 1):
            yield Change(
                Kind.OFF_BY_ONE,
                f"`{other}` stands where another number belongs",
                EDGE_ADVICE,
                ast.Constant(other),
            )
    elif type(value) is float:
        others = {
            2 * value: "twice as large",
            value / 2: "half as large",
            1.0: "1",
            1 / value if value else 1.0: "its inverse",
        }
        for other, words in others.items():
            if other != value:
                yield Change(
                    Kind.NUMBER, f"a number of the formula is {words}", TERM_ADVICE, ast.Constant(other)
                )


def _of_a_part(node: ast.Subscript) -> Iterator[Change]:
    """Slices that begin or end one place off, and slices left out."""
    whole = named(node.value)
    if isinstance(node.slice, ast.Slice):
        if not isinstance(node.value, ast.Attribute):
            yield Change(Kind.LEFT_OUT, f"all of {whole} is taken, not a part", EDGE_ADVICE, node.value)
        for edge in ("lower", "upper"):
            bound = getattr(node.slice, edge)
            for step in (1, -1):
                moved = copy.copy(node.slice)
                if bound is None:
                    setattr(moved, edge, ast.Constant(1 if edge == "lower" else -1))
                    if step < 0:
                        continue
                else:
                    setattr(moved, edge, ast.BinOp(bound, ast.Add(), ast.Constant(step)))
                side = "begins" if edge == "lower" else "ends"
                way = "later" if (step > 0) == (bound is not None or edge == "lower") else "earlier"
                words = f"the part of {whole} {side} one place {way}"
                yield Change(
                    Kind.OFF_BY_ONE, words, EDGE_ADVICE, ast.Subscript(node.value, moved, ast.Load())
                )
            if bound is not None:
                open_end = copy.copy(node.slice)
                setattr(open_end, edge, None)
                goes = "begins at the start" if edge == "lower" else "goes on to the end"
                words = f"the part of {whole} {goes}"
                yield Change(
                    Kind.OFF_BY_ONE, words, EDGE_ADVICE, ast.Subscript(node.value, open_end, ast.Load())
                )
        if node.slice.lower is not None and node.slice.upper is None:
            words = f"the part of {whole} is taken from the other end"
            lower = node.slice.lower
            length = lower.operand if isinstance(lower, ast.UnaryOp) else lower
            other_end = ast.Subscript(node.value, ast.Slice(None, length), ast.Load())
            yield Change(Kind.OFF_BY_ONE, words, EDGE_ADVICE, other_end)
    elif isinstance(node.slice, ast.Tuple):
        for index, one in enumerate(node.slice.elts):
            for number in (0, -1) if isinstance(one, ast.Name | ast.BinOp) else ():
                fixed = [*node.slice.elts]
                fixed[index] = ast.Constant(number)
                words = f"the {'last' if number else 'first'} part of {whole} is taken every time"
                part = ast.Subscript(node.value, ast.Tuple(fixed, ast.Load()), ast.Load())
                yield Change(Kind.STEP, words, EDGE_ADVICE, part)
    elif isinstance(node.slice, ast.Name | ast.BinOp):
        for step, word in ((1, "next"), (-1, "previous")):
            moved = ast.BinOp(node.slice, ast.Add(), ast.Constant(step))
            words = f"the {word} entry of {whole} is taken"
            yield Change(Kind.OFF_BY_ONE, words, EDGE_ADVICE, ast.Subscript(node.value, moved, ast.Load()))
