#!/bin/bash
# The commands of the guides work as they are printed, from what `make install` puts into place.
exec "$(dirname "$0")/guides/play.sh"
