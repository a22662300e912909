"""Changes of terms: left out, doubled, of another sign, in other brackets."""

import ast
import copy
from collections.abc import Iterator

from course_lib.exercises.diagnosis.change import Change, Kind
from course_lib.exercises.diagnosis.wording import SIGNS, argument, called, named, of_another

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
PLUS, TIMES = ast.Add | ast.Sub, ast.Mult | ast.Div | ast.MatMult
TERM_ADVICE = "Compare your formula with that of the text, term by term."
SHAPE_ADVICE = "Write down the shapes, and what each axis stands for."
BRACKET_ADVICE = "Look at the brackets: what belongs into the function or the product, and what outside?"
CONDITION_ADVICE = "Try the condition by hand on both sides of the limit, and on the limit."


def changes(node: ast.expr) -> Iterator[Change]:
    """All changes of an operator or a comparison."""
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
    yield from _of_another_sign(left, sign, right)
    yield from _of_sizes(node)
    if sign is ast.MatMult:
        for operand, changed in ((left, "left"), (right, "right")):
            if not (isinstance(operand, ast.Attribute) and operand.attr in {"T", "mT"}):
                turned = copy.copy(node)
                setattr(turned, changed, ast.Attribute(operand, "mT", ast.Load()))
                yield Change(Kind.TRANSPOSE, f"{named(operand)} is transposed", SHAPE_ADVICE, turned)


def _of_another_sign(left: ast.expr, sign: type[ast.operator], right: ast.expr) -> Iterator[Change]:
    is_number_added = isinstance(right, ast.Constant) and sign in {ast.Add, ast.Sub}
    for other in () if is_number_added else OTHER_SIGNS.get(sign, ()):
        kind, words = (
            Kind.OPERATOR,
            f"{named(left)} and {named(right)} make a {SIGNS[type(other)]}, not a {SIGNS[sign]}",
        )
        if ast.FloorDiv in {sign, type(other)}:
            kind, words = Kind.ROUNDING, f"the {SIGNS[sign]} is rounded otherwise"
        yield Change(kind, words, TERM_ADVICE, ast.BinOp(left, other, right))
    if sign is ast.Pow:
        words = f"{named(left)} and {named(right)} meet by `^`, which is no power in Python"
        yield Change(Kind.POWER, words, TERM_ADVICE, ast.BinOp(left, ast.BitXor(), right))
        words = f"{named(left)} is multiplied by the exponent"
        yield Change(Kind.POWER, words, TERM_ADVICE, ast.BinOp(left, ast.Mult(), right))


def _of_sizes(node: ast.BinOp) -> Iterator[Change]:
    """Terms that are twice or half as large, and those that 1 is to be subtracted from."""
    left, right, sign = node.left, node.right, type(node.op)
    operands = ((left, "left"), (right, "right"))
    for factor, word in ((2, "twice"), (0.5, "half")):
        if sign in {ast.Mult, ast.Div}:
            many = ast.BinOp(ast.Constant(factor), ast.Mult(), node)
            yield Change(Kind.FACTOR, f"the {SIGNS[sign]} is {word} as large", TERM_ADVICE, many)
        for operand, changed in operands if sign in {ast.Add, ast.Sub} else ():
            if not isinstance(operand, ast.Constant):
                sized = copy.copy(node)
                setattr(sized, changed, ast.BinOp(ast.Constant(factor), ast.Mult(), operand))
                yield Change(Kind.FACTOR, f"{named(operand)} counts {word}", TERM_ADVICE, sized)
    for operand, changed in operands if sign is ast.Mult else ():
        rest = copy.copy(node)
        setattr(rest, changed, ast.BinOp(ast.Constant(1), ast.Sub(), operand))
        yield Change(Kind.OPPOSITE, f"1 minus {named(operand)} stands in place of it", TERM_ADVICE, rest)
    if sign is ast.Sub and isinstance(left, ast.Constant):
        yield Change(Kind.OPPOSITE, f"{named(right)} is used as it is, not subtracted", TERM_ADVICE, right)


def _of_brackets(node: ast.BinOp) -> Iterator[Change]:
    """What happens to one term alone in place of a sum, and the other way round."""
    for inner, other, is_left in ((node.left, node.right, True), (node.right, node.left, False)):
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, PLUS) and isinstance(node.op, TIMES):
            yield from _opened(node.op, inner, other, is_left)
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, TIMES) and isinstance(node.op, PLUS):
            yield from _closed(node.op, inner, other, is_left)
    match node:
        case ast.BinOp(left=left, op=ast.Div() as sign, right=ast.BinOp(left=by, op=ast.Mult(), right=last)):
            changed = ast.BinOp(ast.BinOp(left, sign, by), ast.Mult(), last)
            words = f"{named(last)} is multiplied, not divided by"
            yield Change(Kind.BRACKETS, words, BRACKET_ADVICE, changed)


def _opened(sign: ast.operator, total: ast.BinOp, factor: ast.expr, is_left: bool) -> Iterator[Change]:
    """A factor that meets one term of a sum alone."""
    words = f"a {SIGNS[type(sign)]} is taken of {{}} alone, not of the {SIGNS[type(total.op)]}"
    first, second = (_binary(part, sign, factor, is_left) for part in (total.left, total.right))
    for part, changed in (
        (total.left, ast.BinOp(first, total.op, total.right)),
        (total.right, ast.BinOp(total.left, total.op, second)),
    ):
        yield Change(Kind.BRACKETS, words.format(named(part)), BRACKET_ADVICE, changed)


def _closed(sign: ast.operator, product: ast.BinOp, term: ast.expr, is_left: bool) -> Iterator[Change]:
    """A term that is added to one factor of a product."""
    near, far = (product.right, product.left) if is_left else (product.left, product.right)
    changed = _binary(far, product.op, _binary(near, sign, term, is_left), is_left)
    words = f"{named(term)} comes into the {SIGNS[type(product.op)]}, too"
    yield Change(Kind.BRACKETS, words, BRACKET_ADVICE, changed)
    changed = _binary(_binary(far, sign, term, is_left), product.op, near, is_left)
    words = f"{named(term)} comes in before {named(near)} does"
    yield Change(Kind.BRACKETS, words, BRACKET_ADVICE, changed)


def _binary(first: ast.expr, sign: ast.operator, second: ast.expr, is_in_order: bool) -> ast.BinOp:
    return ast.BinOp(first, sign, second) if is_in_order else ast.BinOp(second, sign, first)


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


def _reshaped(node: ast.expr) -> ast.expr:
    shape = ast.Attribute(ast.Attribute(node, "mT", ast.Load()), "shape", ast.Load())
    return ast.Call(ast.Attribute(node, "reshape", ast.Load()), [shape], [])
