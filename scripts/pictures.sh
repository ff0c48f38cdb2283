#!/usr/bin/env bash
# Takes the pictures of the documentation anew, by the browser tests that walk through the pages.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SPARKIFY_PICTURES=$root/docs/images exec "$root/test.sh" --filter "FullyQualifiedName~TourTests|FullyQualifiedName~FirstWalkTests"
