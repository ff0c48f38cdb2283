#!/usr/bin/env bash
# Writes what the application is made of, every package with its version, hash and licence, as CycloneDX: artifacts/sparkify-web.cdx.json
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
dotnet tool restore
dotnet CycloneDX Sparkify.Web/Sparkify.Web.csproj --output-format Json --output artifacts --filename sparkify-web.cdx.json
