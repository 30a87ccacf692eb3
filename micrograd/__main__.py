"`python -m micrograd` is the command `micrograd`; handwritten, as there is nothing to tell."
import sys
from .cli import main

if __name__ == '__main__': sys.exit(main())
