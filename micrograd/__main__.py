"The command `micrograd`, also as `python -m micrograd`; handwritten, as Ctrl-C may come before any chapter is there."
import sys


def main() -> int:
    "What `cli.main` does."
    try:
        from .cli import main
        return main()
    except KeyboardInterrupt:
        print('micrograd: stopped', file=sys.stderr)
        return 130


if __name__ == '__main__': sys.exit(main())
