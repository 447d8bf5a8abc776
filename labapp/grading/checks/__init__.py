"""The checks by the names rubrics call them."""

from labapp.grading.checks.answered import Answered
from labapp.grading.checks.base import Check
from labapp.grading.checks.by_hand import ByHand
from labapp.grading.checks.did import Did
from labapp.grading.checks.filled import Filled
from labapp.grading.checks.holds import Holds
from labapp.grading.checks.in_order import InOrder
from labapp.grading.checks.measure import Measure
from labapp.grading.checks.never import Never
from labapp.grading.checks.settings import Setting
from labapp.grading.checks.valid import Valid
from labapp.grading.checks.within import Within

CHECKS: dict[str, type[Check]] = {
    "did": Did,
    "never": Never,
    "in_order": InOrder,
    "holds": Holds,
    "within": Within,
    "filled": Filled,
    "valid": Valid,
    "measure": Measure,
    "setting": Setting,
    "answered": Answered,
    "by_hand": ByHand,
}
