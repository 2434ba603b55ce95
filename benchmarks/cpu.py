"""Server CPU per acknowledged message, against an empty Flask view on gunicorn (gthread, 2 workers x 8 threads).

User and system time of the whole process tree from /proc. In our figure: web server, verification, decryption,
parsing, sealing, commit with sync. Not in it: handling and answering, which run in the same process in real life.
"""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import options, ratios, show

REFERENCE = "empty Flask view, gunicorn gthread"
OURS = "duban, acknowledging only"


def main() -> None:
    """Measure and print."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one measurement")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rate", type=float, default=0.0, help="open loop, callbacks a second (default: closed loop)")
    args = parser.parse_args()
    found = rounds.measure(
        {REFERENCE: rounds.empty_view, OURS: rounds.acknowledging},
        rounds=args.rounds,
        seconds=args.seconds,
        connections=args.connections,
        rate=args.rate,
    )
    spent = {name: [each.cpu_us for each in done] for name, done in found.items()}
    how = f"open loop, {args.rate:g}/s" if args.rate else f"closed loop, {args.connections} connections"
    rows = [rounds.row(name, done) for name, done in found.items()]
    show(f"CPU per acknowledgement, {how}", rows, args.out, ratio=ratios(spent[OURS], spent[REFERENCE]))


if __name__ == "__main__":
    main()
