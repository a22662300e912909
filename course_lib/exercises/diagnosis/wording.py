"""Parts of the right answer in words that do not show them."""

import ast
import copy
import re


def one_of(names: str) -> frozenset[str]:
    """Names written with spaces between them."""
    return frozenset(names.split())


SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "sum",
    ast.Sub: "difference",
    ast.Mult: "product",
    ast.Div: "quotient",
    ast.FloorDiv: "quotient",
    ast.Pow: "power",
    ast.MatMult: "matrix product",
    ast.Mod: "remainder",
    ast.BitAnd: "`&`",
    ast.BitOr: "`|`",
}


def named(node: ast.AST) -> str:
    """Name a part: a variable by its name, else by what is done there last."""
    match node:
        case ast.Name(id=name):
            return f"`{name}`"
        case ast.Constant(value=value):
            return f"`{number(value)}`" if isinstance(value, float) else f"`{value}`"
        case ast.Attribute(value=value, attr="T" | "mT"):
            return f"the transpose of {named(value)}"
        case ast.Attribute(value=value, attr="shape"):
            return f"the shape of {named(value)}"
        case ast.Attribute(attr=attribute):
            return f"`{attribute}`"
        case ast.Subscript(value=ast.Attribute(value=value, attr="shape")):
            return f"a size of {named(value)}"
        case ast.Subscript(value=value):
            return f"a part of {named(value)}"
        case ast.Call(args=[argument, *_]) if called(node) == "len":
            return f"the length of {named(argument)}"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name != "torch":
            return f"`{called(node)}` of `{name}`"
        case ast.Call():
            return f"`{called(node)}`"
        case ast.BinOp(op=sign):
            return f"the {SIGNS.get(type(sign), 'result')}"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"minus {named(operand)}"
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return f"the opposite of {named(operand)}"
        case ast.Tuple() | ast.List() | ast.ListComp():
            return "the list"
    return "the condition" if isinstance(node, ast.Compare | ast.BoolOp) else "a part"


def is_clear(words: str) -> bool:
    """Whether what is said of two parts tells them apart."""
    return not re.search(r"(\bthe [\w ]+?|a part of `\w+`) and \1\b", words)


def number(value: float) -> str:
    """Write a number as code does."""
    return str(value) if isinstance(value, int) else f"{value:g}".replace("e-0", "e-")


def called(node: ast.AST) -> str:
    """The bare name of the function or method that a call calls; empty if it has none."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name
    return ""


UNARY = one_of("sigmoid tanh relu exp log softmax log_softmax sqrt square abs sum mean norm cumsum")
"""Functions of one tensor, with a method of the same name."""


def argument(node: ast.AST) -> ast.expr | None:
    """What a function of one tensor is applied to; None for all other parts."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="torch")), args=[first, *_]) if (
            called(node) in UNARY
        ):
            return first
        case ast.Call(func=ast.Attribute(value=value)) if called(node) in UNARY:
            return value
    return None


def of_another(call: ast.Call, other: ast.expr) -> ast.Call:
    """The same function of another tensor."""
    changed = copy.copy(call)
    if argument(call) in call.args:
        changed.args = [other, *call.args[1:]]
    else:
        changed.func = ast.Attribute(other, called(call), ast.Load())
    return changed
