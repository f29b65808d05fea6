"""Holds instructions a payment, as callgrind counted them, to those written down: python3 counts.py BASELINE PART OUT PAYMENTS

Exit codes: 0 no more than a tenth above, 1 more, 2 wrong usage or a file without a count."""
import pathlib
import re
import sys
import tomllib

WORSE = 1.10


def main(baseline, part, out, payments):
    kept = tomllib.loads(pathlib.Path(baseline).read_text(encoding="utf-8"))
    found = re.search(r"^(?:summary|totals): (\d+)", pathlib.Path(out).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None or int(found[1]) == 0:
        print(f"{out}: nothing was counted", file=sys.stderr)
        return 2
    now, before = int(found[1]) / int(payments), kept["per_payment"].get(part)
    if before is None:
        print(f"{baseline}: per_payment.{part} is missing; it is {now:.0f} now", file=sys.stderr)
        return 2
    print(f"   {part}: {now:.0f} instructions a payment, {before} written down with {kept['rustc']}")
    if now > before * WORSE:
        print(f"{part}: {now:.0f} instructions a payment are more than a tenth above {before}", file=sys.stderr)
        return 1
    if now < before / WORSE:
        print(f"   fewer by more than a tenth: lower per_payment.{part} in {baseline}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
