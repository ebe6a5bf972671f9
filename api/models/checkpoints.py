"""The head of the log on the wire: what is signed, and how far it is witnessed."""

from api.models.wire import Instant, View


class CheckpointView(View):
    """A signed checkpoint; `note` is the C2SP signed note, with the cosignatures so far."""

    size: int
    root: str
    signed_at: Instant
    note: str


class WitnessView(View):
    """One witness of the policy, and the largest checkpoint that it cosigned."""

    name: str
    size: int | None
    at: Instant | None


class WitnessedView(View):
    """How far the log is witnessed.

    `size` is that of the largest checkpoint that enough witnesses cosigned (0: none), `at` when
    they had, by their clocks, and `age_s` how long ago that is. `k` of `n` are asked for.
    """

    size: int
    at: Instant | None
    age_s: int | None
    k: int
    n: int
    witnesses: list[WitnessView]


class LedgerView(View):
    """The log's name, its size and root (hex), and what is signed and witnessed of it.

    `checkpoint` is null before the first, `witnessed` where the policy has no witnesses.
    """

    origin: str
    size: int
    root: str
    founded: bool
    checkpoint: CheckpointView | None
    witnessed: WitnessedView | None


class ConsistencyView(View):
    """The proof that the log of size `old` is the beginning of that of size `new`, in base64."""

    old: int
    new: int
    proof: list[str]
